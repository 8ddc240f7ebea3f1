"""Taking another round's pack over into a draft."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.web.filters import plural
from tender.frameworks import queries
from tender.frameworks.models import Round
from tender.frameworks.pack_rows import write_pack
from tender.frameworks.services import create_round, locked_draft
from tender.packs.portable import as_document, portable_of, read_portable


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied, and what could not be.

    `missing_lots` are the numbers of lots that questions were only for and that this round does not offer;
    `left_out` are the titles of questions that went with them.
    """

    questions: int
    missing_lots: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """What was done, for the page that follows."""
        done = f"{plural(self.questions, 'question')} copied."
        if not self.missing_lots:
            return done
        lots = ", ".join(self.missing_lots)
        done += (
            f" This round does not offer {plural(len(self.missing_lots), 'lot')} that questions name: {lots}."
        )
        return done + (f" Left out: {'; '.join(self.left_out)}." if self.left_out else "")


def create_round_from(*, source_id: int, **details: Any) -> tuple[Round, str]:
    """Add a draft round with the pack of another round; what was copied, in a sentence.

    `details` and refusals are those of `frameworks.services.create_round` and of `copy_pack`. Asked for
    twice, it is made once: what was written into the draft since stays.
    """
    with transaction() as session:
        of_framework = (Round.framework_id == details["framework_id"], Round.state == "draft")
        waiting = session.scalar(select(Round.id).where(*of_framework))
        made = create_round(**details)
        if made.id == waiting:
            return made, "This draft round was set up before. Nothing in it has changed."
        copied = copy_pack(by=details["by"], round_id=made.id, source_id=source_id)
    return made, copied.sentence


def copy_pack(*, by: Actor, round_id: int, source_id: int) -> Copied:
    """Put the pack of a round of the same council in the place of a draft's. Lots are matched by number.

    Nothing of the draft's own pack is kept; where it is the same pack already, nothing is written. Raises
    `NotFound`, and `NotAPack` for a pack that is not whole.
    """
    with transaction():
        draft = locked_draft(round_id, by)
        source = queries.round_for(by, source_id)
        numbers = {lot.id: lot.number for lot in queries.lots_of_framework(source.framework_id)}
        offered = {lot.number for lot in queries.lots_of_round(round_id)}
        pack = read_portable(portable_of(queries.pack_of(source_id), numbers), offered)
        copied = Copied(len(pack.questions), pack.missing_lots, pack.left_out)
        own = {lot.id: lot.number for lot in queries.lots_of_framework(draft.framework_id)}
        if as_document(pack) == portable_of(queries.pack_of(round_id), own):
            return copied
        write_pack(draft, pack)
        record("round.copy_pack", "round", round_id, by=by, source=source_id, questions=len(pack.questions))
    return copied
