"""What the script of the vault's forms asks: where parts go, that a file is whole, that it is given up."""

from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.evidence import upload_services
from portal.web.uploading import announced, refused, sending_as_json

bp = Blueprint("evidence_uploads", __name__)
HERE = "/organisation/evidence/uploads"


@bp.post(HERE)
@requires("evidence:edit")
def begin() -> ResponseReturnValue:
    """Where the parts of the announced file go."""
    return sending_as_json(upload_services.begin(by=actor(), **announced()))


@bp.post(f"{HERE}/<uuid:upload_id>")
@requires("evidence:edit")
def finish(upload_id: UUID) -> ResponseReturnValue:
    """Every part is there."""
    upload_services.hold(upload_id=upload_id, by=actor())
    return {"upload": str(upload_id)}


@bp.delete(f"{HERE}/<uuid:upload_id>")
@requires("evidence:edit")
def cancel(upload_id: UUID) -> ResponseReturnValue:
    """Give a file up."""
    upload_services.cancel(upload_id=upload_id, by=actor())
    return "", 204


@bp.errorhandler(Refusal)
def say_why(refusal: Refusal) -> ResponseReturnValue:
    """Tell the script in a sentence why not."""
    return refused(refusal)
