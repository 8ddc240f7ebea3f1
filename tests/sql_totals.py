"""The totals as the portal's one statement computes them, without keeping them."""

from evaluation.outcomes.totals import RANKED, Total, as_the_driver_takes_it
from portal.database import db

_TOTALS = as_the_driver_takes_it(
    f"WITH RECURSIVE {RANKED} SELECT * FROM ranked ORDER BY lot_id, application_id"
)


def totals_in_sql(round_id: int) -> list[Total]:
    """The totals of every application and lot that conditions left standing, in one statement."""
    rows = db.session.connection().exec_driver_sql(_TOTALS, {"round": round_id})
    return [Total._make(row) for row in rows.all()]
