"""Tables of individual marks, and of what they were before they were returned."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class Mark(Base):
    """An evaluator's mark of one answer. Two composite keys make a mark outside its scale impossible.

    `answer_version` and `pack_version` are those that it judged.
    """

    __tablename__ = "mark"
    __table_args__ = (
        # With the points, so that how far evaluators are apart is counted without reading their reasons.
        UniqueConstraint("answer_id", "evaluator_id", postgresql_include=["points"]),
        ForeignKeyConstraint(["question_id", "scale_id"], ["question.id", "question.scale_id"]),
        ForeignKeyConstraint(["scale_id", "points"], ["scale_band.scale_id", "scale_band.points"]),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    question_id: Mapped[int] = mapped_column(BigInteger)
    scale_id: Mapped[int] = mapped_column(BigInteger)
    points: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    marked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    answer_version: Mapped[int | None] = mapped_column(Integer)
    pack_version: Mapped[int | None] = mapped_column(SmallInteger)


class ReturnedMark(Base):
    """A locked mark as it stood when it was returned to its evaluator: by whom, when, why. Never changed."""

    __tablename__ = "returned_mark"
    __table_args__ = (
        CheckConstraint("why <> ''", name="why"),
        CheckConstraint("returned_by_id <> evaluator_id", name="by_another"),
    )

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    points: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    marked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    answer_version: Mapped[int | None] = mapped_column(Integer)
    pack_version: Mapped[int | None] = mapped_column(SmallInteger)
    why: Mapped[str] = mapped_column(Text)
    returned_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    returned_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
