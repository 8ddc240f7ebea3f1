"""Who reads of the child of a choice: its school's people, and the chosen provider's while it stands, and for
some weeks after the placement's last day."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Date, and_, cast, false, null, or_

from portal import clock
from portal.accounts.access import Actor
from portal.call_offs.models import CallOff

READ_ON_DAYS = 28
"""For so many days after the last day of a placement its provider still reads who the child was: for the last
report and the last invoice, which agreements usually ask for within a month. No statute gives a period; what
a provider has to keep for longer, it keeps in its own records."""

LastDay = Callable[[], ColumnElement[date]]
_last_days: list[LastDay] = []


def find_last_days_with(last_day: LastDay) -> None:
    """Let a higher room tell the last day of the placement of a `CallOff`, for a statement over it: null
    where none was agreed."""
    _last_days[:] = [last_day]


def last_day() -> ColumnElement[date]:
    """The last day of the placement that was agreed from a choice, over `CallOff`; null where none was."""
    return _last_days[0]() if _last_days else cast(null(), Date)


def read_until(last: date | None) -> date | None:
    """The last day on which the provider reads of the child; None while no placement has a last day."""
    return last and last + timedelta(days=READ_ON_DAYS)


def provider_reads() -> ColumnElement[bool]:
    """Whether the provider of a choice reads of its child today, over `CallOff`. No job has to run."""
    ends = last_day()
    earliest = clock.today() - timedelta(days=READ_ON_DAYS)
    return and_(CallOff.state == "chosen", or_(ends.is_(None), ends >= earliest))


def readable_by(viewer: Actor) -> ColumnElement[bool]:
    """The rule of this noun, over `CallOff`. Nobody at the council, at another school or another provider."""
    if not viewer.may("child:read"):
        return false()
    return or_(
        CallOff.school_id == viewer.organisation_id,
        and_(CallOff.provider_id == viewer.organisation_id, provider_reads()),
    )
