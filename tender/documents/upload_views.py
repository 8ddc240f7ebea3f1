"""What the script of a paper's form asks: where parts go, that a file is whole, that it is given up."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.uploading import announced, refused, sending_as_json
from tender.documents import upload_services

bp = Blueprint("paper_uploads", __name__)
HERE = "/rounds/<int:round_id>/documents/uploads"


@bp.post(HERE)
@requires("framework:manage")
def begin(round_id: int) -> ResponseReturnValue:
    """Where the parts of the announced file go."""
    return sending_as_json(upload_services.begin(round_id=round_id, by=actor(), **announced()))


@bp.post(f"{HERE}/<uuid:upload_id>")
@requires("framework:manage")
def finish(round_id: int, upload_id: UUID) -> ResponseReturnValue:
    """Every part is there."""
    upload_services.hold(round_id=round_id, upload_id=upload_id, by=actor())
    return {"upload": str(upload_id)}


@bp.delete(f"{HERE}/<uuid:upload_id>")
@requires("framework:manage")
def cancel(round_id: int, upload_id: UUID) -> ResponseReturnValue:
    """Give a file up."""
    upload_services.cancel(round_id=round_id, upload_id=upload_id, by=actor())
    return "", 204


@bp.errorhandler(Refusal)
def say_why(refusal: Refusal) -> ResponseReturnValue:
    """Tell the script in a sentence why not."""
    return refused(refusal)
