"""A school's children week by week: who has each of them in which session, gaps and clashes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select, text

from portal.accounts.access import Actor
from portal.database import db
from portal.directory.offer import SESSIONS
from portal.errors import NotFound
from portal.hours.agreed import AGREED
from portal.hours.models import SLOT_KINDS, ChildSlot
from portal.hours.queries import rules_in_force


@dataclass(frozen=True, slots=True)
class InSession:
    """What a child has in one session: what it is in words, and how many hours."""

    words: str
    hours: Decimal
    agreement_id: int | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """A child's week from Monday on: what is planned in each of its ten sessions.

    `reference` and `year_group` say which child it is, without its name. `slots` are the school's own
    entries: a kind by session.
    """

    child_id: int
    reference: str
    year_group: int
    monday: date
    full_week_hours: int
    sessions: Mapping[str, list[InSession]]
    slots: dict[str, str] = field(default_factory=dict)

    @property
    def hours(self) -> Decimal:
        """All hours of the week; of a session in which two things clash, those of the longer one."""
        longest = (max(each.hours for each in planned) for planned in self.sessions.values() if planned)
        return sum(longest, Decimal())

    @property
    def gaps(self) -> list[str]:
        """The sessions in which nothing is planned."""
        return [code for code in SESSIONS if not self.sessions[code]]

    @property
    def clashes(self) -> list[str]:
        """The sessions in which more than one thing is planned."""
        return [code for code in SESSIONS if len(self.sessions[code]) > 1]

    @property
    def missing(self) -> Decimal:
        """How many hours are missing to a full week; 0 when none are."""
        return max(Decimal(self.full_week_hours) - self.hours, Decimal())


def weeks_for(viewer: Actor, monday: date) -> list[Week]:
    """The weeks of all children of the viewer's school who have an agreement in the week of this Monday."""
    return _weeks(viewer, monday, None)


def week_of(viewer: Actor, child_id: int, monday: date) -> Week:
    """One child's week. Raises `NotFound` for a child of another school, or one without an agreement."""
    found = _weeks(viewer, monday, child_id)
    if not found:
        raise NotFound()
    return found[0]


def monday_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


# Every agreement of a child in a week, whoever commissioned it; of another school's nothing but the hours.
_IN_WEEK = f"""
    WITH {AGREED},
    mine AS (
      SELECT child.id, coalesce(encode(child.upn_digest, 'hex'), 'child ' || child.id) AS child_key,
             last.reference, last.year_group
      FROM child
      JOIN LATERAL (
        SELECT reference, year_group FROM agreed
        WHERE agreed.child_id = child.id
          AND (CAST(:child AS bigint) IS NOT NULL
               OR (agreed.starts_on <= :monday + 4 AND agreed.ends_on >= :monday))
        ORDER BY starts_on DESC, agreement_id DESC LIMIT 1
      ) AS last ON true
      WHERE child.school_id = :school AND (CAST(:child AS bigint) IS NULL OR child.id = :child)
    )
    SELECT mine.id, mine.reference, mine.year_group, agreed.sessions, agreed.session_hours, agreed.starts_on,
           agreed.ends_on, agreed.agreement_id, agreed.school_id = :school AS own, provider.name AS provider
    FROM mine
    LEFT JOIN agreed ON agreed.child_key = mine.child_key
      AND agreed.starts_on <= :monday + 4 AND agreed.ends_on >= :monday
    LEFT JOIN organisation AS provider ON provider.id = agreed.provider_id
    ORDER BY mine.reference, agreed.starts_on, agreed.agreement_id
"""


def _weeks(viewer: Actor, monday: date, child_id: int | None) -> list[Week]:
    if not viewer.may("referral:read"):
        return []
    rules = rules_in_force()
    found: dict[int, Week] = {}
    for row in db.session.execute(
        text(_IN_WEEK),
        {"proposed": None, "school": viewer.organisation_id, "monday": monday, "child": child_id},
    ):
        week = found.setdefault(
            row.id,
            Week(
                child_id=row.id,
                reference=row.reference,
                year_group=row.year_group,
                monday=monday,
                full_week_hours=rules.full_week_hours,
                sessions={code: [] for code in SESSIONS},
            ),
        )
        for place, code in enumerate(SESSIONS):
            day = monday + timedelta(days=place // 2)
            if row.sessions and code in row.sessions and row.starts_on <= day <= row.ends_on:
                words = row.provider if row.own else "Agreed by another school or the council"
                week.sessions[code].append(
                    InSession(words, row.session_hours, row.agreement_id if row.own else None)
                )
    _add_slots(found)
    return list(found.values())


def _add_slots(weeks: Mapping[int, Week]) -> None:
    rows = db.session.execute(
        select(ChildSlot.child_id, ChildSlot.session, ChildSlot.kind).where(ChildSlot.child_id.in_(weeks))
    ).all()
    for child_id, session, kind in rows:
        week = weeks[child_id]
        hours = Decimal(week.full_week_hours) / len(SESSIONS)
        week.sessions[session].append(InSession(SLOT_KINDS[kind], hours))
        week.slots[session] = kind
