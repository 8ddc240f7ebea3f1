"""Reading a document that somebody else wrote: every value is checked, and each refusal says where."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from portal.errors import Refusal

LARGEST = 2 * 1024 * 1024  # bytes; the longest pack that was seen is a twentieth of it
DEEPEST = 12
MOST_SHOWN = 20
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
# What PostgreSQL does not keep in text: NUL and halves of a character; and what no page can show.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class NotAPack(Refusal):
    """The document cannot be read as a pack: `sentences` say what is wrong, each with its place."""

    def __init__(self, sentences: Collection[str]) -> None:
        more = len(sentences) - MOST_SHOWN
        self.sentences = (*tuple(sentences)[:MOST_SHOWN], *([f"And {more} more."] if more > 0 else []))
        super().__init__(" ".join(self.sentences), field="file")


def parsed(data: bytes | str) -> Any:
    """What a JSON document holds. Raises `NotAPack` for too much, too deep, or something else than JSON."""
    if len(data) > LARGEST:
        raise NotAPack([f"The file is larger than {LARGEST // 1024 // 1024} MB. No pack is."])
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        found = json.loads(text, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise NotAPack(["The file is not text in UTF-8. Choose a pack that a portal has exported."]) from None
    except (ValueError, RecursionError):
        raise NotAPack(["The file is not JSON. Choose a pack that a portal has exported."]) from None
    if _depth(found) > DEEPEST:
        raise NotAPack(["The file is nested too deeply to be a pack."])
    return found


def _no_number(constant: str) -> None:
    raise ValueError(constant)


def _depth(found: Any) -> int:
    """How deep lists and objects stand inside each other, without a call for each level."""
    depth, level = 0, [found]
    while level and depth <= DEEPEST:
        inner = [tuple(value.values()) if isinstance(value, dict) else value for value in level]
        level = [part for value in inner if isinstance(value, list | tuple) for part in value]
        depth += bool(level)
    return depth


class Place:
    """One object of the document, called `name` in sentences, which go into `wrong`.

    Each method takes one value out by its key, notes a sentence when it is not as it must be, and then gives
    something harmless instead, so that the reading goes on and finds the rest.
    """

    def __init__(self, name: str, found: Any, wrong: list[str]) -> None:
        self.name, self.wrong = name, wrong
        self.found: Mapping[str, Any] = found if isinstance(found, dict) else {}
        if not isinstance(found, dict):
            self.note("is not an object with named values.")

    def note(self, sentence: str) -> None:
        """Say what is wrong here."""
        self.wrong.append(f"{self.name}: {sentence}")

    def known(self, keys: Collection[str]) -> None:
        """Allow no other keys than these."""
        for key in sorted(self.found.keys() - set(keys)):
            self.note(f"“{key[:40]}” is unknown. Take it out.")

    def text(self, key: str, most: int, needed: bool = False) -> str:
        """Text of up to `most` characters; empty when missing."""
        value = self.found.get(key, "")
        if not isinstance(value, str) or len(value) > most or _UNPRINTABLE.search(value):
            self.note(f"“{key}” must be text of at most {most:,} characters.")
            return ""
        if needed and not value.strip():
            self.note(f"“{key}” is missing.")
        return value.strip()

    def code(self, key: str) -> str:
        """A code: small letters, digits and underscores."""
        value = self.found.get(key)
        if not isinstance(value, str) or not _CODE.fullmatch(value):
            self.note(
                f"“{key}” must be up to 40 small letters, digits and underscores, beginning with a letter."
            )
            return ""
        return value

    def flag(self, key: str) -> None:
        """True or false."""
        if not isinstance(self.found.get(key, False), bool):
            self.note(f"“{key}” must be true or false.")

    def whole(self, key: str, least: int, most: int, needed: bool = False) -> int | None:
        """A whole number; None when missing."""
        value = self.found.get(key)
        if value is None and not needed:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.note(f"“{key}” must be a whole number from {least:,} to {most:,}.")
            return None
        return value

    def exact(self, key: str, least: int, most: int) -> Decimal | None:
        """A number of up to 2 decimals, spelt as text; None when missing."""
        value = self.found.get(key)
        if value is None:
            return None
        if (number := exact_number(value)) is None or not least <= number <= most:
            self.note(f'“{key}” must be a number from {least:,} to {most:,}, written as text, like "12.5".')
            return None
        return number

    def one_of(self, key: str, allowed: Collection[str], needed: bool = True) -> Any:
        """One of the allowed words; None when missing."""
        value = self.found.get(key)
        if value is None and not needed:
            return None
        if not isinstance(value, str) or value not in allowed:
            self.note(f"“{key}” must be one of {', '.join(allowed)}.")
            return None
        return value

    def listed(self, key: str, most: int, fits: Callable[[Any], bool], each: str) -> tuple[Any, ...]:
        """A list of up to `most` values that each fit; empty when missing. `each` says what one is."""
        value = self.found.get(key, [])
        if not isinstance(value, list) or len(value) > most or not all(map(fits, value)):
            self.note(f"“{key}” must be a list of at most {most}, each {each}.")
            return ()
        return tuple(value)

    def places(self, key: str, most: int, name: Callable[[int, Any], str]) -> list["Place"]:
        """The objects listed under a key, each called what `name` says of its number and of itself."""
        value = self.found.get(key, [])
        if not isinstance(value, list) or len(value) > most:
            self.note(f"“{key}” must be a list of at most {most}.")
            return []
        return [Place(name(number, found), found, self.wrong) for number, found in enumerate(value, start=1)]


def exact_number(value: Any) -> Decimal | None:
    """The number that a short text spells, of up to 2 decimals; None for anything else."""
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,12}(\.[0-9]{1,2})?", value):
        return None
    return Decimal(value)


def is_text(value: Any, most: int = 500) -> bool:
    """Whether it is printable text, not empty and not too long."""
    return isinstance(value, str) and 0 < len(value) <= most and not _UNPRINTABLE.search(value)


def is_pair(value: Any) -> bool:
    """Whether it is a list of a value and a label."""
    return isinstance(value, list) and len(value) == 2 and all(map(is_text, value))
