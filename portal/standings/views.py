"""The council's register of standings, one standing with its history, changing it, deciding a removal."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.standings import evidence_queries, queries, services
from portal.standings.forms import ChangeForm, DecideForm, RegisterFilter
from portal.web.addresses import portal_url
from portal.web.pagination import Page, page_number

bp = Blueprint("standings", __name__)


@bp.get("/standings")
@requires("standing:read")
def index() -> ResponseReturnValue:
    """Who stands where today, by provider, lot and status."""
    viewer, form = actor(), RegisterFilter()
    form.offer(queries.lots_for(viewer))
    right = form.validate()
    number = page_number(request.args.get("page"))
    found, total = queries.register(
        viewer,
        words=(form.q.data or "") if right else "",
        lot_id=form.lot_id,
        status=(form.status.data or "") if right else "",
        page=number,
    )
    return render_template(
        "standings/index.html", form=form, page=Page(found, number, total), as_at=clock.now()
    )


@bp.get("/standings/<int:standing_id>")
@requires("standing:read")
def show(standing_id: int) -> ResponseReturnValue:
    """One standing: what it is worth today, what keeps it open, and what happened to it."""
    viewer = actor()
    standing = queries.standing_for(viewer, standing_id)
    return render_template(
        "standings/show.html",
        standing=standing,
        asked=evidence_queries.asked_of([standing])[standing.id],
        changes=queries.changes_of([standing.id]),
        lapses=queries.lapses_of(standing.id),
        checks=evidence_queries.checks_of(standing.provider_id, standing.council_id, most=20),
        as_at=clock.now(),
    )


@bp.route("/standings/<int:standing_id>/change", methods=["GET", "POST"])
@requires("standing:change")
def make_change(standing_id: int) -> ResponseReturnValue:
    """Suspend, review, reinstate, or propose a removal."""
    viewer, form = actor(), ChangeForm()
    standing = queries.standing_for(viewer, standing_id)
    form.offer(standing)
    if form.validate_on_submit():
        with form.refusals():
            change_id = services.change(
                standing_id=standing_id, intended=form.intended(), portal_url=portal_url(), by=viewer
            )
            flash("Done. The provider, and the schools that it concerns, are told by letter.", "success")
            return redirect(url_for(".change", change_id=change_id), 303)
    page = render_template("standings/make_change.html", standing=standing, form=form, as_at=clock.now())
    return page, form.http_status


@bp.get("/standings/changes/<int:change_id>")
@requires("standing:read")
def change(change_id: int) -> ResponseReturnValue:
    """One change: why, what the provider answered, and what was decided."""
    return _change(change_id, DecideForm(formdata=None))


@bp.post("/standings/changes/<int:change_id>")
@requires("standing:decide")
def decide(change_id: int) -> ResponseReturnValue:
    """Approve a removal, or return it."""
    form = DecideForm()
    if form.validate_on_submit():
        with form.refusals():
            services.decide(
                change_id=change_id,
                approve=form.decision.data == "approve",
                note=form.note.data or "",
                portal_url=portal_url(),
                by=actor(),
            )
            flash("Your decision is kept. The provider is told by letter.", "success")
            return redirect(url_for(".change", change_id=change_id), 303)
    return _change(change_id, form)


def _change(change_id: int, form: DecideForm) -> ResponseReturnValue:
    viewer = actor()
    found, standing = queries.change_for(viewer, change_id)
    decides = (
        found.state == "proposed"
        and viewer.may("standing:decide")
        and found.proposed_by_id != viewer.person_id
    )
    page = render_template(
        "standings/change.html",
        change=found,
        standing=standing,
        form=form,
        decides=decides,
        as_at=clock.now(),
    )
    return page, form.http_status
