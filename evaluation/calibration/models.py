"""Tables of practice answers, their marks, and who has locked them."""

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
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class PracticeAnswer(Base):
    """An invented answer to a scored question: at most one a question."""

    __tablename__ = "practice_answer"
    __table_args__ = (CheckConstraint("text <> ''", name="text"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    written_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class PracticeMark(Base):
    """An evaluator's mark of a practice answer, on its question's own scale."""

    __tablename__ = "practice_mark"
    __table_args__ = (
        ForeignKeyConstraint(["question_id", "scale_id"], ["question.id", "question.scale_id"]),
        ForeignKeyConstraint(["scale_id", "points"], ["scale_band.scale_id", "scale_band.points"]),
        CheckConstraint("reason <> ''", name="reason"),
    )

    practice_answer_id: Mapped[int] = mapped_column(ForeignKey("practice_answer.id"), primary_key=True)
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    question_id: Mapped[int] = mapped_column(BigInteger)
    scale_id: Mapped[int] = mapped_column(BigInteger)
    points: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    marked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class PracticeLock(Base):
    """That an evaluator has locked their practice marks of a round."""

    __tablename__ = "practice_lock"

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    locked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
