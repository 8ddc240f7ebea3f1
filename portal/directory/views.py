"""The search, a service's page, and the page on which its provider changes it."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.audit.queries import trail_of
from portal.directory import queries
from portal.directory.forms import SearchForm, ServiceForm
from portal.directory.postcodes import miles
from portal.directory.services import StaleService, update_service
from portal.errors import Refusal
from portal.web.pagination import Page, page_number

bp = Blueprint("directory", __name__)
bp.add_app_template_filter(miles, "miles")


@bp.get("/search")
@requires("directory:search")
def search() -> ResponseReturnValue:
    """Find approved provision. All choices are in the address; without JavaScript nothing is missing."""
    form = SearchForm()
    criteria = form.criteria(clock.today(), page_number(request.args.get("page")))
    result = queries.search(criteria)
    form.offer(result)
    return render_template(
        "directory/search.html",
        form=form,
        criteria=criteria,
        result=result,
        page=Page(result.hits, criteria.page, result.reachable),
        selected=[(words, _address_without(name, value)) for words, name, value in form.chosen(result)],
        as_at=clock.now(),
    )


def _address_without(name: str, value: str) -> str:
    """The address of this search without one choice, from its first page."""
    kept: dict[str, list[str]] = {}
    for other, values in request.args.lists():
        kept[other] = [v for v in values if other != name or v != value]
    kept.pop("page", None)
    if name in ("words", "places"):
        kept.pop(name, None)
    return url_for("directory.search", **kept)  # type: ignore[arg-type]


@bp.get("/services/<int:service_id>")
@requires("directory:search", "service:edit", "audit:read")
def show(service_id: int) -> ResponseReturnValue:
    """What a visitor wants to know of a service on the way there."""
    viewer = actor()
    service = queries.service_for(viewer, service_id)
    return render_template(
        "directory/show.html",
        service=service,
        search_url=_search_url(),
        own=viewer.organisation_id == service.provider_id,
        trail=trail_of("standing", service.standing_id) if viewer.may("audit:read") else (),
        as_at=clock.now(),
    )


def _search_url() -> str:
    """The search that led here, as the browser tells it; else an empty one."""
    empty = url_for("directory.search")
    came_from = urlsplit(request.referrer or "")
    ours = came_from.netloc == request.host and came_from.path == empty
    return f"{empty}?{came_from.query}" if ours and came_from.query else empty


@bp.get("/services/<int:service_id>/edit")
@requires("service:edit")
def edit(service_id: int) -> ResponseReturnValue:
    """The service as a form."""
    service = queries.own_service(actor(), service_id)
    return render_template(
        "directory/edit.html", form=ServiceForm.showing(service), service=service, stale=False
    )


@bp.post("/services/<int:service_id>/edit")
@requires("service:edit")
def save(service_id: int) -> ResponseReturnValue:
    """Save the service; show both versions when a colleague was first."""
    service = queries.own_service(actor(), service_id)
    form, stale = ServiceForm(), False
    if form.validate():
        try:
            update_service(
                service_id=service_id, version=form.seen_version(), changes=form.changes(), by=actor()
            )
        except Refusal as refusal:
            form.refuse(refusal)
            stale = isinstance(refusal, StaleService)
        else:
            flash("Saved. Schools see this from now on.", "success")
            return redirect(url_for("directory.show", service_id=service_id), 303)
    if stale:
        service = queries.own_service(actor(), service_id)
        form.version.data = str(service.version)
    return render_template("directory/edit.html", form=form, service=service, stale=stale), 422
