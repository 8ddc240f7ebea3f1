"""Taking a pack from a file into a draft: looked into first, then put in the place of the draft's own."""

from typing import BinaryIO

from sqlalchemy import delete, or_
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound
from portal.storage.filenames import clean_filename
from tender.frameworks import queries
from tender.frameworks.pack_rows import write_pack
from tender.frameworks.services import locked_draft
from tender.packs.models import StagedPack
from tender.packs.portable import as_document, read_portable
from tender.packs.reading import LARGEST
from tender.packs.refusals import ChangedMeanwhile
from tender.packs.transfer import fingerprint_of_staged


def stage_import(*, by: Actor, round_id: int, stream: BinaryIO, filename: str) -> None:
    """Keep the pack of a file beside a draft, to be looked at. Another one that waited is forgotten.

    Raises `NotAPack` for anything else than a whole pack, `NotFound`, and `Conflict` for a published round.
    """
    pack = read_portable(stream.read(LARGEST + 1))
    with transaction() as session:
        locked_draft(round_id, by)
        at = clock.now()
        staged = {
            "content": as_document(pack),
            "file": clean_filename(filename),
            "staged_at": at,
            "staged_by_id": by.person_id,
            "changed_at": at,
            "changed_by_id": by.person_id,
        }
        given = insert(StagedPack).values(round_id=round_id, **staged)
        session.execute(
            given.on_conflict_do_update(
                index_elements=["round_id"],
                set_=staged,
                where=or_(
                    StagedPack.content != given.excluded.content,
                    StagedPack.file.is_distinct_from(given.excluded.file),
                ),
            )
        )


def take_over(*, by: Actor, round_id: int, seen: str) -> int:
    """Put the pack that waits in the place of the draft's own; return how many questions it asks.

    `seen` is the fingerprint of what the page showed. Raises `NotFound` when nothing waits,
    `ChangedMeanwhile`, and `Conflict` for a published round.
    """
    with transaction() as session:
        draft = locked_draft(round_id, by)
        staged = session.get(StagedPack, round_id)
        if staged is None:
            raise NotFound()
        if seen != fingerprint_of_staged(staged.content):
            raise ChangedMeanwhile()
        pack = read_portable(staged.content, [lot.number for lot in queries.lots_of_round(round_id)])
        write_pack(draft, pack)
        session.delete(staged)
        record("round.import_pack", "round", round_id, by=by, file=staged.file, questions=len(pack.questions))
    return len(pack.questions)


def discard_import(*, by: Actor, round_id: int) -> None:
    """Forget the pack that waits. Nothing in the draft changes."""
    with transaction() as session:
        locked_draft(round_id, by)
        session.execute(delete(StagedPack).where(StagedPack.round_id == round_id))
