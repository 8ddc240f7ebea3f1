"""The page of an answer's earlier versions: to read, to put one back."""

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import Conflict, NotFound, Refusal
from portal.web.pagination import SIZE, Page, offset_of, page_number
from tender.applications import queries
from tender.applications.answer_views import ONCE, PER_LOT, address_of
from tender.applications.contents import Item
from tender.applications.forms import PutBackForm
from tender.applications.version_queries import versions_of
from tender.applications.version_services import put_back

bp = Blueprint("answer_versions", __name__)


@bp.get(f"{ONCE}/versions")
@bp.get(f"{PER_LOT}/versions")
@requires("application:edit")
def show(application_id: int, code: str, lot_id: int | None = None) -> ResponseReturnValue:
    """Who saved what when, and one version beside what stands now."""
    item = _own_item(application_id, code, lot_id)
    return _page(application_id, item, PutBackForm(formdata=None, data={"version": str(item.version)}))


@bp.post(f"{ONCE}/versions")
@bp.post(f"{PER_LOT}/versions")
@requires("application:edit")
def save(application_id: int, code: str, lot_id: int | None = None) -> ResponseReturnValue:
    """Put the chosen version back and show the question with it."""
    item = _own_item(application_id, code, lot_id)
    form = PutBackForm()
    if form.validate_on_submit():
        try:
            put_back(
                application_id=application_id,
                code=code,
                lot_id=lot_id,
                earlier=page_number(form.earlier.data),
                version=form.drawn_with,
                by=actor(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.put_version(item.version)
            form.refuse(refusal)
            return _page(application_id, item, form), 409 if isinstance(refusal, Conflict) else 422
        flash("The earlier version is put back. What stood before is still among the versions.", "success")
        return redirect(address_of(application_id, item), 303)
    return _page(application_id, item, form), 422


def _own_item(application_id: int, code: str, lot_id: int | None) -> Item:
    item = queries.own_item_for(actor(), application_id, code, lot_id)
    if item.asked.kind == "file":
        raise NotFound()
    return item


def _page(application_id: int, item: Item, form: PutBackForm) -> str:
    number = page_number(request.args.get("page"))
    asked_for = form.earlier.data or request.args.get("version")
    versions = versions_of(
        item, most=SIZE, skip=offset_of(number), read=page_number(asked_for) if asked_for else None
    )
    form.put_earlier(versions.read.number if versions.read else 0)
    return render_template(
        "applications/versions.html",
        facts=queries.own_application_for(actor(), application_id),
        item=item,
        form=form,
        versions=versions,
        page=Page(versions.found, number, versions.total),
    )
