"""Taking another round's pack over."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.errors import Conflict, NotFound
from tender.frameworks.models import Round
from tender.frameworks.queries import pack_of
from tender.frameworks.services import publish_round
from tender.packs.copy_services import copy_pack
from tests.factories.drafting import added, asked, changed
from tests.factories.frameworks import (
    a_draft_round,
    a_framework,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)
from tests.tender.frameworks.test_pages import round_fields
from tests.web_client import sign_in


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


def test_everything_is_copied_and_lots_are_matched_by_number(lead: Actor) -> None:
    source, draft = a_draft_round(lots=3, lead=lead), a_draft_round(lots=2, lead=lead)
    ids = lot_ids(source)
    changed(source, "outcomes", by=lead, title="Ours", per_lot=True, lots=(ids[1], ids[2]))
    added(source, "number", by=lead, title="Of lot 3", per_lot=True, lots=(ids[2],))
    copied = copy_pack(by=lead, round_id=draft.id, source_id=source.id)
    assert asked(draft, "outcomes").title == "Ours"
    assert asked(draft, "outcomes").lots == (lot_ids(draft)[1],)
    assert [each.code for each in pack_of(draft.id).questions] == [
        each.code for each in pack_of(source.id).questions if each.code != "of_lot_3"
    ]
    assert copied.sentence == (
        f"{copied.questions} questions copied. This round does not offer 1 lot that questions name: 3. "
        "Left out: Of lot 3."
    )


def test_a_copy_can_be_published_and_the_source_stays_as_it_was(lead: Actor) -> None:
    source, draft = a_published_round(lead=lead), a_draft_round(lead=lead)
    before = pack_of(source.id)
    copy_pack(by=lead, round_id=draft.id, source_id=source.id)
    publish_round(by=lead, round_id=draft.id)
    assert pack_of(source.id) == before


def test_only_a_draft_takes_a_pack_over_and_only_of_its_own_council(lead: Actor) -> None:
    published, draft = a_published_round(lead=lead), a_draft_round(lead=lead)
    with pytest.raises(Conflict):
        copy_pack(by=lead, round_id=published.id, source_id=draft.id)
    with pytest.raises(NotFound):
        copy_pack(by=lead, round_id=draft.id, source_id=a_draft_round().id)


def test_a_new_round_starts_from_the_questions_of_an_earlier_one(
    client: FlaskClient, session: Session, lead: Actor
) -> None:
    framework = a_framework(lead=lead)
    earlier = a_draft_round(lead=lead)
    changed(earlier, "outcomes", by=lead, title="Ours")
    sign_in(client, lead.email)
    fields = round_fields(client, framework, source=str(earlier.id))
    answer = client.post(f"/frameworks/{framework.id}/rounds/new", data=fields)
    made = session.get_one(Round, int(answer.location.rpartition("/")[2]))
    assert "questions copied." in client.get(answer.location).text
    changed(made, "outcomes", by=lead, title="Ours, reworded")
    assert client.post(f"/frameworks/{framework.id}/rounds/new", data=fields).location == answer.location
    assert asked(made, "outcomes").title == "Ours, reworded", "sent again later it replaces nothing"


def test_the_questions_of_another_council_are_not_among_them(client: FlaskClient, lead: Actor) -> None:
    framework, others = a_framework(lead=lead), a_draft_round()
    sign_in(client, lead.email)
    fields = round_fields(client, framework, source=str(others.id))
    answer = client.post(f"/frameworks/{framework.id}/rounds/new", data=fields)
    assert answer.status_code == 422 and "Choose one of the options." in answer.text
