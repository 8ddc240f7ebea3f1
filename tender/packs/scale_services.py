"""The scales on which a draft's questions are marked, with their bands."""

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import NotFound, Refusal
from tender.frameworks import queries
from tender.frameworks.models import Scale, ScaleBand
from tender.frameworks.pack import Band, MarkingScale, RoundPack
from tender.frameworks.services import locked_draft
from tender.packs.refusals import ChangedMeanwhile

HIGHEST = 100
MOST_BANDS = 21
MOST_SCALES = 20


def add_scale(*, by: Actor, round_id: int, name: str, bands: Sequence[Band]) -> int:
    """Add a scale and give its id; the same scale is that one already. Raises `Refusal` for a name or bands
    that cannot be."""
    with transaction() as session:
        locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        if same := next((scale.id for scale in pack.scales if _is(scale, name, bands)), None):
            return same
        if len(pack.scales) >= MOST_SCALES:
            raise Refusal(f"A pack holds at most {MOST_SCALES} scales.")
        _check(pack, None, name, bands)
        scale = Scale(round_id=round_id, name=name, highest=max(band.points for band in bands))
        session.add(scale)
        session.flush()
        _write_bands(scale.id, bands)
        record("round.add_scale", "round", round_id, by=by, scale=name)
    return scale.id


def change_scale(
    *, by: Actor, round_id: int, scale_id: int, name: str, bands: Sequence[Band], seen: str
) -> None:
    """Give a scale another name and other bands. `seen` is the fingerprint of the page that was edited.

    Raises `ChangedMeanwhile`, and `Refusal` also where a question's minimum would lose its band.
    """
    with transaction() as session:
        locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        standing = scale_in(pack, scale_id)
        if _is(standing, name, bands):
            return
        if seen != standing.fingerprint:
            raise ChangedMeanwhile()
        _check(pack, standing, name, bands)
        points = {band.points for band in bands}
        for asked in pack.scored:
            if asked.scale_id == scale_id and asked.minimum not in points:
                raise Refusal(
                    f"“{asked.title}” has the minimum {asked.minimum}. Keep that band or change the minimum.",
                    field="bands",
                )
        scale = session.get_one(Scale, scale_id)
        scale.name, scale.highest = name, max(points)
        # Bands that minimums point to stay and are overwritten; those without a successor go.
        gone = (ScaleBand.scale_id == scale_id, ScaleBand.points.not_in(points))
        session.execute(delete(ScaleBand).where(*gone))
        _write_bands(scale_id, bands)
        record("round.edit_scale", "round", round_id, by=by, scale=name)


def remove_scale(*, by: Actor, round_id: int, scale_id: int) -> None:
    """Take a scale out; nothing happens when it is gone.

    Raises `Refusal` while a question is marked on it.
    """
    with transaction() as session:
        locked_draft(round_id, by)
        pack = queries.pack_of(round_id)
        scale = next((scale for scale in pack.scales if scale.id == scale_id), None)
        if scale is None:
            return
        if used := next((asked for asked in pack.scored if asked.scale_id == scale_id), None):
            raise Refusal(f"“{used.title}” is marked on this scale. Choose another for it first.")
        session.execute(delete(ScaleBand).where(ScaleBand.scale_id == scale_id))
        session.execute(delete(Scale).where(Scale.id == scale_id))
        record("round.remove_scale", "round", round_id, by=by, scale=scale.name)


def scale_in(pack: RoundPack, scale_id: int) -> MarkingScale:
    """The scale of this pack with this id. Raises `NotFound`."""
    for scale in pack.scales:
        if scale.id == scale_id:
            return scale
    raise NotFound()


def _is(scale: MarkingScale, name: str, bands: Sequence[Band]) -> bool:
    return scale.name == name and scale.bands == tuple(sorted(bands, key=lambda band: band.points))


def _check(pack: RoundPack, standing: MarkingScale | None, name: str, bands: Sequence[Band]) -> None:
    if any(scale.name == name and scale != standing for scale in pack.scales):
        raise Refusal("Another scale of this round has this name.", field="name")
    points = [band.points for band in bands]
    if twice := next((each for each in points if points.count(each) > 1), None):
        raise Refusal(f"Two bands are worth {twice}. Give each band its own points.", field="bands")
    if len(points) < 2 or not 0 <= min(points) < max(points) <= HIGHEST:
        raise Refusal(
            f"Give at least two bands with points from 0 to {HIGHEST}, such as 0 and 5.", field="bands"
        )
    if len(points) > MOST_BANDS:
        raise Refusal(f"A scale holds at most {MOST_BANDS} bands.", field="bands")


def _write_bands(scale_id: int, bands: Sequence[Band]) -> None:
    """Write the bands of a scale; one with the same points is overwritten where it stands."""
    rows = [
        {"scale_id": scale_id, "points": band.points, "label": band.label, "descriptor": band.descriptor}
        for band in bands
    ]
    given = insert(ScaleBand).values(rows)
    words = {"label": given.excluded.label, "descriptor": given.excluded.descriptor}
    keys = [ScaleBand.scale_id, ScaleBand.points]
    db.session.execute(given.on_conflict_do_update(index_elements=keys, set_=words))
