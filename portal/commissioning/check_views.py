"""The page of a school's own checks of a provider."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.commissioning import check_queries as queries
from portal.commissioning.check_forms import SignForm
from portal.commissioning.check_services import sign_check

bp = Blueprint("school_checks", __name__)


@bp.get("/services/<int:service_id>/your-checks")
@requires("referral:read")
def show(service_id: int) -> ResponseReturnValue:
    """What the school has checked of this provider, and what is missing."""
    return _page(service_id, SignForm(formdata=None, done_by=actor().name))


@bp.post("/services/<int:service_id>/your-checks")
@requires("check:sign")
def sign(service_id: int) -> ResponseReturnValue:
    """Sign a check."""
    form = SignForm()
    if form.validate():
        with form.refusals():
            sign_check(
                service_id=service_id,
                kind=form.kind.data,
                done_on=form.done_on.data,
                done_by=form.done_by.data or "",
                note=form.note.data or "",
                by=actor(),
            )
            flash("Signed, with today’s date and your name.", "success")
            return redirect(url_for(".show", service_id=service_id), 303)
    return _page(service_id, form)


def _page(service_id: int, form: SignForm) -> ResponseReturnValue:
    viewer = actor()
    service = queries.service_to_check(viewer, service_id)
    page = render_template(
        "commissioning/own_checks.html",
        service=service,
        checks=queries.checks_for(viewer, service.provider_id),
        form=form,
        as_at=clock.now(),
    )
    return page, form.http_status
