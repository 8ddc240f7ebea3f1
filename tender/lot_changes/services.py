"""Keeping what was changed of a lot, and telling everyone concerned of that or of another term, each once."""

from portal import clock
from portal.audit.services import Doer
from portal.database import transaction
from tender.followers.services import tell_everyone
from tender.frameworks.facts import LotFacts
from tender.frameworks.framework_services import ChangedLot, ChangedTerm
from tender.frameworks.queries import rounds_offering, running_rounds
from tender.frameworks.words import lot_conditions
from tender.lot_changes import letters
from tender.lot_changes.models import LotChange
from tender.lot_changes.queries import applications_with

RUNNING = ("upcoming", "open")


def keep_and_tell(changed: ChangedLot, *, portal_url: str, by: Doer) -> None:
    """Keep the change where a round that offers the lot is running, and write to everyone of each such round.

    What only later rounds notice (their price to start from) is not told. Subscribes to changes of lots.
    """
    before, after = _told(changed.before), _told(changed.after)
    with transaction() as session:
        running = [facts for facts in rounds_offering(changed.after.id) if facts.phase in RUNNING]
        if not running or before == after:
            return
        change = LotChange(
            lot_id=changed.after.id,
            before=before,
            after=after,
            reason=changed.reason,
            changed_at=clock.now(),
            changed_by_id=by.person_id,
        )
        session.add(change)
        session.flush()
        for facts in running:
            letter = {
                "round_id": facts.id,
                "event": f"lot-change:{change.id}:{facts.id}",
                "title": letters.title_of(facts, change),
                "signed": facts.buyer_name,
                "by": by,
            }
            for (state, closes_at), applications in applications_with(facts.id, change.lot_id).items():
                lines = letters.words(facts, change, letters.of_application(state, closes_at), portal_url)
                tell_everyone(**letter, lines=lines, applications=applications)
            tell_everyone(**letter, lines=letters.words(facts, change, letters.of_anybody(facts), portal_url))


def tell_of_term(change: ChangedTerm, *, portal_url: str, by: Doer) -> None:
    """Write to everyone of each running round of the framework. Subscribes to changes of terms."""
    with transaction():
        for facts in running_rounds(change.framework_id):
            tell_everyone(
                round_id=facts.id,
                event=f"term:{facts.id}:{clock.now().isoformat()}",
                title=letters.term_title(facts),
                lines=letters.term_words(facts, change, portal_url),
                signed=facts.buyer_name,
                by=by,
            )


def _told(lot: LotFacts) -> list[str]:
    return [lot.name, *lot_conditions(lot)]
