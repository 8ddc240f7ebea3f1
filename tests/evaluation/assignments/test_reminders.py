"""Whoever has not declared on the list is reminded after three days and after ten, once each."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.assignments import queries
from evaluation.assignments.models import DeclarationReminder
from evaluation.assignments.reminders import remind
from portal.accounts.access import THE_PORTAL, Actor
from portal.audit.models import AuditLine
from portal.clock import now, staged_at
from portal.mail.models import Letter
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, a_marking_evaluation, declare_none

URL = "https://portal.example.org"


@pytest.fixture(scope="module")
def hidden(build: Build) -> Evaluation:
    """A round without names: its lead and moderator have declared, its evaluators have not."""
    return build(lambda: a_marking_evaluation(2, names_hidden=True, accepted=False))


def after(days: int) -> int:
    """How many letters a worker writes after so many days."""
    with staged_at(now() + timedelta(days=days, minutes=1)):
        return remind(portal_url=URL, by=THE_PORTAL)


def letters_to(session: Session, person: Actor) -> list[str]:
    mine = select(Letter.body).where(Letter.to_address == person.email, Letter.key.startswith("declaration:"))
    return list(session.scalars(mine.order_by(Letter.id)))


def test_each_is_reminded_twice_and_no_more_than_once_for_each(session: Session, hidden: Evaluation) -> None:
    assert [after(days) for days in (2, 3, 4, 10, 30)] == [0, 2, 0, 2, 0]
    letters = letters_to(session, hidden.evaluators[0])
    assert len(letters) == 2 and f"{URL}/rounds/{hidden.round_id}/declarations" in letters[0]
    lines = session.scalars(select(AuditLine.details).where(AuditLine.action == "declaration.remind")).all()
    assert [line["letters"] for line in lines] == [2, 2]


def test_of_two_that_are_due_the_later_one_is_written(session: Session, hidden: Evaluation) -> None:
    assert (after(11), after(12)) == (2, 0)
    assert set(session.scalars(select(DeclarationReminder.rule))) == {10}


def test_whoever_declares_is_left_in_peace(session: Session, hidden: Evaluation) -> None:
    declare_none(hidden, hidden.evaluators[0])
    assert after(3) == 1
    assert letters_to(session, hidden.evaluators[0]) == []


def test_a_letter_names_no_tenderer(session: Session, hidden: Evaluation) -> None:
    after(3)
    names = session.scalars(text("SELECT name FROM organisation WHERE kind = 'provider'")).all()
    for body in letters_to(session, hidden.evaluators[0]):
        assert not [name for name in names if name in body]


@pytest.mark.parametrize(
    ("role", "stops"),
    [("procurement_lead", "recommend no outcome"), ("approver", "approve neither"), ("quality_officer", "")],
)
def test_each_reads_what_waits_for_their_declaration(
    session: Session, hidden: Evaluation, role: str, stops: str
) -> None:
    person = hidden.person(role)
    after(3)
    letters = letters_to(session, person)
    assert [stops in body for body in letters] == ([True] if stops else [])


def test_reminded_is_who_is_asked_at_home(session: Session, hidden: Evaluation) -> None:
    people = [
        hidden.lead,
        hidden.moderator,
        *map(hidden.person, ("procurement_lead", "approver", "moderator")),
    ]
    after(3)
    for person in people:
        asked = [task for task in queries.waiting_for(person).now if task.endpoint == "declarations.show"]
        assert len(letters_to(session, person)) == len(asked), person.name


def test_nobody_is_reminded_of_a_round_that_is_decided(session: Session, hidden: Evaluation) -> None:
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE round SET state = 'decided', decided_at = now()"))
    assert after(3) == 0
