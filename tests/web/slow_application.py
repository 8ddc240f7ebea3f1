"""A WSGI application that tells which of its answers this is; of `/hold` it lets the caller wait."""

import time
from collections.abc import Iterable
from itertools import count
from typing import Any

HELD = 1.5  # seconds
_numbers = count(1)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with a number."""
    number = next(_numbers)
    if environ["PATH_INFO"] == "/hold":
        time.sleep(HELD)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Connection", "close")])
    return [str(number).encode()]
