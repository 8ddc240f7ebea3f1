"""Admission on conditions, exclusion on a ground, and the standing that a condition leaves open."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025_decision"
down_revision = "0024_practice"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")


def upgrade() -> None:
    """Let a decision admit on conditions or exclude on a ground."""
    _check("decision", "outcome", "outcome IN ('admit', 'admit_conditionally', 'not_admit', 'excluded')")
    op.add_column("decision", sa.Column("exclusion_ground", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_decision_exclusion_ground"),
        "decision",
        "(outcome = 'excluded') = (exclusion_ground IS NOT NULL)",
    )
    op.create_table(
        "admission_condition",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence_type", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("met_at", MOMENT, nullable=True),
        sa.Column("met_by_id", sa.BigInteger(), nullable=True),
        sa.Column("met_how", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("document_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("text <> ''", name=op.f("ck_admission_condition_text")),
        sa.CheckConstraint(
            "(met_at IS NULL) = (met_by_id IS NULL) AND (met_at IS NULL) = (met_how = '')",
            name=op.f("ck_admission_condition_met"),
        ),
        sa.CheckConstraint(
            "document_id IS NULL OR met_at IS NOT NULL", name=op.f("ck_admission_condition_document")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_admission_condition_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(
            ["met_by_id"], ["person.id"], name=op.f("fk_admission_condition_met_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_admission_condition_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admission_condition")),
        sa.UniqueConstraint(
            "decision_id", "position", name=op.f("uq_admission_condition_decision_id_position")
        ),
    )
    op.create_index(
        "ix_admission_condition_open",
        "admission_condition",
        ["due_on"],
        postgresql_where=sa.text("met_at IS NULL"),
    )
    op.create_index(op.f("ix_admission_condition_document_id"), "admission_condition", ["document_id"])
    op.add_column(
        "standing", sa.Column("on_conditions", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    _check("standing", "state", "state IN ('conditional', 'admitted', 'suspended', 'removed')")
    op.create_check_constraint(
        op.f("ck_standing_on_conditions"),
        "standing",
        "state NOT IN ('admitted', 'conditional') OR on_conditions = (state = 'conditional')",
    )
    op.execute((SQL / "0025_decision.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget conditions and grounds: who was admitted on conditions is admitted, who was excluded is not."""
    op.execute("DROP FUNCTION conditions_are_named CASCADE")
    op.execute("DROP FUNCTION admission_condition_as_decided CASCADE")
    op.drop_constraint(op.f("ck_standing_on_conditions"), "standing", type_="check")
    op.execute("UPDATE standing SET state = 'admitted' WHERE state = 'conditional'")
    _check("standing", "state", "state IN ('admitted', 'suspended', 'removed')")
    op.drop_column("standing", "on_conditions")
    op.drop_table("admission_condition")
    op.drop_constraint(op.f("ck_decision_exclusion_ground"), "decision", type_="check")
    op.execute("ALTER TABLE decision DISABLE TRIGGER decision_is_final")
    op.execute("UPDATE decision SET outcome = 'admit' WHERE outcome = 'admit_conditionally'")
    op.execute("UPDATE decision SET outcome = 'not_admit' WHERE outcome = 'excluded'")
    op.execute("ALTER TABLE decision ENABLE TRIGGER decision_is_final")
    op.drop_column("decision", "exclusion_ground")
    _check("decision", "outcome", "outcome IN ('admit', 'not_admit')")


def _check(table: str, name: str, condition: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
