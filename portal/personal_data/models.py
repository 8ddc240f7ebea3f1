"""Tables of retention periods and legal holds."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.personal_data.kinds import KINDS
from portal.personal_data.lifecycle import LEGAL_HOLD

# What a hold may be placed on, in the words of a page.
SUBJECTS = {
    "organisation": "An organisation: all its applications, tenders, referrals and letters",
    "round": "A round: all its applications and tenders",
    "referral": "One referral",
    "person": "One person's account",
}


def _one_of(column: str, values: object) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"  # type: ignore[attr-defined]


class RetentionPolicy(Base):
    """How many months a kind of record is kept, from a day on; the newest row that has begun is in force.

    Rows are added, never changed: what was in force on a day stays provable. The portal's own defaults have
    no `set_by_id`.
    """

    __tablename__ = "retention_policy"
    __table_args__ = (
        UniqueConstraint("kind", "applies_from"),
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint("months BETWEEN 1 AND 1200", name="months"),
        CheckConstraint("kind NOT LIKE 'tender%' OR months >= 36", name="tender_three_years"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    months: Mapped[int]
    applies_from: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    set_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class LegalHold(Base):
    """Nothing of this subject is erased until the hold is lifted."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        CheckConstraint(LEGAL_HOLD.check_constraint(), name="state"),
        CheckConstraint(_one_of("subject_type", SUBJECTS), name="subject_type"),
        CheckConstraint("(state = 'lifted') = (lifted_at IS NOT NULL)", name="lifted_at"),
        CheckConstraint("reason <> ''", name="reason"),
        Index("ix_legal_hold_subject", "subject_type", "subject_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'in_force'"), default="in_force")
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    subject_title: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    placed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    lift_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
