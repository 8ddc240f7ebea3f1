"""A round's dates put in order, with the gaps between them in working days. No database here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from portal import clock
from portal.web.filters import plural, uk_date, uk_datetime
from portal.working_days import KNOWN_UNTIL, working_days_between
from tender.frameworks.facts import RoundFacts
from tender.frameworks.time_warnings import nobody_works, time_warnings
from tender.frameworks.words import PHASES
from tender.timetable.models import STEPS


@dataclass(frozen=True, slots=True)
class Entry:
    """One date: what happens, when (a moment, or a day), how it stands, and the gap to the one before it.

    `standing` is one of set (published or drafted with the round), planned, done, promised. `gap` counts
    working days; None for the first.
    """

    what: str
    day: date
    moment: datetime | None
    standing: str
    gap: int | None = None

    @property
    def told(self) -> str:
        """'12 noon on Friday 6 March 2026, UK time (GMT)', or 'Friday 6 March 2026' for a whole day."""
        return zoned(self.moment) if self.moment else uk_date(self.day, weekday=True)

    @property
    def gap_told(self) -> str:
        """'10 working days later', 'the same working day'; empty for the first."""
        if self.gap == 0:
            return "the same working day"
        return f"{plural(self.gap, 'working day')} later" if self.gap is not None else ""


def zoned(moment: datetime) -> str:
    """'12 noon on Friday 6 March 2026, UK time (GMT)'."""
    return f"{uk_datetime(moment)} ({clock.london(moment):%Z})"


def timetable(facts: RoundFacts, planned: Mapping[str, date], further: Sequence[Entry] = ()) -> list[Entry]:
    """Every date of a round in order. What has happened takes the place of what was planned; so does one of
    the `further` dates that says the same."""
    said = {entry.what for entry in further}
    own = [*_set(facts), *_steps(facts, planned)]
    entries = [*(entry for entry in own if entry.what not in said), *further]
    if facts.answer_due_on and not facts.released_at:
        entries.append(Entry("Promised answer to applicants", facts.answer_due_on, None, "promised"))
    entries.sort(key=lambda entry: (entry.day, _end(entry)))
    return [
        entry if place == 0 else _with_gap(entry, entries[place - 1].day)
        for place, entry in enumerate(entries)
    ]


_further: list[Callable[[RoundFacts], list[Entry]]] = []


def also_dates(*asked: Callable[[RoundFacts], list[Entry]]) -> None:
    """Let the council's timetable show dates of higher rooms, which this one may not import; the public one
    never does."""
    _further.extend(each for each in asked if each not in _further)


def further_dates(facts: RoundFacts) -> list[Entry]:
    """The dates of higher rooms."""
    return [entry for each in _further for entry in each(facts)]


def cut_off_dates(cut_offs: Sequence[datetime]) -> list[Entry]:
    """The cut-offs that a draft plans after its own close, each the close of an intake of its own."""
    return [_at(f"Cut-off of intake {number}", at, "set") for number, at in enumerate(cut_offs, start=2)]


def warnings(facts: RoundFacts, entries: Sequence[Entry], cut_offs: Sequence[datetime] = ()) -> list[str]:
    """What whoever plans should look at: closing times, time to apply, days on which nobody works."""
    found = time_warnings(facts, cut_offs)
    found += [
        f"“{entry.what}” is planned for {uk_date(entry.day, weekday=True)}: {why}."
        for entry in entries
        if entry.standing == "planned" and (why := nobody_works(entry.day))
    ]
    answers = facts.answer_due_on
    letters = next((entry for entry in entries if entry.what == STEPS["letters"]), None)
    if answers and letters and letters.standing == "planned" and letters.day > answers:
        found.append(
            f"The letters are planned for {uk_date(letters.day)}, after the answer that is promised by "
            f"{uk_date(answers)}."
        )
    if any(entry.day > KNOWN_UNTIL for entry in entries):
        found.append(f"Bank holidays are known until {uk_date(KNOWN_UNTIL)}. Later days are counted without.")
    return found


def _set(facts: RoundFacts) -> list[Entry]:
    moments = (
        ("Published", facts.published_at, "done"),
        ("Opens for applications", facts.opens_at, "set"),
        ("Questions until", facts.questions_until, "set"),
        ("Answers to questions by", facts.answers_by, "set"),
        ("Closes", facts.closes_at, "set"),
        ("Promised files may follow until", facts.files_follow_until, "set"),
        (PHASES[facts.phase], facts.withdrawn_at, "done"),
    )
    return [_at(what, moment, standing) for what, moment, standing in moments if moment]


def _steps(facts: RoundFacts, planned: Mapping[str, date]) -> list[Entry]:
    """The steps that are done, and those that are planned unless the council has ended the round. The
    conditions are checked when marking starts."""
    done = {
        "open_box": facts.opened_at,
        "conformity": facts.marking_started_at,
        "decision": facts.decided_at,
        "letters": facts.released_at,
    }
    entries = []
    for step, what in STEPS.items():
        if moment := done.get(step):
            entries.append(_at(what, moment, "done"))
        elif step in planned and not facts.abandoned:
            entries.append(Entry(what, planned[step], None, "planned"))
    return entries


def _at(what: str, moment: datetime, standing: str) -> Entry:
    return Entry(what, clock.london(moment).date(), moment, standing)


def _end(entry: Entry) -> datetime:
    """When an entry is over on its day: a whole day comes after its moments."""
    return entry.moment or datetime.combine(entry.day, time.max, clock.LONDON)


def _with_gap(entry: Entry, before: date) -> Entry:
    gap = working_days_between(before, entry.day)
    return Entry(entry.what, entry.day, entry.moment, entry.standing, gap)
