"""How a page's script and the portal talk about a file that goes to the store in parts.

Any noun that takes files so has three addresses: POST announces a file (`announced`) and is told where its
parts go (`sending_as_json`); POST and DELETE on the same address with `/<upload>` finish it or give it up.
Refusals are answered by `refused`. On the page, `components/uploads.html` and `uploads.js` do their part.
"""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from portal.errors import Conflict, NotFound, Refusal
from portal.storage.refusals import PartsMissing, StorageUnavailable
from portal.storage.uploads import Sending

STATUSES = {NotFound: 404, Conflict: 409, PartsMissing: 409, StorageUnavailable: 503}


def announced() -> dict[str, Any]:
    """What the request says of a file: filename, size in bytes, sha256. Raises `BadRequest`."""
    said = request.get_json()
    match said:
        case {"filename": str(), "size": int(size), "sha256": str(sha256)} if (
            _is_sha256(sha256) and size >= 0
        ):
            return {name: said[name] for name in ("filename", "size", "sha256")}
    raise BadRequest


def _is_sha256(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def sending_as_json(sending: Sending) -> ResponseReturnValue:
    """The answer to an announced file."""
    return {
        "upload": str(sending.id),
        "partSize": sending.part_size,
        "parts": [{"number": number, "address": each} for number, each in sending.addresses.items()],
        "arrived": sending.arrived,
    }


def refused(refusal: Refusal) -> ResponseReturnValue:
    """The answer to a file that is not taken, with the sentence.

    The status tells the script what to do: 404 and 409 of a file that was announced, announce it again; 503,
    try again later; else there is nothing more to try.
    """
    status = next((status for kind, status in STATUSES.items() if isinstance(refusal, kind)), 422)
    return {"message": refusal.sentence}, status
