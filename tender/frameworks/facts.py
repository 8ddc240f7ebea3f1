"""Rounds and lots as queries hand them out: frozen facts, no rows that somebody could change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement

from portal.accounts.access import Actor
from portal.clock import london, today
from portal.web.filters import money
from portal.working_days import add_working_days, working_days_between
from tender.frameworks.lifecycle import ABANDONED
from tender.frameworks.models import PRICE_UNITS
from tender.regimes.reference import MARKS, reference

NEAR = 5  # working days before a promised answer at which the council is reminded


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """A round with its framework's facts and its phase at the moment of asking.

    `opens_at` is when it opens: for an intake, once the one before it has closed. `closes_at` is when it
    closes for everyone, extensions included; `published_closes_at` is what was first
    published, and `last_closes_at` when the last applicant's time is over. `questions_until` and `answers_by`
    are with extensions too. `withdrawn_at` is when the council ended it without an outcome, before the
    opening of its box or after it. `weighs` is whether its pack has
    anything that adds to a total: a question that is marked, or a price that is scored.
    """

    id: int
    number: int
    state: str
    phase: str
    opens_at: datetime
    closes_at: datetime
    published_closes_at: datetime
    last_closes_at: datetime
    questions_until: datetime | None
    answers_by: datetime | None
    late_upload_hours: int | None
    names_hidden: bool
    how_to_apply: str
    always_open: bool
    answer_within: int | None
    answer_at_most: int | None
    answer_later_because: str
    published_at: datetime | None
    opened_at: datetime | None
    marking_started_at: datetime | None
    decided_at: datetime | None
    released_at: datetime | None
    withdrawn_at: datetime | None
    framework_id: int
    council_id: int
    reference: str
    title: str
    description: str
    buyer_name: str
    legal_regime: str
    kind: str
    value_amount: Decimal | None
    starts_on: date
    ends_on: date
    notice_identifier: str | None
    ocid: str | None
    opened_by_two: bool
    needs_certificate: bool
    weighs: bool
    sections: Sequence[Mapping[str, str]]

    @property
    def section_titles(self) -> dict[str, str]:
        """The titles of the pack's parts by code, in order."""
        return titles_of(self.sections)

    @property
    def admits_by(self) -> str:
        """By what its kind of framework admits: see `tender.regimes.reference.ADMISSION_IN_WORDS`."""
        return reference().kinds[self.legal_regime, self.kind].admits_by

    @property
    def by_conditions(self) -> bool:
        """Whether conditions alone decide: nothing is marked, and outcomes follow the checks at once."""
        return not self.weighs and self.admits_by != MARKS

    @property
    def name(self) -> str:
        """How people call it: 'Round 4 of Manchester Alternative Education Provision'."""
        return f"Round {self.number} of {self.title}"

    @property
    def abandoned(self) -> bool:
        """Whether the council ended it without an outcome, before the opening of its box or after it."""
        return self.state in ABANDONED

    @property
    def reached(self) -> str:
        """The state that it is in or, once it is abandoned, the one in which it ended."""
        if not self.abandoned:
            return self.state
        stages = (
            (self.decided_at, "decided"),
            (self.marking_started_at, "marking"),
            (self.opened_at, "opened"),
        )
        return next((state for since, state in stages if since), "published")

    @property
    def box_opens_from(self) -> datetime:
        """When the tender box may be opened: nobody's time runs any more, nor that of their files."""
        return self.last_closes_at + timedelta(hours=self.late_upload_hours or 0)

    @property
    def files_follow_until(self) -> datetime | None:
        """Until when files may follow that were promised before the close; None where none may."""
        return self.closes_at + timedelta(hours=self.late_upload_hours) if self.late_upload_hours else None

    @property
    def answer_due_on(self) -> date | None:
        """The day by which applicants are promised their answer; None where nothing is promised."""
        if self.abandoned:
            return None
        days = self.answer_at_most if self.answer_later_because else self.answer_within
        return add_working_days(london(self.closes_at).date(), days) if days else None

    @property
    def answer_is_near(self) -> bool:
        """Whether a promised answer is due within a week, or late."""
        waits = self.phase in ("closed", "opened", "marking", "decided")
        due = self.answer_due_on
        return waits and due is not None and working_days_between(today(), due) <= NEAR


@dataclass(frozen=True, slots=True)
class LotFacts:
    """A lot as a round offers it, with its conditions; `price_ceiling` is in pounds for one `price_unit`,
    `minimum_total` the total out of 100 that a tender has to reach, where one is asked for.

    Where no round is meant, the price is the one that a new round starts from.
    """

    id: int
    number: str
    position: int
    title: str
    registered_only: bool
    minimum_hours_a_week: int | None
    maximum_hours_a_week: int | None = None
    key_stages: Sequence[str] = ()
    largest_group: int | None = None
    public_liability: Decimal | None = None
    employers_liability: Decimal | None = None
    professional_indemnity: Decimal | None = None
    price_ceiling: Decimal | None = None
    price_unit: str = "day"
    minimum_total: Decimal | None = None

    @property
    def highest_price(self) -> str:
        """'£120 a day'; empty where any price is accepted."""
        return (
            ""
            if self.price_ceiling is None
            else f"{money(self.price_ceiling)} {PRICE_UNITS[self.price_unit]}"
        )

    @property
    def name(self) -> str:
        """'Lot 6: Creative and media'."""
        return f"Lot {self.number}: {self.title}"


def titles_of(sections: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The titles of a pack's parts by code, in order."""
    return {section["code"]: section["title"] for section in sections}


OF_A_ROUND = ("price_ceiling", "price_unit", "minimum_total")
"""What of `LotFacts` a round says, and not the lot itself."""


@dataclass(frozen=True, slots=True)
class ApplicationCounts:
    """How many providers have started and submitted: all that may be known before the opening."""

    started: int = 0
    submitted: int = 0


@dataclass(frozen=True, slots=True)
class Detail:
    """What a noun above has to say of a round on its public page, under a `name`.

    `column` is SQL for one value, or None where this viewer has none; `read` makes of it what the template is
    given. All details of a page are read by one statement.
    """

    name: str
    column: Callable[[RoundFacts, Actor], ColumnElement[Any] | None]
    read: Callable[[RoundFacts, Any], object]
