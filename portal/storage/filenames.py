"""Names of files as people give them: made safe to keep, to show and to send back."""

import unicodedata
from urllib.parse import quote

LONGEST = 255
# They reverse the reading order: a name that ends in .exe could be shown as if it ended in .pdf.
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
_UNPRINTABLE = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


def clean_filename(given: str) -> str:
    """`given` without folders, control and reordering characters, at most 255 characters, its ending kept.

    Letters of every script, emoji, quotes and commas stay. Where nothing remains, it becomes "document".
    """
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    kept = "".join(
        " " if character.isspace() else character
        for character in last
        if character.isspace()
        or (character not in _REORDERING and unicodedata.category(character) not in _UNPRINTABLE)
    )
    name = " ".join(kept.split()).strip(". ")
    if not name:
        return "document"
    if len(name) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:LONGEST]
    return f"{stem[: LONGEST - len(ending) - 1]}.{ending}"


def ending_of(name: str) -> str:
    """What follows the last full stop, in lower case; empty when there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def attachment(filename: str) -> str:
    """A Content-Disposition that makes a browser save the file under `filename` (RFC 6266, RFC 8187).

    The plain parameter holds ASCII only, for old readers; the starred one holds the whole name.
    """
    name = clean_filename(filename)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join("_" if character in '"\\%' else character for character in plain).strip(" .")
    if not plain.rpartition(".")[0]:
        plain = f"document.{plain}" if plain else "document"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
