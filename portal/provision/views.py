"""The pages on which a provider keeps a service's page and its free places."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.directory.offer import HALVES
from portal.directory.queries import own_service
from portal.errors import NotFound, Refusal
from portal.provision import queries, services
from portal.provision.facts import PARTS
from portal.provision.forms import PART_FORMS, PartForm, PlacesForm
from portal.web.addresses import portal_url
from portal.web.forms import Form

bp = Blueprint("provision", __name__)


@bp.get("/services/<int:service_id>/page")
@requires("service:edit")
def show(service_id: int) -> ResponseReturnValue:
    """The parts of the page, and how far each is."""
    return _overview(service_id, Form(formdata=None))


def _overview(service_id: int, form: Form) -> ResponseReturnValue:
    page = queries.page_of(actor(), service_id)
    drawn = render_template("provision/show.html", page=page, form=form, as_at=clock.now())
    return drawn, form.http_status


@bp.get("/services/<int:service_id>/page/<part>")
@requires("service:edit")
def edit(service_id: int, part: str) -> ResponseReturnValue:
    """One part as a form."""
    page = queries.page_of(actor(), service_id)
    if part not in PARTS:
        raise NotFound()
    return _part(page, part, PART_FORMS[part].showing(page.parts[part].values, page.seen))


def _part(page: queries.ServicePage, part: str, form: PartForm, stale: bool = False) -> ResponseReturnValue:
    drawn = render_template("provision/part.html", page=page, part=page.parts[part], form=form, stale=stale)
    return drawn, form.http_status


@bp.post("/services/<int:service_id>/page/<part>")
@requires("service:edit")
def save(service_id: int, part: str) -> ResponseReturnValue:
    """Save one part; show both versions when a colleague was first."""
    page = queries.page_of(actor(), service_id)
    if part not in PARTS:
        raise NotFound()
    form, stale = PART_FORMS[part](), False
    if form.validate():
        try:
            at_once = services.save_part(
                service_id=service_id, part=part, values=form.values(), seen=form.seen.data or "", by=actor()
            )
        except Refusal as refusal:
            form.refuse(refusal)
            stale = isinstance(refusal, services.StalePage)
        else:
            seen = "Schools see this from now on." if at_once else "Send it to the council when all is ready."
            flash(f"Saved. {seen}", "success")
            return redirect(url_for(".show", service_id=service_id), 303)
    if stale:
        page = queries.page_of(actor(), service_id)
        form.seen.data = page.seen
    return _part(page, part, form, stale=stale)


@bp.post("/services/<int:service_id>/page/send")
@requires("service:edit")
def send(service_id: int) -> ResponseReturnValue:
    """Send what is to be checked to the council."""
    try:
        services.send_for_check(service_id=service_id, portal_url=portal_url(), by=actor())
    except Refusal as refusal:
        form = Form(formdata=None)
        form.refuse(refusal)
        return _overview(service_id, form)
    flash(
        "Sent. The council checks it and writes to you. Schools see what stood before until then.", "success"
    )
    return redirect(url_for(".show", service_id=service_id), 303)


@bp.post("/services/<int:service_id>/page/take-back")
@requires("service:edit")
def take_back(service_id: int) -> ResponseReturnValue:
    """Take back what the council has not checked yet."""
    services.take_back(service_id=service_id, by=actor())
    flash("Taken back. Change it, then send it again.", "success")
    return redirect(url_for(".show", service_id=service_id), 303)


@bp.get("/services/<int:service_id>/places")
@requires("service:edit")
def places(service_id: int) -> ResponseReturnValue:
    """Ten numbers and one button."""
    service = own_service(actor(), service_id)
    return _places(service_id, PlacesForm.showing(service.free_by_session))


def _places(service_id: int, form: PlacesForm) -> ResponseReturnValue:
    drawn = render_template(
        "provision/places.html",
        service=own_service(actor(), service_id),
        form=form,
        halves=HALVES.values(),
        as_at=clock.now(),
    )
    return drawn, form.http_status


@bp.post("/services/<int:service_id>/places")
@requires("service:edit")
def confirm(service_id: int) -> ResponseReturnValue:
    """Confirm the free places as of now."""
    own_service(actor(), service_id)
    form = PlacesForm()
    if form.validate():
        with form.refusals():
            services.confirm_places(service_id=service_id, free=form.free(), by=actor())
            flash("Confirmed. Schools see these places with today’s date.", "success")
            return redirect(url_for("directory.show", service_id=service_id), 303)
    return _places(service_id, form)
