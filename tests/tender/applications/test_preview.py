"""The pack as an applicant would meet it, before anybody applies."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from tender.applications.models import Application
from tender.applications.preview import tender_before_answers
from tender.frameworks.models import Round
from tender.frameworks.queries import lots_of_round, pack_of
from tests.architecture.pages import problems_of
from tests.factories.accounts import a_provider_person
from tests.factories.drafting import added, changed
from tests.factories.frameworks import a_draft_round, a_procurement_lead, lot_ids
from tests.tender.packs.test_services import SOUND
from tests.web_client import sign_in


@pytest.fixture
def lead(session: Session, client: FlaskClient) -> Iterator[Actor]:
    person = a_procurement_lead()
    sign_in(client, person.email)
    yield person


@pytest.fixture
def draft(lead: Actor) -> Round:
    return a_draft_round(lead=lead)


def test_an_applicant_is_asked_what_is_for_its_lots(draft: Round, lead: Actor) -> None:
    first, second = lot_ids(draft)
    changed(draft, "outcomes", by=lead, per_lot=True, lots=(second,))
    lots, pack = lots_of_round(draft.id), pack_of(draft.id)
    of_first = tender_before_answers(pack, lots, lots[:1])
    assert {item.lot_id for item in of_first.items} == {None, first}
    assert of_first.item("outcomes", second) is None
    assert tender_before_answers(pack, lots, lots).item("outcomes", second) is not None


def test_a_question_under_a_condition_is_shown_with_it(
    client: FlaskClient, draft: Round, lead: Actor
) -> None:
    changed(draft, "exclusion_detail", by=lead, ask_if={"question": "exclusion", "answers": ["some"]})
    page = client.get(f"/rounds/{draft.id}/pack/preview/exclusion_detail").get_data(as_text=True)
    assert "Asked only if the answer to “Exclusion grounds” is" in page


def test_answers_are_tried_and_bring_up_what_depends_on_them(
    client: FlaskClient, draft: Round, lead: Actor, session: Session
) -> None:
    changed(draft, "exclusion_detail", by=lead, ask_if={"question": "exclusion", "answers": ["some"]})
    lots, pack = lots_of_round(draft.id), pack_of(draft.id)

    def asks(*answers: str) -> bool:
        tender = tender_before_answers(pack, lots, lots, {"exclusion": answers})
        assert tender.item("ico_number", None) is not None
        return tender.item("exclusion_detail", None) is not None

    assert asks("some") and not asks("none") and not asks()
    address = f"/rounds/{draft.id}/pack/preview"
    page = client.get(address).text
    assert 'name="try_exclusion"' in page and "Not asked then" not in page
    tried = client.get(f"{address}?try_exclusion=none").text
    assert problems_of(tried) == []
    assert "Not asked then" in tried and "/preview/exclusion_detail" not in tried
    assert "/preview/ico_number?try_exclusion=none" in tried
    back = client.get(f"{address}/ico_number?try_exclusion=none").text
    assert f'href="{address}?try_exclusion=none"' in back
    assert "/preview/exclusion_detail" in client.get(f"{address}?try_exclusion=some").text
    assert session.scalar(select(func.count()).select_from(Application)) == 0


def test_a_pack_in_which_nothing_depends_on_an_answer_offers_none_to_try(
    client: FlaskClient, draft: Round, lead: Actor
) -> None:
    for code in ("exclusion_detail", "urn"):
        changed(draft, code, by=lead, ask_if=None)
    assert "Try answers" not in client.get(f"/rounds/{draft.id}/pack/preview").text


def test_every_kind_of_question_can_be_previewed_and_nothing_is_written(
    client: FlaskClient, draft: Round, lead: Actor, session: Session
) -> None:
    codes = [added(draft, kind, by=lead, code=f"of_{kind}", **SOUND[kind]) for kind in SOUND]
    page = client.get(f"/rounds/{draft.id}/pack/preview").get_data(as_text=True)
    assert problems_of(page) == []
    for code in codes:
        address = f"/rounds/{draft.id}/pack/preview/{code}"
        assert address in page
        answer = client.get(address)
        assert answer.status_code == 200 and problems_of(answer.get_data(as_text=True)) == []
    assert session.scalar(select(func.count()).select_from(Application)) == 0


def test_only_those_who_write_packs_preview_them(client: FlaskClient, lead: Actor, draft: Round) -> None:
    assert client.get(f"/rounds/{a_draft_round().id}/pack/preview").status_code == 404
    assert client.get(f"/rounds/{draft.id}/pack/preview/nothing").status_code == 404


def test_a_provider_previews_nothing(client: FlaskClient, session: Session) -> None:
    draft = a_draft_round()
    sign_in(client, a_provider_person().email)
    assert client.get(f"/rounds/{draft.id}/pack/preview").status_code == 403
