"""The table of proposals to make a decision anew."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from evaluation.reconsiderations.lifecycle import RECONSIDERATION
from portal.database import Base


class Reconsideration(Base):
    """A new decision that somebody proposes in the place of `replaces_id`, because of a challenge.

    `conditions` are [text, kind of document or null, ISO day] each; `heard` says how a provider that would
    lose its admission could answer before. `decision_id` is the decision that was made of it. Nothing that
    was proposed is changed afterwards.
    """

    __tablename__ = "reconsideration"
    __table_args__ = (
        CheckConstraint(RECONSIDERATION.check_constraint(), name="state"),
        CheckConstraint("outcome IN ('admit', 'admit_conditionally', 'not_admit')", name="outcome"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(outcome = 'admit_conditionally') = (conditions <> '[]')", name="conditions"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint(
            "state NOT IN ('approved', 'returned') OR decided_by_id <> proposed_by_id", name="two_people"
        ),
        CheckConstraint("(state = 'returned') = (return_reason <> '')", name="return_reason"),
        CheckConstraint("state = 'approved' OR decision_id IS NULL", name="decision_id"),
        UniqueConstraint("decision_id"),
        Index(
            "uq_reconsideration_proposed",
            "application_id",
            "lot_id",
            unique=True,
            postgresql_where=sql("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    challenge_id: Mapped[int] = mapped_column(ForeignKey("challenge.id"), index=True)
    replaces_id: Mapped[int] = mapped_column(ForeignKey("decision.id"), index=True)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'proposed'"), default="proposed")
    outcome: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    heard: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    conditions: Mapped[list[list[str | None]]] = mapped_column(
        JSONB, server_default=sql("'[]'"), default=list
    )
    proposed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    return_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id"))
