"""Erasing what an application said, when its retention period is over."""

from sqlalchemy import delete, exists, select, text

from portal import clock
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.errors import NotFound
from portal.storage.models import Document
from portal.storage.services import erase_document
from portal.web.filters import uk_date
from tender.applications.models import (
    Answer,
    AnswerFile,
    AnswerVersion,
    Application,
    ApplicationLot,
    PromisedFile,
    Receipt,
)
from tender.certificates.services import remove_certificates

# Answers that are free text say that they were erased; of the others nothing is left to show.
_TEXTS = ("long_text", "short_text")
_BLANK = text(
    """
    UPDATE answer SET value = CASE WHEN question.kind = ANY (:texts) THEN to_jsonb(CAST(:words AS text))
                                   ELSE 'null' END
    FROM question WHERE question.id = question_id AND application_id = :application_id
    """
)


def erase_application(application_id: int, *, by: Doer) -> None:
    """Take answers, their earlier versions and documents away for good.

    Who applied, the lots and the receipt's digests stay. An application that never was submitted goes as a
    whole. The database lets a sealed application's answers go for this alone, by the word `portal.erasing`,
    which ends with the transaction. Raises `NotFound`.
    """
    with transaction() as session:
        application = session.get(Application, application_id, with_for_update=True)
        if application is None:
            raise NotFound()
        session.execute(text("SELECT set_config('portal.erasing', :id, true)"), {"id": str(application_id)})
        answers = select(Answer.id).where(Answer.application_id == application_id)
        documents = (
            session.scalars(
                select(Document)
                .join(AnswerFile, AnswerFile.document_id == Document.id)
                .where(AnswerFile.answer_id.in_(answers))
            )
            .unique()
            .all()
        )
        session.execute(delete(PromisedFile).where(PromisedFile.answer_id.in_(answers)))
        session.execute(delete(AnswerFile).where(AnswerFile.answer_id.in_(answers)))
        session.execute(delete(AnswerVersion).where(AnswerVersion.answer_id.in_(answers)))
        for document in documents:
            erase_document(document)
        if session.scalar(select(exists().where(Receipt.application_id == application_id))):
            _blank_answers(application_id)
            application.erased_at = clock.now()
        else:
            remove_certificates(application_id)
            session.execute(delete(Answer).where(Answer.application_id == application_id))
            session.execute(delete(ApplicationLot).where(ApplicationLot.application_id == application_id))
            session.delete(application)
        session.flush()
        session.execute(text("SELECT set_config('portal.erasing', '', true)"))
        record("application.erase", "application", application_id, by=by, documents=len(documents))


def _blank_answers(application_id: int) -> None:
    with transaction() as session:
        session.execute(
            _BLANK,
            {
                "application_id": application_id,
                "texts": list(_TEXTS),
                "words": f"Removed on {uk_date(clock.today())}, when the council's retention period ended.",
            },
        )
