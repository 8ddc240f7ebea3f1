"""Reading a draft's pack for those who write it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from portal.accounts.access import Actor
from portal.database import db
from tender.frameworks.facts import LotFacts
from tender.frameworks.kinds import DECIDING_KINDS
from tender.frameworks.models import Framework, Question, Round
from tender.frameworks.pack import AskedQuestion, RoundPack, fingerprint_of
from tender.frameworks.readiness import lots_in_words

MOST_SOURCES = 100


def depending_on(pack: RoundPack, code: str) -> list[AskedQuestion]:
    """The questions that are asked only after an answer to the one with this code."""
    return [each for each in pack.questions if each.ask_if and each.ask_if["question"] == code]


def deciding_questions(pack: RoundPack, before: AskedQuestion | None, section: str) -> list[AskedQuestion]:
    """The questions whose answers can decide whether another is asked: all with fixed answers that come
    before it; for a new one in this section, all up to the section's end. One that decides already is among
    them wherever it stands."""
    deciding = before.ask_if["question"] if before is not None and before.ask_if else None
    found = _decided_before(pack, before, section)
    late = [each for each in pack.questions if each.code == deciding and each not in found]
    return found + late


def _decided_before(pack: RoundPack, before: AskedQuestion | None, section: str) -> list[AskedQuestion]:
    found = []
    for part in pack.sections:
        for asked in part.questions:
            if before is not None and asked.id == before.id:
                return found
            if asked.kind in DECIDING_KINDS:
                found.append(asked)
        if before is None and part.code == section:
            return found
    return found


def weights_fingerprint(pack: RoundPack) -> str:
    """Of all weights and minimums: tells whether somebody changed one since a page was drawn."""
    return fingerprint_of(*((each.code, each.weight, each.minimum, each.lots) for each in pack.weighed))


@dataclass(frozen=True, slots=True)
class WeightSum:
    """What the weights make for lots that are asked the same; `prices` is what prices have of them."""

    lots: tuple[LotFacts, ...]
    total: Decimal
    prices: Decimal
    every_lot: bool

    @property
    def name(self) -> str:
        """'Every lot', 'Lots 1 and 2'."""
        words = lots_in_words(self.lots)
        return "Every lot" if self.every_lot else words[0].upper() + words[1:]


def sums_by_lot(pack: RoundPack, lots: Sequence[LotFacts]) -> list[WeightSum]:
    """The sums of the weights, once for all lots that are asked the same questions with a weight."""
    alike: dict[tuple[str, ...], list[LotFacts]] = {}
    for lot in lots:
        asked = tuple(each.code for each in pack.weighed if each.asked_of(lot.id))
        alike.setdefault(asked, []).append(lot)
    return [
        WeightSum(
            tuple(sharing),
            pack.weight_of(sharing[0].id),
            pack.weight_of_price(sharing[0].id),
            len(alike) == 1 and len(lots) > 1,
        )
        for sharing in alike.values()
    ]


def rounds_to_copy_from(viewer: Actor, round_id: int = 0) -> Sequence[Any]:
    """The council's rounds but this one, whose packs can be taken over, the newest first.

    Each has id, number, state, title (the framework's), reference and questions (how many).
    """
    questions = select(func.count()).where(Question.round_id == Round.id).scalar_subquery()
    return db.session.execute(
        select(
            Round.id,
            Round.number,
            Round.state,
            Framework.title,
            Framework.reference,
            questions.label("questions"),
        )
        .join(Framework, Framework.id == Round.framework_id)
        .where(Framework.council_id == viewer.organisation_id, Round.id != round_id)
        .order_by(Round.id.desc())
        .limit(MOST_SOURCES)
    ).all()
