"""Reading inquiries: those of a tender for whoever reads the evaluation, one for the tenderer, and for an
evaluator what was shown of the answer that they mark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, exists, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from evaluation.inquiries.models import Inquiry, InquiryFile
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.storage.models import Document
from portal.tasks import GoingOn, Task
from portal.web.filters import uk_datetime
from tender.applications.access import OPENED, withheld
from tender.applications.closed_queries import refuse_closed
from tender.applications.models import Answer, Application
from tender.frameworks.models import Framework, Lot, Question, Round

ASKED_IN = ("opened", "marking")
"""The states of a round in which the council may ask."""


@dataclass(frozen=True, slots=True)
class Point:
    """Something a tender says: its answer to a question, and for a lot where it was asked for each."""

    question_id: int
    lot_id: int | None
    title: str
    lot_number: str | None

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.question_id}-{self.lot_id or 0}"

    @property
    def words(self) -> str:
        """'Insurance', 'Your price, lot 2'."""
        return f"{self.title}, lot {self.lot_number}" if self.lot_number else self.title


@dataclass(frozen=True, slots=True)
class Asked:
    """An inquiry. `files` are (id, filename, size in bytes, scan_state); `shown_at` is when its evaluators
    were let to read it."""

    id: int
    application_id: int
    state: str
    text: str
    asked_at: datetime
    due_at: datetime
    answer: str | None
    answered_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_because: str
    shown_at: datetime | None
    question_id: int
    lot_id: int | None
    code: str
    title: str
    lot_number: str | None
    provider_id: int
    provider_name: str
    round_id: int
    round_number: int
    framework_title: str
    buyer_name: str
    council_id: int
    asked_by: str
    answered_by: str | None
    files: Sequence[Mapping[str, Any]]

    @property
    def standing(self) -> str:
        """asked, over (nobody answered in time), answered or withdrawn: by the clock at this moment."""
        return "over" if self.state == "asked" and clock.now() >= self.due_at else self.state

    @property
    def point(self) -> Point:
        """What it is about."""
        return Point(self.question_id, self.lot_id, self.title, self.lot_number)


def points_of(application_id: int) -> list[Point]:
    """What a tender says, in the order of the questions. The caller has checked who may read it."""
    rows = db.session.execute(
        select(Question.id, Answer.lot_id, Question.title, Lot.number)
        .select_from(Answer)
        .join(Question, and_(Question.id == Answer.question_id, Question.withdrawn_in.is_(None)))
        .outerjoin(Lot, Lot.id == Answer.lot_id)
        .where(Answer.application_id == application_id)
        .order_by(Question.position, Lot.position)
    )
    return [Point(*row) for row in rows]


def tenderer_of(viewer: Actor, round_id: int, application_id: int) -> str:
    """The name of who submitted this tender to an opened round. The caller got the round by `round_for`.

    Raises `NotFound`, also where the tender is closed to the viewer.
    """
    refuse_closed(viewer, application_id)
    name = db.session.scalar(
        select(Organisation.name)
        .join(Application, Application.provider_id == Organisation.id)
        .join(Round, Round.id == Application.round_id)
        .where(
            Application.id == application_id,
            Application.state == "submitted",
            Round.id == round_id,
            Round.state.in_(OPENED),
        )
    )
    if name is None:
        raise NotFound
    return name


def inquiries_of(viewer: Actor, round_id: int, application_id: int) -> list[Asked]:
    """Every inquiry about a tender, the newest first, but for those about a price that the viewer does not
    read yet. The caller has checked who may read it."""
    shut = _shut(viewer, round_id, application_id)
    return [each for each in _asked(Inquiry.application_id == application_id) if each.code not in shut]


def _shut(viewer: Actor, round_id: int, application_id: int) -> frozenset[str]:
    """The codes of the questions about which the viewer reads no inquiry yet; whoever asks reads them all."""
    return frozenset() if viewer.may("conformity:decide") else withheld(viewer, round_id, application_id)


def inquiries_about(application_id: int, question_id: int, lot_id: int | None) -> list[Asked]:
    """The inquiries about one answer, the newest first. The caller has checked who may read them."""
    return _asked(
        Inquiry.application_id == application_id,
        Inquiry.question_id == question_id,
        Inquiry.lot_id.is_not_distinct_from(lot_id),
    )


def asked_about(answer_id: int) -> list[Asked]:
    """Every inquiry about one answer, the newest first. The caller has checked who may read them."""
    return _asked(_is_about(answer_id))


def shown_about(answer_id: int) -> list[Asked]:
    """Of the inquiries about one answer those that its evaluators may read: answered, and shown to them. The
    caller has checked that the viewer marks it, and shows no name of who asked or answered."""
    return _asked(Inquiry.shown_at.is_not(None), _is_about(answer_id))


def answer_awaited_until() -> ScalarSelect[datetime | None]:
    """In a select over `Answer`: until when an answer to what the council asked about it may still come; null
    where nothing is open. A mark waits for it."""
    return (
        select(func.max(Inquiry.due_at))
        .where(
            Inquiry.state == "asked",
            Inquiry.due_at > clock.now(),
            Inquiry.application_id == Answer.application_id,
            Inquiry.question_id == Answer.question_id,
            Inquiry.lot_id.is_not_distinct_from(Answer.lot_id),
        )
        .correlate(Answer)
        .scalar_subquery()
    )


def shown_document(answer_id: int, document_id: UUID) -> Document | None:
    """A file of an inquiry about this answer that its evaluators may read, if it is one."""
    return db.session.scalar(
        select(Document)
        .join(InquiryFile, InquiryFile.document_id == Document.id)
        .join(Inquiry, Inquiry.id == InquiryFile.inquiry_id)
        .where(Document.id == document_id, Inquiry.shown_at.is_not(None), _is_about(answer_id))
    )


def own_inquiry(viewer: Actor, inquiry_id: int) -> Asked:
    """One that the viewer's own provider is asked. Raises `NotFound`."""
    if viewer.organisation_kind != "provider" or not viewer.may("application:edit"):
        raise NotFound
    return _one(Inquiry.id == inquiry_id, Application.provider_id == viewer.organisation_id)


def inquiry_for(viewer: Actor, inquiry_id: int) -> Asked:
    """One of a round of the viewer's own council, of a tender that is not closed to them, and not about a
    price that they do not read yet. Raises `NotFound`."""
    if viewer.organisation_kind != "council" or not viewer.may("conformity:decide", "evaluation:read"):
        raise NotFound
    found = _one(Inquiry.id == inquiry_id, Framework.council_id == viewer.organisation_id)
    refuse_closed(viewer, found.application_id)
    if found.code in _shut(viewer, found.round_id, found.application_id):
        raise NotFound
    return found


def for_provider(viewer: Actor) -> Select[Any]:
    """What a provider's home page tells of inquiries, for a statement that another noun makes anyway: id,
    number, at, title and what ('inquiry', 'answered'). `as_waiting` reads its rows."""
    answered = Inquiry.state == "answered"
    what = case((answered, "answered"), else_="inquiry")
    return (
        select(
            Inquiry.id,
            Round.number,
            Inquiry.due_at.label("at"),
            Framework.title,
            what.label("what"),
        )
        .join(Application, Application.id == Inquiry.application_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            Application.provider_id == viewer.organisation_id,
            Round.state.in_(ASKED_IN),
            answered | and_(Inquiry.state == "asked", Inquiry.due_at > clock.now()),
        )
    )


def as_waiting(row: Any) -> tuple[Task | None, GoingOn | None]:
    """A row of `for_provider` as a task, where the answer is due, or as a line about one that was given."""
    place = f"about your tender: round {row['number']} of {row['title']}"
    where = ("inquiries.answer", {"inquiry_id": row["id"]})
    if row["what"] == "inquiry":
        return Task(f"The council asks you {place}", "Answer", *where, row["at"]), None
    due = f"It was due at {uk_datetime(row['at'])}"
    return None, GoingOn(f"You answered the council {place}", "answered", *where, due)


def _is_about(answer_id: int) -> ColumnElement[bool]:
    return exists().where(
        Answer.id == answer_id,
        Answer.application_id == Inquiry.application_id,
        Answer.question_id == Inquiry.question_id,
        Answer.lot_id.is_not_distinct_from(Inquiry.lot_id),
    )


def _one(*wanted: ColumnElement[bool]) -> Asked:
    found = _asked(*wanted)
    if not found:
        raise NotFound
    return found[0]


def _asked(*wanted: ColumnElement[bool]) -> list[Asked]:
    asker, answerer = aliased(Person), aliased(Person)
    file = func.jsonb_build_object(
        "id", Document.id, "filename", Document.filename, "size", Document.size,
        "scan_state", Document.scan_state,
    )  # fmt: skip
    files = (
        select(func.jsonb_agg(aggregate_order_by(file, Document.filename, Document.id)))
        .select_from(InquiryFile)
        .join(Document, and_(Document.id == InquiryFile.document_id, Document.removed_at.is_(None)))
        .where(InquiryFile.inquiry_id == Inquiry.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Inquiry.id,
            Inquiry.application_id,
            Inquiry.state,
            Inquiry.text,
            Inquiry.asked_at,
            Inquiry.due_at,
            Inquiry.answer,
            Inquiry.answered_at,
            Inquiry.withdrawn_at,
            Inquiry.withdrawn_because,
            Inquiry.shown_at,
            Inquiry.question_id,
            Inquiry.lot_id,
            Question.code,
            Question.title,
            Lot.number.label("lot_number"),
            Application.provider_id,
            Organisation.name.label("provider_name"),
            Round.id.label("round_id"),
            Round.number.label("round_number"),
            Framework.title.label("framework_title"),
            Framework.buyer_name,
            Framework.council_id,
            asker.name.label("asked_by"),
            answerer.name.label("answered_by"),
            func.coalesce(files, func.jsonb_build_array()).label("files"),
        )
        .join(Question, Question.id == Inquiry.question_id)
        .join(Application, Application.id == Inquiry.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Round, Round.id == Application.round_id)
        .join(Framework, Framework.id == Round.framework_id)
        .join(asker, asker.id == Inquiry.asked_by_id)
        .outerjoin(answerer, answerer.id == Inquiry.answered_by_id)
        .outerjoin(Lot, Lot.id == Inquiry.lot_id)
        .where(*wanted)
        .order_by(Inquiry.id.desc())
    )
    return [Asked(**row) for row in rows.mappings()]
