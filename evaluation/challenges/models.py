"""The table of challenges."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from evaluation.challenges.lifecycle import CHALLENGE
from portal.database import Base

KINDS = {
    "question": "Question about an outcome",
    "complaint": "Complaint",
    "claim": "Claim in court, or notice of one",
}
UPHELD = ("upheld", "partly_upheld")
FINDINGS = {
    "upheld": "Upheld",
    "partly_upheld": "Partly upheld",
    "not_upheld": "Not upheld",
}


class Challenge(Base):
    """What came about a round. `lot_id` is null when it concerns every lot.

    It holds admissions from `held_at` to `lifted_at`, each with its reason; both null: it never did.
    `finding` is what came out of it, once that is known; `finding_reason` says why where it was noted after
    the answer.
    """

    __tablename__ = "challenge"
    __table_args__ = (
        CheckConstraint("kind IN (" + ", ".join(f"'{kind}'" for kind in KINDS) + ")", name="kind"),
        CheckConstraint(CHALLENGE.check_constraint(), name="state"),
        CheckConstraint("received_from <> '' AND summary <> ''", name="said"),
        CheckConstraint("answer_due_on >= received_on", name="answer_due_on"),
        CheckConstraint(
            "(state = 'answered') = (answered_at IS NOT NULL) AND (state = 'answered') = (answer <> '')",
            name="answered",
        ),
        CheckConstraint("(held_at IS NULL) = (hold_reason = '')", name="hold_reason"),
        CheckConstraint("(lifted_at IS NULL) = (lift_reason = '')", name="lift_reason"),
        CheckConstraint("lifted_at >= held_at", name="lifted_after_it_was_held"),
        CheckConstraint("finding IN (" + ", ".join(f"'{each}'" for each in FINDINGS) + ")", name="finding"),
        CheckConstraint("finding IS NULL OR state = 'answered'", name="found_once_answered"),
        CheckConstraint(
            "(finding IS NULL) = (found_at IS NULL) AND (finding IS NULL) = (found_by_id IS NULL)",
            name="found_by_somebody",
        ),
        CheckConstraint("finding IS NOT NULL OR finding_reason = ''", name="finding_reason"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), index=True)
    lot_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default=sql("'open'"), default="open")
    received_from: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date]
    summary: Mapped[str] = mapped_column(Text)
    answer_due_on: Mapped[date]
    answer: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    answered_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    held_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    hold_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    lifted_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    lift_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    finding: Mapped[str | None] = mapped_column(Text)
    finding_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    found_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    found_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
