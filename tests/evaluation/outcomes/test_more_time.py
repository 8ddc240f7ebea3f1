"""More time for a condition of an admission: the approved day stays, the later one counts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from evaluation.outcomes.assessment import Condition
from evaluation.outcomes.condition_queries import (
    AskedCondition,
    condition_for,
    more_time_of,
    moved_since,
    open_conditions,
)
from evaluation.outcomes.condition_services import MetAlready, give_more_time, meet_condition
from evaluation.outcomes.models import AdmissionCondition
from evaluation.outcomes.queries import outcome_of
from evaluation.outcomes.services import ChangedMeanwhile
from evaluation.outcomes.waiting_queries import waiting_for
from evaluation.records.disclosure_tables import ADMITTED_ON
from portal import clock
from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.errors import NotFound, Refusal
from portal.mail.models import Letter
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.accounts import a_council, a_person
from tests.factories.evaluation import Evaluation
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import (
    INSURANCE,
    a_computed_evaluation,
    a_conditional_admission,
    approve_all,
    provider_of,
    release_all,
)
from tests.web_client import sign_in

WHY = "The insurer issues the certificate in the new year."
FIRE = Condition("The report of a fire inspection.", None, INSURANCE.due_on + timedelta(days=30))
LATER = INSURANCE.due_on + timedelta(days=40)


@pytest.fixture(scope="module")
def released(build: Build) -> Evaluation:
    """A tender that is admitted on two conditions, and its letter is out."""

    def made() -> Evaluation:
        evaluation = a_computed_evaluation([{}, {}])
        a_conditional_admission(evaluation, 0, INSURANCE, FIRE)
        approve_all(evaluation)
        release_all(evaluation)
        return evaluation

    return build(made)


@pytest.fixture
def condition(released: Evaluation, session: Session) -> AskedCondition:
    return open_conditions(released.lead)[0][0]


@pytest.fixture
def quality(released: Evaluation, session: Session) -> Iterator[Actor]:
    yield released.person("quality_officer")


def extend(
    condition: AskedCondition, by: Actor, due_on: date = LATER, reason: str = WHY, seen: int = 0
) -> None:
    give_more_time(condition_id=condition.id, due_on=due_on, reason=reason, seen=seen, by=by)


def letters(session: Session) -> list[Letter]:
    return list(session.scalars(select(Letter).where(Letter.key.like("condition_extension:%"))))


def test_the_later_day_counts_and_the_approved_one_stays(
    session: Session, condition: AskedCondition, quality: Actor
) -> None:
    extend(condition, quality)
    now = condition_for(quality, condition.id)
    assert (now.due_on, now.approved_due_on, now.moved) == (LATER, INSURANCE.due_on, True)
    assert session.get_one(AdmissionCondition, condition.id).due_on == INSURANCE.due_on
    [given] = more_time_of(condition.id)
    assert (given.was_due_on, given.due_on, given.reason) == (INSURANCE.due_on, LATER, WHY)


def test_every_earlier_day_stays_readable(
    session: Session, released: Evaluation, condition: AskedCondition, quality: Actor
) -> None:
    extend(condition, quality)
    extend(condition, released.lead, LATER + timedelta(days=7), "Once more.", seen=1)
    days = [(each.was_due_on, each.due_on) for each in more_time_of(condition.id)]
    assert days == [(INSURANCE.due_on, LATER), (LATER, LATER + timedelta(days=7))]


def test_the_provider_is_told_both_days_and_the_reason(
    session: Session, condition: AskedCondition, quality: Actor
) -> None:
    extend(condition, quality)
    [letter] = letters(session)
    assert letter.state == "queued"
    assert letter.organisation_id == condition.provider_id
    for words in (f"{INSURANCE.due_on:%Y}", f"{LATER.day} {LATER:%B}", WHY, INSURANCE.text):
        assert words in letter.body


def test_the_trail_says_who_moved_which_day(
    session: Session, released: Evaluation, condition: AskedCondition, quality: Actor
) -> None:
    extend(condition, quality)
    decision = session.get_one(AdmissionCondition, condition.id).decision_id
    [line] = [each for each in trail_of("decision", decision) if each.action == "admission_condition.extend"]
    assert (line.details["was_due_on"], line.details["due_on"]) == (
        INSURANCE.due_on.isoformat(),
        LATER.isoformat(),
    )


@pytest.mark.parametrize(
    ("due_on", "reason", "field"),
    [
        (INSURANCE.due_on, WHY, "due_on"),
        (INSURANCE.due_on - timedelta(days=1), WHY, "due_on"),
        (LATER + timedelta(days=365 * 80), WHY, "due_on"),
        (LATER, "  ", "reason"),
    ],
)
def test_a_day_that_is_not_later_or_past_the_framework_and_no_reason_are_refused(
    session: Session, condition: AskedCondition, quality: Actor, due_on: date, reason: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        extend(condition, quality, due_on, reason)
    assert refused.value.field == field
    assert (more_time_of(condition.id), letters(session)) == ([], [])


def test_an_overdue_condition_is_given_a_day_after_today(
    session: Session, condition: AskedCondition, quality: Actor
) -> None:
    with clock.staged_at(clock.now() + timedelta(days=35)):
        assert condition_for(quality, condition.id).overdue
        with pytest.raises(Refusal, match="after today"):
            extend(condition, quality, clock.today())
        extend(condition, quality)
        assert not condition_for(quality, condition.id).overdue


def test_a_condition_that_is_met_is_given_no_more_time(
    session: Session, condition: AskedCondition, quality: Actor
) -> None:
    meet_condition(condition_id=condition.id, how="Seen.", document_id=None, by=quality)
    with pytest.raises(MetAlready):
        extend(condition, quality)


def test_sent_twice_it_is_given_once_and_a_colleague_is_not_overtaken(
    session: Session, released: Evaluation, condition: AskedCondition, quality: Actor
) -> None:
    extend(condition, quality)
    extend(condition, quality)
    with pytest.raises(ChangedMeanwhile):
        extend(condition, released.lead, LATER + timedelta(days=30))
    assert len(more_time_of(condition.id)) == len(letters(session)) == 1


def test_another_council_gives_nobody_more_time(session: Session, condition: AskedCondition) -> None:
    with pytest.raises(NotFound):
        extend(condition, a_person(a_council("Elsewhere"), "quality_officer"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE condition_extension SET due_on = due_on + 1",
        "DELETE FROM condition_extension",
        "UPDATE admission_condition SET due_on = due_on + 1",
    ],
)
def test_the_database_lets_nobody_rewrite_a_day(
    session: Session, condition: AskedCondition, quality: Actor, statement: str
) -> None:
    extend(condition, quality)
    with pytest.raises(DBAPIError, match="refuses"):
        session.execute(text(statement))


@pytest.mark.parametrize("days", [0, 41])
def test_the_database_takes_a_later_day_only_from_the_one_that_counts(
    session: Session, condition: AskedCondition, quality: Actor, days: int
) -> None:
    extend(condition, quality)
    with pytest.raises(IntegrityError, match="condition_extension"):
        session.execute(
            text(
                "INSERT INTO condition_extension (condition_id, was_due_on, due_on, reason, given_at, "
                "given_by_id) VALUES (:id, :was, :due, 'x', now(), :by)"
            ),
            {
                "id": condition.id,
                "was": INSURANCE.due_on + timedelta(days=days),
                "due": LATER + timedelta(days=9),
                "by": quality.person_id,
            },
        )


def test_the_database_takes_no_later_day_for_a_condition_that_is_met(
    session: Session, condition: AskedCondition, quality: Actor
) -> None:
    meet_condition(condition_id=condition.id, how="Seen.", document_id=None, by=quality)
    with pytest.raises(IntegrityError, match="condition_extension refuses"):
        session.execute(
            text(
                "INSERT INTO condition_extension (condition_id, was_due_on, due_on, reason, given_at, "
                "given_by_id) SELECT id, due_on, due_on + 9, 'x', now(), :by FROM admission_condition "
                "WHERE id = :id"
            ),
            {"id": condition.id, "by": quality.person_id},
        )


def test_tasks_and_the_list_go_by_the_later_day(
    session: Session, released: Evaluation, condition: AskedCondition, quality: Actor
) -> None:
    extend(condition, quality)
    assert [each.id for each in open_conditions(quality)[0]][-1] == condition.id
    with clock.staged_at(clock.now() + timedelta(days=65)):
        assert "1 condition of admission overdue" in [task.sentence for task in waiting_for(quality).now]
        [told] = [task for task in waiting_for(provider_of(released)).now if INSURANCE.text in task.sentence]
    assert f"no longer by {INSURANCE.due_on.day} " in told.detail


def test_the_list_costs_the_same_with_more_time_given(
    session: Session, condition: AskedCondition, quality: Actor
) -> None:
    connection = session.connection()
    before = statements_of(connection, lambda: open_conditions(quality))
    extend(condition, quality)
    assert statements_of(connection, lambda: open_conditions(quality)) == before == 1


def typed(day: date, **more: str) -> dict[str, str]:
    return {f"due_on-{part}": str(getattr(day, part)) for part in ("day", "month", "year")} | more


def test_the_page_gives_more_time_and_keeps_what_was_typed_when_it_is_refused(
    session: Session, app: Flask, condition: AskedCondition, quality: Actor
) -> None:
    browser = sign_in(app.test_client(), quality.email)
    address = f"/admission-conditions/{condition.id}"
    early = browser.post(f"{address}/more-time", data=typed(INSURANCE.due_on, reason=WHY, seen="0"))
    page = early.get_data(as_text=True)
    assert (early.status_code, faults(page, app)) == (422, [])
    assert WHY in page
    assert "the day by which it is due now" in page
    done = browser.post(f"{address}/more-time", data=typed(LATER, reason=WHY, seen="0"))
    assert (done.status_code, done.location) == (303, address)
    page = browser.get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert "More time given" in page
    assert "Approved as due by" in page


def test_a_condition_met_meanwhile_is_shown_with_the_sentence_and_without_the_boxes(
    session: Session, app: Flask, condition: AskedCondition, quality: Actor
) -> None:
    browser = sign_in(app.test_client(), quality.email)
    meet_condition(condition_id=condition.id, how="Seen.", document_id=None, by=quality)
    address = f"/admission-conditions/{condition.id}/more-time"
    for said in ({}, typed(LATER, reason=WHY, seen="0")):
        late = browser.post(address, data=said)
        page = late.get_data(as_text=True)
        assert (late.status_code, faults(page, app)) == (422, [])
        assert "Give more time for" not in page


def test_the_providers_own_letter_stays_and_the_page_says_what_was_moved_since(
    session: Session, app: Flask, released: Evaluation, condition: AskedCondition, quality: Actor
) -> None:
    browser = sign_in(app.test_client(), provider_of(released).email)
    address = f"/applications/{released.applications[0]}/outcome"
    assert "More time given" not in browser.get(address).get_data(as_text=True)
    extend(condition, quality)
    page = browser.get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert f"{LATER.day} {LATER:%B %Y}, not {INSURANCE.due_on.day} " in page
    assert f"{INSURANCE.due_on:%A} {INSURANCE.due_on.day}" in page
    meet_condition(condition_id=condition.id, how="Seen.", document_id=None, by=quality)
    assert "More time given" not in browser.get(address).get_data(as_text=True)


def test_another_provider_reads_nothing_of_it(
    session: Session, released: Evaluation, condition: AskedCondition, quality: Actor
) -> None:
    extend(condition, quality)
    assert moved_since(provider_of(released, 1), released.applications[0]) == []


def test_pages_and_records_name_the_later_day_beside_the_approved_one(
    session: Session, released: Evaluation, condition: AskedCondition, quality: Actor
) -> None:
    extend(condition, quality)
    tender = outcome_of(released.applications[0], lot_ids(released.round)[0], released.round_id)
    assert tender.conditions[0] == replace(INSURANCE, moved_to=LATER)
    assert f"moved to {LATER.day} " in tender.conditions[0].in_words
    [moved, other] = list(ADMITTED_ON.read(released.round_id))
    assert moved[4:8] == (INSURANCE.due_on.isoformat(), INSURANCE.due_on.isoformat(), LATER.isoformat(), WHY)
    assert other[5:8] == (None, None, None)
