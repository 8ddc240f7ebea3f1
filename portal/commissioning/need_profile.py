"""What a school says of a child."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class NeedProfile:
    """What a provider must know of one child in order to answer, without who the child is."""

    year_group: int
    needs: Sequence[str]
    days_a_week: int
    start_wanted_on: date
    need_summary: str
    strengths: str
    what_has_worked: str = ""
    transport: str = ""
    urgent: bool = False
