"""What in a text would say who a child is: only patterns that are certain enough to refuse.

A name cannot be told from other words, so the page asks people to leave it out; these can.
"""

import re
from collections.abc import Iterator

from portal.directory.postcodes import locate

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:(?:19|20)\d\d|'?\d\d)"

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
# Unique pupil number: a letter, eleven digits, and a digit or (in a temporary one) a letter. DfE UPN guide.
_PUPIL_NUMBER = re.compile(r"\b[A-Z](?:[ -]?\d){11}[ -]?[0-9A-Z]\b", re.IGNORECASE)
_DATE = re.compile(
    rf"\b(?:{_DAY}\s*[/.-]\s*(?:0?[1-9]|1[0-2])\s*[/.-]\s*(?:19|20)?\d\d"
    r"|(?:19|20)\d\d[/.-](?:0?[1-9]|1[0-2])[/.-](?:0?[1-9]|[12]\d|3[01])"
    rf"|{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}"
    rf"|{_MONTH}\s+{_DAY},?\s+(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"(?<![\w.])(?:\+44\s?(?:\(0\)\s?)?|\(?0)(?:[ ().-]{0,2}\d){9,10}(?!\d)")
# Unique learner numbers and NHS numbers have ten digits.
_LONG_NUMBER = re.compile(r"(?<![\w.£])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w.])")
_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)\s*([0-9][A-Z]{2})\b", re.IGNORECASE)

_KINDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_EMAIL, "an email address"),
    (_PUPIL_NUMBER, "a pupil number"),
    (_DATE, "a full date, which could be a date of birth: a month and a year are enough"),
    (_TELEPHONE, "a telephone number"),
    (_LONG_NUMBER, "a number that could be the child's learner or NHS number"),
)


NOT_YET = "The provider must not learn who the child is yet."


def identifier_in(text: str, *, because: str = NOT_YET) -> str | None:
    """What to take out of `text` since it could say who the child is, and why; None when nothing could."""
    for what, found in _identifiers(text):
        return f"Take out “{found}”: it looks like {what}. {because}"
    return None


def _identifiers(text: str) -> Iterator[tuple[str, str]]:
    for pattern, what in _KINDS:
        if match := pattern.search(text):
            yield what, match[0].strip()
    for match in _POSTCODE.finditer(text):
        if _is_postcode(match):
            yield "a full postcode: the first half is enough", match[0]


def _is_postcode(match: re.Match[str]) -> bool:
    """Whether it is a place. 'B1 2nd' is not: a capital in front and an ordinal behind."""
    ordinal = re.fullmatch(r"1st|2nd|3rd|\dth", match[2]) is not None
    return not ordinal and locate(match[0]) is not None
