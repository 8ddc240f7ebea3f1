"""What goes from a decided application into the next, and what stays behind."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from portal import clock
from portal.database import transaction
from portal.errors import NotFound
from portal.storage.models import Document
from tender.applications.answer_services import save_answer
from tender.applications.carrying_queries import OF_THAT_DAY, last_times
from tender.applications.carrying_services import carry_over
from tender.applications.erasure import erase_application
from tender.applications.models import CarriedAnswer
from tender.applications.queries import own_application_for, own_item_for, tender_of
from tender.applications.suggestions import suggested_answer
from tests.factories.accounts import a_provider_person
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import a_released_evaluation, provider_of
from tests.tender.reapplying.conftest import the_next_round


@pytest.fixture
def draft(refused, before, following):
    """The refused provider's draft in the open round, carried over; its id."""
    return carry_over(application_id=before, into_round_id=following.id, by=refused)


def tender(application_id, by):
    return tender_of(own_application_for(by, application_id))


def last_of(application_id, by):
    facts = own_application_for(by, application_id)
    return last_times(by, facts, tender_of(facts).items)


def otherwise(statement, **values):
    """Change what nobody can change any more."""
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement), values)
        session.execute(text("SET LOCAL session_replication_role = origin"))
        session.expire_all()


def seal_expiry(before, day):
    """Let the documents of an application's safeguarding policy have been sealed as valid until `day`."""
    otherwise(
        "UPDATE answer_file SET facts = jsonb_build_object('expires_on', CAST(:day AS text)) FROM answer "
        "JOIN question ON question.id = question_id WHERE answer.id = answer_id AND application_id = :id "
        "AND code = 'safeguarding_policy'",
        day=day.isoformat(),
        id=before,
    )


def test_answers_and_the_same_documents_come_along(draft, refused, before):
    old, new = tender(before, refused), tender(draft, refused)
    assert new.item("attendance", None).value == old.item("attendance", None).value
    given = new.item("safeguarding_policy", None).files
    assert [file.id for file in given] == [file.id for file in old.item("safeguarding_policy", None).files]


def test_what_speaks_of_that_day_is_given_anew(draft, refused):
    items = tender(draft, refused).items
    of_that_day = [
        item for item in items if item.asked.kind == "declaration" or item.asked.code in OF_THAT_DAY
    ]
    assert of_that_day and not any(item.answered for item in of_that_day)


def test_what_passed_and_what_did_not_is_told_of_each_question(draft, refused):
    last = last_of(draft, refused)
    assert last["safeguarding", None].failed and last["safeguarding", None].to_put_right
    assert last["attendance", None].stands and last["attendance", None].verdict.passed


def test_an_answer_that_was_changed_is_neither_kept_nor_to_be_put_right(draft, refused):
    for code in ("safeguarding", "attendance"):
        save_answer(application_id=draft, code=code, value="Better.", version=1, by=refused)
    last = last_of(draft, refused)
    assert not last["safeguarding", None].to_put_right and not last["attendance", None].stands


def test_before_the_release_nothing_is_told(draft, refused, judged):
    otherwise("UPDATE round SET state = 'decided' WHERE id = :id", id=judged.round_id)
    assert {known.verdict for known in last_of(draft, refused).values()} == {None}


def test_nobody_else_is_told_anything(draft, refused):
    facts = own_application_for(refused, draft)
    stranger = a_provider_person()
    with pytest.raises(NotFound):
        own_application_for(stranger, draft)
    found = last_times(stranger, facts, tender_of(facts).items)
    assert {known.verdict for known in found.values()} == {None}


def test_an_answer_to_other_words_stays_behind_and_is_suggested(refused, before, judged, following):
    otherwise(
        "UPDATE question SET text = 'Asked otherwise.' WHERE round_id = :id AND code = 'attendance'",
        id=judged.round_id,
    )
    draft = carry_over(application_id=before, into_round_id=following.id, by=refused)
    item = own_item_for(refused, draft, "attendance", None)
    assert not item.answered
    found = suggested_answer(refused, own_application_for(refused, draft), item)
    assert found.value and "where the question had other words" in found.sentence


def test_documents_for_other_words_come_along_to_be_looked_at(refused, before, judged, following):
    otherwise(
        "UPDATE question SET text = 'Asked otherwise.' WHERE round_id = :id AND code = 'fire_risk'",
        id=judged.round_id,
    )
    draft = carry_over(application_id=before, into_round_id=following.id, by=refused)
    assert tender(draft, refused).item("fire_risk", None).files
    assert last_of(draft, refused)["fire_risk", None].look_again


def test_a_document_that_has_run_out_is_asked_for_anew(refused, before, following):
    seal_expiry(before, clock.today() - timedelta(days=1))
    draft = carry_over(application_id=before, into_round_id=following.id, by=refused)
    assert not tender(draft, refused).item("safeguarding_policy", None).answered
    assert "ran out on" in last_of(draft, refused)["safeguarding_policy", None].sentence


def test_a_document_that_is_valid_today_comes_along(refused, before, following):
    seal_expiry(before, clock.today())
    draft = carry_over(application_id=before, into_round_id=following.id, by=refused)
    assert tender(draft, refused).item("safeguarding_policy", None).answered


def test_lots_on_which_the_provider_stands_stay_behind(session):
    evaluation = a_released_evaluation(lots=2, failed={0: [1]})
    by, following = provider_of(evaluation), the_next_round(evaluation)
    draft = carry_over(application_id=evaluation.applications[0], into_round_id=following.id, by=by)
    assert [lot.id for lot in tender(draft, by).chosen] == lot_ids(following)[1:]
    assert not any(item.lot_id == lot_ids(following)[0] for item in tender(draft, by).items)
    assert last_of(draft, by)["day_rate", lot_ids(following)[1]].failed


def test_an_erased_application_gives_nothing(refused, before, following):
    erase_application(before, by=refused)
    with pytest.raises(NotFound):
        carry_over(application_id=before, into_round_id=following.id, by=refused)


def test_erasing_the_earlier_application_leaves_the_later_one_whole(draft, refused, before, session):
    files = [file.id for item in tender(draft, refused).items for file in item.files]
    erase_application(before, by=refused)
    session.expire_all()
    new = tender(draft, refused)
    assert new.item("attendance", None).value.startswith("We ring home")
    assert [file.id for item in new.items for file in item.files] == files
    assert all(session.get(Document, file) for file in files)
    assert {known.verdict for known in last_of(draft, refused).values()} == {None}


def test_erasing_the_later_draft_leaves_the_earlier_application_whole(draft, refused, before, session):
    erase_application(draft, by=refused)
    assert session.scalars(select(CarriedAnswer)).all() == []
    assert tender(before, refused).item("safeguarding_policy", None).files
