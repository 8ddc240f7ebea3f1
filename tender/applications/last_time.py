"""Applying again: what became of the same question in the application from which a draft was carried over.

What the council said stands above this room and is told by functions that are registered when the application
is put together: of released rounds only, and to the provider's own people alone. No mark is ever among it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select

from portal.accounts.access import Actor
from portal.web.filters import uk_date
from tender.applications.contents import Item, Tender

Place = tuple[str, int | None]
"""A question's code, and the lot's id where it is asked per lot."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a released letter says of one question of an application, or of one lot (no `code`): whether it
    passed, and why."""

    application_id: int
    code: str | None
    title: str
    lot_id: int | None
    passed: bool
    reason: str


Teller = Callable[[Actor, Collection[int]], Sequence[Verdict]]
Register = Callable[[ColumnElement[Any]], Select[tuple[int]]]
_tellers: list[Teller] = []
_registers: list[Register] = []


def tell_results_with(teller: Teller) -> None:
    """Let the evaluation, which is above this room, tell what came of the viewer's own applications (ids),
    in one statement and only of what is released. Called once, when the application is put together."""
    _tellers[:] = [teller]


def hold_lots_with(register: Register) -> None:
    """Let the register, which is above this room, select the lots (ids) on which the provider of a given
    column stands on the day of the parameter `today`. Called once, when the application is put together."""
    _registers[:] = [register]


def verdicts_on(viewer: Actor, application_ids: Collection[int]) -> Sequence[Verdict]:
    """What the council has let the viewer's organisation know of these applications of its own."""
    return _tellers[0](viewer, application_ids) if _tellers and application_ids else ()


def lots_held_by(provider_id: ColumnElement[Any]) -> Select[tuple[int]]:
    """The lots (ids) on which this provider stands; takes the parameter `today`."""
    return _registers[0](provider_id)


@dataclass(frozen=True, slots=True)
class LastTime:
    """One question of a draft, seen from the application from which the draft was carried over.

    `untouched` says that the answer stands as it was carried; it is None where none was. `submitted_at` is
    when that application was, None where it never was. `ran_out_on` is of a document that stayed behind.
    """

    round_number: int
    submitted_at: datetime | None
    untouched: bool | None = None
    asked_otherwise: bool = False
    ran_out_on: date | None = None
    verdict: Verdict | None = None

    @property
    def failed(self) -> bool:
        """Whether this kept the provider out."""
        return self.verdict is not None and not self.verdict.passed

    @property
    def to_put_right(self) -> bool:
        """Whether it kept the provider out, and nothing in the answer has changed since."""
        return self.failed and self.untouched is not False

    @property
    def stands(self) -> bool:
        """Whether the carried answer can stay as it is, as far as anybody has said."""
        return bool(self.untouched) and not (self.failed or self.ran_out_on or self.asked_otherwise)

    @property
    def look_again(self) -> bool:
        """Whether the answer came along and yet may fit no more."""
        return bool(self.untouched and (self.ran_out_on or self.asked_otherwise))

    @property
    def sentence(self) -> str:
        """What to say of it in one line of the task list; empty when there is nothing to say any more."""
        if self.failed and self.verdict:
            return f"The council said in round {self.round_number}: {self.verdict.reason}"
        if not self.untouched:
            return ""
        if self.ran_out_on:
            return f"A document of last time ran out on {uk_date(self.ran_out_on)}. Give the new one."
        if self.asked_otherwise:
            return "The question has other words than last time. Look whether your documents still fit."
        return f"Passed in round {self.round_number}. {self.origin}." if self.verdict else f"{self.origin}."

    @property
    def origin(self) -> str:
        """'As in your application of 3 March 2026'."""
        if self.submitted_at is None:
            return f"As you saved it for round {self.round_number}"
        return f"As in your application of {uk_date(self.submitted_at)}"


LastTimes = Mapping[Place, LastTime]


def with_verdicts(carried: LastTimes, verdicts: Iterable[Verdict]) -> dict[Place, LastTime]:
    """What was carried, each with what the council said of it; and what it said of questions for which
    nothing was carried."""
    found = dict(carried)
    for verdict in verdicts:
        if verdict.code is None or not carried:
            continue
        place = (verdict.code, verdict.lot_id)
        known = found.get(place) or _of_the_same_application(carried)
        found[place] = replace(known, verdict=verdict)
    return found


def _of_the_same_application(carried: LastTimes) -> LastTime:
    any_of_them = next(iter(carried.values()))
    return LastTime(any_of_them.round_number, any_of_them.submitted_at)


def failed_first(tender: Tender, last: LastTimes) -> tuple[tuple[Item, ...], Tender]:
    """The items that kept the provider out last time; and the tender without them."""
    kept_out = tuple(
        item for item in tender.items if (known := last.get((item.asked.code, item.lot_id))) and known.failed
    )
    return kept_out, replace(tender, items=tuple(item for item in tender.items if item not in kept_out))
