"""What the words of a notice say about its lots, where its data do not.

Contracts Finder has no field for lots: they stand in the description, often run together. Whatever is found
here is a reading, to be offered to a person for confirmation.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

MAX_LOTS = 200
LONGEST_TITLE = 200
_MOST_HOURS_A_WEEK = 60
_FLAGS = re.IGNORECASE | re.ASCII

_NUMBER_WORDS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_NUMBER = rf"[0-9]{{1,3}}|{'|'.join(sorted(_NUMBER_WORDS, key=len, reverse=True))}"

# "Lot 6 - Creative/Media", "LOT 6: …", "Lot Six (for …)", "Lot 6 Creative"; not "Lot 6 and", "Lots 1 to 3".
_HEADING = re.compile(rf"\blot ?({_NUMBER})(?: ?[-–—−:.)|]+ ?(?=\S)| (?=\()| (?=(?-i:[A-Z])))", _FLAGS)
_CLAIM = re.compile(
    rf"\b({_NUMBER}) (?:(?:separate|different|distinct|individual|specialist|service) )?lots\b", _FLAGS
)
# A number of lots that a provider may apply for is no count of the lots.
_NOT_A_CLAIM = re.compile(
    r"\b(?:up to|(?:maximum|minimum) of|at most|at least|more than|(?:apply|bid|tender) for|any|of the) ?$",
    _FLAGS,
)
# The end of a sentence: a full stop before a capital, unless the stop belongs to a usual abbreviation.
_SENTENCE_END = re.compile(
    r"(?<!\b[Mm]in)(?<!\b[Mm]ax)(?<!\bincl)(?<!\binc)(?<!\bapprox)(?<!\be\.g)(?<!\bi\.e)(?<!\b[Nn]o)"
    r"[.;](?:$| (?=[A-Z“\"(]))"
    r"|\n(?![a-z])",
    re.MULTILINE,
)
# Words with which a remark to applicants starts, where no full stop parts it from the last lot.
_REMARK = re.compile(
    r" (?=(?:Please|NB|N\.B\.|Note:|Note that|Further information|For (?:further|more)|To apply|In addition"
    r"|(?:All |Existing |Interested )?(?:[Pp]roviders|[Aa]pplicants|[Tt]enderers|[Bb]idders|[Ss]uppliers)"
    r" (?:already|may|must|can|should|will|who|wishing|are)"
    r"|The (?:[Cc]ouncil|[Aa]uthority|[Ff]ramework|[Ss]ystem|[Cc]ontract)"
    r"|This (?:is|framework|system|contract)"
    r"|These lots|If you|You (?:may|must|can))\b)"
)
_UNREGISTERED = re.compile(
    r"\b(?:not (?:yet )?registered|un-?registered|non-?registered|non-school)\b", _FLAGS
)
_REGISTERED = re.compile(r"\bregistered\b", _FLAGS)
_HOURS = re.compile(
    r"\b(?P<least>min(?:imum)?\.?(?: of)?|at least|no (?:less|fewer) than) ?"
    r"(?P<hours>[0-9]{1,2}) ?(?:hours|hrs|hour|hr|h)\.? ?(?:per|an?|each|/) ?(?:week|wk)\b"
    r"|(?<![0-9.])(?P<hours_first>[0-9]{1,2}) ?(?:hours|hrs|hour|hr|h)\.? ?(?:per|an?|each|/) ?(?:week|wk)"
    r" (?:or more|minimum)\b",
    _FLAGS,
)


@dataclass(frozen=True, slots=True)
class LotInText:
    """A lot as the description names it: its number, its title, and what more is said of it."""

    number: int
    title: str
    description: str | None


def lots_in(description: str) -> list[LotInText]:
    """The lots that a description lists, in order; empty when it lists none.

    A list is the longest run of headings whose numbers rise; a lot mentioned elsewhere is not part of it.
    """
    text = _even_spaces(description)
    run = max(_rising_runs(list(_HEADING.finditer(text))), key=len, default=[])[:MAX_LOTS]
    ends = [following.start() for _, following in pairwise(run)]
    lots = [
        _lot(heading, text[heading.end() : end], last=False) for heading, end in zip(run, ends, strict=False)
    ]
    if run:
        lots.append(_lot(run[-1], text[run[-1].end() :], last=True))
    return [lot for lot in lots if lot.title]


def claimed_lot_count(description: str) -> int | None:
    """How many lots the description says there are ("the following 10 Lots", "divided into three lots")."""
    text = _even_spaces(description).replace("\n", " ")
    for found in _CLAIM.finditer(text):
        if not _NOT_A_CLAIM.search(text[max(0, found.start() - 20) : found.start()]):
            return _as_number(found[1])
    return None


def registered_only(title: str) -> bool | None:
    """True when the title says registered, False when it says not registered, None when neither or both."""
    without = _UNREGISTERED.sub("", title)
    said = {
        value
        for value, is_said in ((False, without != title), (True, _REGISTERED.search(without)))
        if is_said
    }
    return said.pop() if len(said) == 1 else None


def minimum_hours_a_week(words: str) -> int | None:
    """The least whole hours a week that the words ask for ("Min of 25 hours per week")."""
    found = _HOURS.search(words)
    hours = int(found["hours"] or found["hours_first"]) if found else 0
    return hours if 0 < hours <= _MOST_HOURS_A_WEEK else None


def _lot(heading: re.Match[str], words: str, *, last: bool) -> LotInText:
    """The lot under a heading. After the last one anything may follow, so only its title is taken."""
    remark = _REMARK.search(words)
    words = (words[: remark.start()] if remark else words).strip()
    end = _SENTENCE_END.search(words)
    title = " ".join((words[: end.start()] if end else words).split()).strip(" -–—:;,.")
    rest = " ".join(words[end.end() :].split()) if end and not last else ""
    if len(title) > LONGEST_TITLE:
        rest = "" if last else f"{title} {rest}".strip()
        title = title[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    return LotInText(_as_number(heading[1]), title, rest or None)


def _rising_runs(headings: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """The headings parted wherever the number does not rise."""
    run: list[re.Match[str]] = []
    for heading in headings:
        if run and _as_number(heading[1]) <= _as_number(run[-1][1]):
            yield run
            run = []
        run.append(heading)
    if run:
        yield run


def _as_number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBER_WORDS.index(word.lower()) + 1


def _even_spaces(text: str) -> str:
    """One space for any run of spaces, one line break for any run with a line break in it."""
    return re.sub(r"[^\S\n]*\n\s*", "\n", re.sub(r"[^\S\n]+", " ", text.replace("\r", "\n"))).strip()
