"""What a school says of a child."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.directory.offer import need_names, session_names
from portal.web.filters import plural

SEXES = {"girl": "Girl", "boy": "Boy"}
EHC_PLANS = {"yes": "Yes", "no": "No", "assessed": "Being assessed for one"}
"""Whether a child has an education, health and care plan (Children and Families Act 2014, section 37)."""
RARE_NEEDS = ("SLD", "PMLD", "HI", "VI", "MSI", "PD")
"""Needs of which a year group of a school has, as a rule, one child or none."""
LAST_PRIMARY_YEAR = 6
"""Up to here a year group is often one class, in which the children with a plan are one or two."""


def half_days_wanted(days_a_week: int, sessions: Sequence[str]) -> str:
    """'2 days a week: Monday, Tuesday morning'; without the half days, that any will do."""
    days = f"{plural(days_a_week, 'day')} a week"
    return f"{days}: {session_names(sessions)}" if sessions else f"{days}, any days"


class SaidOfChild:
    """What is said of a child in codes, in words; whoever inherits this holds the codes. None is what its
    reader must not know."""

    __slots__ = ()
    needs: Sequence[str] | None
    days_a_week: int | None
    sex: str | None
    ehc_plan: str | None
    sessions_wanted: Sequence[str] | None

    @property
    def need_names(self) -> str:
        """The child's needs."""
        return need_names(self.needs or ())

    @property
    def sex_words(self) -> str:
        """Girl, boy, or that nothing was said."""
        return SEXES.get(self.sex or "", "Not said")

    @property
    def ehc_words(self) -> str:
        """Whether there is a plan."""
        return EHC_PLANS.get(self.ehc_plan or "", "Not said")

    @property
    def wanted_words(self) -> str:
        """Days and half days."""
        return half_days_wanted(self.days_a_week or 0, self.sessions_wanted or ())


@dataclass(frozen=True, slots=True)
class NeedProfile(SaidOfChild):
    """What a provider must know of one child in order to answer, without who the child is.

    `sessions_wanted` are the half days (`portal.directory.offer.SESSIONS`) on `days_a_week` days; none: any
    will do. `sex` is empty where the school leaves it out, `ehc_plan` only in what was sent before it was
    asked for.
    """

    year_group: int
    needs: Sequence[str]
    days_a_week: int
    start_wanted_on: date
    need_summary: str
    strengths: str
    what_has_worked: str = ""
    transport: str = ""
    urgent: bool = False
    sex: str = ""
    ehc_plan: str = ""
    sessions_wanted: Sequence[str] = ()

    @property
    def half_days(self) -> int:
        """How many half days a week are wanted; where none are named, two a day."""
        return len(self.sessions_wanted) or 2 * self.days_a_week


def too_few_alike(profile: NeedProfile) -> str:
    """Why so much together could say who the child is, to somebody who knows the school; empty where it does
    not. The sex is what a provider can most easily do without."""
    if not profile.sex:
        return ""
    rare = need_names(code for code in profile.needs if code in RARE_NEEDS)
    if rare:
        return (
            f"Leave out the sex: with the year group and a need that few children have ({rare}) it could say "
            "who the child is."
        )
    if profile.ehc_plan == "yes" and profile.year_group <= LAST_PRIMARY_YEAR:
        return (
            "Leave out the sex: with the year group and an education, health and care plan it could say who "
            "the child is in its class."
        )
    return ""
