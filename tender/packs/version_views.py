"""The public page of one version of a pack: since when, why, and what is different."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.accounts.gate import public
from tender.packs.versions import published_version, versions_of

bp = Blueprint("pack_versions", __name__)


@bp.get("/opportunities/<int:round_id>/versions/<int:number>")
@public
def show(round_id: int, number: int) -> ResponseReturnValue:
    """One version beside the one before it."""
    return render_template(
        "packs/version.html",
        version=published_version(round_id, number),
        versions=versions_of(round_id),
    )
