"""What becomes of a standing: changes with their reasons, and the evidence that keeps it open."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033_standings"
down_revision = "0032_provision"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")


def upgrade() -> None:
    """Add the states, the dates and the tables."""
    _state_of_standings("'conditional', 'admitted', 'suspended_new', 'suspended', 'removed'")
    op.add_column("standing", sa.Column("evidence_until", sa.Date(), nullable=True))
    op.add_column(
        "standing",
        sa.Column(
            "open_until",
            sa.Date(),
            sa.Computed("LEAST(ends_on, evidence_until)", persisted=True),
            nullable=False,
        ),
    )
    _changes()
    _evidence()
    _ledgers()
    op.execute((SQL / "0033_standings.sql").read_text(encoding="utf-8"))


def _changes() -> None:
    op.create_table(
        "standing_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("standing_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("step", "state", "cause", "reason")),
        sa.Column("told_to_schools", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decision_note", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("representations_by", sa.Date(), nullable=True),
        sa.Column("representations", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("represented_at", MOMENT, nullable=True),
        sa.Column("represented_by_id", sa.BigInteger(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_standing_change_{name}"))
            for name, rule in {
                "state": "state IN ('proposed', 'made', 'returned')",
                "step": "step IN ('suspend_new', 'suspend', 'reinstate', 'remove', 'keep')",
                "cause": "cause IN ('safeguarding', 'quality', 'registration', 'evidence', 'contract', "
                "'asked', 'resolved', 'other')",
                "reason": "reason <> ''",
                "decided_at": "(state = 'proposed') = (decided_at IS NULL)",
                "decided_by_somebody": "(decided_at IS NULL) = (decided_by_id IS NULL)",
                "only_removals_are_proposed": "state = 'made' OR step = 'remove'",
                "two_people": "step <> 'remove' OR decided_by_id <> proposed_by_id",
                "representations": "(represented_at IS NULL) = (representations = '')",
                "represented_by_somebody": "(represented_at IS NULL) = (represented_by_id IS NULL)",
                "was_asked": "represented_at IS NULL OR representations_by IS NOT NULL",
                "review_on": "(step IN ('suspend_new', 'suspend', 'keep')) = (review_on IS NOT NULL)",
            }.items()
        ),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["standing.id"], name=op.f("fk_standing_change_standing_id_standing")
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{step}_by_id"], ["person.id"], name=op.f(f"fk_standing_change_{step}_by_id_person")
            )
            for step in ("proposed", "decided", "represented")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_change")),
    )
    op.create_index("ix_standing_change_standing_id", "standing_change", ["standing_id"])
    op.create_index(
        "uq_standing_change_proposed",
        "standing_change",
        ["standing_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )


def _evidence() -> None:
    op.create_table(
        "lot_evidence",
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("applies_from", sa.Date(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_evidence_lot_id_lot")),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_lot_evidence_set_by_id_person")),
        sa.PrimaryKeyConstraint("lot_id", "document_type", name=op.f("pk_lot_evidence")),
    )
    op.create_table(
        "evidence_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("council_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("document_type", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("checked_at", MOMENT, nullable=False),
        sa.Column("checked_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("accepted OR note <> ''", name=op.f("ck_evidence_check_note")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_evidence_check_{column}_{table}")
            )
            for column, table in (
                ("council_id", "organisation"),
                ("provider_id", "organisation"),
                ("document_id", "document"),
                ("checked_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_check")),
    )
    op.create_index(
        "ix_evidence_check_provider_id_document_type", "evidence_check", ["provider_id", "document_type"]
    )
    op.create_index("ix_evidence_check_document_id", "evidence_check", ["document_id"])
    op.create_index("ix_evidence_check_council_id", "evidence_check", ["council_id"])


def _ledgers() -> None:
    op.create_table(
        "standing_reminder",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("open_until", sa.Date(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.CheckConstraint("rule IN (0, 7, 30)", name=op.f("ck_standing_reminder_rule")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_standing_reminder_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_standing_reminder_person_id_person")
        ),
        sa.PrimaryKeyConstraint(
            "provider_id", "open_until", "rule", "person_id", name=op.f("pk_standing_reminder")
        ),
    )
    op.create_index("ix_standing_reminder_person_id", "standing_reminder", ["person_id"])
    op.create_table(
        "standing_lapse",
        sa.Column("standing_id", sa.BigInteger(), nullable=False),
        sa.Column("open_until", sa.Date(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["standing.id"], name=op.f("fk_standing_lapse_standing_id_standing")
        ),
        sa.PrimaryKeyConstraint("standing_id", "open_until", name=op.f("pk_standing_lapse")),
    )


def downgrade() -> None:
    """Forget them; who is suspended for new referrals alone is suspended."""
    op.execute("DROP TRIGGER standing_evidence_until ON standing")
    for table in ("standing_lapse", "standing_reminder", "evidence_check", "lot_evidence", "standing_change"):
        op.drop_table(table)
    for function in (
        "standing_change_is_kept()",
        "evidence_moves_standings()",
        "standing_evidence_until()",
        "evidence_until_of(bigint, bigint)",
    ):
        op.execute(f"DROP FUNCTION {function}")
    op.drop_column("standing", "open_until")
    op.drop_column("standing", "evidence_until")
    op.execute("UPDATE standing SET state = 'suspended' WHERE state = 'suspended_new'")
    _state_of_standings("'conditional', 'admitted', 'suspended', 'removed'")


def _state_of_standings(states: str) -> None:
    op.drop_constraint(op.f("ck_standing_state"), "standing", type_="check")
    op.create_check_constraint(op.f("ck_standing_state"), "standing", f"state IN ({states})")
