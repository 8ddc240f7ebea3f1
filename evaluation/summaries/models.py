"""Tables of assessment summaries and of every version of their texts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Integer, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column, synonym

from evaluation.summaries.lifecycle import SUMMARY
from portal.database import Base


class AssessmentSummary(Base):
    """A tender's summary. `version` grows with every change: what is done on a stale page is refused.

    `return_reason` is the approver's last word to whoever offered it.
    """

    __tablename__ = "assessment_summary"
    __table_args__ = (
        CheckConstraint(SUMMARY.check_constraint(), name="state"),
        CheckConstraint("(state = 'approved') = (approved_at IS NOT NULL)", name="approved_at"),
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved_by_somebody"),
        CheckConstraint("state = 'draft' OR offered_by_id IS NOT NULL", name="offered_by_somebody"),
        CheckConstraint("approved_by_id <> offered_by_id", name="two_people"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    id = synonym("application_id")
    state: Mapped[str] = mapped_column(Text, server_default=sql("'draft'"), default="draft")
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    offered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    returned_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    return_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")


class SummaryText(Base):
    """One version of what a summary says of one answer; the newest counts, and none is ever changed.

    `mark_version` is that of the agreed mark that it explains. `drafted` where the portal put it together
    from the agreed reason and the scale, and nobody has written in it.
    """

    __tablename__ = "summary_text"
    __table_args__ = (
        CheckConstraint("explanation <> ''", name="explanation"),
        CheckConstraint("version > 0", name="version"),
    )

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    explanation: Mapped[str] = mapped_column(Text)
    not_higher: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    mark_version: Mapped[int] = mapped_column(Integer)
    drafted: Mapped[bool] = mapped_column(server_default=sql("false"), default=False)
    written_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
