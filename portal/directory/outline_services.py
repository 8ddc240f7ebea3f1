"""Taking in an open boundary file, so that the map of results shows the outline of the council's area."""

from pathlib import Path

from sqlalchemy import delete

from portal import clock
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.directory.models import AreaOutline
from portal.directory.outlines import outlines_in
from portal.errors import Refusal

LONGEST_ATTRIBUTION = 300
ATTRIBUTION = "Boundaries: Office for National Statistics licensed under the Open Government Licence v3.0"


def load_outlines(file: Path, *, name: str = "", attribution: str = ATTRIBUTION, by: Doer) -> list[str]:
    """Replace the known outlines by those of a file (with `name`: those that are called so), and return their
    names. `attribution` stands under each map. Raises `Refusal` and `OSError` as `outlines_in` does."""
    if not 0 < len(attribution.strip()) <= LONGEST_ATTRIBUTION:
        raise Refusal(f"Say in up to {LONGEST_ATTRIBUTION} characters whose outlines these are.")
    found = outlines_in(file, name)
    with transaction() as session:
        session.execute(delete(AreaOutline))
        session.add_all(
            AreaOutline(
                name=outline.name,
                rings=[[list(spot) for spot in ring] for ring in outline.rings],
                attribution=attribution.strip(),
                loaded_at=clock.now(),
            )
            for outline in found
        )
        record("outlines.load", "outlines", file.name[:100], by=by, outlines=len(found))
    return [outline.name for outline in found]
