"""The table of conflicts assessments."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base

KINDS = {"actual": "Actual", "potential": "Potential", "perceived": "Perceived"}


class ConflictsAssessment(Base):
    """An assessment, or a later review of it: a row each, never changed. The newest is the one that stands.

    `people` are those who take part, one a line. `conflicts` are objects of person, kind, nature and
    mitigation; none when none was found.
    """

    __tablename__ = "conflicts_assessment"
    __table_args__ = (
        CheckConstraint("people <> ''", name="people"),
        CheckConstraint("jsonb_typeof(conflicts) = 'array'", name="conflicts"),
        Index("ix_conflicts_assessment_round_id", "round_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    people: Mapped[str] = mapped_column(Text)
    conflicts: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default=sql("'[]'"))
    assessed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    assessed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
