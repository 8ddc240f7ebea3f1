"""Asking one tenderer, answering, withdrawing, and showing an answer to its evaluators."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.inquiries import letters
from evaluation.inquiries.lifecycle import INQUIRY
from evaluation.inquiries.models import Inquiry, InquiryFile
from evaluation.inquiries.queries import ASKED_IN, Asked, inquiry_for, own_inquiry, points_of
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.accounts.queries import members_with_permission
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.lifecycle import move
from portal.storage.inspection import KINDS
from portal.storage.models import Document
from portal.storage.services import KeptFile, document_link, file_document, keep_file
from portal.web.filters import uk_datetime
from portal.working_days import add_working_days
from tender.applications.closed_queries import refuse_closed
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round

LONGEST = 3_000  # characters of a question
LONGEST_ANSWER = 10_000
FEWEST_DAYS, MOST_DAYS = 1, 20  # working days to answer
MOST_FILES = 5
LARGEST = 10 * 1024 * 1024  # bytes of one file
ACCEPTED = frozenset(KINDS)
DUE = time(17, 0)  # UK time on the last day


class AskedTooLate(Refusal):
    """The round is not between the opening of its box and the decision on its outcomes."""

    sentence = "Tenderers can be asked from the opening of the tender box until the outcomes are decided."


class TimeOver(Refusal):
    """The answer reached us when its deadline had passed."""


def due_after(days: int) -> datetime:
    """The deadline so many working days from today: 5pm in the United Kingdom on the last of them."""
    day = add_working_days(clock.today(), days)
    return datetime.combine(day, DUE, clock.LONDON)


def ask(
    *, application_id: int, about: tuple[int, int | None], text: str, days: int, portal_url: str, by: Actor
) -> int:
    """Ask one tenderer to make clear what it answered to a question, named by the ids of the question and the
    lot; return the inquiry's id.

    Its people are written to; nobody else is told. The same question sent twice is asked once. Raises
    `NotFound`, also where the tender is closed to them, `NotDeclaredYet`, `AskedTooLate`, and `Refusal` with
    the field that is wrong.
    """
    text = _written(text, LONGEST, "question")
    if not FEWEST_DAYS <= days <= MOST_DAYS:
        raise Refusal(f"Give from {FEWEST_DAYS} to {MOST_DAYS} working days.", field="days")
    with transaction() as session:
        _locked_round(session, application_id, by)
        refuse_closed(by, application_id)
        if about not in [(point.question_id, point.lot_id) for point in points_of(application_id)]:
            raise Refusal("Choose what you ask about: an answer in this tender.", field="point")
        question_id, lot_id = about
        same = session.scalar(
            select(Inquiry.id).where(
                Inquiry.application_id == application_id,
                Inquiry.question_id == question_id,
                Inquiry.lot_id.is_not_distinct_from(lot_id),
                Inquiry.state == "asked",
                Inquiry.text == text,
            )
        )
        if same is not None:
            return same
        row = Inquiry(
            application_id=application_id,
            question_id=question_id,
            lot_id=lot_id,
            text=text,
            asked_at=clock.now(),
            asked_by_id=by.person_id,
            due_at=due_after(days),
            state="asked",
        )
        session.add(row)
        session.flush()
        inquiry = inquiry_for(by, row.id)
        words = letters.asked_words(inquiry, f"{portal_url}/inquiries/{row.id}")
        _write_to_tenderer("asked", inquiry, words, by)
        record(
            "inquiry.ask", "application", application_id, by=by,
            inquiry=row.id, question=question_id, lot=lot_id, due_at=row.due_at.isoformat(),
        )  # fmt: skip
    return row.id


def answer(
    *,
    inquiry_id: int,
    text: str,
    files: Sequence[tuple[BinaryIO, str]] = (),
    arrived: datetime,
    portal_url: str,
    by: Actor,
) -> None:
    """Answer what one's own organisation is asked, with files (stream and name); it is given once, for good.

    What counts is `arrived`, when the request reached us. Raises `NotFound`, `TimeOver`, `MoveRefused` for
    one that is answered or withdrawn, `Refusal` (fields `text`, `files`), a subclass of `FileRefused` for a
    file, and `NotUploaded`.
    """
    inquiry = own_inquiry(by, inquiry_id)
    _check_time(inquiry, arrived)
    text = _written(text, LONGEST_ANSWER, "answer")
    if len(files) > MOST_FILES:
        raise Refusal(f"Give up to {MOST_FILES} files.", field="files")
    kept = [
        keep_file(stream=stream, filename=name, accepted=ACCEPTED, limit=LARGEST) for stream, name in files
    ]
    with transaction() as session:
        row = _locked(session, inquiry_id)
        _file(session, row, kept, inquiry.provider_id, by)
        row.answer = text
        move(INQUIRY, row, "answer", by=by, application=row.application_id, files=len(kept))
        asker = session.get_one(Person, row.asked_by_id)
        to = [{"person_id": asker.id, "name": asker.name, "email": asker.email}] if asker.active else []
        address = f"{portal_url}/rounds/{inquiry.round_id}/tenders/{inquiry.application_id}/questions"
        words = letters.answered_words(inquiry, address)
        letters.send("answered", inquiry, words, to, organisation_id=inquiry.council_id, by=by)


def withdraw(*, inquiry_id: int, because: str, by: Actor) -> Asked:
    """Take a question back that has no answer; the tenderer is told why. Raises `NotFound`, `MoveRefused` for
    one that is answered or withdrawn, and `Refusal` (field `because`) without a reason."""
    because = because.strip()
    if not because:
        raise Refusal("Say why no answer is needed any more. The tenderer is told.", field="because")
    with transaction() as session:
        inquiry = _of_lead(by, inquiry_id)
        row = _locked(session, inquiry_id)
        row.withdrawn_because = because
        move(INQUIRY, row, "withdraw", by=by, application=row.application_id)
        _write_to_tenderer("withdrawn", inquiry, letters.withdrawn_words(inquiry, because), by)
    return inquiry


def when_round_ends(round: Round, *, by: Doer) -> None:
    """The council ended a round without an outcome: nobody needs an answer any more. The letter that tells
    its applicants so says this too."""
    with transaction() as session:
        asked = session.scalars(
            select(Inquiry)
            .join(Application, Application.id == Inquiry.application_id)
            .where(Application.round_id == round.id, Inquiry.state == "asked")
            .order_by(Inquiry.id)
            .with_for_update(of=Inquiry)
        ).all()
        for row in asked:
            row.withdrawn_because = "The council has ended the round without an outcome."
            with session.no_autoflush:
                move(INQUIRY, row, "withdraw", by=by, application=row.application_id)


def show(*, inquiry_id: int, by: Actor) -> Asked:
    """Let the evaluators of the question read the inquiry and its answer; done twice, it is done once.

    Raises `NotFound`, and `Refusal` for one that has no answer.
    """
    with transaction() as session:
        inquiry = _of_lead(by, inquiry_id)
        row = _locked(session, inquiry_id)
        if row.state != "answered":
            raise Refusal("There is no answer to show yet.")
        if row.shown_at is None:
            row.shown_at, row.shown_by_id = clock.now(), by.person_id
            record("inquiry.show", "application", row.application_id, by=by, inquiry=row.id)
    return inquiry


def open_file(*, inquiry: Asked, document_id: UUID, by: Actor) -> str:
    """A short-lived link to a file of an answer, with a line in the trail. The caller has got the inquiry by
    a query that takes the viewer. Raises `NotFound`, and `DocumentWithheld` for a file given to nobody."""
    if str(document_id) not in [file["id"] for file in inquiry.files]:
        raise NotFound
    with transaction() as session:
        link = document_link(session.get_one(Document, document_id))
        record(
            "application.read_document", "application", inquiry.application_id, by=by,
            inquiry=inquiry.id, document=str(document_id),
        )  # fmt: skip
    return link


def _written(text: str, most: int, noun: str) -> str:
    text = text.strip()
    if not text:
        raise Refusal(f"Enter your {noun}.", field="text")
    if len(text) > most:
        raise Refusal(f"The {noun} must be {most:,} characters or fewer. It has {len(text):,}.", field="text")
    return text


def _of_lead(by: Actor, inquiry_id: int) -> Asked:
    if not by.may("conformity:decide"):
        raise NotFound
    return inquiry_for(by, inquiry_id)


def _locked(session: Session, inquiry_id: int) -> Inquiry:
    return session.get_one(Inquiry, inquiry_id, with_for_update=True, populate_existing=True)


def _locked_round(session: Session, application_id: int, by: Actor) -> None:
    """Hold the round of a submitted application of the actor's council. Raises `NotFound`, `AskedTooLate`."""
    state = session.scalar(
        select(Round.state)
        .join(Framework, Framework.id == Round.framework_id)
        .join(Application, Application.round_id == Round.id)
        .where(
            Application.id == application_id,
            Application.state == "submitted",
            Framework.council_id == by.organisation_id,
        )
        .with_for_update(of=Round)
    )
    if state is None or not by.may("conformity:decide"):
        raise NotFound
    if state not in ASKED_IN:
        raise AskedTooLate


def _check_time(inquiry: Asked, arrived: datetime) -> None:
    if inquiry.state == "asked" and arrived >= inquiry.due_at:
        raise TimeOver(
            f"Your answer reached us after {uk_datetime(inquiry.due_at)}, so it cannot be taken any more."
        )


def _file(session: Session, row: Inquiry, kept: Sequence[KeptFile], provider_id: int, by: Actor) -> None:
    for each in kept:
        document = file_document(each, organisation_id=provider_id, by=by)
        session.add(InquiryFile(inquiry_id=row.id, document_id=document.id))
    session.flush()


def _write_to_tenderer(event: str, inquiry: Asked, words: tuple[str, list[str]], by: Actor) -> None:
    people = members_with_permission(inquiry.provider_id, "application:edit")
    letters.send(event, inquiry, words, people, organisation_id=inquiry.provider_id, by=by)
