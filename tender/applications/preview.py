"""What an application would hold if somebody applied now: its items, without answers. No database here."""

from collections.abc import Sequence
from dataclasses import replace

from tender.applications.contents import Item, Tender, in_order, those_asked
from tender.frameworks.pack import RoundPack
from tender.frameworks.queries import LotFacts


def tender_before_answers(pack: RoundPack, offered: Sequence[LotFacts], chosen: Sequence[LotFacts]) -> Tender:
    """The empty tender of an applicant for the `chosen` lots, questions under conditions included."""
    ids = tuple(lot.id for lot in chosen)
    possible = [
        Item(replace(asked, ask_if=None), lot, applied_for=ids)
        for asked in pack.questions
        for lot in (chosen if asked.per_lot else (None,))
    ]
    return Tender(
        headings=[
            {"code": section.code, "title": section.title, "introduction": section.introduction}
            for section in pack.sections
        ],
        offered=tuple(offered),
        chosen=tuple(chosen),
        items=in_order(those_asked(possible)),
    )
