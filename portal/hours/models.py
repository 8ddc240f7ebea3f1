"""Tables of what counts as full-time, of registration cases, and of what children do in other sessions."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.directory.offer import SESSIONS
from portal.hours.lifecycle import REGISTRATION_CASE

FINDINGS = {
    "reduced": "The hours have been reduced",
    "registered": "The provider is registered, or has applied to be",
    "not_full_time": "What it provides is not full-time in the council's view",
    "reported": "Reported to the Department for Education",
}
FINDINGS_OF_CHILD = {
    "reduced": "The hours have been reduced",
    "moved": "Half days were changed: the child is expected in one place at a time",
    "suitable": "The week is right for this child",
}
SLOT_KINDS = {
    "school": "At school",
    "tuition": "Tuition",
    "therapy": "Therapy or health",
    "work": "Work experience",
    "other": "Something else that is planned",
}


def _one_of(column: str, codes: object) -> str:
    return f"{column} IN (" + ", ".join(f"'{code}'" for code in codes) + ")"  # type: ignore[attr-defined]


class HoursRule(Base):
    """The figures of `rules.Rules`; the newest row counts. Never changed: what counted when stays provable.

    The row that the portal starts with was set by nobody.
    """

    __tablename__ = "hours_rule"
    __table_args__ = (
        CheckConstraint("full_time_hours BETWEEN 5 AND 40", name="full_time_hours"),
        CheckConstraint("near_hours BETWEEN 1 AND full_time_hours", name="near_hours"),
        CheckConstraint("near_pupils BETWEEN 1 AND pupils AND pupils <= 20", name="pupils"),
        CheckConstraint("intensive_weeks BETWEEN 1 AND 52", name="intensive_weeks"),
        CheckConstraint("part_time_sessions BETWEEN 0 AND 10", name="part_time_sessions"),
        CheckConstraint("full_week_hours BETWEEN 5 AND 40", name="full_week_hours"),
        CheckConstraint("source <> ''", name="source"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    full_time_hours: Mapped[int] = mapped_column(SmallInteger)
    near_hours: Mapped[int] = mapped_column(SmallInteger)
    pupils: Mapped[int] = mapped_column(SmallInteger)
    near_pupils: Mapped[int] = mapped_column(SmallInteger)
    intensive_weeks: Mapped[int] = mapped_column(SmallInteger)
    part_time_sessions: Mapped[int] = mapped_column(SmallInteger)
    full_week_hours: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class RegistrationCase(Base):
    """Agreed hours at which somebody has to look: those at one provider met the registration test on some
    day; or those of one child, over all who commission for it, make a full-time week outside registered
    schools, or clash.

    `day` is the first such day, `full_time` and `protected` how many children were full-time on it, and how
    many of those have a plan or are looked after; `hours` what counted as full-time. Of a child (the row of
    it that was there first) `agreed_hours` are all of them, and `clashes` the half days in which it is
    expected twice. A provider, or a child, has at most one open case.

    A closed case keeps silent over the very same facts alone, and until the school term is over in which they
    were looked at (`settled_until`). `facts` are what was shown when it was closed. Of a provider: the
    versions of agreements of each child that counts as full-time on the day, and of which children there is a
    plan or care (`"12"`, `"12 protected"`). Of a child: all versions that give it hours on the day, whoever
    agreed them, and whether they make it full-time, and protected so. A version never changes, so it stands
    for the child, the provider, the half days of what was agreed: another child, a new
    agreement, a variation, a plan that came later, or other figures of the council's that let one more child
    count, each add a fact that was not looked at, and open another case though the totals be the same or
    lower. Fewer of the same facts, as when an agreement ends, say nothing new.
    """

    __tablename__ = "registration_case"
    __table_args__ = (
        CheckConstraint(REGISTRATION_CASE.check_constraint(), name="state"),
        CheckConstraint(
            "protected BETWEEN 0 AND full_time AND (full_time > 0 OR clashes > 0)", name="counts"
        ),
        CheckConstraint(
            "num_nonnulls(provider_id, child_id) = 1 AND (child_id IS NULL) = (agreed_hours IS NULL)",
            name="about",
        ),
        CheckConstraint(
            "finding = '' OR " + _one_of("finding", FINDINGS | FINDINGS_OF_CHILD), name="finding"
        ),
        CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (finding <> '')"
            " AND (state = 'closed') = (note <> '') AND (state = 'closed') = (settled_until IS NOT NULL)",
            name="closed",
        ),
        Index(
            "uq_registration_case_open", "provider_id", unique=True, postgresql_where=sql("state = 'open'")
        ),
        Index(
            "uq_registration_case_child_open", "child_id", unique=True, postgresql_where=sql("state = 'open'")
        ),
        Index("ix_registration_case_provider_id", "provider_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    child_id: Mapped[int | None] = mapped_column(ForeignKey("child.id"), index=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'open'"), default="open")
    day: Mapped[date]
    full_time: Mapped[int] = mapped_column(SmallInteger)
    protected: Mapped[int] = mapped_column(SmallInteger)
    hours: Mapped[int] = mapped_column(SmallInteger)
    agreed_hours: Mapped[Decimal | None] = mapped_column(Numeric(4, 1))
    clashes: Mapped[int] = mapped_column(SmallInteger, server_default=sql("0"), default=0)
    facts: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    settled_until: Mapped[date | None]
    opened_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    closed_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    finding: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    note: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")


class ChildSlot(Base):
    """What a school has planned for a child of its own in one session of the week, outside of agreements.

    It counts as a tenth of a full week (`HoursRule.full_week_hours`).
    """

    __tablename__ = "child_slot"
    __table_args__ = (
        UniqueConstraint("child_id", "session"),
        CheckConstraint(_one_of("session", SESSIONS), name="session"),
        CheckConstraint(_one_of("kind", SLOT_KINDS), name="kind"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    child_id: Mapped[int] = mapped_column(ForeignKey("child.id", ondelete="CASCADE"))
    session: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    kept_on: Mapped[date] = mapped_column(Date)
    kept_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
