"""What a school says of who a child is, and what is wrong with it."""

from dataclasses import dataclass, fields
from datetime import date

from portal import clock
from portal.children.kinds import REASONS_WITHOUT_UPN
from portal.children.upn import normal_upn
from portal.errors import Refusal

LONGEST_NAME = 150
YOUNGEST, OLDEST = 3, 25
"""Years. Duties for children with an education, health and care plan reach to the age of 25 (Children and
Families Act 2014, section 46); a date outside is a mistyped one."""

WORDS = {
    "name": "the name",
    "born_on": "the date of birth",
    "upn": "the UPN",
    "no_upn_reason": "why there is no UPN",
    "has_ehcp": "whether there is an EHC plan",
    "looked_after": "whether the child is looked after",
}


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """Who a child is. `upn` is empty where there is none, and `no_upn_reason` then says why."""

    name: str
    born_on: date
    upn: str
    no_upn_reason: str
    has_ehcp: bool
    looked_after: bool

    def differing(self, other: "ChildFacts") -> list[str]:
        """The names of the facts in which two differ."""
        return [each.name for each in fields(self) if getattr(self, each.name) != getattr(other, each.name)]


def checked(
    *, name: str, born_on: date, upn: str, no_upn_reason: str, has_ehcp: bool, looked_after: bool
) -> ChildFacts:
    """The facts as they are kept. Raises `Refusal` with the field that is wrong."""
    name = " ".join(name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Refusal(f"Enter the child’s name, in up to {LONGEST_NAME} characters.", field="name")
    if not YOUNGEST <= age_on(clock.today(), born_on) <= OLDEST:
        raise Refusal(
            f"The date of birth must be of somebody from {YOUNGEST} to {OLDEST} years old. Check the year.",
            field="born_on",
        )
    upn = normal_upn(upn) if upn.strip() else ""
    if not upn and no_upn_reason not in REASONS_WITHOUT_UPN:
        raise Refusal("Enter the UPN, or say why there is none.", field="upn")
    return ChildFacts(name, born_on, upn, "" if upn else no_upn_reason, has_ehcp, looked_after)


def age_on(day: date, born_on: date) -> int:
    """Whole years on a day; negative before the birth."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
