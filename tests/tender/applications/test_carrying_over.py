"""Going on in the next round without typing anything again."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.storage.models import Document
from tender.applications.answer_services import detach_document, save_answer
from tender.applications.carrying_services import carry_over
from tender.applications.contents import Tender
from tender.applications.erasure import erase_application
from tender.applications.models import AnswerFile, Application
from tender.applications.queries import own_application_for, tender_of
from tender.applications.services import RoundNotOpen, Submitted, submit_application
from tender.frameworks.models import Framework, Round, RoundLot
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_draft
from tests.factories.frameworks import (
    a_closed_round,
    a_framework,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)
from tests.web_client import sign_in


@pytest.fixture
def framework(session: Session) -> Framework:
    return a_framework()


@pytest.fixture
def closed(framework: Framework) -> Round:
    return a_closed_round(framework=framework)


@pytest.fixture
def following(framework: Framework, closed: Round) -> Round:
    return a_published_round(framework=framework)


def tender(application_id: int, by: Actor) -> Tender:
    return tender_of(own_application_for(by, application_id))


def test_lots_answers_and_the_same_documents_go_over(closed: Round, following: Round) -> None:
    by = a_provider_person()
    before = a_complete_draft(closed, by, lot_ids(closed)[:1])
    after = carry_over(application_id=before, into_round_id=following.id, by=by)
    old, new = tender(before, by), tender(after, by)
    assert [item.value for item in new.items] == [item.value for item in old.items]
    assert [item.files for item in new.items] == [item.files for item in old.items]
    assert not new.missing
    assert [lot.id for lot in new.chosen] == lot_ids(closed)[:1]


def test_carried_over_twice_it_is_carried_once_and_what_was_typed_since_stays(
    closed: Round, following: Round
) -> None:
    by = a_provider_person()
    before = a_complete_draft(closed, by, lot_ids(closed)[:1])
    first = carry_over(application_id=before, into_round_id=following.id, by=by)
    item = next(item for item in tender(first, by).items if item.asked.kind == "long_text")
    place = {"application_id": first, "code": item.asked.code, "lot_id": item.lot_id, "by": by}
    save_answer(**place, value="A better answer.", version=item.version)
    assert carry_over(application_id=before, into_round_id=following.id, by=by) == first
    again = next(each for each in tender(first, by).items if each.asked.code == item.asked.code)
    assert again.value == "A better answer."


def test_a_lot_that_the_next_round_does_not_offer_stays_behind(framework: Framework, closed: Round) -> None:
    by = a_provider_person()
    before = a_draft(closed, by, lot_ids(closed))
    following = a_published_round(framework=framework)
    with transaction() as session:
        session.connection().exec_driver_sql("SET LOCAL session_replication_role = replica")
        session.execute(
            delete(RoundLot).where(
                RoundLot.round_id == following.id, RoundLot.lot_id == lot_ids(framework)[1]
            )
        )
        session.connection().exec_driver_sql("SET LOCAL session_replication_role = origin")
    after = carry_over(application_id=before, into_round_id=following.id, by=by)
    assert [lot.id for lot in tender(after, by).chosen] == lot_ids(framework)[:1]


def test_taking_a_document_out_of_the_new_draft_leaves_it_in_the_old(
    closed: Round, following: Round, session: Session
) -> None:
    by = a_provider_person()
    before = a_complete_draft(closed, by, lot_ids(closed)[:1])
    after = carry_over(application_id=before, into_round_id=following.id, by=by)
    item = next(item for item in tender(after, by).items if item.files)
    place = {"application_id": after, "code": item.asked.code, "lot_id": item.lot_id, "by": by}
    detach_document(**place, document_id=item.files[0].id)
    assert session.get_one(Document, item.files[0].id).removed_at is None
    assert any(item.files[0] in each.files for each in tender(before, by).items)


def test_erasing_the_old_application_leaves_the_new_one_its_documents(
    closed: Round, following: Round, session: Session
) -> None:
    by = a_provider_person()
    before = a_complete_draft(closed, by, lot_ids(closed)[:1])
    after = carry_over(application_id=before, into_round_id=following.id, by=by)
    given = [file.id for item in tender(after, by).items for file in item.files]
    erase_application(before, by=by)
    assert session.get(Application, before) is None
    assert sorted(session.scalars(select(AnswerFile.document_id))) == sorted(given)


def test_only_one_s_own_application_goes_over(closed: Round, following: Round) -> None:
    before = a_draft(closed, a_provider_person())
    with pytest.raises(NotFound):
        carry_over(application_id=before, into_round_id=following.id, by=a_provider_person())


def test_it_goes_into_a_round_of_the_same_framework_only(closed: Round) -> None:
    by = a_provider_person()
    other = a_published_round()
    with pytest.raises(NotFound):
        carry_over(application_id=a_draft(closed, by), into_round_id=other.id, by=by)


def test_while_it_can_be_changed_where_it_is_it_stays_there(framework: Framework) -> None:
    by = a_provider_person()
    lead = a_procurement_lead(framework)
    still_open = a_published_round(framework=framework, lead=lead)
    other = a_published_round(framework=framework, lead=lead)
    with pytest.raises(Refusal, match="still open"):
        carry_over(application_id=a_draft(still_open, by), into_round_id=other.id, by=by)


def test_a_round_that_is_closed_takes_nothing(framework: Framework, closed: Round) -> None:
    by = a_provider_person()
    also_closed = a_closed_round(framework=framework)
    with pytest.raises(RoundNotOpen):
        carry_over(application_id=a_draft(closed, by), into_round_id=also_closed.id, by=by)


def test_nothing_is_added_to_what_was_submitted(closed: Round, following: Round) -> None:
    by = a_provider_person()
    before = a_draft(closed, by, lot_ids(closed)[:1])
    after = a_complete_draft(following, by, lot_ids(closed)[:1])
    submit_application(application_id=after, declared=True, by=by)
    with pytest.raises(Submitted):
        carry_over(application_id=before, into_round_id=following.id, by=by)


def test_the_page_of_what_came_too_late_offers_to_go_on(
    closed: Round, following: Round, client: FlaskClient
) -> None:
    by = a_provider_person()
    before = a_complete_draft(closed, by, lot_ids(closed)[:1])
    sign_in(client, by.email)
    page = client.get(f"/applications/{before}").get_data(as_text=True)
    assert f"Continue in round {following.number}" in page
    answer = client.post(f"/applications/{before}/carry-over", follow_redirects=True)
    assert "Your lots, answers and documents are now in your application" in answer.get_data(as_text=True)
    assert client.get(f"/applications/{before}").status_code == 200


def test_where_nothing_is_open_nothing_is_offered(closed: Round, client: FlaskClient) -> None:
    by = a_provider_person()
    before = a_draft(closed, by)
    sign_in(client, by.email)
    assert "carry-over" not in client.get(f"/applications/{before}").get_data(as_text=True)
    assert client.post(f"/applications/{before}/carry-over").status_code == 303
