"""Tables of results and decisions."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from evaluation.outcomes.lifecycle import DECISION
from portal.database import Base

# A numerator holds a price in pence beside the points of the scales.
EXACT = Numeric(30, 2)


class Result(Base):
    """An application's exact total for one lot: `numerator / denominator` points out of 100.

    Of the numerator, `quality` comes from marks and the rest from the price; `deciding` is what the questions
    added that decide between equal totals. `rank` is null unless every threshold is met and the price counts;
    `marks_version` is the version of the agreed marks, and of the decisions on the lot's prices, that the
    total was computed from.
    """

    __tablename__ = "result"
    __table_args__ = (
        CheckConstraint("denominator > 0", name="denominator"),
        CheckConstraint("(rank IS NOT NULL) = meets_thresholds", name="rank"),
        Index("ix_result_lot_id_rank", "lot_id", "rank"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    numerator: Mapped[Decimal] = mapped_column(EXACT)
    denominator: Mapped[int] = mapped_column(BigInteger)
    quality: Mapped[Decimal] = mapped_column(EXACT)
    deciding: Mapped[Decimal] = mapped_column(EXACT)
    meets_thresholds: Mapped[bool]
    rank: Mapped[int | None]
    marks_version: Mapped[int]

    @property
    def total(self) -> Fraction:
        """The exact total out of 100."""
        return Fraction(self.numerator) / self.denominator


class EvaluatorTotal(Base):
    """One evaluator's own total beside the agreed one: `numerator` over the result's denominator.

    Null where that evaluator left an answer without a mark. Kept once all of a tender's evaluators have
    locked, after which no mark of theirs can change.
    """

    __tablename__ = "evaluator_total"
    __table_args__ = (
        ForeignKeyConstraint(
            ["application_id", "lot_id"], ["result.application_id", "result.lot_id"], ondelete="CASCADE"
        ),
    )

    application_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    numerator: Mapped[Decimal | None] = mapped_column(EXACT)


class PriceCheck(Base):
    """A person's decision whether a price counts that the recipe does not score by itself, and why."""

    __tablename__ = "price_check"
    __table_args__ = (
        ForeignKeyConstraint(
            ["application_id", "lot_id"], ["application_lot.application_id", "application_lot.lot_id"]
        ),
        CheckConstraint("reason <> ''", name="reason"),
    )

    application_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    counts: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    decided_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class FormerPriceCheck(Base):
    """A decision on a price as it stood until the price was decided anew. The database itself writes these
    rows, whenever a decision is replaced, and changes none."""

    __tablename__ = "former_price_check"
    __table_args__ = (
        ForeignKeyConstraint(
            ["application_id", "lot_id"], ["price_check.application_id", "price_check.lot_id"]
        ),
    )

    application_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    lot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    counts: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class Computation(Base):
    """The last computation of a round's results: from how many agreed marks, at which versions in sum.

    Versions only grow, so the results are current as long as both figures are those of the agreed marks.
    They are confirmed (`checked_at`) once the second computation said the same; `checked_digest` is the
    SHA-256 over the totals, agreed marks and decisions on prices on which both agreed.
    """

    __tablename__ = "computation"
    __table_args__ = (CheckConstraint("(checked_at IS NULL) = (checked_digest IS NULL)", name="checked"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    marks: Mapped[int]
    marks_version: Mapped[int]
    computed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    computed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    checked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    checked_digest: Mapped[str | None] = mapped_column(Text)


class Decision(Base):
    """The outcome for one application and lot: recommended by one person, approved by another.

    Where a challenge was upheld a new decision may stand in the place of an earlier one (`replaces_id`,
    `challenge_id`), which then is `superseded` and kept as it was. Whoever reads the decision for a tender
    and a lot says `Decision.counts` (in SQL `decision.state <> 'superseded'`), or the states that they mean:
    the database lets one count at a time.

    `marks_version` is that of the result on which the recommendation rests; null where a failed condition
    left no result. `exclusion_ground` is a code of `portal.profiles.words`.
    `return_reason` is the approver's last word to the person who recommended.
    """

    __tablename__ = "decision"
    __table_args__ = (
        # One counts at a time.
        Index(
            "uq_decision_application_id_lot_id",
            "application_id",
            "lot_id",
            unique=True,
            postgresql_where=sql("state <> 'superseded'"),
        ),
        UniqueConstraint("replaces_id"),
        CheckConstraint("(replaces_id IS NULL) = (challenge_id IS NULL)", name="replaces_for_a_challenge"),
        CheckConstraint(DECISION.check_constraint(), name="state"),
        CheckConstraint(
            "outcome IN ('admit', 'admit_conditionally', 'not_admit', 'excluded')", name="outcome"
        ),
        CheckConstraint("(outcome = 'excluded') = (exclusion_ground IS NOT NULL)", name="exclusion_ground"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("approved_by_id <> recommended_by_id", name="two_people"),
        CheckConstraint(
            "(state IN ('approved', 'told', 'released', 'superseded')) = (approved_at IS NOT NULL)",
            name="approved_at",
        ),
        CheckConstraint("(approved_at IS NULL) = (approved_by_id IS NULL)", name="approved_by_somebody"),
        CheckConstraint("state <> 'returned' OR return_reason <> ''", name="return_reason"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'recommended'"), default="recommended")
    outcome: Mapped[str] = mapped_column(Text)
    exclusion_ground: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default=sql("1"), default=1)
    marks_version: Mapped[int | None]
    recommended_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True), server_default=sql("now()"))
    recommended_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    returned_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    return_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
    challenge_id: Mapped[int | None] = mapped_column(ForeignKey("challenge.id"), index=True)

    @hybrid_property
    def counts(self) -> bool:
        """Whether it is the decision for its tender and lot: no new one stands in its place."""
        return self.state != "superseded"


class DecisionVersion(Base):
    """An approved decision as it stood before it was reopened, and why it was. `reopened_by_id` is null where
    the portal did, because what it rested on had changed. `conditions` are [text, evidence type, day]."""

    __tablename__ = "decision_version"
    __table_args__ = (CheckConstraint("because <> ''", name="because"),)

    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    outcome: Mapped[str] = mapped_column(Text)
    exclusion_ground: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    conditions: Mapped[list[list[str | None]]] = mapped_column(JSONB)
    marks_version: Mapped[int | None]
    recommended_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    recommended_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    approved_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    because: Mapped[str] = mapped_column(Text)
    reopened_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    reopened_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class AdmissionCondition(Base):
    """What a provider that is admitted on conditions still has to show, and by when; how it was met.

    `evidence_type` is a code of `portal.evidence.document_types`, where a document of that kind is wanted;
    `document_id` the document with which it was met, where there was one.
    """

    __tablename__ = "admission_condition"
    __table_args__ = (
        UniqueConstraint("decision_id", "position"),
        CheckConstraint("text <> ''", name="text"),
        CheckConstraint(
            "(met_at IS NULL) = (met_by_id IS NULL) AND (met_at IS NULL) = (met_how = '')", name="met"
        ),
        CheckConstraint("document_id IS NULL OR met_at IS NOT NULL", name="document"),
        Index("ix_admission_condition_open", "due_on", postgresql_where=sql("met_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id"))
    position: Mapped[int] = mapped_column(SmallInteger)
    text: Mapped[str] = mapped_column(Text)
    evidence_type: Mapped[str | None] = mapped_column(Text)
    due_on: Mapped[date]
    met_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    met_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    met_how: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("document.id"), index=True)


class ConditionExtension(Base):
    """A later day for a condition of an admission, which was due on `was_due_on` until then; `reason` is told
    to the provider. The condition itself keeps the day that was approved."""

    __tablename__ = "condition_extension"
    __table_args__ = (
        # Each starts from the day before it: two people cannot both move the same day.
        UniqueConstraint("condition_id", "was_due_on"),
        CheckConstraint("due_on > was_due_on", name="later"),
        CheckConstraint("reason <> ''", name="reason"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    condition_id: Mapped[int] = mapped_column(ForeignKey("admission_condition.id"))
    was_due_on: Mapped[date]
    due_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    given_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
