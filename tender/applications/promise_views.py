"""The pages of promised files: promise one, take it back, and deliver it after the close."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import NotFound, Refusal
from portal.storage.refusals import StorageUnavailable, in_megabytes
from portal.storage.uploads import LARGEST_FILE, unfinished
from portal.web.forms import Form
from portal.web.uploading import announced, refused, sending_as_json
from tender.applications import promise_services, queries
from tender.applications.answer_services import note_failed_upload
from tender.applications.answer_views import ONCE, PER_LOT, address_of
from tender.applications.forms import DocumentsForm
from tender.applications.promise_forms import PromiseForm

bp = Blueprint("promises", __name__)
PROMISED = "/applications/<int:application_id>/promised"


@bp.route(f"{ONCE}/promise", methods=["GET", "POST"])
@bp.route(f"{PER_LOT}/promise", methods=["GET", "POST"])
@requires("application:edit")
def promise(application_id: int, code: str, lot_id: int | None = None) -> ResponseReturnValue:
    """Give name, size and SHA-256 of a file that follows."""
    facts = queries.own_application_for(actor(), application_id)
    item = queries.own_item_for(actor(), application_id, code, lot_id)
    if item.asked.kind != "file" or not facts.editable or facts.files_follow_until is None:
        raise NotFound()
    form = PromiseForm()
    if form.validate_on_submit():
        try:
            promise_services.promise_file(
                application_id=application_id,
                code=code,
                lot_id=lot_id,
                filename=form.filename.data or "",
                size=form.size.data or 0,
                sha256=form.sha256.data or "",
                by=actor(),
            )
        except Refusal as refusal:
            form.refuse(refusal, "filename")
        else:
            return redirect(address_of(application_id, item), 303)
    page = render_template(
        "applications/promise.html", facts=facts, item=item, form=form, back=address_of(application_id, item)
    )
    return page, form.http_status


@bp.post(f"{ONCE}/promises/<int:promise_id>")
@bp.post(f"{PER_LOT}/promises/<int:promise_id>")
@requires("application:edit")
def take_back(
    application_id: int, code: str, promise_id: int, lot_id: int | None = None
) -> ResponseReturnValue:
    """Promise a file no longer."""
    place: dict[str, Any] = {"application_id": application_id, "code": code, "lot_id": lot_id}
    promise_services.take_back(**place, promise_id=promise_id, by=actor())
    return redirect(url_for("answers.show", **place), 303)


@bp.get(PROMISED)
@requires("application:edit")
def show(application_id: int) -> ResponseReturnValue:
    """What was promised and is not here, until when it may follow, and where to upload it."""
    return _page(application_id, DocumentsForm(formdata=None))


@bp.post(PROMISED)
@requires("application:edit")
def deliver(application_id: int) -> ResponseReturnValue:
    """Keep the files that the form brought, each for the promise that it keeps."""
    queries.own_application_for(actor(), application_id)
    form = DocumentsForm()
    if form.validate_on_submit():
        for file in form.files:
            try:
                promise_services.deliver(
                    application_id=application_id,
                    stream=file.stream,
                    filename=file.filename or "",
                    by=actor(),
                )
            except StorageUnavailable as refusal:
                note_failed_upload(application_id=application_id, by=actor())
                form.refuse(refusal, "value")
            except NotFound:
                raise
            except Refusal as refusal:
                form.refuse(refusal, "value")
    if form.errors:
        return _page(application_id, form), 422
    return redirect(url_for(".show", application_id=application_id), 303)


def _page(application_id: int, form: Form) -> str:
    facts = queries.own_application_for(actor(), application_id)
    if facts.state != "submitted" or facts.files_follow_until is None:
        raise NotFound()
    items = [item for item in queries.tender_of(facts).items if item.promised]
    place = promise_services.delivered_to(application_id)
    return render_template(
        "applications/promised.html",
        facts=facts,
        items=items,
        form=form,
        largest=LARGEST_FILE,
        unfinished=unfinished(place=place, organisation_id=facts.provider_id),
        in_words=in_megabytes,
    )


@bp.post(f"{PROMISED}/uploads")
@requires("application:edit")
def begin(application_id: int) -> ResponseReturnValue:
    """Where the parts of the announced file go."""
    try:
        sending = promise_services.begin_delivery(application_id=application_id, by=actor(), **announced())
    except Refusal as refusal:
        return refused(refusal)
    return sending_as_json(sending)


@bp.post(f"{PROMISED}/uploads/<uuid:upload_id>")
@requires("application:edit")
def finish(application_id: int, upload_id: UUID) -> ResponseReturnValue:
    """Every part is there."""
    try:
        document_id = promise_services.finish_delivery(
            application_id=application_id, upload_id=upload_id, by=actor()
        )
    except Refusal as refusal:
        return refused(refusal)
    return {"document": str(document_id)}


@bp.delete(f"{PROMISED}/uploads/<uuid:upload_id>")
@requires("application:edit")
def cancel(application_id: int, upload_id: UUID) -> ResponseReturnValue:
    """Give a file up for now; its promise stands."""
    promise_services.cancel_delivery(application_id=application_id, upload_id=upload_id, by=actor())
    return "", 204
