"""A notice between its upload and its confirmation, and as the database keeps it.

It travels with the confirmation page, sealed: nothing is stored for a framework that nobody confirms, two
officers do not meet, and what is kept at the end is what was uploaded, whatever a browser did to the page.
"""

import json
import math
import re
from datetime import datetime
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer

from portal.errors import Refusal
from tender.frameworks.notice import Notice, NoticeUnreadable, read_notice

LONGEST_SEALED = 1_500_000
# JSON may spell what no database can hold: the character NUL and half a surrogate pair.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


def as_published(data: bytes) -> dict[str, Any]:
    """The content of a notice that `read_notice` accepts, key by key as published."""
    text = data.decode(json.detect_encoding(data)).lstrip("\ufeff")
    content: dict[str, Any] = _keepable(
        json.loads(text, parse_int=_whole, parse_float=_fraction, parse_constant=str)
    )
    return content


def reread(published: dict[str, Any]) -> Notice:
    """The notice in what `as_published` gave."""
    return read_notice(json.dumps(published).encode())


def seal(published: dict[str, Any], secret: str) -> str:
    """One line of text that holds the notice and shows any change to it. Raises `NoticeUnreadable` when the
    notice is too long to travel with a page."""
    sealed = _sealer(secret).dumps(published)
    if len(sealed) > LONGEST_SEALED:
        raise NoticeUnreadable(
            "This notice is too long to be confirmed on a page. Take out releases or documents that do not "
            "belong to this procurement, and upload it again."
        )
    return str(sealed)


def unseal(sealed: str, secret: str) -> dict[str, Any]:
    """The notice in a sealed text. Raises `Refusal` when it is not whole."""
    try:
        content: dict[str, Any] = _sealer(secret).loads(sealed)
    except BadSignature:
        raise Refusal("The notice did not arrive whole. Upload it again.") from None
    return content


def suggested(published: dict[str, Any] | None) -> tuple[int | None, datetime | None]:
    """The number and the closing time of the round that a kept notice announces, where it gives them."""
    if not published:
        return None, None
    notice = reread(published)
    found = re.search(r"\bround ([1-9][0-9]?)\b", notice.title, re.IGNORECASE)
    return int(found[1]) if found else None, notice.tender_deadline


def _sealer(secret: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret, salt="published notice")


def _keepable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNKEEPABLE.sub("", value)
    if isinstance(value, list):
        return [_keepable(item) for item in value]
    if isinstance(value, dict):
        return {_UNKEEPABLE.sub("", key): _keepable(item) for key, item in value.items()}
    return value


def _whole(literal: str) -> int | str:
    try:
        return int(literal)
    except ValueError:  # More digits than anything means.
        return literal


def _fraction(literal: str) -> float | str:
    value = float(literal)
    return value if math.isfinite(value) else literal
