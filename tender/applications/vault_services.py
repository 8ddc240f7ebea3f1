"""Between an application and its provider's vault: using a document, keeping one."""

from uuid import UUID

from portal.accounts.access import Actor
from portal.database import transaction
from portal.errors import Refusal
from portal.evidence.facts import Facts
from portal.evidence.queries import hold_own, version_for
from portal.evidence.services import keep_document
from portal.storage.filenames import ending_of
from portal.storage.inspection import kinds_in_words
from portal.storage.models import Document
from portal.storage.refusals import Infected, in_megabytes
from tender.applications.answer_services import LARGEST_DOCUMENT, give_document, kinds_accepted
from tender.applications.queries import document_of, own_application_for, own_item_for


def use_from_vault(
    *, application_id: int, code: str, version_id: int, by: Actor, lot_id: int | None = None
) -> None:
    """Answer a file question by a document of the provider's vault: the same stored document, not a copy.

    Raises `NotFound` for another's, `Refusal` for a kind or size of file that the question does not take,
    `portal.storage.refusals.Infected`, and what `give_document` raises.
    """
    with transaction() as session:
        asked = own_item_for(by, application_id, code, lot_id).asked
        document_id = version_for(by, version_id).document_id
        hold_own(by, document_id)
        document = session.get_one(Document, document_id, populate_existing=True)
        if document.scan_state == "infected":
            raise Infected()
        if ending_of(document.filename) not in asked.accepted:
            taken = kinds_in_words(kinds_accepted(asked.accepted))
            raise Refusal(f"“{document.filename}” cannot be used here. This question takes {taken}.")
        largest = asked.max_bytes or LARGEST_DOCUMENT
        if document.size > largest:
            raise Refusal(f"“{document.filename}” is larger than the {in_megabytes(largest)} taken here.")
        give_document(application_id=application_id, code=code, document=document, lot_id=lot_id, by=by)


def keep_for_next_time(
    *, application_id: int, document_id: UUID, type: str, title: str, facts: Facts, by: Actor
) -> int:
    """Put a document of an application into the provider's vault, with its facts; return the evidence's id.

    Raises `NotFound`, and `Refusal` as `portal.evidence.services.add_evidence` does.
    """
    with transaction():
        application = own_application_for(by, application_id)
        document = document_of(by, application, document_id)
        return keep_document(document=document, type=type, title=title, facts=facts, by=by)
