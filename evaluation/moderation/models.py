"""Tables of what is to be agreed, of agreed marks, of what those were before, and of moderation meetings."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class AgreedMark(Base):
    """The moderated mark of one answer, on the question's own scale, with the reason agreed.

    It stands until it is unlocked. `meeting_id` is the meeting that ran when it was agreed, if any did,
    and `present` who of the panel was there then (ids; unknown of a mark that is older than the column).
    """

    __tablename__ = "agreed_mark"
    __table_args__ = (
        ForeignKeyConstraint(["question_id", "scale_id"], ["question.id", "question.scale_id"]),
        ForeignKeyConstraint(["scale_id", "points"], ["scale_band.scale_id", "scale_band.points"]),
        CheckConstraint("reason <> ''", name="reason"),
        # Results ask how many marks a round has, and at which versions, whenever they are shown.
        Index("ix_agreed_mark_question_id", "question_id", postgresql_include=["version"]),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), unique=True)
    question_id: Mapped[int] = mapped_column(BigInteger)
    scale_id: Mapped[int] = mapped_column(BigInteger)
    points: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    moderator_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    agreed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("moderation_meeting.id"), index=True)
    present: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))


class AgendaItem(Base):
    """An answer that a panel can agree on: its locked marks in short, from the last evaluator's lock on.

    The database itself writes these rows, whenever an application's last evaluator locks (or finds a
    conflict), and notes whether a mark is agreed: an agenda of thousands of answers is read from them without
    touching a mark. Nobody else writes here. `total` is the sum of the `marks` marks; `turn` is minus the
    points apart, as a share of the scale's highest, times the question's weight in per cent: the smaller, the
    sooner a panel talks about it. To 30 decimals, by which equal ones are equal and others are not.
    """

    __tablename__ = "agenda_item"
    __table_args__ = (
        Index(
            "ix_agenda_item_order",
            *("round_id", "agreed", "turn", "question_id", "application_id", "answer_id"),
        ),
    )

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    marks: Mapped[int] = mapped_column(SmallInteger)
    lowest: Mapped[int] = mapped_column(SmallInteger)
    highest: Mapped[int] = mapped_column(SmallInteger)
    total: Mapped[int] = mapped_column(Integer)
    turn: Mapped[Decimal] = mapped_column(Numeric)
    agreed: Mapped[bool] = mapped_column(Boolean)


class UnlockedMark(Base):
    """An agreed mark as it stood until it was unlocked: by whom, when, and why. Rows are never changed."""

    __tablename__ = "unlocked_mark"
    __table_args__ = (CheckConstraint("why <> ''", name="why"),)

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    points: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    moderator_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    agreed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("moderation_meeting.id"), index=True)
    present: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    why: Mapped[str] = mapped_column(Text)
    unlocked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    unlocked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Meeting(Base):
    """A moderation meeting of a round's panel; at most one of a round runs at a time.

    `observers` are others in the room, `absent_views` what those of the panel who were away had to say.
    """

    __tablename__ = "moderation_meeting"
    __table_args__ = (
        CheckConstraint("ended_at >= started_at", name="ended_at"),
        CheckConstraint("(ended_at IS NULL) = (ended_by_id IS NULL)", name="ended_by_somebody"),
        Index(
            "ix_moderation_meeting_running",
            "round_id",
            unique=True,
            postgresql_where=sql("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    observers: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    absent_views: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    started_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    started_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Attendance(Base):
    """Whether somebody of the panel, as it was at the meeting, was there."""

    __tablename__ = "meeting_attendance"
    __table_args__ = (CheckConstraint("role IN ('evaluator', 'moderator')", name="role"),)

    meeting_id: Mapped[int] = mapped_column(ForeignKey("moderation_meeting.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(Text)
    present: Mapped[bool] = mapped_column(Boolean)
