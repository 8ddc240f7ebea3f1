"""Reading marks: an evaluator's own, and everyone's once all of an application's evaluators have locked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, ScalarSelect, Select, and_, case, func, or_, select

from evaluation.assignments.coverage_queries import complete_applications, in_scope
from evaluation.assignments.hidden_queries import names_hidden, shown_name
from evaluation.assignments.models import Assignment, IdentifyingAnswer
from evaluation.assignments.queries import assignment_for, shown_state
from evaluation.conformity.answer_queries import markable_answers
from evaluation.inquiries.queries import answer_awaited_until, shown_document
from evaluation.scoring.access import NotPractised, practice_waits
from evaluation.scoring.models import Mark, ReturnedMark
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.storage.models import Document
from portal.tasks import Task, Waiting
from portal.web.filters import plural
from tender.applications.models import Answer, AnswerFile, Application
from tender.frameworks.models import Framework, Lot, Question, Round, ScaleBand
from tender.frameworks.queries import known_options

TENDERS_A_PAGE = 50


@dataclass(frozen=True)
class MarkPage:
    """One answer to mark: the question and the answer, the bands, and its place in an order of answers.

    `order` holds (assignment, answer) pairs: of the tender, or of the question.
    """

    answer: RowMapping
    bands: Sequence[RowMapping]
    order: Sequence[tuple[int, int]]
    place: int

    @property
    def previous(self) -> tuple[int, int] | None:
        """What comes before it, if anything does."""
        return self.order[self.place - 1] if self.place else None

    @property
    def following(self) -> tuple[int, int] | None:
        """What comes after it, if anything does."""
        return self.order[self.place + 1] if self.place + 1 < len(self.order) else None

    def along(self, order: Sequence[tuple[int, int]]) -> "MarkPage":
        """The same answer at its place in another order; here, where it does not stand in that one."""
        here = self.order[self.place]
        return replace(self, order=order, place=order.index(here)) if here in order else self


def assignment_to_mark(viewer: Actor, assignment_id: int) -> RowMapping:
    """As `assignment_for`, for every page that shows answers to their evaluator. Raises `NotPractised` where
    they have accepted the tender and practise first."""
    unpractised = practice_waits(Assignment.evaluator_id, Round.id).label("unpractised")
    assignment = assignment_for(viewer, assignment_id, unpractised)
    if assignment["unpractised"] and assignment["state"] in ("accepted", "locked"):
        raise NotPractised(assignment["round_id"])
    return assignment


def my_tenders(viewer: Actor, *, skip: int = 0) -> tuple[Sequence[RowMapping], int]:
    """One page of the viewer's assignments, and how many there are; those with something to do first.

    Columns: id, state (see `shown_state`), provider_name, round_number, framework_title, marked, to_mark.
    Where names are hidden, provider_name is the tender's code, and a tender is not listed before the
    declaration nor after a conflict: what comes and goes there would tell whose it is.
    """
    urgency = case({"accepted": 0, "assigned": 1, "locked": 2, "declined": 3}, value=shown_state(), else_=4)
    # Answers are counted for the tenders of the page alone.
    page = (
        select(
            Assignment.id,
            shown_state().label("state"),
            Assignment.application_id,
            Assignment.evaluator_id,
            Assignment.sections,
            Assignment.lots,
            shown_name().label("provider_name"),
            Round.number.label("round_number"),
            Framework.title.label("framework_title"),
            func.count().over().label("total"),
            func.row_number()
            .over(order_by=(urgency, Round.id.desc(), shown_name(), Assignment.id))
            .label("place"),
        )
        .join(Application, Application.id == Assignment.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            Assignment.evaluator_id == viewer.person_id,
            Framework.council_id == viewer.organisation_id,
            or_(~names_hidden(), Assignment.state.not_in(("assigned", "conflicted"))),
        )
        .order_by("place")
        .limit(TENDERS_A_PAGE)
        .offset(skip)
        .cte("page")
    )
    answers = markable_answers(None, of=select(page.c.application_id)).subquery()
    shown = [
        page.c[name] for name in ("id", "state", "provider_name", "round_number", "framework_title", "total")
    ]
    rows = (
        db.session.execute(
            select(
                *shown,
                func.count(answers.c.id).label("to_mark"),
                func.count(Mark.id).label("marked"),
            )
            .select_from(page)
            .outerjoin(
                answers, and_(answers.c.application_id == page.c.application_id, in_scope(answers, page.c))
            )
            .outerjoin(Mark, and_(Mark.answer_id == answers.c.id, Mark.evaluator_id == page.c.evaluator_id))
            .group_by(*shown, page.c.place)
            .order_by(page.c.place)
        )
        .mappings()
        .all()
    )
    return rows, (rows[0]["total"] if rows else 0)


def returned_why(answer_id: ColumnElement[int]) -> ScalarSelect[str]:
    """In a select with the evaluator's `Assignment`: why the mark of this answer is open again, or null."""
    return (
        select(ReturnedMark.why)
        .where(
            ReturnedMark.answer_id == answer_id,
            ReturnedMark.evaluator_id == Assignment.evaluator_id,
            Assignment.state == "accepted",
            ReturnedMark.returned_at >= Assignment.returned_at,
        )
        .order_by(ReturnedMark.returned_at.desc())
        .limit(1)
        .correlate_except(ReturnedMark)
        .scalar_subquery()
    )


def answers_to_mark(assignment: RowMapping) -> Sequence[RowMapping]:
    """The answers that the assignment's evaluator marks, in order, with their own mark.

    Columns: answer_id, title, position, weight, lot_number, lot_title, points, marked_at, returned_why (where
    the mark was returned and is open again). Nothing before they have accepted, and nothing after a declared
    conflict.
    """
    if assignment["state"] not in ("accepted", "locked"):
        return []
    tender = select(Assignment.application_id).where(Assignment.id == assignment["id"])
    answers = markable_answers(assignment["round_id"], of=tender).subquery()
    return (
        db.session.execute(
            select(
                Answer.id.label("answer_id"),
                Question.title,
                Question.position,
                Question.weight,
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
                Mark.points,
                Mark.marked_at,
                returned_why(Answer.id).label("returned_why"),
            )
            .select_from(Assignment)
            .join(answers, and_(answers.c.application_id == Assignment.application_id, in_scope(answers)))
            .join(Answer, Answer.id == answers.c.id)
            .join(Question, Question.id == Answer.question_id)
            .outerjoin(Lot, Lot.id == Answer.lot_id)
            .outerjoin(Mark, and_(Mark.answer_id == Answer.id, Mark.evaluator_id == Assignment.evaluator_id))
            .where(Assignment.id == assignment["id"])
            .order_by(Question.position, Lot.position, Answer.id)
        )
        .mappings()
        .all()
    )


def answer_to_mark(assignment: RowMapping, answer_id: int) -> MarkPage:
    """One answer of the assignment with the evaluator's own mark of it. Raises `NotFound`."""
    order = [(assignment["id"], row["answer_id"]) for row in answers_to_mark(assignment)]
    if (assignment["id"], answer_id) not in order:
        raise NotFound
    answer = (
        db.session.execute(
            select(
                Answer.id,
                Answer.value,
                Answer.question_id,
                Answer.lot_id,
                Question.code,
                Question.title,
                Question.text,
                Question.how_judged,
                Question.kind,
                known_options(),
                Question.shape,
                Question.word_limit,
                Question.weight,
                Question.minimum,
                Question.scale_id,
                Lot.number.label("lot_number"),
                Lot.title.label("lot_title"),
                Mark.points,
                Mark.reason,
                Mark.version,
                Mark.marked_at,
                Mark.answer_version,
                Mark.pack_version,
                Answer.version.label("newest_version"),
                IdentifyingAnswer.reported_at,
                answer_awaited_until().label("awaited_until"),
                returned_why(Answer.id).label("returned_why"),
            )
            .select_from(Answer)
            .join(Question, Question.id == Answer.question_id)
            .join(Assignment, Assignment.id == assignment["id"])
            .outerjoin(Lot, Lot.id == Answer.lot_id)
            .outerjoin(Mark, and_(Mark.answer_id == Answer.id, Mark.evaluator_id == Assignment.evaluator_id))
            .outerjoin(
                IdentifyingAnswer,
                and_(
                    IdentifyingAnswer.answer_id == Answer.id,
                    IdentifyingAnswer.evaluator_id == Assignment.evaluator_id,
                ),
            )
            .where(Answer.id == answer_id)
        )
        .mappings()
        .one()
    )
    return MarkPage(
        answer=answer,
        bands=bands_of(answer["scale_id"]),
        order=order,
        place=order.index((assignment["id"], answer_id)),
    )


def bands_of(scale_id: int) -> Sequence[RowMapping]:
    """The bands of a scale, best first: points, label, descriptor."""
    return (
        db.session.execute(
            select(ScaleBand.points, ScaleBand.label, ScaleBand.descriptor)
            .where(ScaleBand.scale_id == scale_id)
            .order_by(ScaleBand.points.desc())
        )
        .mappings()
        .all()
    )


def panel_marks(answer_id: int) -> Sequence[RowMapping]:
    """Every counted mark of an answer once its application is complete; nothing at all before.

    Columns: assignment_id, evaluator_id, evaluator_name, points, reason. Who may ask the caller checks.
    """
    tender = select(Answer.application_id).where(Answer.id == answer_id)
    return (
        db.session.execute(
            select(
                Assignment.id.label("assignment_id"),
                Mark.evaluator_id,
                Person.name.label("evaluator_name"),
                Mark.points,
                Mark.reason,
            )
            .join(Answer, Answer.id == Mark.answer_id)
            .join(
                Assignment,
                and_(
                    Assignment.application_id == Answer.application_id,
                    Assignment.evaluator_id == Mark.evaluator_id,
                ),
            )
            .join(Person, Person.id == Mark.evaluator_id)
            .where(
                Mark.answer_id == answer_id,
                Assignment.state == "locked",
                Answer.application_id.in_(complete_applications(tender)),
            )
            .order_by(Person.name, Mark.evaluator_id)
        )
        .mappings()
        .all()
    )


def document_to_mark(assignment: RowMapping, answer_id: int, document_id: UUID) -> Document:
    """A document given with an answer that the assignment's evaluator marks, or when the council asked about
    it, once that is shown to evaluators. Raises `NotFound`."""
    if answer_id not in [row["answer_id"] for row in answers_to_mark(assignment)]:
        raise NotFound
    document = db.session.execute(
        select(Document)
        .join(AnswerFile, AnswerFile.document_id == Document.id)
        .where(AnswerFile.answer_id == answer_id, Document.id == document_id)
    ).scalar_one_or_none() or shown_document(answer_id, document_id)
    if document is None:
        raise NotFound
    return document


def waiting_for(viewer: Actor) -> Waiting:
    """For an evaluator: tenders to declare on, the next question to mark, tenders to lock."""
    if not viewer.may("tender:mark"):
        return Waiting()
    answers = markable_answers(None, of=_open_tenders(viewer)).subquery()
    rows = (
        db.session.execute(
            select(
                Assignment.id,
                Assignment.state,
                Assignment.returned_at,
                shown_name().label("provider_name"),
                Round.names_hidden.label("listed"),
                Round.id.label("round_id"),
                practice_waits(Assignment.evaluator_id, Round.id).label("unpractised"),
                func.count(answers.c.id).label("to_mark"),
                func.count(Mark.id).label("marked"),
            )
            .join(Application, Application.id == Assignment.application_id)
            .join(Organisation, Organisation.id == Application.provider_id)
            .join(Round, Round.id == Application.round_id)
            .outerjoin(
                answers, and_(answers.c.application_id == Assignment.application_id, in_scope(answers))
            )
            .outerjoin(
                Mark, and_(Mark.answer_id == answers.c.id, Mark.evaluator_id == Assignment.evaluator_id)
            )
            .where(Assignment.evaluator_id == viewer.person_id, shown_state().in_(("assigned", "accepted")))
            .group_by(Assignment.id, Assignment.state, Organisation.name, Round.id)
            .order_by(Round.names_hidden, case((Round.names_hidden, shown_name())), Assignment.id)
        )
        .mappings()
        .all()
    )
    # Practice tells of itself what waits there.
    return Waiting(
        now=tuple(_tasks([row for row in rows if row["state"] == "assigned" or not row["unpractised"]]))
    )


def _open_tenders(viewer: Actor) -> Select[tuple[int]]:
    return select(Assignment.application_id).where(
        Assignment.evaluator_id == viewer.person_id, Assignment.state == "accepted"
    )


def _first_unmarked(assignment_id: int) -> int | None:
    """The first answer of an assignment that its evaluator has not marked."""
    answers = markable_answers(
        None, of=select(Assignment.application_id).where(Assignment.id == assignment_id)
    ).subquery()
    return db.session.scalar(
        select(answers.c.id)
        .select_from(Assignment)
        .join(answers, and_(answers.c.application_id == Assignment.application_id, in_scope(answers)))
        .join(Question, Question.id == answers.c.question_id)
        .outerjoin(Lot, Lot.id == answers.c.lot_id)
        .outerjoin(Mark, and_(Mark.answer_id == answers.c.id, Mark.evaluator_id == Assignment.evaluator_id))
        .where(Assignment.id == assignment_id, Mark.id.is_(None))
        .order_by(Question.position, Lot.position, answers.c.id)
        .limit(1)
    )


def _is_open(row: RowMapping) -> bool:
    return bool(row["marked"] < row["to_mark"])


def _tasks(rows: Sequence[RowMapping]) -> Iterator[Task]:
    accepted = [row for row in rows if row["state"] == "accepted"]
    # Somebody who is half-way through a tender goes on with that one.
    open_ones = sorted(filter(_is_open, accepted), key=lambda row: row["marked"] == 0)
    if open_ones:
        marked, total = (sum(row[name] for row in accepted) for name in ("marked", "to_mark"))
        following = {"assignment_id": open_ones[0]["id"], "answer_id": _first_unmarked(open_ones[0]["id"])}
        sentence = f"{plural(total - marked, 'answer')} to mark ({marked:,} of {total:,} marked)"
        detail = f"Next: {open_ones[0]['provider_name']}"
        yield Task(sentence, "Mark the next one", "scoring.answer", following, detail=detail)
    if returned := [row for row in accepted if row["returned_at"] and not _is_open(row)]:
        sentence = f"Marks of {plural(len(returned), 'tender')} were returned to you"
        detail = f"First: {returned[0]['provider_name']}"
        yield Task(
            sentence, "Look at them", "scoring.show", {"assignment_id": returned[0]["id"]}, detail=detail
        )
    if undeclared := [row for row in rows if row["state"] == "assigned"]:
        sentence = (
            f"{plural(len(undeclared), 'tender')} to read once you have said whether you have a conflict"
        )
        place: tuple[str, dict[str, int]] = ("scoring.show", {"assignment_id": undeclared[0]["id"]})
        if undeclared[0]["listed"]:
            place = ("declarations.show", {"round_id": undeclared[0]["round_id"]})
        yield Task(sentence, "Declare on the next one", *place)
    if done := [row for row in accepted if not _is_open(row) and not row["returned_at"]]:
        sentence = f"{plural(len(done), 'tender')} marked and not locked"
        yield Task(sentence, "Check and lock your marks", "scoring.show", {"assignment_id": done[0]["id"]})
