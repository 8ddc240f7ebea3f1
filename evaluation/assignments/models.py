"""Tables of panels, assignments and waivers of conflicts."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from evaluation.assignments.lifecycle import ASSIGNMENT
from portal.database import Base


class PanelMember(Base):
    """A person who serves a round, as evaluator or as moderator and never as both.

    An evaluator marks the tenders of `lots` (ids; all when empty), and of each the `sections` of the pack
    (codes; all when empty). `skills` are words such as "finance": a proposal gives sections by them. `seed`
    shuffles the order in which this evaluator reads the tenders of one question.
    """

    __tablename__ = "panel_member"
    __table_args__ = (CheckConstraint("role IN ('evaluator', 'moderator')", name="role"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(Text)
    lots: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=sql("'{}'"), default=list)
    sections: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    skills: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    seed: Mapped[int] = mapped_column(Integer, server_default=sql("(random() * 1000000000)::integer"))


class Assignment(Base):
    """One application for one evaluator to mark: the answers of `sections` and `lots`, all where empty.

    `conflict_kind` and `conflict` are what the evaluator declared; they stay when the conflict is waived.
    `declined_by_id` is the evaluator, or the lead who took the tender back.
    """

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("application_id", "evaluator_id"),
        # Target of a waiver's composite foreign key: nobody waives a conflict of their own.
        UniqueConstraint("id", "evaluator_id"),
        CheckConstraint(ASSIGNMENT.check_constraint(), name="state"),
        CheckConstraint(
            "state IN ('accepted', 'conflicted', 'locked') = (declared_at IS NOT NULL) OR state = 'declined'",
            name="declared_at",
        ),
        CheckConstraint("(state = 'locked') = (locked_at IS NOT NULL)", name="locked_at"),
        CheckConstraint("state <> 'conflicted' OR (conflict <> '' AND conflict_kind <> '')", name="conflict"),
        CheckConstraint("conflict_kind IN ('', 'actual', 'potential', 'perceived')", name="conflict_kind"),
        CheckConstraint(
            "state <> 'declined' OR (declined_at IS NOT NULL AND decline_reason <> '')", name="declined"
        ),
        Index("ix_assignment_evaluator_id_state", "evaluator_id", "state"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(Text, server_default=sql("'assigned'"), default="assigned")
    lots: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=sql("'{}'"), default=list)
    sections: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    conflict_kind: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    conflict: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    decline_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    declined_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    declined_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    declared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    locked_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    locked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    # Since then, whoever locked before may change what was returned, and nothing else.
    returned_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ConflictDeclaration(Base):
    """What somebody declared about one tenderer on the list of them all: no conflict (kind '') or which.

    For moderators and approvers; for evaluators where names are hidden, whose assignments follow from it.
    """

    __tablename__ = "conflict_declaration"
    __table_args__ = (
        UniqueConstraint("application_id", "person_id"),
        UniqueConstraint("id", "person_id"),
        CheckConstraint("conflict_kind IN ('', 'actual', 'potential', 'perceived')", name="conflict_kind"),
        CheckConstraint("(conflict_kind = '') = (conflict = '')", name="conflict"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    conflict_kind: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    conflict: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    declared_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class DeclarationReminder(Base):
    """A reminder that was written to somebody who had not declared on the list. The key is the promise "once
    each"; `rule` is after how many days."""

    __tablename__ = "declaration_reminder"
    __table_args__ = (CheckConstraint("rule > 0", name="rule"),)

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    rule: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    written_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))


class ConflictWaiver(Base):
    """How the lead proposes to mitigate a declared conflict, and what somebody else decided: a record.

    The conflict is that of an assignment, or that of a `ConflictDeclaration`; `evaluator_id` is whose it is.
    `left_out` are sections (codes) of an assignment that its evaluator does not mark once it is granted.
    """

    __tablename__ = "conflict_waiver"
    __table_args__ = (
        ForeignKeyConstraint(["assignment_id", "evaluator_id"], ["assignment.id", "assignment.evaluator_id"]),
        ForeignKeyConstraint(
            ["declaration_id", "evaluator_id"], ["conflict_declaration.id", "conflict_declaration.person_id"]
        ),
        CheckConstraint("num_nonnulls(assignment_id, declaration_id) = 1", name="of_one"),
        CheckConstraint("mitigation <> ''", name="mitigation"),
        CheckConstraint("left_out = '{}' OR assignment_id IS NOT NULL", name="left_out"),
        CheckConstraint(
            "(granted IS NULL) = (decided_at IS NULL) AND (granted IS NULL) = (decided_by_id IS NULL)"
            " AND (granted IS NULL) = (reason = '')",
            name="decided",
        ),
        CheckConstraint("evaluator_id NOT IN (proposed_by_id, decided_by_id)", name="by_others"),
        CheckConstraint("decided_by_id <> proposed_by_id", name="two_people"),
        Index(
            "uq_conflict_waiver_waiting",
            "assignment_id",
            unique=True,
            postgresql_where=sql("decided_at IS NULL"),
        ),
        Index("ix_conflict_waiver_assignment_id", "assignment_id"),
        Index(
            "uq_conflict_waiver_declaration_waiting",
            "declaration_id",
            unique=True,
            postgresql_where=sql("decided_at IS NULL"),
        ),
        Index("ix_conflict_waiver_declaration_id", "declaration_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    assignment_id: Mapped[int | None] = mapped_column(BigInteger)
    declaration_id: Mapped[int | None] = mapped_column(BigInteger)
    evaluator_id: Mapped[int] = mapped_column(BigInteger)
    mitigation: Mapped[str] = mapped_column(Text)
    left_out: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=sql("'{}'"), default=list)
    proposed_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    proposed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    granted: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    decided_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class ApartSection(Base):
    """A section of the pack that evaluators of its own mark, withheld from the others until released."""

    __tablename__ = "apart_section"
    __table_args__ = (
        CheckConstraint(
            "(released_at IS NULL) = (released_by_id IS NULL)"
            " AND (released_at IS NULL) = (release_reason = '')",
            name="released",
        ),
    )

    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"), primary_key=True)
    section: Mapped[str] = mapped_column(Text, primary_key=True)
    set_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    release_reason: Mapped[str] = mapped_column(Text, server_default=sql("''"), default="")
    released_at: Mapped[datetime | None] = mapped_column(TIMESTAMP(timezone=True))
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class TenderCode(Base):
    """What a tender is called where names are hidden: a letter and a number, such as K7, given at random."""

    __tablename__ = "tender_code"
    __table_args__ = (
        UniqueConstraint("round_id", "code"),
        CheckConstraint("code ~ '^[A-Z][1-9][0-9]*$'", name="code"),
    )

    application_id: Mapped[int] = mapped_column(ForeignKey("application.id"), primary_key=True)
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    code: Mapped[str] = mapped_column(Text)


class IdentifyingAnswer(Base):
    """An answer that still told an evaluator whose tender it is, as they reported it. Never changed."""

    __tablename__ = "identifying_answer"
    __table_args__ = (CheckConstraint("what <> ''", name="what"),)

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), primary_key=True)
    evaluator_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True)
    what: Mapped[str] = mapped_column(Text)
    reported_at: Mapped[datetime] = mapped_column(TIMESTAMP(timezone=True))
