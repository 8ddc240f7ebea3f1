"""Text as people send it, made safe to keep: characters that no database or letter can hold never get in."""

import re
import unicodedata
from typing import TypeVar
from uuid import UUID

Other = TypeVar("Other")

_UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """`text` without control characters, lone surrogates as U+FFFD, lines ended by `\\n`, in Unicode form C.

    PostgreSQL refuses NUL; UTF-8 cannot hold a lone surrogate. Nothing that a person can see is removed.
    """
    text = _LONE_SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", _UNKEEPABLE.sub("", text))


def number_in(text: str | None, otherwise: Other, *, digits: int = 9) -> int | Other:
    """The whole number that a page sent back, which an `integer` holds; `otherwise` for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= digits else otherwise


def id_in(text: str | None, otherwise: Other) -> int | Other:
    """The id that a page sent back, which a `bigint` holds; `otherwise` for anything else."""
    return number_in(text, otherwise, digits=18)


def uuid_in(text: str | None) -> UUID | None:
    """The UUID that a page sent back; None for anything else."""
    try:
        return UUID(text or "")
    except ValueError:
        return None
