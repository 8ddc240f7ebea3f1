"""What to ask a lawyer about a framework: its term, its re-openings, its kind and its value. No database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.web.filters import money, plural, uk_date
from tender.regimes.reference import Kind, reference


@dataclass(frozen=True, slots=True)
class Terms:
    """What the law looks at in a framework.

    `noticed_on` is the day of the notice that is kept, `openings` the days on which published rounds open,
    `value` is in pounds, `routes` are those by which schools choose under it.
    """

    legal_regime: str
    kind: str
    starts_on: date
    ends_on: date
    first_awarded_on: date | None = None
    noticed_on: date | None = None
    value: Decimal | None = None
    cpv_codes: Sequence[str] = ()
    openings: Sequence[date] = ()
    routes: Sequence[str] = ()

    @property
    def counted_from(self) -> date:
        """The day from which a term counts: the first award, or the start until that is known."""
        return self.first_awarded_on or self.starts_on

    @property
    def begun_on(self) -> date | None:
        """The day on which the procurement began, whose sums hold for it: that of its notice or, where none
        is kept, of its first opening. None before either."""
        return self.noticed_on or min(self.openings, default=None)


@dataclass(frozen=True, slots=True)
class LegalWarning:
    """A sentence that warns, and where the rule stands."""

    sentence: str
    source: str


def warnings_for(terms: Terms, on: date) -> tuple[LegalWarning, ...]:
    """What somebody should look at on this day, most serious first. None of it refuses anything."""
    rule = reference().kinds[terms.legal_regime, terms.kind]
    found = (
        _availability(terms, rule),
        _change_of_law(terms),
        _longest_term(terms, rule),
        _last_day(terms, rule),
        _reopening(terms, rule, on),
        _value(terms, terms.begun_on or on),
        _sums_of_another_year(terms, terms.begun_on or on),
        *_routes(terms),
    )
    return tuple(warning for warning in found if warning)


def next_reopening_by(terms: Terms) -> date | None:
    """The day by which the framework has to be opened again; None where nothing asks for it before its end.

    A round that opens after the first award is a re-opening.
    """
    rule = reference().kinds[terms.legal_regime, terms.kind]
    if not rule.first_reopening_within_years or not rule.later_reopenings_within_years:
        return None
    again = [day for day in terms.openings if day > terms.counted_from]
    due = (
        years_after(max(again), rule.later_reopenings_within_years)
        if again
        else years_after(terms.counted_from, rule.first_reopening_within_years)
    )
    return due if due < terms.ends_on else None


def years_after(day: date, years: int) -> date:
    """The same day so many years later; 28 February for a 29 February that there is not."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _availability(terms: Terms, rule: Kind) -> LegalWarning | None:
    return LegalWarning(rule.not_available, rule.source) if rule.not_available else None


def _change_of_law(terms: Terms) -> LegalWarning | None:
    known = reference()
    if terms.legal_regime == "PA2023":
        if terms.noticed_on and terms.noticed_on < known.change_of_law:
            return LegalWarning(
                f"The notice was published on {uk_date(terms.noticed_on)}, before the Procurement Act 2023 "
                f"began on {uk_date(known.change_of_law)}. The earlier regulations then still apply.",
                known.change_of_law_source,
            )
        return None
    if terms.noticed_on is None or terms.noticed_on < known.change_of_law:
        return None
    return LegalWarning(
        f"The notice was published on {uk_date(terms.noticed_on)}. The earlier regulations apply only when "
        f"the framework itself was set up by a notice from before {uk_date(known.change_of_law)}.",
        known.change_of_law_source,
    )


def _longest_term(terms: Terms, rule: Kind) -> LegalWarning | None:
    if not rule.longest_years:
        return None
    light_touch = reference().light_touch(list(terms.cpv_codes)) if rule.unless_light_touch else False
    last = years_after(terms.counted_from, rule.longest_years)
    if light_touch or terms.ends_on <= last:
        return None
    unless = ", unless its services are light touch: no code says so" if light_touch is None else ""
    return LegalWarning(
        f"The framework ends on {uk_date(terms.ends_on)}. This kind may run for at most "
        f"{plural(rule.longest_years, 'year')}, until {uk_date(last)}{unless}.",
        rule.source,
    )


def _last_day(terms: Terms, rule: Kind) -> LegalWarning | None:
    if rule.ends_by is None or terms.ends_on <= rule.ends_by:
        return None
    return LegalWarning(
        f"The framework ends on {uk_date(terms.ends_on)}. {rule.ends_by_if} on {uk_date(rule.ends_by)} at "
        "the latest.",
        rule.source,
    )


def _reopening(terms: Terms, rule: Kind, on: date) -> LegalWarning | None:
    due = next_reopening_by(terms)
    if due is None:
        return None
    says = (
        f"Opening this framework again is overdue since {uk_date(due)}."
        if due < on
        else f"Open this framework again by {uk_date(due)}."
    )
    return LegalWarning(says, rule.source)


def _routes(terms: Terms) -> list[LegalWarning]:
    light_touch = reference().light_touch(list(terms.cpv_codes))
    return [
        LegalWarning(each.says, each.source)
        for each in reference().routes_of(terms.legal_regime, terms.kind)
        if each.route in terms.routes and not (each.unless_light_touch and light_touch)
    ]


def _value(terms: Terms, on: date) -> LegalWarning | None:
    """What follows from the estimated value by the sums of a day."""
    if terms.value is None:
        return None
    known, follows = reference(), reference().values[terms.legal_regime]
    light_touch, concession = (
        known.threshold(name, on) for name in ("light_touch", "light_touch_concession")
    )
    ordinary = known.threshold("goods_and_services", on)
    if terms.value >= light_touch.amount:
        where, limit, consequence = "at or above", light_touch, follows.above
        if terms.value < concession.amount:
            consequence += (
                " Where it is a concession, whose provider is paid by those who use it, the threshold is "
                f"{money(concession.amount)}."
            )
    elif terms.value >= ordinary.amount:
        where, limit, consequence = "below", light_touch, follows.between
    else:
        where, limit, consequence = "below", ordinary, follows.below
    return LegalWarning(
        f"The estimated value of {money(terms.value)} is {where} {limit.says}, {money(limit.amount)} with "
        f"VAT from {uk_date(limit.holds_from)}. {consequence}",
        f"{follows.source}; {limit.source}",
    )


def _sums_of_another_year(terms: Terms, on: date) -> LegalWarning | None:
    """That the sums of that day may be others than are known here."""
    known = reference()
    if terms.value is None or on <= known.thresholds_known_until:
        return None
    return LegalWarning(
        f"The thresholds that the portal knows are those until {uk_date(known.thresholds_known_until)}, and "
        "they are set anew every two years. Look up the sums that hold now before you rely on these.",
        known.thresholds_source,
    )
