"""Reading questions and answers: the public ones, one's own, and those that the council answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import plural, uk_datetime
from tender.applications.models import Application
from tender.clarifications.access import may_ask, may_know_who_asked, takes_questions
from tender.clarifications.models import Clarification
from tender.followers.models import RoundFollower
from tender.frameworks.closing import answers_end
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Round

NEW_FOR = timedelta(days=7)
MOST_OPEN = 20  # questions of one organisation that wait for their answers, in one round
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the council works on it. `asker` is empty while the tender box is shut."""

    id: int
    round_id: int
    state: str
    asked_at: datetime
    text: str
    number: int | None
    published_text: str | None
    answer: str | None
    private_reason: str | None
    answered_at: datetime | None
    asker: str = ""


def published_answers(round_id: int) -> Sequence[RowMapping]:
    """What everyone reads, the newest first: number, text, answer, answered_at, round_number, and whether it
    was given in an `earlier` intake of the framework, which asked the same. Nothing of who asked."""
    this = aliased(Round)
    earlier = and_(
        Round.framework_id == this.framework_id,
        Round.always_open,
        this.always_open,
        Round.closes_at <= this.opens_at,
    )
    return (
        db.session.execute(
            select(
                Clarification.number,
                Clarification.published_text.label("text"),
                Clarification.answer,
                Clarification.answered_at,
                Round.number.label("round_number"),
                (Round.id != this.id).label("earlier"),
            )
            .select_from(this)
            .join(Round, or_(Round.id == this.id, earlier))
            .join(Clarification, Clarification.round_id == Round.id)
            .where(this.id == round_id, Clarification.state == "published")
            .order_by(Clarification.answered_at.desc(), Clarification.id.desc())
            .limit(MOST_SHOWN)
        )
        .mappings()
        .all()
    )


def on_opportunity(facts: RoundFacts, viewer: Actor) -> Mapping[str, object]:
    """For the public page of a round: `answers`, and `may_ask`."""
    asking = takes_questions(facts, clock.now()) and (may_ask(viewer) or not viewer.signed_in)
    return {"answers": published_answers(facts.id), "may_ask": asking}


def own_questions(viewer: Actor, round_id: int) -> Sequence[RowMapping]:
    """What the viewer's organisation has asked about a round, the newest first, with its answers."""
    return (
        db.session.execute(
            select(
                Clarification.id,
                Clarification.state,
                Clarification.text,
                Clarification.asked_at,
                Clarification.number,
                Clarification.answer,
                Clarification.private_reason,
                Clarification.answered_at,
            )
            .where(
                Clarification.round_id == round_id, Clarification.organisation_id == viewer.organisation_id
            )
            .order_by(Clarification.id.desc())
            .limit(MOST_SHOWN)
        )
        .mappings()
        .all()
    )


def questions_of(viewer: Actor, facts: RoundFacts) -> list[Asked]:
    """Every question about a round, those that wait first; for whoever answers them.

    The caller got `facts` by `frameworks.queries.round_for`.
    """
    return _asked(viewer, Clarification.round_id == facts.id)


def question_for(viewer: Actor, clarification_id: int) -> Asked:
    """A question about a round of the viewer's own council. Raises `NotFound`."""
    found = _asked(viewer, Clarification.id == clarification_id)
    if not found or not viewer.may("framework:manage"):
        raise NotFound()
    return found[0]


def waiting_for(viewer: Actor) -> Waiting:
    """For the lead, rounds with questions to answer; for a provider, answers of the last days."""
    if may_ask(viewer):
        return Waiting(going_on=_answers_of_late(viewer))
    if viewer.organisation_kind != "council" or not viewer.may("framework:manage"):
        return Waiting()
    rows = db.session.execute(
        _rounds_with(func.count())
        .where(
            Clarification.state == "waiting",
            Round.state == "published",
            Framework.council_id == viewer.organisation_id,
        )
        .order_by(answers_end(), Round.id)
    )
    return Waiting(now=tuple(_task(row) for row in rows))


def _task(row: Any) -> Task:
    questions = plural(row.questions, "question waits", "questions wait")
    return Task(
        f"{questions} for an answer: {row.title}, round {row.number}.",
        "Answer",
        "clarifications.index",
        {"round_id": row.id},
        row.answers_by,
        "You are not told who asked before the tender box is opened.",
    )


def _answers_of_late(viewer: Actor) -> tuple[GoingOn, ...]:
    """A line for each round that concerns the viewer in which answers were published lately, then one for
    each in which their organisation was given an answer of its own. One statement."""
    concerns = exists().where(
        Application.round_id == Round.id, Application.provider_id == viewer.organisation_id
    ) | exists().where(RoundFollower.round_id == Round.id, RoundFollower.person_id == viewer.person_id)
    public = and_(Clarification.state == "published", Round.state == "published", concerns)
    own = and_(Clarification.state == "private", Clarification.organisation_id == viewer.organisation_id)
    rows = db.session.execute(
        _rounds_with(func.count(), func.max(Clarification.answered_at))
        .add_columns(Clarification.state)
        .where(Clarification.answered_at > clock.now() - NEW_FOR, or_(public, own))
        .group_by(Clarification.state)
        .order_by(Clarification.state.desc(), Round.id)
    )
    return tuple(_new_answers(row) if row.state == "published" else _private_answer(row) for row in rows)


def _new_answers(row: Any) -> GoingOn:
    return GoingOn(
        f"{row.title}, round {row.number}: questions were answered",
        plural(row.questions, "new answer"),
        "opportunities.show",
        {"round_id": row.id, "_anchor": "answers"},
        f"The last one at {uk_datetime(row.newest)}",
    )


def _private_answer(row: Any) -> GoingOn:
    return GoingOn(
        f"{row.title}, round {row.number}: the council answered you alone",
        "answered privately",
        "clarifications.ask",
        {"round_id": row.id},
        f"At {uk_datetime(row.newest)}",
    )


def _rounds_with(questions: ColumnElement[int], newest: ColumnElement[Any] | None = None) -> Any:
    """Rounds with a count of their clarifications: id, number, answers_by, title, questions and newest."""
    columns = [
        Round.id,
        Round.number,
        answers_end().label("answers_by"),
        Framework.title,
        questions.label("questions"),
    ]
    if newest is not None:
        columns.append(newest.label("newest"))
    return (
        select(*columns)
        .select_from(Clarification)
        .join(Round, Round.id == Clarification.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .group_by(Round.id, Framework.title)
    )


def _asked(viewer: Actor, condition: ColumnElement[bool]) -> list[Asked]:
    """Questions to the viewer's council that meet the condition, in one statement."""
    names = [name for name in Asked.__dataclass_fields__ if name != "asker"]
    rows = db.session.execute(
        select(
            *(getattr(Clarification, name) for name in names),
            Round.state.label("round_state"),
            (Person.name + ", " + Organisation.name).label("who"),
        )
        .join(Round, Round.id == Clarification.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .join(Person, Person.id == Clarification.asked_by_id)
        .join(Organisation, Organisation.id == Clarification.organisation_id)
        .where(condition, Framework.council_id == viewer.organisation_id)
        .order_by(
            case((Clarification.state == "waiting", 0), else_=1),
            case((Clarification.state == "waiting", Clarification.id), else_=-Clarification.id),
        )
        .limit(MOST_SHOWN)
    ).mappings()
    return [
        Asked(
            **{name: row[name] for name in names},
            asker=row["who"] if may_know_who_asked(viewer, row["round_state"]) else "",
        )
        for row in rows
    ]
