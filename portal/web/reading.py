"""Who read what: a line in the trail for a page that shows a tender or something about a child."""

from typing import Any

from flask import after_this_request
from flask.wrappers import Response

from portal.audit.services import Doer, record_read


def read_by(reader: Doer, subject_type: str, subject_id: object, **details: Any) -> None:
    """Record that `reader` is shown a subject, once the page is drawn and before it is sent.

    A page that fails is not recorded; a page whose reading cannot be recorded is not sent.
    """

    @after_this_request
    def write(response: Response) -> Response:
        if response.status_code in (200, 422):
            record_read(f"{subject_type}.read", subject_type, subject_id, by=reader, **details)
        return response
