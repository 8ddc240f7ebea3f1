"""A round as a line of stages: what is done, where it stands, what comes next, and the pages of each."""

from dataclasses import dataclass, replace
from datetime import datetime

from tender.frameworks.facts import RoundFacts
from tender.frameworks.lifecycle import ROUND

_ORDER = ("draft", "upcoming", "open", "closed", "opened", "marking", "decided", "released")
_NAMES = (
    "Set up and check",
    "Published, not open yet",
    "Open for applications",
    "Closed, tender box shut",
    "Tender box opened, conditions checked",
    "Marking and moderation",
    "Outcomes decided",
    "Letters released",
)


# What a stage is where conditions alone decide.
_UNMARKED = {"Marking and moderation": "Outcomes recommended and approved"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: 'done', 'now' or 'later', and since when or from when, where that is known."""

    name: str
    standing: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Room:
    """A page of a round that another part of the portal draws."""

    name: str
    endpoint: str
    hint: str


# From which state of the round each page has something to show.
_ROOMS = (
    ("draft", Room("Pack", "packs.show", "Questions, weights, minimums and the scale")),
    ("draft", Room("Timetable", "timetable.show", "Every date, planned and past, in working days")),
    ("draft", Room("Intakes", "intakes.show", "Always open or one close, and the answer that you promise")),
    ("draft", Room("Documents", "round_documents.index", "Specification, contract terms, guidance")),
    (
        "draft",
        Room("Conflicts assessment", "conflicts.show", "Who takes part, and what could sway them"),
    ),
    ("published", Room("Panel", "assignments.panel", "Who marks, and who moderates")),
    (
        "published",
        Room("Questions and answers", "clarifications.index", "What providers ask"),
    ),
    ("opened", Room("Conformity", "conformity.show", "Conditions: passed, failed, to be decided")),
    (
        "opened",
        Room("Exclusion checks", "exclusions.index", "Exclusion grounds and debarment, tenderer by tenderer"),
    ),
    ("marking", Room("Moderation", "moderation.agenda", "Agreed marks and their reasons")),
    ("marking", Room("Results", "outcomes.results", "Totals and ranks by lot")),
    ("marking", Room("Decisions", "outcomes.decisions", "Recommended and approved outcomes")),
    (
        "marking",
        Room("Assessment summaries", "summaries.index", "Why each mark is what it is, for the letters"),
    ),
    ("marking", Room("Letters", "release.letters", "Read through, then released together")),
    ("marking", Room("Records", "records.index", "Decision report, tables, score ledger")),
    ("released", Room("Award data", "reports.awards", "What notices ask for, also as JSON")),
    (
        "opened",
        Room("Complaints and challenges", "challenges.index", "What came, and by when it is answered"),
    ),
)


# The pages that have nothing to show where nothing is marked.
_OF_MARKS = ("assignments.panel", "moderation.agenda", "outcomes.results", "summaries.index")


def stages_of(facts: RoundFacts) -> list[Stage]:
    """Every stage in order. The first counts as done once the round is published."""
    # Of a round that was withdrawn nothing is said of how far its time had come.
    passed = "upcoming" if facts.phase == "withdrawn" else facts.reached if facts.abandoned else facts.phase
    here = _ORDER.index(passed)
    moments = (
        None,
        facts.published_at,
        facts.opens_at,
        facts.closes_at,
        facts.opened_at,
        facts.marking_started_at,
        facts.decided_at,
        facts.released_at,
    )
    ended = facts.phase == "released"
    names = [_UNMARKED.get(name, name) if facts.by_conditions else name for name in _NAMES]
    stages = [
        Stage(name, "done" if place < here or ended else ("now" if place == here else "later"), moment)
        for place, (name, moment) in enumerate(zip(names, moments, strict=True))
    ]
    if facts.phase == "withdrawn":
        gone_through = [replace(stage, standing="done") for stage in stages[: here + 1]]
        return [*gone_through, Stage("Withdrawn: no application is opened", "now", facts.withdrawn_at)]
    if facts.abandoned:
        last = Stage(f"{names[here]}: ended here, nobody is admitted", "now", facts.withdrawn_at)
        return [*stages[:here], last]
    return stages


def next_date(facts: RoundFacts) -> tuple[str, datetime] | None:
    """The next thing that time itself brings: what, and when."""
    if facts.phase in ("draft", "upcoming"):
        return "Opens", facts.opens_at
    return ("Closes", facts.closes_at) if facts.phase == "open" else None


def rooms_of(facts: RoundFacts) -> list[Room]:
    """The pages that have something to show in the round's present state."""
    reached = ROUND.states.index(facts.reached)
    there = [room for since, room in _ROOMS if ROUND.states.index(since) <= reached]
    return [room for room in there if not (facts.by_conditions and room.endpoint in _OF_MARKS)]
