"""The page of a round's timetable for the council."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from tender.frameworks.queries import cut_offs_of, round_for
from tender.timetable import services
from tender.timetable.dates import cut_off_dates, further_dates, timetable, warnings
from tender.timetable.forms import plan_form
from tender.timetable.queries import planned_dates

bp = Blueprint("timetable", __name__)


@bp.get("/rounds/<int:round_id>/timetable")
@requires("framework:manage", "evaluation:read")
def show(round_id: int) -> ResponseReturnValue:
    """All dates of a round in order, with what to look at."""
    facts = round_for(actor(), round_id)
    cut_offs = cut_offs_of(facts)
    entries = timetable(facts, planned_dates(facts), [*cut_off_dates(cut_offs), *further_dates(facts)])
    return render_template(
        "timetable/show.html", round=facts, entries=entries, warnings=warnings(facts, entries, cut_offs)
    )


@bp.route("/rounds/<int:round_id>/timetable/plan", methods=["GET", "POST"])
@requires("framework:manage")
def plan(round_id: int) -> ResponseReturnValue:
    """Set the planned dates."""
    facts = round_for(actor(), round_id)
    form = plan_form(planned_dates(facts))
    if form.validate_on_submit():
        with form.refusals():
            services.plan_dates(by=actor(), round_id=round_id, planned=form.planned)
            return redirect(url_for(".show", round_id=round_id), 303)
    page = render_template("timetable/plan.html", round=facts, form=form)
    return page, form.http_status
