"""What is known of one tender for one lot, and what follows from it. Nothing here touches the database.

The pages, the letters and the admission all read a tender through these, so that they cannot differ: what
each mark adds to the total, what a minimum or a failed condition means, and the outcome that follows from
both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from evaluation.outcomes.python_totals import weighted
from portal.profiles.words import GROUND_NAMES
from portal.web.filters import points, uk_date

ADMIT = "admit"
ON_CONDITIONS = "admit_conditionally"
NOT_ADMIT = "not_admit"
EXCLUDED = "excluded"
ADMITTED = (ADMIT, ON_CONDITIONS)
OUTCOME_WORDS = {
    ADMIT: "Admit",
    ON_CONDITIONS: "Admit with conditions",
    NOT_ADMIT: "Do not admit",
    EXCLUDED: "Exclude",
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What a provider admitted on conditions has to show, and by when; a code of `DOCUMENT_TYPES`, where it
    is a document. `moved_to` is the latest day given since, where more time was."""

    text: str
    evidence_type: str | None
    due_on: date
    moved_to: date | None = None

    @property
    def in_words(self) -> str:
        """'by 3 May 2027: A certificate.', with the later day where there is one."""
        later = f", moved to {uk_date(self.moved_to)}" if self.moved_to else ""
        return f"by {uk_date(self.due_on)}{later}: {self.text}"


@dataclass(frozen=True, slots=True)
class Failure:
    """A condition that was not met, by its title, and why."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Missed:
    """A question whose agreed mark is below the minimum that the pack asks for."""

    title: str
    points: int
    minimum: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The outcome that the pack's own rules lead to, in words that a person confirms or changes."""

    outcome: str
    reason: str

    @property
    def in_words(self) -> str:
        """'Do not admit'."""
        return OUTCOME_WORDS[self.outcome]


@dataclass(frozen=True, slots=True)
class Reopened:
    """An approved decision as it stood before it was reopened, and why. `reopened_by` is None where the
    portal did. `conditions` are [text, kind of document, day]."""

    outcome: str
    exclusion_ground: str | None
    reason: str
    conditions: Sequence[Sequence[str | None]]
    recommended_by: str
    approved_by: str
    approved_at: datetime
    because: str
    reopened_at: datetime
    reopened_by: str | None

    @property
    def in_words(self) -> str:
        """'Admit with conditions: by 3 May 2027, a certificate. Reason: …'."""
        ground = f", ground: {GROUND_NAMES[self.exclusion_ground]}" if self.exclusion_ground else ""
        asked = "; ".join(
            f"by {uk_date(date.fromisoformat(due or ''))}, {text}" for text, _, due in self.conditions
        )
        return f"{OUTCOME_WORDS[self.outcome]}{ground}{f': {asked}' if asked else ''}. Reason: {self.reason}"


@dataclass(frozen=True, slots=True)
class LotOutcome:
    """One tender for one lot: conditions, kept result and decision. No result until it is computed, and none
    where nothing is `weighed`: conditions alone decide then.

    `minimum_total` is what the lot asks for, where it does; `quality` is what marks have of the numerator;
    `price_refused` is why the price does not count, where a
    person decided that. The decision is the one that counts: `replaces_id` and `challenge_id` say in the
    place of which, and because of what, where it was made anew.
    """

    application_id: int
    provider_id: int
    provider_name: str
    lot_id: int
    lot_number: str
    lot_title: str
    stands: bool
    weighed: bool
    failures: tuple[Failure, ...]
    missed: tuple[Missed, ...]
    minimum_total: Decimal | None
    numerator: Decimal | None
    denominator: int | None
    quality: Decimal | None
    price_refused: str | None
    rank: int | None
    shared: int | None
    marks_version: int | None
    decision_id: int | None
    state: str | None
    outcome: str | None
    exclusion_ground: str | None
    conditions: tuple[Condition, ...]
    reason: str | None
    version: int | None
    return_reason: str | None
    recommended_by: str | None
    recommended_by_id: int | None
    recommended_at: datetime | None
    approved_by: str | None
    approved_by_id: int | None
    approved_at: datetime | None
    replaces_id: int | None
    challenge_id: int | None

    @property
    def lot_name(self) -> str:
        """'Lot 6: Creative and media'."""
        return f"Lot {self.lot_number}: {self.lot_title}"

    @property
    def total(self) -> Fraction | None:
        """The exact total out of 100."""
        if self.numerator is None or self.denominator is None:
            return None
        return Fraction(self.numerator) / self.denominator

    @property
    def for_price(self) -> Fraction | None:
        """What the price adds to the total, exactly; 0 where no price is scored."""
        if self.numerator is None or self.quality is None or self.denominator is None:
            return None
        return Fraction(self.numerator - self.quality) / self.denominator

    @property
    def ranked(self) -> str:
        """'2', or '2=' where others have the same total; empty for a tender without a rank."""
        return "" if self.rank is None else f"{self.rank}{'=' if (self.shared or 0) > 1 else ''}"

    @property
    def in_words(self) -> str:
        """'Admit with conditions'; empty before anything is recommended."""
        return OUTCOME_WORDS.get(self.outcome or "", "")

    @property
    def admits(self) -> bool:
        """Whether the decision, such as it stands, lets the provider in, on conditions or without."""
        return self.outcome in ADMITTED

    @property
    def ground(self) -> str:
        """The exclusion ground in words; empty unless the provider is excluded."""
        return GROUND_NAMES[self.exclusion_ground] if self.exclusion_ground else ""

    @property
    def may_be_admitted(self) -> bool:
        """Whether the published rules leave room for it: every condition met, every minimum reached."""
        return self.stands and (self.rank is not None or not self.weighed)

    @property
    def short_of_total(self) -> str:
        """That the total is below what the lot asks for, in a sentence; empty where it is not."""
        if self.total is None or self.minimum_total is None or self.total >= self.minimum_total:
            return ""
        asked = points(self.minimum_total)
        nearly = " before rounding" if points(self.total) == asked else ""
        return f"The total is below the minimum of {asked} for this lot{nearly}."

    @property
    def suggestion(self) -> Suggestion | None:
        """What follows from conditions and minimums; None while a tender that stands has no result."""
        if not self.stands:
            failed = " ".join(f"{failure.title}: {failure.reason}" for failure in self.failures)
            return Suggestion(NOT_ADMIT, f"A condition for this lot was not met. {failed}")
        if not self.weighed:
            return Suggestion(ADMIT, "Every condition for this lot was met.")
        if self.total is None:
            return None
        total = f"The total is {points(self.total)} out of 100."
        if self.rank is None and self.price_refused:
            return Suggestion(NOT_ADMIT, f"The price does not count. {self.price_refused} {total}")
        if self.rank is None:
            below = "; ".join(f"{each.title} ({each.points}, minimum {each.minimum})" for each in self.missed)
            marks = f"The agreed mark is below the minimum for: {below}." if below else ""
            return Suggestion(NOT_ADMIT, " ".join(filter(None, (marks, self.short_of_total, total))))
        reached = (
            "every mark and the total reached their minimums"
            if self.minimum_total
            else ("every mark reached its minimum")
        )
        return Suggestion(ADMIT, f"Every condition was met and {reached}. {total}")


@dataclass(frozen=True, slots=True)
class Criterion:
    """A scored question with its agreed mark, for one lot where it is answered per lot; and what the
    assessment summary says of it, once there is something about this mark."""

    answer_id: int
    application_id: int
    lot_id: int | None
    title: str
    weight: Decimal
    minimum: int
    highest: int
    points: int | None
    label: str | None
    descriptor: str | None
    reason: str | None
    explanation: str | None
    not_higher: str | None

    @property
    def adds(self) -> Fraction | None:
        """What the mark adds to the total out of 100, exactly."""
        return None if self.points is None else weighted(self.weight, self.points, self.highest)

    @property
    def below_minimum(self) -> bool:
        """Whether the mark misses the minimum."""
        return self.points is not None and self.points < self.minimum


@dataclass(frozen=True, slots=True)
class Assessment:
    """One tender: its outcome for each lot applied for, and the marks from which the totals come."""

    outcomes: tuple[LotOutcome, ...]
    criteria: tuple[Criterion, ...]

    @property
    def application_id(self) -> int:
        """The application."""
        return self.outcomes[0].application_id

    @property
    def provider_name(self) -> str:
        """Whose tender it is."""
        return self.outcomes[0].provider_name

    @property
    def common(self) -> tuple[Criterion, ...]:
        """The questions that count for every lot."""
        return tuple(criterion for criterion in self.criteria if criterion.lot_id is None)

    def of_lot(self, lot_id: int) -> tuple[Criterion, ...]:
        """The questions answered for this lot alone."""
        return tuple(criterion for criterion in self.criteria if criterion.lot_id == lot_id)


def two_places(total: Fraction | None, empty: str = "no total") -> str:
    """A total as columns of figures show it: '71.13', '71.00'; rounded half up from its exact value."""
    return empty if total is None else f"{Decimal(points(total)):.2f}"


def subtotal(criteria: Sequence[Criterion]) -> Fraction | None:
    """What these marks add together; None while one of them is not agreed."""
    parts = [criterion.adds for criterion in criteria]
    return None if None in parts else sum((part for part in parts if part is not None), Fraction(0))


def available(criteria: Sequence[Criterion]) -> Decimal:
    """The most that these marks could have added: the sum of their weights."""
    return sum((criterion.weight for criterion in criteria), Decimal(0))
