"""Tables of releases, and of the letters that somebody has read before one."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from evaluation.outcomes.lifecycle import RELEASE
from portal.database import Base


class Release(Base):
    """One attempt to release a round's letters: they go at `goes_at`, unless somebody cancels before.

    `standstill_days` are the working days of the standstill before the admissions, null where there is none.
    Where it begins with the letters `admits_after` is its last day, known once they are out; where it begins
    with the contract award notice its last day stands with that (`AwardNotice`).
    """

    __tablename__ = "outcome_release"
    __table_args__ = (
        CheckConstraint(RELEASE.check_constraint(), name="state"),
        CheckConstraint("window_minutes BETWEEN 0 AND 1440", name="window_minutes"),
        CheckConstraint("standstill_days BETWEEN 1 AND 60", name="standstill_days"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at"),
        CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        CheckConstraint("(state = 'stopped') = (stopped_because <> '')", name="stopped_because"),
        CheckConstraint(
            "admits_after IS NULL OR (sent_at IS NOT NULL AND standstill_days IS NOT NULL)",
            name="admits_after",
        ),
        # One at a time waits or was sent.
        Index(
            "uq_outcome_release_round_id",
            "round_id",
            unique=True,
            postgresql_where=sql("state IN ('waiting', 'sent')"),
        ),
        Index("ix_outcome_release_round_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    state: Mapped[str] = mapped_column(Text, server_default=sql("'waiting'"), default="waiting")
    window_minutes: Mapped[int] = mapped_column(SmallInteger)
    standstill_days: Mapped[int | None] = mapped_column(SmallInteger)
    staged_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    staged_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    goes_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    cancelled_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    cancelled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    stopped_because: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    sent_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    admits_after: Mapped[date | None]


class AwardNotice(Base):
    """On which day a round's contract award notice was published, and under which reference; the newest
    `version` counts. `admits_after` is the last day of the standstill that begins with it."""

    __tablename__ = "award_notice"
    __table_args__ = (
        CheckConstraint("version > 0", name="version"),
        CheckConstraint("reference <> ''", name="reference"),
        CheckConstraint("admits_after > published_on", name="admits_after"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    published_on: Mapped[date]
    reference: Mapped[str] = mapped_column(Text)
    admits_after: Mapped[date]
    noted_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class LetterReading(Base):
    """Who has read a held letter and found it right. A letter that is written anew has to be read anew."""

    __tablename__ = "letter_reading"

    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id", ondelete="CASCADE"), primary_key=True)
    read_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    read_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
