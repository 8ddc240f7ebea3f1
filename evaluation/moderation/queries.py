"""Reading for moderation: the agenda, one answer with its marks side by side, and whether all is agreed.

Only complete applications appear: those whose evaluators, two or more, have all locked their marks. Somebody
who declared a conflict with a provider reads nothing about that provider here, whatever their other roles.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import RowMapping, Select, and_, case, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.assignments.coverage_queries import complete_applications
from evaluation.assignments.models import Assignment, PanelMember
from evaluation.conformity.answer_queries import markable_answers
from evaluation.moderation.models import AgreedMark, UnlockedMark
from evaluation.scoring.models import Mark
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.tasks import Task, Waiting
from portal.web.filters import plural
from tender.applications.models import Answer, Application
from tender.frameworks.models import Framework, Lot, Question, Round, ScaleBand

ANSWERS_A_PAGE = 30
IDENTICAL_A_PAGE = 10


@dataclass(frozen=True)
class Progress:
    """How far a round's moderation is: answers agreed, ready to be agreed, and still being marked."""

    agreed: int
    ready: int
    being_marked: int

    @property
    def total(self) -> int:
        """All answers that need an agreed mark."""
        return self.agreed + self.ready + self.being_marked


def progress_of(round_id: int) -> Progress:
    """How many answers of the round are agreed, ready and being marked."""
    answers = markable_answers(round_id).subquery()
    agreed = AgreedMark.id.is_not(None)
    complete = answers.c.application_id.in_(complete_applications())
    row = db.session.execute(
        select(
            func.count().filter(agreed),
            func.count().filter(~agreed, complete),
            func.count().filter(~agreed, ~complete),
        )
        .select_from(answers)
        .outerjoin(AgreedMark, AgreedMark.answer_id == answers.c.id)
    ).one()
    return Progress(*row)


def agreed_marks_complete(round_id: int) -> bool:
    """Whether every answer that counts has an agreed mark; false for a round without such answers."""
    progress = progress_of(round_id)
    return progress.total > 0 and progress.agreed == progress.total


def agenda_of(
    viewer: Actor,
    round_id: int,
    *,
    everything: bool = False,
    most: int | None = ANSWERS_A_PAGE,
    skip: int = 0,
) -> tuple[Sequence[RowMapping], int]:
    """Answers ready for moderation, the widest differences that weigh most first; and how many there are.

    Columns: answer_id, title, weight, provider_name, lot_number, lowest, highest, spread, marks, agreed.
    `everything` includes those that are agreed.
    """
    lowest, highest = func.min(Mark.points), func.max(Mark.points)
    agenda = (
        _counted_marks(viewer, round_id)
        .with_only_columns(
            Answer.id.label("answer_id"),
            Question.title,
            Question.weight,
            Organisation.name.label("provider_name"),
            Lot.number.label("lot_number"),
            lowest.label("lowest"),
            highest.label("highest"),
            (highest - lowest).label("spread"),
            func.count(Mark.id).label("marks"),
            AgreedMark.points.label("agreed"),
            func.count().over().label("total"),
        )
        .group_by(
            Answer.id,
            Question.title,
            Question.weight,
            Question.position,
            Organisation.name,
            Lot.number,
            Lot.position,
            AgreedMark.points,
        )
        .order_by(
            ((highest - lowest) * Question.weight).desc(),
            Question.position,
            Lot.position,
            Organisation.name,
            Answer.id,
        )
        .limit(most)
        .offset(skip)
    )
    if not everything:
        agenda = agenda.where(AgreedMark.id.is_(None))
    rows = db.session.execute(agenda).mappings().all()
    return rows, (rows[0]["total"] if rows else 0)


def _counted_marks(viewer: Actor, round_id: int) -> Select[tuple[int]]:
    answers = markable_answers(round_id).subquery()
    return (
        select(Answer.id)
        .join(answers, answers.c.id == Answer.id)
        .join(Question, Question.id == Answer.question_id)
        .join(Application, Application.id == Answer.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(Lot, Lot.id == Answer.lot_id)
        .join(
            Assignment,
            and_(Assignment.application_id == Answer.application_id, Assignment.state == "locked"),
        )
        .join(Mark, and_(Mark.answer_id == Answer.id, Mark.evaluator_id == Assignment.evaluator_id))
        .outerjoin(AgreedMark, AgreedMark.answer_id == Answer.id)
        .where(
            Answer.application_id.in_(complete_applications()),
            Answer.application_id.not_in(conflicts_of(viewer)),
        )
    )


def item_for(viewer: Actor, answer_id: int) -> RowMapping:
    """One answer of a complete application with its agreed mark, if any. Raises `NotFound`.

    Columns: those of the question, the answer's value, provider_name, lot, round_id, round_number,
    round_state, framework_title, and of the agreed mark points, reason, agreed_at, moderator_name; version is
    that of the newest agreed mark, an unlocked one included, 0 for none.
    """
    moderator = aliased(Person)
    unlocked = (
        select(func.max(UnlockedMark.version)).where(UnlockedMark.answer_id == answer_id).scalar_subquery()
    )
    row = (
        db.session.execute(
            select(
                Answer.id,
                Answer.value,
                Question.title,
                Question.text,
                Question.how_judged,
                Question.kind,
                Question.options,
                Question.shape,
                Question.weight,
                Question.minimum,
                Question.scale_id,
                Question.id.label("question_id"),
                Application.id.label("application_id"),
                Organisation.name.label("provider_name"),
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
                Round.id.label("round_id"),
                Round.number.label("round_number"),
                Round.state.label("round_state"),
                Framework.title.label("framework_title"),
                AgreedMark.points,
                AgreedMark.reason,
                func.coalesce(AgreedMark.version, unlocked, 0).label("version"),
                AgreedMark.agreed_at,
                moderator.name.label("moderator_name"),
            )
            .join(Question, Question.id == Answer.question_id)
            .join(Application, Application.id == Answer.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .join(Round, Round.id == Application.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .outerjoin(Lot, Lot.id == Answer.lot_id)
            .outerjoin(AgreedMark, AgreedMark.answer_id == Answer.id)
            .outerjoin(moderator, moderator.id == AgreedMark.moderator_id)
            .where(
                Answer.id == answer_id,
                Answer.id.in_(select(markable_answers(None).subquery().c.id)),
                Answer.application_id.in_(complete_applications()),
                Answer.application_id.not_in(conflicts_of(viewer)),
                Framework.council_id == viewer.organisation_id,
            )
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFound
    return row


def identical_marks(
    viewer: Actor,
    round_id: int,
    *,
    among: Sequence[int] | None = None,
    most: int | None = IDENTICAL_A_PAGE,
    skip: int = 0,
) -> Sequence[RowMapping]:
    """Answers ready for moderation to which all evaluators gave the same mark, by question; not those agreed.

    With `among` those of these answers, agreed or not. Columns: answer_id, application_id, question_id,
    scale_id, title, weight, provider_name, lot_number, lowest, names and reasons (each evaluator's, in one
    order), descriptors of the scale's bands, agreed, total.
    """
    by_name = (Person.name, Mark.evaluator_id)
    descriptors = (
        select(func.array_agg(ScaleBand.descriptor))
        .where(ScaleBand.scale_id == Question.scale_id)
        .correlate(Question)
        .scalar_subquery()
    )
    own = (Answer.id, Answer.application_id, Question.id, Organisation.name, Lot.number, Lot.position)
    found = (
        _counted_marks(viewer, round_id)
        .join(Person, Person.id == Mark.evaluator_id)
        .with_only_columns(
            Answer.id.label("answer_id"),
            Answer.application_id,
            Question.id.label("question_id"),
            Question.scale_id,
            Question.title,
            Question.weight,
            Organisation.name.label("provider_name"),
            Lot.number.label("lot_number"),
            func.min(Mark.points).label("lowest"),
            func.array_agg(aggregate_order_by(Person.name, *by_name)).label("names"),
            func.array_agg(aggregate_order_by(Mark.reason, *by_name)).label("reasons"),
            descriptors.label("descriptors"),
            AgreedMark.points.label("agreed"),
            func.count().over().label("total"),
        )
        .group_by(*own, AgreedMark.points)
        .having(func.min(Mark.points) == func.max(Mark.points))
        .order_by(Question.position, Lot.position, Organisation.name, Answer.id)
        .limit(most)
        .offset(skip)
    )
    chosen = AgreedMark.id.is_(None) if among is None else Answer.id.in_(among)
    return db.session.execute(found.where(chosen)).mappings().all()


def history_of(answer_id: int) -> Sequence[RowMapping]:
    """What an answer's agreed mark was before it was unlocked, newest first. Who may ask is the caller's to
    check. Columns: version, points, reason, moderator_name, agreed_at, why, unlocked_by, unlocked_at."""
    moderator, unlocker = aliased(Person), aliased(Person)
    return (
        db.session.execute(
            select(
                UnlockedMark.version,
                UnlockedMark.points,
                UnlockedMark.reason,
                moderator.name.label("moderator_name"),
                UnlockedMark.agreed_at,
                UnlockedMark.why,
                unlocker.name.label("unlocked_by"),
                UnlockedMark.unlocked_at,
            )
            .join(moderator, moderator.id == UnlockedMark.moderator_id)
            .join(unlocker, unlocker.id == UnlockedMark.unlocked_by_id)
            .where(UnlockedMark.answer_id == answer_id)
            .order_by(UnlockedMark.version.desc())
        )
        .mappings()
        .all()
    )


def next_on_agenda(viewer: Actor, round_id: int) -> int | None:
    """The answer to moderate next; None when all that is ready has been agreed."""
    rows, _ = agenda_of(viewer, round_id, most=1)
    return rows[0]["answer_id"] if rows else None


def waiting_for(viewer: Actor) -> Waiting:
    """For a moderator: answers of their rounds that are ready to be agreed."""
    if not viewer.may("tender:moderate"):
        return Waiting()
    answers = markable_answers(None).subquery()
    ready = case((and_(AgreedMark.id.is_(None), answers.c.application_id.in_(complete_applications())), 1))
    rows = db.session.execute(
        select(Round.id, Round.number, Framework.title, func.count(ready).label("ready"))
        .join(PanelMember, PanelMember.round_id == Round.id)
        .join(Framework, Framework.id == Round.framework_id)
        .join(Application, Application.round_id == Round.id)
        .join(answers, answers.c.application_id == Application.id)
        .outerjoin(AgreedMark, AgreedMark.answer_id == answers.c.id)
        .where(
            PanelMember.person_id == viewer.person_id,
            PanelMember.role == "moderator",
            Round.state == "marking",
            Framework.council_id == viewer.organisation_id,
        )
        .group_by(Round.id, Round.number, Framework.title)
        .order_by(Round.id)
    ).mappings()
    return Waiting(
        now=tuple(
            Task(
                f"{plural(row['ready'], 'agreed mark')} to make in round {row['number']} of {row['title']}",
                "Open the agenda",
                "moderation.agenda",
                {"round_id": row["id"]},
            )
            for row in rows
            if row["ready"]
        )
    )
