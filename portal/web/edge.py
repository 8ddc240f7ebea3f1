"""The edge: the first that a request meets, before sessions, tokens and forms are looked at.

One rule for every close, whatever is done before it: starting, saving, uploading, promising, submitting,
taking back, asking. What counts is the moment noted here (`clock.arrived`), however long the request had
waited for a thread before (`queueing`), and however long its body or its turn in the database then takes.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from typing import Any

from flask import Flask
from werkzeug.wrappers import Response

from portal import clock
from portal.web.assets import URL_PREFIX
from portal.web.handling import error_page

PATIENCE = timedelta(seconds=10)
"""Whoever has waited so long for a page is told that the portal is busy: what people send goes first."""

# What costs next to nothing; and what leads to a submission, and tells that it was received.
_ALWAYS_ANSWERED = re.compile(rf"({URL_PREFIX}.*|/healthz|/readyz|/applications/\d+/(check|receipt))")


def init_edge(app: Flask) -> None:
    """Note when each request arrived, so that a closing time is compared with nothing later than that; and
    send readers away from a queue in which people give up, where pages would be made for nobody."""
    inner = app.wsgi_app

    @cache
    def busy() -> Response:
        """Made once: it is there to be quick."""
        with app.test_request_context():
            page, status = error_page(503, "busy")
            return app.process_response(Response(page, status, {"Retry-After": "10"}, mimetype="text/html"))

    def edge(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with clock.arriving():
            gave_up = clock.waited() > PATIENCE and may_wait(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            answer = busy() if gave_up else inner
            return answer(environ, start_response)

    app.wsgi_app = edge  # type: ignore[method-assign]


def may_wait(method: str, path: str) -> bool:
    """Whether a request only reads, and something that takes work."""
    return method in ("GET", "HEAD") and not _ALWAYS_ANSWERED.fullmatch(path)
