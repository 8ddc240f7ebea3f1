"""The edge: the first that a request meets, before sessions, tokens and forms are looked at.

One rule for every close, whatever is done before it: starting, saving, uploading, promising, submitting,
taking back, asking. What counts is the moment noted here (`clock.arrived`), however long the request had
waited for a thread before (`queueing`), and however long its body or its turn in the database then takes.
"""

from collections.abc import Iterable
from typing import Any

from flask import Flask

from portal import clock


def init_edge(app: Flask) -> None:
    """Note when each request arrived, so that a closing time is compared with nothing later than that."""
    inner = app.wsgi_app

    def edge(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        with clock.arriving():
            return inner(environ, start_response)

    app.wsgi_app = edge  # type: ignore[method-assign]
