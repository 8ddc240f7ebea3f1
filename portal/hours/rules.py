"""What counts as full-time, when to warn, and how long placements usually last: the council's own figures.

The portal starts from these. 18 hours a week is what the Department for Education's guidance on registration
gives as a guide, no threshold in law; 12 weeks, or four sessions a week beside school, are the limits that
the government has announced for placements outside registered schools, and are not in force. Every
change is a new row with its source.
"""

from dataclasses import dataclass
from datetime import date

# The last days of the autumn, spring and summer terms. A council sets its own from year to year; by 10 April
# schools are on holiday, or back from it by no more than days.
_TERMS_END = ((4, 10), (8, 31), (12, 31))


def end_of_term(day: date) -> date:
    """The last day of the school term, its holidays included, that a day lies in."""
    return next(end for month, last in _TERMS_END if (end := date(day.year, month, last)) >= day)


@dataclass(frozen=True, slots=True)
class Rules:
    """Hours are hours a week, breaks included.

    A child of at least `full_time_hours` at one provider counts as full-time there, of at least `near_hours`
    as near it. `pupils` full-time ones meet the test, `near_pupils` are near it; of children with a plan or
    in care one is enough. A placement of more than `part_time_sessions` sessions a week is intensive and is
    meant to end within `intensive_weeks`. `full_week_hours` is the week that a child's own hours are held
    against; a session that a school plans itself counts as a tenth of it.
    """

    full_time_hours: int
    near_hours: int
    pupils: int
    near_pupils: int
    intensive_weeks: int
    part_time_sessions: int
    full_week_hours: int
    source: str
