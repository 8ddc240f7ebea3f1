"""Text as people send it, made safe to keep: characters that no database or letter can hold never get in."""

import re
import unicodedata

_UNKEEPABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_text(text: str) -> str:
    """`text` without control characters, lone surrogates as U+FFFD, lines ended by `\\n`, in Unicode form C.

    PostgreSQL refuses NUL; UTF-8 cannot hold a lone surrogate. Nothing that a person can see is removed.
    """
    text = _LONE_SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", _UNKEEPABLE.sub("", text))
