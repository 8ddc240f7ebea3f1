"""The answers of a request side by side, choosing one of them, and what comes after."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.call_offs import comparing, queries, services
from portal.call_offs.bought import bought_for
from portal.call_offs.forms import CancelForm, ChooseForm
from portal.call_offs.routes import BY_HAND, ELSEWHERE, ROUTE_HINTS, ROUTES, in_time
from portal.call_offs.steps import steps_after
from portal.commissioning.provider_standing import NOT_IN_FORCE, provider_standing
from portal.commissioning.queries import referral_for
from portal.directory.offer import DAYS
from portal.web.addresses import portal_url
from portal.web.reading import read_by

bp = Blueprint("call_offs", __name__)


@bp.get("/requests/<uuid:referral_request>")
@requires("referral:read")
def answers(referral_request: UUID) -> ResponseReturnValue:
    """Everybody who was asked for one child, and what they offer."""
    request = comparing.request_for(actor(), referral_request)
    read_by(actor(), "referral", "request", referrals=[each.answer.id for each in request.offers])
    return render_template("call_offs/answers.html", request=request, days=DAYS, as_at=clock.now())


@bp.get("/referrals/<int:referral_id>/choose")
@requires("referral:send")
def choose(referral_id: int) -> ResponseReturnValue:
    """Why this one, and what becomes of the others."""
    return _choosing(referral_id, ChooseForm(formdata=None))


@bp.post("/referrals/<int:referral_id>/choose")
@requires("referral:send")
def confirm(referral_id: int) -> ResponseReturnValue:
    """Choose it."""
    form = ChooseForm()
    form.offer_routes(BY_HAND)
    if form.validate():
        with form.refusals():
            choice = services.call_off(
                referral_id=referral_id,
                route=form.route.data,
                reason=form.reason.data,
                pupil_preference=form.pupil_preference.data or "",
                parent_preference=form.parent_preference.data or "",
                portal_url=portal_url(),
                by=actor(),
            )
            flash("Your choice is kept, and everybody who was asked is told by letter.", "success")
            return redirect(url_for(".show", call_off_id=choice.id), 303)
    return _choosing(referral_id, form)


@bp.get("/choices/<int:call_off_id>")
@requires("referral:read", "referral:answer")
def show(call_off_id: int) -> ResponseReturnValue:
    """A choice and what comes next."""
    return _show(call_off_id, CancelForm(formdata=None))


@bp.post("/choices/<int:call_off_id>/cancel")
@requires("referral:send")
def cancel(call_off_id: int) -> ResponseReturnValue:
    """Choose nobody after all."""
    form = CancelForm()
    if form.validate():
        with form.refusals():
            services.cancel_call_off(
                call_off_id=call_off_id,
                reason=form.cancel_reason.data,
                portal_url=portal_url(),
                by=actor(),
            )
            flash("The choice is cancelled. The provider has been told by letter.", "success")
            return redirect(url_for(".show", call_off_id=call_off_id), 303)
    return _show(call_off_id, form)


def _choosing(referral_id: int, form: ChooseForm) -> ResponseReturnValue:
    referral = referral_for(actor(), referral_id)
    request = comparing.request_for(actor(), referral.request_id, with_reasons=False)
    read_by(actor(), "referral", referral_id)
    opened = in_time(queries.routes_open_for(referral.service_id), urgent=referral.urgent)
    routes = [route for route in opened if route in BY_HAND]
    form.offer_routes(routes)
    page = render_template(
        "call_offs/choose.html",
        referral=referral,
        request=request,
        form=form,
        routes=routes,
        hints=ROUTE_HINTS,
        elsewhere=[
            (ELSEWHERE[route], ROUTES[route], ROUTE_HINTS[route]) for route in opened if route in ELSEWHERE
        ],
        standing=provider_standing(referral.service_id),
        not_in_force=NOT_IN_FORCE,
        as_at=clock.now(),
    )
    return page, form.http_status


def _show(call_off_id: int, form: CancelForm) -> ResponseReturnValue:
    viewer = actor()
    choice = queries.call_off_for(viewer, call_off_id)
    read_by(viewer, "call_off", call_off_id)
    page = render_template(
        "call_offs/show.html",
        choice=choice,
        bought=bought_for(viewer, call_off_id) if choice.route == "block" else None,
        steps=steps_after(viewer, call_off_id) if choice.state == "chosen" else (),
        form=form,
        chooses=viewer.may("referral:read"),
        standing=provider_standing(choice.service_id) if choice.state == "chosen" else None,
        not_in_force=NOT_IN_FORCE,
        as_at=clock.now(),
    )
    return page, form.http_status
