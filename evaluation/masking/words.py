"""Masking identifiers in text: which forms of a name are looked for, and what stands in their place.

It hides too much rather than too little: a name is looked for in full, without its legal form, in its
beginning and in its initials. A code or a number that no register gave, a nickname or a description may still
identify; evaluators report that.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

HIDDEN = "[name hidden]"

_LEGAL_FORMS = re.compile(
    r"[\s,(]+(?:c\.?i\.?c\.?|ltd\.?|limited|llp|plc|cio|charity|community interest company)\)?$",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_TITLES = r"(?:mr|mrs|ms|miss|mx|dr|prof|professor|rev|revd|sir|dame|lady|lord)\.?\s+"
# Words that begin many names and that any answer may begin a sentence with.
_EVERYDAY = frozenset(
    """after alternative around before better beyond bright building centre changing children community
    connect council creative education every family first forward future futures green growing inclusive
    independent journey learning local manchester moving national north open other outdoor people positive
    practical progress provider school second skills small south steps student support teaching their together
    training trust under urban where which young youth""".split()  # noqa: SIM905
)
SHORTEST = 4  # letters of a first word, digits of a number: anything shorter tells nothing apart
FEWEST_INITIALS = 3


@dataclass(frozen=True, slots=True)
class Identifier:
    """Something by which a provider is known. `kind` is name, person, number, email, web or place."""

    kind: str
    text: str


def mask_for(identifiers: Iterable[Identifier]) -> "Mask":
    """What hides these identifiers."""
    loose: set[str] = set()
    exact: set[str] = set()
    for each in identifiers:
        text = " ".join(each.text.split())
        if not text:
            continue
        if each.kind == "name":
            loose.update(_names(text))
            exact.update(_marks_of(text))
        elif each.kind == "person":
            loose.update(_people(text))
        elif each.kind == "web":
            loose.update(_domains(text))
        elif each.kind == "number":
            loose.update(_numbers(text))
        elif each.kind == "place":
            loose.update(_places(text))
        else:
            loose.update(_domains_of_email(text))
    return Mask(_any_of(loose, re.IGNORECASE), _any_of(exact, 0))


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides a provider's identifiers. The looser pattern knows no capital letters, the other does."""

    loose: re.Pattern[str] | None
    exact: re.Pattern[str] | None

    def hide(self, text: str) -> str:
        """`text` with `HIDDEN` where an identifier or an e-mail address stood."""
        text = _EMAIL.sub(HIDDEN, text)
        for pattern in (self.loose, self.exact):
            if pattern is not None:
                text = pattern.sub(HIDDEN, text)
        return text


NO_MASK = Mask(None, None)


def _any_of(patterns: set[str], flags: int) -> re.Pattern[str] | None:
    if not patterns:
        return None
    longest_first = sorted(patterns, key=lambda each: (-len(each), each))
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", flags)


def _pattern(text: str) -> str:
    """A text however its words are spaced, joined or apostrophed."""
    words = [re.escape(word) for word in re.split(r"[\s\-–_/&]+", text) if word]
    joined = r"(?:[\s\-–_/]|&|\band\b)*".join(words)
    return re.sub(r"['’]", "['’]?", joined)


def _names(name: str) -> Iterator[str]:
    """A name, the name without its legal form, and every beginning of it of two words or more."""
    yield _pattern(name)
    short = name
    while (shorter := _LEGAL_FORMS.sub("", short)) != short and shorter:
        short = shorter
        yield _pattern(short)
    bare = re.sub(r"^the\s+", "", short, flags=re.IGNORECASE)
    words = bare.split()
    for many in range(2, len(words) + 1):
        if any(word.casefold() not in _EVERYDAY for word in words[:many]):
            yield _pattern(" ".join(words[:many]))


def _marks_of(name: str) -> Iterator[str]:
    """The first word of a name and its initials, as they are written: with their capitals."""
    short = re.sub(r"^[Tt]he\s+", "", _LEGAL_FORMS.sub("", name))
    words = re.findall(r"[^\W_]+(?:['’][^\W_]+)?", short)
    if words and len(words[0]) >= SHORTEST and words[0].casefold() not in _EVERYDAY:
        yield re.escape(words[0])
        yield re.escape(words[0].upper())
    initials = "".join(word[0] for word in words if word[0].isupper())
    if len(initials) >= FEWEST_INITIALS:
        yield re.escape(initials)


def _people(name: str) -> Iterator[str]:
    """A person's name, its first and last word together, and the last one after a title."""
    yield _pattern(name)
    words = re.sub(rf"^{_TITLES}", "", name, flags=re.IGNORECASE).split()
    if len(words) > 1:
        yield _pattern(" ".join(words))
        yield _pattern(f"{words[0]} {words[-1]}")
    if words:
        yield _TITLES + re.escape(words[-1])


def _numbers(number: str) -> Iterator[str]:
    """A number, spaced in whatever way, with or without the zeros before it."""
    signs = re.findall(r"\w", number)
    if len(signs) >= SHORTEST:
        bare = "".join(signs).lstrip("0")
        yield "0*" + r"[\s\-.()]*".join(map(re.escape, bare or signs))


def _domains(address: str) -> Iterator[str]:
    """A web address by its host."""
    host = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    bare = host.removeprefix("www.")
    if "." in bare:
        yield rf"(?:https?://)?(?:[\w-]+\.)*{re.escape(bare)}(?:/[\w./?=&%#-]*)?"


def _places(address: str) -> Iterator[str]:
    """An address, and those of its parts that have a number: the house, the postcode."""
    yield _pattern(address)
    for part in re.split(r",", address):
        if re.search(r"\d", part) and len(part.strip()) > SHORTEST:
            yield _pattern(part)


# Where many people have their address, so that it tells nothing of an organisation.
_COMMON_HOSTS = frozenset(
    ("gmail", "googlemail", "outlook", "hotmail", "live", "yahoo", "icloud", "btinternet")
)


def _domains_of_email(address: str) -> Iterator[str]:
    host = address.rpartition("@")[2]
    if host.partition(".")[0].casefold() not in _COMMON_HOSTS:
        yield from _domains(host)
