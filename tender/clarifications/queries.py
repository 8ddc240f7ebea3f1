"""Reading questions and answers: the public ones, one's own, and those that the council answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, case, exists, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
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
from tender.clarifications.models import Clarification, ClarificationCorrection
from tender.followers.models import RoundFollower
from tender.frameworks.closing import answers_end, closing_time
from tender.frameworks.facts import RoundFacts
from tender.frameworks.lifecycle import ABANDONED
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import round_for

NEW_FOR = timedelta(days=7)
MOST_OPEN = 20  # questions of one organisation that wait for their answers, in one round
MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Published:
    """What a clarification says from a moment on; `version` 1 is the first, which has no `reason`."""

    version: int
    text: str
    answer: str
    reason: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Answered:
    """A published clarification as everyone reads it: its versions, the newest first. `earlier` is whether it
    was given in an earlier intake of the framework, which asked the same; `own` whether nobody asked it."""

    number: int
    round_number: int
    earlier: bool
    own: bool
    versions: tuple[Published, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the council works on it. `asker` is empty while the tender box is shut. `own` is whether
    the council published it unasked, `corrections` what was published of it later, the newest first."""

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
    left_reason: str | None
    left_at: datetime | None
    asker: str = ""
    own: bool = False
    corrections: tuple[Published, ...] = ()

    @property
    def standing(self) -> Published:
        """What everyone reads of it now, where it is published."""
        return self.as_read(0).versions[0]

    def as_read(self, round_number: int) -> Answered:
        """As everyone reads it, where it is published, in the round with this number."""
        first = Published(1, self.published_text or "", self.answer or "", "", self.answered_at)
        return Answered(self.number or 0, round_number, False, self.own, (*self.corrections, first))


def published_answers(round_id: int) -> list[Answered]:
    """What everyone reads, what was said or corrected last first. Nothing of who asked. One statement."""
    this = aliased(Round)
    earlier = and_(
        Round.framework_id == this.framework_id,
        Round.always_open,
        this.always_open,
        Round.closes_at <= this.opens_at,
    )
    rows = db.session.execute(
        select(
            Clarification.number,
            Round.number,
            Round.id != this.id,
            Clarification.organisation_id == Framework.council_id,
            Clarification.published_text,
            Clarification.answer,
            Clarification.answered_at,
            _corrections(),
        )
        .select_from(this)
        .join(Round, or_(Round.id == this.id, earlier))
        .join(Framework, Framework.id == Round.framework_id)
        .join(Clarification, Clarification.round_id == Round.id)
        .where(this.id == round_id, Clarification.state == "published")
        .order_by(last_said().desc(), Clarification.id.desc())
        .limit(MOST_SHOWN)
    )
    return [
        Answered(
            number,
            round_number,
            was_earlier,
            own,
            (*_corrected(corrections), Published(1, text, answer, "", answered_at)),
        )
        for number, round_number, was_earlier, own, text, answer, answered_at, corrections in rows
    ]


def last_said() -> ColumnElement[Any]:
    """When a `Clarification` was published or corrected last; null for one that is not published."""
    last = select(func.max(ClarificationCorrection.corrected_at)).where(
        ClarificationCorrection.clarification_id == Clarification.id
    )
    return func.coalesce(last.correlate(Clarification).scalar_subquery(), Clarification.answered_at)


def _corrections() -> ColumnElement[Any]:
    """The corrections of a `Clarification` as one JSON value, the newest first."""
    told = func.jsonb_build_array(
        ClarificationCorrection.number,
        ClarificationCorrection.text,
        ClarificationCorrection.answer,
        ClarificationCorrection.reason,
        ClarificationCorrection.corrected_at,
    )
    newest_first = aggregate_order_by(told, ClarificationCorrection.number.desc())
    of_this = ClarificationCorrection.clarification_id == Clarification.id
    return (
        select(func.jsonb_agg(newest_first))
        .where(of_this)
        .correlate(Clarification)
        .scalar_subquery()
        .label("corrections")
    )


def _corrected(found: Sequence[Any] | None) -> tuple[Published, ...]:
    return tuple(
        Published(number, text, answer, reason, datetime.fromisoformat(at))
        for number, text, answer, reason, at in found or ()
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
                Clarification.left_reason,
                Clarification.left_at,
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


def published_for(viewer: Actor, clarification_id: int) -> Asked:
    """One that everyone reads, of a round of the viewer's own council. Raises `NotFound`."""
    found = question_for(viewer, clarification_id)
    if found.number is None:
        raise NotFound()
    return found


def speaking_round(viewer: Actor, round_id: int) -> RoundFacts:
    """A published round of the viewer's own council, for whoever speaks for it. Raises `NotFound`."""
    facts = round_for(viewer, round_id)
    if facts.state == "draft" or not viewer.may("framework:manage"):
        raise NotFound()
    return facts


def waiting_for(viewer: Actor) -> Waiting:
    """For the lead, rounds with questions to answer; for a provider, answers of the last days."""
    if may_ask(viewer):
        return Waiting(going_on=_answers_of_late(viewer))
    if viewer.organisation_kind != "council" or not viewer.may("framework:manage"):
        return Waiting()
    rows = db.session.execute(
        _rounds_with(func.count())
        .add_columns(closed := (closing_time() <= clock.now()).label("closed"))
        .where(
            Clarification.state == "waiting",
            Round.state.not_in(ABANDONED),
            Framework.council_id == viewer.organisation_id,
        )
        .order_by(closed.desc(), answers_end(), Round.id)
    )
    return Waiting(now=tuple(_task(row) for row in rows))


def _task(row: Any) -> Task:
    if row.closed:
        left = plural(row.questions, "question was", "questions were")
        return Task(
            f"{left} not answered before the close: {row.title}, round {row.number}.",
            "Say why",
            "clarifications.index",
            {"round_id": row.id},
            row.answers_by,
            "Whoever asked is waiting to hear what became of it.",
        )
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
    told_alone = Clarification.state.in_(("private", "left"))
    own = and_(told_alone, Clarification.organisation_id == viewer.organisation_id)
    said_at = case((Clarification.state == "left", Clarification.left_at), else_=last_said())
    rows = db.session.execute(
        _rounds_with(func.count(), func.max(said_at))
        .add_columns(Clarification.state)
        .where(said_at > clock.now() - NEW_FOR, or_(public, own))
        .group_by(Clarification.state)
        .order_by(Clarification.state.desc(), Round.id)
    )
    lines = {"published": _new_answers, "private": _private_answer, "left": _left}
    return tuple(lines[row.state](row) for row in rows)


def _new_answers(row: Any) -> GoingOn:
    return GoingOn(
        f"{row.title}, round {row.number}: questions were answered",
        plural(row.questions, "new answer"),
        "opportunities.show",
        {"round_id": row.id, "_anchor": "answers"},
        f"The last one at {uk_datetime(row.newest)}",
    )


def _left(row: Any) -> GoingOn:
    return GoingOn(
        f"{row.title}, round {row.number}: your question was not answered before the close",
        "not answered",
        "clarifications.ask",
        {"round_id": row.id},
        f"The council said why at {uk_datetime(row.newest)}",
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
    names = [name for name in Asked.__dataclass_fields__ if name not in ("asker", "own", "corrections")]
    rows = db.session.execute(
        select(
            *(getattr(Clarification, name) for name in names),
            Round.state.label("round_state"),
            (Person.name + ", " + Organisation.name).label("who"),
            (Clarification.organisation_id == Framework.council_id).label("own"),
            _corrections(),
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
            own=row["own"],
            corrections=_corrected(row["corrections"]),
        )
        for row in rows
    ]
