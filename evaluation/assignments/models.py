"""Tables of panels and assignments."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from evaluation.assignments.lifecycle import ASSIGNMENT
from portal.database import Base


class PanelMember(Base):
    """A person who serves a round, as evaluator or as moderator and never as both."""

    __tablename__ = "panel_member"
    __table_args__ = (CheckConstraint("role IN ('evaluator', 'moderator')", name="role"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(Text)


class Assignment(Base):
    """One application for one evaluator to mark."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("application_id", "evaluator_id"),
        CheckConstraint(ASSIGNMENT.check_constraint(), name="state"),
        CheckConstraint("(state = 'assigned') = (declared_at IS NULL)", name="declared_at"),
        CheckConstraint("(state = 'locked') = (locked_at IS NOT NULL)", name="locked_at"),
        CheckConstraint("state <> 'conflicted' OR conflict <> ''", name="conflict"),
        Index("ix_assignment_evaluator_id_state", "evaluator_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(Text, server_default=sql("'assigned'"), default="assigned")
    conflict: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    declared_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    locked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    locked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
