"""The facts of a document, in words and against what a question needs. No database here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from portal import clock
from portal.evidence.document_types import type_name
from portal.web.filters import money, uk_date

SOON = 30  # days


@dataclass(frozen=True, slots=True)
class Facts:
    """What a document says of itself. `cover` is in pounds, `expires_on` the last day it is valid."""

    issuer: str = ""
    number: str = ""
    cover: Decimal | None = None
    valid_from: date | None = None
    expires_on: date | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """'Northgate Mutual', 'number PL-1', 'cover £5,000,000', 'valid until 3 March 2027'."""
        said = (
            self.issuer,
            self.number and f"number {self.number}",
            f"cover {money(self.cover)}" if self.cover else "",
            f"valid from {uk_date(self.valid_from)}" if self.valid_from else "",
            f"valid until {uk_date(self.expires_on)}" if self.expires_on else "",
        )
        return tuple(filter(None, said))

    @property
    def days_left(self) -> int | None:
        """Days until the last valid one, negative once it has passed; None for what does not run out."""
        return (self.expires_on - clock.today()).days if self.expires_on else None

    @property
    def standing(self) -> str:
        """Today, one of valid, running_out (within 30 days), expired."""
        if self.days_left is None or self.days_left > SOON:
            return "valid"
        return "running_out" if self.days_left >= 0 else "expired"

    @property
    def standing_words(self) -> str:
        """'20 days left', 'Runs out today', 'Expired'; empty for what is valid for longer."""
        if self.standing == "valid" or self.days_left is None:
            return ""
        if self.standing == "expired":
            return "Expired"
        named = {0: "Runs out today", 1: "Runs out tomorrow"}
        return named.get(self.days_left, f"{self.days_left} days left")

    def warnings(self, shape: Mapping[str, Any], starts_on: date) -> tuple[str, ...]:
        """What speaks against the document where a question of this `shape` asks for it, in sentences.

        `starts_on` is when the framework starts. See `tender.frameworks.pack.SHAPES`.
        """
        return (*self.out_of_date(starts_on), *self.lacking(shape))

    def out_of_date(self, starts_on: date) -> tuple[str, ...]:
        """That it has expired, or will have when the framework starts, in a sentence."""
        if self.standing == "expired":
            return (f"It expired on {uk_date(self.expires_on)}.",)
        if self.expires_on and self.expires_on < starts_on:
            runs_out = f"on {uk_date(self.expires_on)}"
            return (f"It runs out {runs_out}, before the framework starts on {uk_date(starts_on)}.",)
        return ()

    def lacking(self, shape: Mapping[str, Any]) -> tuple[str, ...]:
        """What the document does not say, or covers too little of, for a question of this `shape`, in
        sentences; the same on every day."""
        found = []
        if self.expires_on is None and shape.get("needs_expiry"):
            found.append("It does not say until when it is valid, which is asked for here.")
        least = shape.get("least_cover")
        if least and self.cover is None:
            found.append(f"Its cover is not recorded. At least {money(Decimal(least))} is asked for.")
        elif least and self.cover and self.cover < Decimal(least):
            found.append(
                f"Its cover of {money(self.cover)} is less than the {money(Decimal(least))} asked for."
            )
        return tuple(found)


def frozen_words(frozen: Mapping[str, Any] | None) -> str:
    """The facts that were sealed with an application, as one line; empty where there were none."""
    if not frozen:
        return ""
    return ", ".join((type_name(frozen["type"]), *facts_in(frozen).words))


def facts_in(frozen: Mapping[str, Any] | None) -> Facts:
    """The facts that were sealed with an application; none of them where the vault knew none."""
    if not frozen:
        return Facts()
    return Facts(
        issuer=frozen["issuer"],
        number=frozen["number"],
        cover=Decimal(frozen["cover"]) if frozen["cover"] else None,
        valid_from=_day(frozen["valid_from"]),
        expires_on=_day(frozen["expires_on"]),
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
