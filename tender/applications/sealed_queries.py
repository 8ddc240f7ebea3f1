"""What nobody at the council is told before a tender box is opened, as conditions for statements of others.

Whoever reads across nouns (the trail, the file that a person asks for) leaves out what these name.
"""

from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, or_, select

from portal.audit.models import AuditLine
from portal.mail.models import Letter
from portal.storage.models import Document, Upload
from tender.applications.access import OPENED
from tender.applications.models import Answer, AnswerFile, Application, PromisedFile
from tender.certificates.models import Certificate
from tender.frameworks.models import Round


def shut_rounds() -> Select[tuple[int]]:
    """The ids of rounds whose box nobody has opened yet."""
    return select(Round.id).where(Round.state.not_in(OPENED))


def shut_applications() -> Select[tuple[int]]:
    """The ids of applications, drafts too, in a box that nobody has opened yet."""
    return select(Application.id).where(Application.round_id.in_(shut_rounds()))


def sealed_line() -> ColumnElement[bool]:
    """Lines of the trail about such an application, and about its certificates: they name whoever asked for
    one or gave it."""
    shut = Application.round_id.in_(shut_rounds())
    certificates = (
        select(cast(Certificate.id, Text))
        .join(Application, Application.id == Certificate.application_id)
        .where(shut)
    )
    sealed = {"application": select(cast(Application.id, Text)).where(shut), "certificate": certificates}
    return or_(
        *(
            and_(AuditLine.subject_type == subject, AuditLine.subject_id.in_(ids))
            for subject, ids in sealed.items()
        )
    )


def sealed_letter() -> ColumnElement[bool]:
    """Letters about such an application, and what those who apply, ask or follow are told of its round."""
    applications = select(cast(Application.id, Text)).where(Application.round_id.in_(shut_rounds()))
    rounds = select(cast(Round.id, Text)).where(Round.state.not_in(OPENED))
    return or_(
        and_(Letter.subject_type == "application", Letter.subject_id.in_(applications)),
        and_(Letter.subject_type == "round", Letter.subject_id.in_(rounds)),
    )


def sealed_document() -> ColumnElement[bool]:
    """Documents in such an application, and those that were taken back while such a round was published."""
    answers = select(Answer.id).where(Answer.application_id.in_(shut_applications()))
    taken_back = (
        select(Round.id)
        .where(Round.state.not_in(OPENED), Round.published_at <= Document.uploaded_at)
        .correlate(Document)
        .exists()
    )
    return or_(
        Document.id.in_(select(AnswerFile.document_id).where(AnswerFile.answer_id.in_(answers))),
        Document.id.in_(
            select(PromisedFile.document_id).where(
                PromisedFile.answer_id.in_(answers), PromisedFile.document_id.is_not(None)
            )
        ),
        and_(Document.removed_at.is_not(None), taken_back),
    )


def sealed_upload() -> ColumnElement[bool]:
    """Files that are on their way to such an application."""
    return (
        select(Application.id)
        .where(
            Application.round_id.in_(shut_rounds()),
            Upload.place.like(func.concat("application ", Application.id, ", %")),
        )
        .correlate(Upload)
        .exists()
    )
