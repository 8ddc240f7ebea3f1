"""Reading the marks beneath the totals: each tender's criteria, and the evaluators' own marks."""

from collections.abc import Collection, Sequence
from fractions import Fraction

from sqlalchemy import RowMapping, and_, exists, func, select

from evaluation.assignments.conflict_queries import refuse_to_open
from evaluation.assignments.coverage_queries import complete_applications
from evaluation.assignments.models import Assignment
from evaluation.conformity.answer_queries import markable_answers
from evaluation.moderation.models import AgreedMark
from evaluation.outcomes.assessment import Assessment, Criterion, LotOutcome
from evaluation.outcomes.models import EvaluatorTotal, Result
from evaluation.outcomes.queries import outcomes_of
from evaluation.scoring.models import Mark, ReturnedMark
from evaluation.summaries.queries import newest_texts
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from tender.applications.models import Answer, Application
from tender.frameworks.models import Lot, Question, Scale, ScaleBand

OwnTotals = dict[int, list[tuple[str, Fraction | None]]]


def evaluators_totals(lot_id: int, application_ids: Sequence[int]) -> OwnTotals:
    """Each evaluator's own total for a lot, by application and in the order of names; None where a mark is
    missing. They are kept with the results, only where all evaluators of the application have locked.
    """
    return evaluators_totals_by_lot([lot_id], application_ids).get(lot_id, {})


def evaluators_totals_by_lot(
    lot_ids: Collection[int], application_ids: Collection[int]
) -> dict[int, OwnTotals]:
    """As `evaluators_totals`, for several lots in one statement."""
    rows = db.session.execute(
        select(
            *(EvaluatorTotal.lot_id, EvaluatorTotal.application_id, Person.name),
            *(EvaluatorTotal.numerator, Result.denominator),
        )
        .join(Person, Person.id == EvaluatorTotal.evaluator_id)
        .join(
            Result,
            and_(
                Result.application_id == EvaluatorTotal.application_id,
                Result.lot_id == EvaluatorTotal.lot_id,
            ),
        )
        .where(EvaluatorTotal.lot_id.in_(lot_ids), EvaluatorTotal.application_id.in_(application_ids))
        .order_by(Person.name, Person.id)
    )
    totals: dict[int, OwnTotals] = {}
    for lot_id, application_id, name, numerator, denominator in rows:
        exact = None if numerator is None else Fraction(numerator) / denominator
        totals.setdefault(lot_id, {}).setdefault(application_id, []).append((name, exact))
    return totals


def unmarked_answers(round_id: int, most: int = 3) -> tuple[list[str], int]:
    """Some answers that still wait for an agreed mark, in words, and how many there are."""
    answers = markable_answers(round_id).subquery()
    rows = db.session.execute(
        select(Organisation.name, Question.title, Lot.number, func.count().over())
        .select_from(answers)
        .join(Answer, Answer.id == answers.c.id)
        .join(Application, Application.id == Answer.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Question, Question.id == Answer.question_id)
        .outerjoin(Lot, Lot.id == Answer.lot_id)
        .where(~exists().where(AgreedMark.answer_id == answers.c.id))
        .order_by(Organisation.name, Question.position, Lot.position)
        .limit(most)
    ).all()
    named = [f"{name}: {title}{f' (lot {lot})' if lot else ''}" for name, title, lot, _ in rows]
    return named, (rows[0][3] if rows else 0)


def criteria_of(round_id: int, application_id: int | None = None) -> dict[int, list[Criterion]]:
    """The scored answers by application in the order asked, with agreed mark, the band's words and the
    summary's."""
    newest = newest_texts().subquery()
    statement = (
        select(
            Answer.id.label("answer_id"),
            Answer.application_id,
            Answer.lot_id,
            Question.title,
            Question.weight,
            Question.minimum,
            Scale.highest,
            AgreedMark.points,
            ScaleBand.label,
            ScaleBand.descriptor,
            AgreedMark.reason,
            newest.c.explanation,
            newest.c.not_higher,
        )
        .join(Application, Application.id == Answer.application_id)
        .join(Question, Question.id == Answer.question_id)
        .join(Scale, Scale.id == Question.scale_id)
        .outerjoin(AgreedMark, AgreedMark.answer_id == Answer.id)
        .outerjoin(
            ScaleBand,
            and_(ScaleBand.scale_id == AgreedMark.scale_id, ScaleBand.points == AgreedMark.points),
        )
        .outerjoin(newest, and_(newest.c.answer_id == Answer.id, newest.c.mark_version == AgreedMark.version))
        .where(
            Application.round_id == round_id,
            Application.state == "submitted",
            Question.judged_as == "scored",
            Question.withdrawn_in.is_(None),
        )
        .order_by(Answer.application_id, Question.position, Answer.id)
    )
    if application_id is not None:
        statement = statement.where(Application.id == application_id)
    found: dict[int, list[Criterion]] = {}
    for row in db.session.execute(statement):
        found.setdefault(row.application_id, []).append(Criterion(*row))
    return found


def assessments_of(round_id: int, application_id: int | None = None) -> list[Assessment]:
    """Every tender of a round, or one of them, with its outcomes and the marks beneath them."""
    outcomes, _ = outcomes_of(round_id, application_id=application_id)
    criteria = criteria_of(round_id, application_id)
    by_application: dict[int, list[LotOutcome]] = {}
    for outcome in outcomes:
        by_application.setdefault(outcome.application_id, []).append(outcome)
    return [
        Assessment(tuple(lots), tuple(criteria.get(application, ())))
        for application, lots in by_application.items()
    ]


def assessment_for(viewer: Actor, round_id: int, application_id: int) -> Assessment:
    """One tender of a round. Raises `NotFound`, also where the viewer declared a conflict, and
    `NotDeclaredYet`."""
    found = assessments_of(round_id, application_id)
    if not found:
        raise NotFound
    refuse_to_open(viewer, application_id)
    return found[0]


def individual_marks(application_id: int) -> dict[int, list[RowMapping]]:
    """By answer, what each evaluator gave: name, points, reason, assignment_id, returned (whether the mark
    was returned to its evaluator before). Nothing until all of them have locked."""
    tender = select(Application.id).where(Application.id == application_id)
    rows = (
        db.session.execute(
            select(
                Mark.answer_id,
                Person.name,
                Mark.points,
                Mark.reason,
                Assignment.id.label("assignment_id"),
                exists()
                .where(
                    ReturnedMark.answer_id == Mark.answer_id,
                    ReturnedMark.evaluator_id == Mark.evaluator_id,
                )
                .label("returned"),
            )
            .select_from(Assignment)
            .join(Person, Person.id == Assignment.evaluator_id)
            .join(Answer, Answer.application_id == Assignment.application_id)
            .join(Mark, and_(Mark.answer_id == Answer.id, Mark.evaluator_id == Assignment.evaluator_id))
            .where(
                Assignment.application_id == application_id,
                Assignment.application_id.in_(complete_applications(tender)),
                Assignment.state == "locked",
            )
            .order_by(Person.name, Person.id)
        )
        .mappings()
        .all()
    )
    marks: dict[int, list[RowMapping]] = {}
    for row in rows:
        marks.setdefault(row["answer_id"], []).append(row)
    return marks
