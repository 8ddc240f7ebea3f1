"""The council's list of placements: what was agreed under its frameworks, without what it says of a child."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.agreements import list_queries
from portal.agreements.forms import PlacementFilter
from portal.web.filters import points
from portal.web.pagination import Page, page_number
from portal.web.reading import read_by
from portal.web.spreadsheets import csv_download

bp = Blueprint("placements", __name__)
HEAD = (
    *("Reference", "School", "Provider", "Service", "Framework", "Lot", "Year group", "Half days"),
    *("Half days a week", "Hours a week", "First day", "Last day", "State"),
    *("Provider on the register today", "Signed by both"),
)


@bp.get("/placements")
@requires("placement:read")
def index() -> ResponseReturnValue:
    """Placements under the council's frameworks, by lot, state and words."""
    viewer, form, chosen = actor(), *_choice()
    number = page_number(request.args.get("page"))
    lines, total = list_queries.placements(viewer, **chosen, page=number)
    if lines:
        read_by(viewer, "placement_agreement", "list", agreements=[line.id for line in lines])
    return render_template(
        "agreements/placements.html",
        form=form,
        page=Page(lines, number, total),
        stages=list_queries.STAGES,
        download={name: value for name, value in request.args.items() if name in form.data and value},
        as_at=clock.now(),
    )


@bp.get("/placements/figures")
@requires("placement:count")
def figures() -> ResponseReturnValue:
    """How much is placed today, by lot and provider, without any single placement."""
    viewer = actor()
    return render_template(
        "agreements/figures.html", rows=list_queries.figures_for(viewer), as_at=clock.now()
    )


@bp.get("/placements.csv")
@requires("placement:read")
def download() -> ResponseReturnValue:
    """The same as a file."""
    viewer, _, chosen = actor(), *_choice()
    lines = list(list_queries.every_placement(viewer, **chosen))
    read_by(viewer, "placement_agreement", "list", page="csv", agreements=[line.id for line in lines])
    rows = (
        [
            line.reference,
            line.school_name,
            line.provider_name,
            line.service_title,
            line.framework_title,
            f"{line.lot_number}: {line.lot_title}",
            line.year_group,
            line.session_names,
            len(line.sessions),
            points(line.hours, 1),
            line.starts_on.isoformat(),
            line.last_day.isoformat(),
            list_queries.STAGES[line.stage][0],
            line.on_register.words,
            line.signed_at,
        ]
        for line in lines
    )
    return csv_download(f"Placements {clock.today():%Y-%m-%d}.csv", HEAD, rows)


def _choice() -> tuple[PlacementFilter, dict[str, object]]:
    """The filter, and what it asks for; what cannot be understood asks for nothing."""
    form = PlacementFilter()
    form.offer(list_queries.lots_with_placements(actor()))
    right = form.validate()
    return form, {
        "words": (form.q.data or "") if right else "",
        "lot_id": form.lot_id if right else None,
        "state": (form.state.data or "") if right else "",
    }
