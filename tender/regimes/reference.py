"""The rules and sums of `regimes.toml`, typed, and which of them holds on a day."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Threshold:
    """A sum in pounds, with VAT, from which on a law applies to what begins on a day or later, until the next
    sum of the same name."""

    name: str
    says: str
    amount: int
    holds_from: date
    source: str


MARKS, CONDITIONS, EITHER = "marks", "conditions", "either"
ADMISSION_IN_WORDS: Mapping[str, str] = {
    MARKS: "Who meets the conditions is marked, and admitted by the marks.",
    CONDITIONS: "Everybody who meets the conditions for membership is admitted. Marks keep nobody out.",
    EITHER: "By conditions alone, or by conditions and marks, as the documents say.",
}
"""By what a kind of framework admits (`Kind.admits_by`), for the page of a framework."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a regime says of a kind of framework. `ends_by_if` says for whom the last day is one; `admits_by`
    is a key of `ADMISSION_IN_WORDS`."""

    regime: str
    kind: str
    term: str
    new_suppliers: str
    source: str
    longest_years: int | None = None
    unless_light_touch: bool = False
    ends_by: date | None = None
    ends_by_if: str = ""
    first_reopening_within_years: int | None = None
    later_reopenings_within_years: int | None = None
    not_available: str = ""
    admits_by: str = MARKS

    @property
    def admission(self) -> str:
        """By what it admits, in words."""
        return ADMISSION_IN_WORDS[self.admits_by]


@dataclass(frozen=True, slots=True)
class Duty:
    """What else a regime asks for, with its source; `kinds` empty: whatever the kind."""

    regime: str
    name: str
    says: str
    source: str
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standstill:
    """What a regime asks for between the letters and the admissions, for some kinds of framework.

    `asked` is 'never', or 'unless_light_touch'; with `light_touch_by_kind` only codes that say otherwise make
    it compulsory. It `begins` with the 'award_notice' or the 'letters', and is at least `working_days` long.
    `notice` says, where a notice must be published before an award takes effect, what follows without a
    standstill; it is asked about before such letters go.
    """

    regime: str
    kinds: tuple[str, ...]
    asked: str
    begins: str
    working_days: int
    says: str
    source: str
    light_touch_by_kind: bool = False
    notice: str = ""

    def compulsory(self, light_touch: bool | None) -> bool:
        """Whether the law asks for it; `light_touch` is what the codes say of the services, None: nothing."""
        if self.asked == "never":
            return False
        return light_touch is False or (light_touch is None and not self.light_touch_by_kind)


@dataclass(frozen=True, slots=True)
class Value:
    """What follows under a regime from a value above the light touch threshold, or below one or both."""

    regime: str
    above: str
    between: str
    below: str
    source: str


@dataclass(frozen=True, slots=True)
class TimeToApply:
    """So many days between opening and close are the usual least under a regime."""

    regime: str
    days: int
    source: str


@dataclass(frozen=True, slots=True)
class Route:
    """What to look at before schools may choose by a route; `kinds` empty: whatever the kind."""

    regime: str
    route: str
    says: str
    source: str
    kinds: tuple[str, ...] = ()
    unless_light_touch: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """The whole table."""

    light_touch_prefixes: tuple[str, ...]
    change_of_law: date
    change_of_law_source: str
    thresholds: tuple[Threshold, ...]
    thresholds_known_until: date
    thresholds_source: str
    kinds: Mapping[tuple[str, str], Kind]
    duties: tuple[Duty, ...]
    standstills: tuple[Standstill, ...]
    values: Mapping[str, Value]
    times_to_apply: Mapping[str, TimeToApply]
    routes: tuple[Route, ...]

    def routes_of(self, regime: str, kind: str) -> tuple[Route, ...]:
        """What is said of routes for this kind under this regime."""
        return tuple(
            each for each in self.routes if each.regime == regime and (not each.kinds or kind in each.kinds)
        )

    def threshold(self, name: str, on: date) -> Threshold:
        """The sum that holds on a day; the earliest known for a day before it."""
        named = sorted((each for each in self.thresholds if each.name == name), key=lambda it: it.holds_from)
        return next((each for each in reversed(named) if each.holds_from <= on), named[0])

    def duties_of(self, regime: str, kind: str) -> tuple[Duty, ...]:
        """What else applies to this kind under this regime."""
        return tuple(
            each for each in self.duties if each.regime == regime and (not each.kinds or kind in each.kinds)
        )

    def standstill(self, regime: str, kind: str) -> Standstill:
        """What is asked for between letters and admissions."""
        return next(each for each in self.standstills if each.regime == regime and kind in each.kinds)

    def light_touch(self, cpv_codes: list[str]) -> bool | None:
        """Whether the services are light touch by their codes; None when no code is known."""
        return any(code.startswith(self.light_touch_prefixes) for code in cpv_codes) if cpv_codes else None


@cache
def reference() -> Reference:
    """The table as it stands in the file, read once."""
    found = tomllib.loads(files("tender.regimes").joinpath("regimes.toml").read_text(encoding="utf-8"))
    return Reference(
        light_touch_prefixes=tuple(found["light_touch"]["cpv_prefixes"]),
        change_of_law=found["change_of_law"]["on"],
        change_of_law_source=found["change_of_law"]["source"],
        thresholds=tuple(_threshold(each) for each in found["threshold"]),
        thresholds_known_until=found["thresholds"]["known_until"],
        thresholds_source=found["thresholds"]["source"],
        kinds={(each["regime"], each["kind"]): Kind(**each) for each in found["kind"]},
        duties=tuple(Duty(**{**each, "kinds": tuple(each.get("kinds", ()))}) for each in found["duty"]),
        standstills=tuple(
            Standstill(**{**each, "kinds": tuple(each["kinds"])}) for each in found["standstill"]
        ),
        values={each["regime"]: Value(**each) for each in found["value"]},
        times_to_apply={each["regime"]: TimeToApply(**each) for each in found["time_to_apply"]},
        routes=tuple(Route(**{**each, "kinds": tuple(each.get("kinds", ()))}) for each in found["route"]),
    )


def _threshold(each: dict[str, Any]) -> Threshold:
    return Threshold(each["name"], each["says"], each["amount"], each["from"], each["source"])
