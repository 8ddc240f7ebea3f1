"""The part of an application that can be submitted while other lots of it still lack something.

One wrong document for one lot must not hold up the others. What is asked once is part of every lot, so it has
to be complete in any case. No database here.
"""

from collections.abc import Collection
from dataclasses import replace

from tender.applications.contents import Tender, in_order, those_asked
from tender.frameworks.queries import LotFacts


def without(tender: Tender, lot_ids: Collection[int]) -> Tender:
    """The same tender without these lots, and without what is asked for them alone."""
    if not lot_ids:
        return tender
    chosen = tuple(lot for lot in tender.chosen if lot.id not in lot_ids)
    kept = tuple(lot.id for lot in chosen)
    possible = (
        replace(item, applied_for=kept) if item.applied_for else item
        for item in tender.items
        if item.lot is None or item.lot_id in kept
    )
    return replace(tender, chosen=chosen, items=in_order(those_asked(possible)))


def unready_lots(tender: Tender) -> tuple[LotFacts, ...]:
    """The chosen lots whose own questions lack something."""
    lacking = {problem.item.lot_id for problem in tender.missing if problem.item and problem.item.lot}
    return tuple(lot for lot in tender.chosen if lot.id in lacking)


def ready_part(tender: Tender) -> Tender | None:
    """What could be submitted now: all of it, or the lots that lack nothing; None when nothing could."""
    part = without(tender, {lot.id for lot in unready_lots(tender)})
    return None if part.missing else part
