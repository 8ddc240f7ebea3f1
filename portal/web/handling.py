"""Requests in, refusals and errors out: the request's reference, the error pages, the log line."""

import errno
import logging
import time
from uuid import uuid4

from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal.audit.services import request_id
from portal.errors import Conflict, NotFound, Refusal
from portal.web.brand import do_without_database

log = logging.getLogger("portal")
MOST_FORGOTTEN = 512 * 1024 * 1024


def init_handling(app: Flask) -> None:
    """Give every request a reference and every failure a page that says what happened."""
    app.before_request(_start)
    app.register_error_handler(CSRFError, lambda error: error_page(400, "form_expired"))
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(HTTPException, lambda error: error_page(error.code or 500))
    app.register_error_handler(NotFound, lambda error: error_page(404))
    app.register_error_handler(Conflict, lambda error: error_page(409, sentence=error.sentence))
    app.register_error_handler(Refusal, lambda error: error_page(409, sentence=error.sentence))
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)
    # A connection that broke, and whatever is tried on it before its transaction is given up.
    app.register_error_handler(DBAPIError, _broken_connection)
    app.register_error_handler(PendingRollbackError, _database_away)
    app.register_error_handler(OSError, _disk_full)
    app.register_error_handler(Exception, _unexpected)


def _start() -> None:
    g.request_id = uuid4().hex[:12]
    request_id.set(g.request_id)


def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    let_the_browser_finish()
    return error_page(413)


def let_the_browser_finish(seconds: float = 20) -> None:
    """Read what the browser still sends of a request that is too large, and forget it.

    Hung up on half-way, a browser shows that the connection broke, and never the page that says why.
    """
    deadline, left = time.monotonic() + seconds, min(request.content_length or 0, MOST_FORGOTTEN)
    # Above the limit nothing of it was read yet, and Werkzeug gives out no stream.
    refused_whole = left > (request.max_content_length or left)
    stream = request.environ["wsgi.input"] if refused_whole else request.stream
    while left > 0 and time.monotonic() < deadline:
        block = stream.read(min(left, 1024 * 1024))
        if not block:
            return
        left -= len(block)


def _broken_connection(error: DBAPIError) -> ResponseReturnValue:
    return _database_away(error) if error.connection_invalidated else _unexpected(error)


def _database_away(error: SQLAlchemyError) -> ResponseReturnValue:
    log.error("database unavailable", extra={"request_id": g.get("request_id")}, exc_info=error)
    body, status = error_page(503)
    return body, status, {"Retry-After": "10"}


def _disk_full(error: OSError) -> ResponseReturnValue:
    """Say that what was sent was not kept, where the machine has no room for it."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return _unexpected(error)
    log.error("no room on the disk", extra={"request_id": g.get("request_id")}, exc_info=error)
    body, status = error_page(503)
    return body, status, {"Retry-After": "60"}


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error(
        "unhandled error at %s", request.path, extra={"request_id": g.get("request_id")}, exc_info=error
    )
    return error_page(500)


def error_page(status: int, kind: str = "", sentence: str = "") -> tuple[str, int]:
    """The page for a status: what happened, what was kept, whom to ask, and the reference in the log."""
    if "request_id" not in g:
        _start()
    if status >= 500:
        do_without_database()
    known = status if status in (400, 403, 404, 409, 413, 429, 500, 503) else (400 if status < 500 else 500)
    try:
        page = render_template(
            f"errors/{known}.html", kind=kind, sentence=sentence, reference=g.request_id, status=status
        )
    except Exception:  # An error page that fails must still answer: plain text, from nothing but itself.
        log.exception("the error page failed", extra={"request_id": g.request_id})
        return f"Something went wrong. Reference {g.request_id}.", status
    return page, status
