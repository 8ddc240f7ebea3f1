"""Table of planned dates."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base

STEPS = {
    "open_box": "Tender box opened",
    "conformity": "Conditions checked",
    "marking": "Marking ends",
    "moderation": "Marks agreed",
    "decision": "Outcomes approved",
    "letters": "Letters sent",
    "standstill": "Standstill ends",
    "start": "Services start",
}
"""What can be planned, in order."""


class PlannedDate(Base):
    """The day on which the council means to have done a step of a round."""

    __tablename__ = "planned_date"
    __table_args__ = (
        CheckConstraint("step IN (" + ", ".join(f"'{step}'" for step in STEPS) + ")", name="step"),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    step: Mapped[str] = mapped_column(Text, primary_key=True)
    planned_on: Mapped[date]
