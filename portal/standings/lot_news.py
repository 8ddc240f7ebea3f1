"""Letters to the providers that stand on a lot when what it asks for changes.

Changes of lots are listened to (`portal/app.py`); the letters join the same transaction. Who applies to a
running round or follows it is told by `tender.lot_changes`, what it means there.
"""

from portal import clock
from portal.accounts.letters import write_to_members
from portal.audit.services import Doer
from portal.database import transaction
from portal.directory.models import Standing
from portal.standings.letters import lot_changed
from portal.standings.queries import StandingLine, lines
from tender.frameworks.framework_services import ChangedLot
from tender.frameworks.words import lot_conditions


def tell_admitted(changed: ChangedLot, *, portal_url: str, by: Doer) -> None:
    """Write to every provider whose standing on the lot is not over, suspended or not.

    A price from which only new rounds start concerns nobody who is admitted.
    """
    before, after = ([lot.name, *lot_conditions(lot)] for lot in (changed.before, changed.after))
    if before == after:
        return
    event = f"lot-change:{changed.after.id}:{clock.now().isoformat()}"
    with transaction() as session:
        rows = session.execute(lines().where(Standing.lot_id == changed.after.id).order_by(Standing.id)).all()
        for standing in (StandingLine(*row) for row in rows):
            if not standing.over:
                words = lot_changed(
                    standing,
                    before=before,
                    after=after,
                    reason=changed.reason,
                    address=f"{portal_url}/your-standing",
                )
                key = f"standing:{standing.id}:{event}"
                write_to_members(
                    standing.provider_id,
                    "standing:follow",
                    words,
                    key=key,
                    subject_type="standing",
                    subject_id=standing.id,
                    by=by,
                )
