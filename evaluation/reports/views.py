"""The award data of a released round as a page and as JSON."""

import json

from flask import Blueprint, Response, render_template, url_for
from flask.typing import ResponseReturnValue

from evaluation.reports.award_data import award_package
from evaluation.reports.award_queries import awards_for
from portal import clock
from portal.accounts.gate import actor, requires

bp = Blueprint("reports", __name__)


@bp.get("/rounds/<int:round_id>/awards")
@requires("report:read")
def awards(round_id: int) -> ResponseReturnValue:
    """What an award notice and a contract details notice ask for, lot by lot."""
    found = awards_for(actor(), round_id)
    return render_template("reports/awards.html", round=found.facts, awards=found, as_at=clock.now())


@bp.get("/rounds/<int:round_id>/awards.json")
@requires("report:read")
def awards_json(round_id: int) -> ResponseReturnValue:
    """The same as Open Contracting data."""
    found = awards_for(actor(), round_id)
    address = url_for("reports.awards_json", round_id=round_id, _external=True)
    package = award_package(found, address=address, at=clock.now())
    written = json.dumps(package, ensure_ascii=False, indent=2).encode()
    name = f"awards-{found.facts.reference}-round-{found.facts.number}.json".replace('"', "")
    return _download(written, name, "application/json")


def _download(content: bytes, name: str, kind: str) -> Response:
    ascii_name = name.encode("ascii", "ignore").decode()
    named = {"Content-Disposition": f'attachment; filename="{ascii_name}"'}
    return Response(content, 200, named, kind)
