"""The files that tenderers gave with clarifications, as a disclosure pack holds them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from sqlalchemy import select

from evaluation.inquiries.models import Inquiry, InquiryFile
from portal.accounts.models import Organisation
from portal.database import db
from portal.storage.models import Document
from tender.applications.models import Application
from tender.frameworks.models import Lot, Question

TITLE = "Files given with clarifications"
PERSONAL = "What tenders say; whatever is in the files."
LISTED_AS = "clarification-files.csv"
HEAD = (
    "Provider", "Tender", "Lot", "Question", "Called by the tenderer", "Bytes", "SHA-256", "Given at",
    "In this pack as", "Left out because",
)  # fmt: skip
_FOLDER = "clarification-files"


@dataclass(frozen=True, slots=True)
class GivenFile:
    """One file with what it belongs to: `about` are provider, tender, lot and question."""

    about: tuple[object, ...]
    document: Document

    @property
    def name(self) -> str:
        """What it is called in the pack: nothing that its sender chose but the ending."""
        return f"{_FOLDER}/{self.document.id}{PurePath(self.document.filename).suffix.lower()}"

    def line(self, left_out: str) -> tuple[object, ...]:
        """Its row of the list; `left_out` says why it is not in the pack, where it is not."""
        document = self.document
        told = (document.filename, document.size, document.sha256, document.uploaded_at)
        return (*self.about, *told, "" if left_out else self.name, left_out)


def files_given_in(round_id: int) -> Sequence[GivenFile]:
    """Every file that a tenderer of the round gave with an answer to the council, by provider."""
    rows = db.session.execute(
        select(Organisation.name, Application.reference, Lot.number, Question.title, Document)
        .select_from(InquiryFile)
        .join(Document, Document.id == InquiryFile.document_id)
        .join(Inquiry, Inquiry.id == InquiryFile.inquiry_id)
        .join(Question, Question.id == Inquiry.question_id)
        .join(Application, Application.id == Inquiry.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(Lot, Lot.id == Inquiry.lot_id)
        .where(Application.round_id == round_id)
        .order_by(Organisation.name, Application.id, Inquiry.id, Document.filename, Document.id)
    )
    return [GivenFile(tuple(about), document) for *about, document in rows]
