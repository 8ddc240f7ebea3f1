"""What the script of a file question asks: where to send parts, that a file is whole, that it is given up."""

from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.storage.refusals import StorageUnavailable
from portal.web.uploading import announced, refused, sending_as_json
from tender.applications import upload_services
from tender.applications.answer_services import note_failed_upload
from tender.applications.answer_views import ONCE, PER_LOT

bp = Blueprint("uploads", __name__)


@bp.post(f"{ONCE}/uploads")
@bp.post(f"{PER_LOT}/uploads")
@requires("application:edit")
def begin(application_id: int, code: str, lot_id: int | None = None) -> ResponseReturnValue:
    """Where the parts of the announced file go."""
    sending = upload_services.begin(
        application_id=application_id, code=code, lot_id=lot_id, by=actor(), **announced()
    )
    return sending_as_json(sending)


@bp.post(f"{ONCE}/uploads/<uuid:upload_id>")
@bp.post(f"{PER_LOT}/uploads/<uuid:upload_id>")
@requires("application:edit")
def finish(application_id: int, code: str, upload_id: UUID, lot_id: int | None = None) -> ResponseReturnValue:
    """Every part is there."""
    place: dict[str, Any] = {"application_id": application_id, "code": code, "lot_id": lot_id}
    try:
        document_id = upload_services.finish(**place, upload_id=upload_id, by=actor())
    except StorageUnavailable:
        note_failed_upload(application_id=application_id, by=actor())
        raise
    return {"document": str(document_id)}


@bp.delete(f"{ONCE}/uploads/<uuid:upload_id>")
@bp.delete(f"{PER_LOT}/uploads/<uuid:upload_id>")
@requires("application:edit")
def cancel(application_id: int, code: str, upload_id: UUID, lot_id: int | None = None) -> ResponseReturnValue:
    """Give a file up."""
    upload_services.cancel(
        application_id=application_id, code=code, lot_id=lot_id, upload_id=upload_id, by=actor()
    )
    return "", 204


@bp.errorhandler(Refusal)
def say_why(refusal: Refusal) -> ResponseReturnValue:
    """Tell the script in a sentence why not."""
    return refused(refusal)
