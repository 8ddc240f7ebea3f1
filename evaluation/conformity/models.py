"""Tables of conformity checks and of what people decided."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Integer, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base


class ConformityCheck(Base):
    """The result of one condition. `decided_by_id` is null while a rule alone speaks.

    `reason` is the rule's sentence until a person decides, then that person's; `rule_result` and
    `rule_reason` stay the rule's. `version` counts decisions, and one made on a stale version is refused.
    """

    __tablename__ = "conformity_check"
    __table_args__ = (
        UniqueConstraint("application_id", "question_id", "lot_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("result IN ('pass', 'fail', 'refer')", name="result"),
        CheckConstraint("rule_result IN ('pass', 'fail', 'refer')", name="rule_result"),
        CheckConstraint("decided_by_id IS NULL OR (result <> 'refer' AND reason <> '')", name="decided"),
        CheckConstraint("decided_by_id IS NOT NULL OR result = rule_result", name="undecided"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    result: Mapped[str] = mapped_column(Text)
    rule_result: Mapped[str] = mapped_column(Text)
    rule_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    reason: Mapped[str] = mapped_column(Text, server_default=sql("''"))
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))


class ConformityDecision(Base):
    """What a person decided, as the check's `version` of then: kept when they, or a colleague, decide anew.

    The database keeps no decision on a check that is not here, word for word.
    """

    __tablename__ = "conformity_decision"
    __table_args__ = (
        CheckConstraint("result IN ('pass', 'fail')", name="result"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    check_id: Mapped[int] = mapped_column(ForeignKey("conformity_check.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    result: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
