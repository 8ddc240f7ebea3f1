"""What an application would hold if somebody applied now: its items, without answers. No database here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tender.applications.contents import Item, Tender, in_order, those_asked
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.queries import LotFacts

Tried = Mapping[str, Sequence[str]]
"""Answers that somebody tries, by the code of the question: the values that were chosen."""


def tender_before_answers(
    pack: RoundPack, offered: Sequence[LotFacts], chosen: Sequence[LotFacts], tried: Tried | None = None
) -> Tender:
    """The empty tender of an applicant for the `chosen` lots: with every question under a condition, or,
    where answers are `tried`, with those alone that these bring up. One is tried for every lot alike."""
    ids = tuple(lot.id for lot in chosen)
    possible = [
        Item(
            asked if tried is not None else replace(asked, ask_if=None),
            lot,
            value=_said(asked, tried or {}),
            applied_for=ids,
        )
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
        items=in_order([replace(item, value=None) for item in those_asked(possible)]),
    )


def deciding_in(pack: RoundPack) -> list[AskedQuestion]:
    """The questions after whose answers others are asked, in order."""
    named = {asked.ask_if["question"] for asked in pack.questions if asked.ask_if}
    return [asked for asked in pack.questions if asked.code in named]


def _said(asked: AskedQuestion, tried: Tried) -> list[str] | str | None:
    values = list(tried.get(asked.code, ()))
    return values if asked.kind == "choices" else (values[0] if values else None)
