"""Tables of changes to standings, of what lots ask for, of checks, and the ledgers of what was told."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, Text
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.standings.lifecycle import CHANGE

STEPS_BY_HAND = ("suspend_new", "suspend", "reinstate", "remove", "keep")
"""What an officer can do; `keep` is a review after which a suspension goes on."""
STEPS = (*STEPS_BY_HAND, "admit")
"""What a change does; `admit` follows a new decision on a tender."""

CAUSES = {
    "safeguarding": "A safeguarding concern",
    "quality": "Quality of the provision",
    "registration": "Registration as a school",
    "evidence": "Evidence that is missing or wrong",
    "contract": "Terms of the framework",
    "asked": "The provider asked for it",
    "resolved": "What was wrong has been put right",
    "new_decision": "A new decision on its tender, after a challenge",
    "other": "Another cause",
}
CAUSES_BY_HAND = {cause: words for cause, words in CAUSES.items() if cause != "new_decision"}
"""The causes that an officer can give: a new decision on a tender is made elsewhere, by two people."""
RULES = (0, 7, 30)
"""Days before a standing closes to new children on which its provider is written to."""


def _listed(values: tuple[object, ...] | dict[str, str]) -> str:
    return ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in values)


class StandingChange(Base):
    """One step in a standing's life. `reason` is told to the provider, `told_to_schools` to schools with a
    child there; `decision_note` is kept. `representations_by` is the last day on which the provider can
    answer. Before a suspension it was invited to say something on `invited_on`, or was not, because of what
    `uninvited_because` says: it reads that too. `review_on` says when a suspension is looked at again."""

    __tablename__ = "standing_change"
    __table_args__ = (
        CheckConstraint(CHANGE.check_constraint(), name="state"),
        CheckConstraint(f"step IN ({_listed(STEPS)})", name="step"),
        CheckConstraint(f"cause IN ({_listed(CAUSES)})", name="cause"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(decided_at IS NULL) = (decided_by_id IS NULL)", name="decided_by_somebody"),
        CheckConstraint("state = 'made' OR step = 'remove'", name="only_removals_are_proposed"),
        CheckConstraint("step <> 'remove' OR decided_by_id <> proposed_by_id", name="two_people"),
        CheckConstraint("(represented_at IS NULL) = (representations = '')", name="representations"),
        CheckConstraint(
            "(represented_at IS NULL) = (represented_by_id IS NULL)", name="represented_by_somebody"
        ),
        CheckConstraint("represented_at IS NULL OR representations_by IS NOT NULL", name="was_asked"),
        CheckConstraint(
            "(step IN ('suspend_new', 'suspend', 'keep')) = (review_on IS NOT NULL)", name="review_on"
        ),
        CheckConstraint(
            "step IN ('suspend_new', 'suspend') OR (invited_on IS NULL AND uninvited_because = '')",
            name="only_suspensions_are_heard_before",
        ),
        CheckConstraint("invited_on IS NULL OR uninvited_because = ''", name="invited_on"),
        Index("ix_standing_change_standing_id", "standing_id"),
        Index(
            "uq_standing_change_proposed",
            "standing_id",
            unique=True,
            postgresql_where=sql("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    standing_id: Mapped[int] = mapped_column(ForeignKey("standing.id"))
    step: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    cause: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    told_to_schools: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    proposed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decision_note: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    representations_by: Mapped[date | None]
    representations: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    represented_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    represented_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    review_on: Mapped[date | None]
    invited_on: Mapped[date | None]
    uninvited_because: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")


class LotEvidence(Base):
    """A kind of document that a lot asks every provider on it to have in force, from a day on."""

    __tablename__ = "lot_evidence"

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True)
    document_type: Mapped[str] = mapped_column(Text, primary_key=True)
    applies_from: Mapped[date]
    set_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class EvidenceCheck(Base):
    """The council has looked at a document of a provider. Never changed; of one document the newest counts.

    `expires_on` is the document's as it was then: a date that is corrected afterwards is checked anew.
    """

    __tablename__ = "evidence_check"
    __table_args__ = (
        CheckConstraint("accepted OR note <> ''", name="note"),
        Index("ix_evidence_check_provider_id_document_type", "provider_id", "document_type"),
        Index("ix_evidence_check_document_id", "document_id"),
        Index("ix_evidence_check_council_id", "council_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    council_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    document_id: Mapped[UUID] = mapped_column(ForeignKey("document.id"))
    document_type: Mapped[str] = mapped_column(Text)
    accepted: Mapped[bool]
    expires_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    checked_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    checked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))


class StandingReminder(Base):
    """A letter about standings that close to new children: one for each rule, day and person."""

    __tablename__ = "standing_reminder"
    __table_args__ = (
        CheckConstraint(f"rule IN ({_listed(RULES)})", name="rule"),
        Index("ix_standing_reminder_person_id", "person_id"),
    )

    provider_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    open_until: Mapped[date] = mapped_column(primary_key=True)
    rule: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    written_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class StandingLapse(Base):
    """That a standing has closed to new children by itself after a day, and schools were told: once each."""

    __tablename__ = "standing_lapse"

    standing_id: Mapped[int] = mapped_column(ForeignKey("standing.id"), primary_key=True)
    open_until: Mapped[date] = mapped_column(primary_key=True)
    told_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
