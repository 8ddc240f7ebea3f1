"""Erasing what was asked and answered about a tender, when its retention period is over."""

from sqlalchemy import delete, select, text, update

from evaluation.inquiries.models import Inquiry, InquiryFile
from portal import clock
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.storage.models import Document
from portal.storage.services import erase_document
from portal.web.filters import uk_date


def erase_inquiries(application_id: int, *, by: Doer) -> None:
    """Take the words and files of a tender's inquiries away for good; that somebody was asked, when, stays.

    The database lets them go by the word `portal.erasing`, as it does the tender's own answers.
    """
    with transaction() as session:
        asked = session.scalars(select(Inquiry.id).where(Inquiry.application_id == application_id)).all()
        if not asked:
            return
        session.execute(text("SELECT set_config('portal.erasing', :id, true)"), {"id": str(application_id)})
        of_these = InquiryFile.inquiry_id.in_(asked)
        documents = session.scalars(
            select(Document).join(InquiryFile, InquiryFile.document_id == Document.id).where(of_these)
        ).all()
        session.execute(delete(InquiryFile).where(of_these))
        for document in documents:
            erase_document(document)
        words = f"Removed on {uk_date(clock.today())}, when the council's retention period ended."
        these = update(Inquiry).where(Inquiry.id.in_(asked))
        session.execute(these.values(text=words))
        session.execute(these.where(Inquiry.answer.is_not(None)).values(answer=words))
        session.execute(text("SELECT set_config('portal.erasing', '', true)"))
        record("inquiry.erase", "application", application_id, by=by, inquiries=len(asked))
