"""A virus in a document of an application: its provider is told at once, and at home until it is gone."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, Text, cast, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.letters import write_to_members
from portal.audit.services import Doer, record
from portal.database import db
from portal.mail.words import Words, letter
from portal.storage.models import Document
from portal.tasks import Task, Waiting
from tender.applications.closing import closing_time_of_application
from tender.applications.models import Answer, AnswerFile, Application
from tender.frameworks.lifecycle import phase
from tender.frameworks.models import Framework, Question, Round

MOST = 20


def tell_provider(document: Document, *, by: Doer) -> None:
    """Write to everyone who works on the application to which an infected document was given.

    Runs inside the transaction that keeps the verdict. A document that was removed meanwhile concerns nobody.
    """
    for given in _given(Document.id == document.id):
        record(
            "application.find_virus",
            "application",
            given["application_id"],
            by=by,
            document=str(document.id),
            question=given["code"],
            found=document.scan_detail,
        )
        write_to_members(
            document.organisation_id,
            "application:edit",
            _words(document.filename, given),
            key=f"virus:{document.id}:{given['application_id']}",
            subject_type="application",
            subject_id=given["application_id"],
            by=by,
        )


def waiting_for(viewer: Actor) -> Waiting:
    """For a provider's people: every infected document that they can still replace."""
    if viewer.organisation_kind != "provider" or not viewer.may("application:edit"):
        return Waiting()
    found = _given(Document.scan_state == "infected", Document.organisation_id == viewer.organisation_id)
    return Waiting(now=tuple(_task(given) for given in found if _is_open(given)))


def _given(*conditions: ColumnElement[bool]) -> Sequence[RowMapping]:
    """Where documents that meet the conditions were given, in one statement."""
    return (
        db.session.execute(
            select(
                Document.filename,
                Application.id.label("application_id"),
                Application.state,
                Question.code,
                Question.title,
                Answer.lot_id,
                Round.state.label("round_state"),
                Round.opens_at,
                closing_time_of_application().label("closes_at"),
                (Framework.title + ", round " + cast(Round.number, Text)).label("name"),
            )
            .select_from(Document)
            .join(AnswerFile, AnswerFile.document_id == Document.id)
            .join(Answer, Answer.id == AnswerFile.answer_id)
            .join(Question, Question.id == Answer.question_id)
            .join(Application, Application.id == Answer.application_id)
            .join(Round, Round.id == Application.round_id)
            .join(Framework, Framework.id == Round.framework_id)
            .where(*conditions)
            .order_by(Document.uploaded_at, Document.id)
            .limit(MOST)
        )
        .mappings()
        .all()
    )


def _is_open(given: RowMapping) -> bool:
    return phase(given["round_state"], given["opens_at"], given["closes_at"], clock.now()) == "open"


def _task(given: RowMapping) -> Task:
    values = {"application_id": given["application_id"]}
    sentence = f"We found a virus in “{given['filename']}”, given for “{given['title']}”."
    if given["state"] == "submitted":
        return Task(
            sentence,
            "Withdraw the application and replace it",
            "applications.withdraw",
            values,
            given["closes_at"],
            "Nobody at the council can open it.",
        )
    place = {"code": given["code"], "lot_id": given["lot_id"]}
    return Task(
        sentence,
        "Replace it",
        "answers.show",
        {**values, **{name: value for name, value in place.items() if value is not None}},
        given["closes_at"],
        "You cannot submit before you have removed it.",
    )


def _words(filename: str, given: RowMapping) -> Words:
    lines = [
        f"We scanned “{filename}”, which you uploaded for “{given['title']}”, and found a virus in it.",
        "Nobody can open it, you and the council included.",
    ]
    if not _is_open(given):
        lines.append("The round is closed, so nothing can be changed. Ask the council what to do.")
    elif given["state"] == "submitted":
        lines.append(
            "Your application is submitted. Withdraw it, remove this document, upload a clean copy and "
            "submit it again before the round closes."
        )
    else:
        lines.append(
            "Your application cannot be submitted while this document is in it. "
            "Remove it and upload a clean copy."
        )
    lines.append("Check the device that the document came from: others may have had the same virus.")
    return letter(f"We found a virus in a document of your application to {given['name']}", *lines)
