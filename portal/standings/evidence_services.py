"""What lots ask for, and the council's checks of documents. The database moves the standings with both."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import delete, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.letters import write_to_members
from portal.audit.services import record
from portal.database import transaction
from portal.directory.indexing import refresh_search_rows
from portal.errors import Conflict, NotFound, Refusal
from portal.evidence.document_types import DOCUMENT_TYPES
from portal.standings import letters
from portal.standings.evidence_queries import document_for, lot_for
from portal.standings.models import EvidenceCheck, LotEvidence
from portal.storage.models import Document
from portal.storage.services import document_link
from tender.frameworks.models import Lot


class ChangedMeanwhile(Conflict):
    """The provider corrected the document's dates after the page was drawn."""

    sentence = "The provider has changed what is recorded of this document. Look at it again, then decide."


def check_document(
    *, document_id: UUID, accepted: bool, note: str, seen_expires_on: date | None, portal_url: str, by: Actor
) -> None:
    """Note that the council has looked at a document that a lot asks for, and whether it counts.

    With `accepted` the provider's standings are open until the day that the document says, and it is back in
    the search with this transaction if nothing else is missing. Raises `NotFound`, `Refusal` without a note
    where it is not accepted or where it has run out, and `ChangedMeanwhile`.
    """
    if not accepted and not note.strip():
        raise Refusal("Say what is wrong with it. The provider reads it.", field="note")
    with transaction() as session:
        session.execute(select(Document.id).where(Document.id == document_id).with_for_update())
        found = document_for(by, document_id)
        if found.facts.expires_on != seen_expires_on:
            raise ChangedMeanwhile()
        if accepted and found.facts.standing == "expired":
            raise Refusal("It has run out, so it cannot be accepted.", field="accepted")
        check = EvidenceCheck(
            council_id=by.organisation_id,
            provider_id=found.provider_id,
            document_id=document_id,
            document_type=found.type,
            accepted=accepted,
            expires_on=found.facts.expires_on,
            note=note.strip(),
            checked_at=clock.now(),
            checked_by_id=by.person_id,
        )
        session.add(check)
        session.flush()
        refresh_search_rows("service.provider_id = :provider_id", provider_id=found.provider_id)
        record(
            "evidence.check", "evidence", found.evidence_id, by=by,
            accepted=accepted, document=str(document_id), until=str(found.facts.expires_on or ""),
        )  # fmt: skip
        words = letters.document_checked(
            kind=found.type_name,
            accepted=accepted,
            note=note.strip(),
            expires_on=found.facts.expires_on,
            address=f"{portal_url}/your-standing",
        )
        write_to_members(
            found.provider_id, "evidence:edit", words,
            key=f"evidence_check:{check.id}", subject_type="evidence", subject_id=found.evidence_id, by=by,
        )  # fmt: skip


def open_document(*, document_id: UUID, by: Actor) -> str:
    """A short-lived link to a document that waits to be checked, with a line in the trail.

    Raises `NotFound`, and `portal.storage.refusals.DocumentWithheld` for a file that is given to nobody.
    """
    with transaction() as session:
        found = document_for(by, document_id)
        link = document_link(session.get_one(Document, document_id))
        record("evidence.read", "evidence", found.evidence_id, by=by, document=str(document_id))
    return link


def ask_for_evidence(*, lot_id: int, kinds: Collection[str], applies_from: date, by: Actor) -> None:
    """Say which kinds of document a lot asks every provider on it for.

    What is asked for already keeps its day; what is new counts from `applies_from`, so that providers have
    time to show it. Raises `NotFound` for another council's lot, and `Refusal` for an unknown kind or a day
    that has passed.
    """
    if not by.may("standing:change"):
        raise NotFound()
    if not set(kinds) <= set(DOCUMENT_TYPES):
        raise Refusal("Choose from the list.", field="kinds")
    with transaction() as session:
        lot_for(by, lot_id)
        framework_id = session.scalar(
            select(Lot.framework_id).where(Lot.id == lot_id).with_for_update(key_share=True)
        )
        held = {*session.scalars(select(LotEvidence.document_type).where(LotEvidence.lot_id == lot_id))}
        added, dropped = set(kinds) - held, held - set(kinds)
        if added and applies_from <= clock.today():
            raise Refusal("What is new must count from a day after today.", field="applies_from")
        session.execute(
            delete(LotEvidence).where(LotEvidence.lot_id == lot_id, LotEvidence.document_type.in_(dropped))
        )
        session.add_all(
            LotEvidence(
                lot_id=lot_id,
                document_type=kind,
                applies_from=applies_from,
                set_at=clock.now(),
                set_by_id=by.person_id,
            )
            for kind in sorted(added)
        )
        session.flush()
        if added or dropped:
            refresh_search_rows("standing.lot_id = :lot_id", lot_id=lot_id)
            record(
                "framework.ask_for_evidence", "framework", framework_id, by=by,
                lot=lot_id, added=sorted(added), dropped=sorted(dropped),
                applies_from=applies_from.isoformat(),
            )  # fmt: skip
