"""Corrections of published clarifications, and questions that were left without an answer."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0101_clarifications"
down_revision = "0100_amendments"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql" / "0101_clarifications.sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
STATES = ("waiting", "published", "private", "withdrawn")


def upgrade() -> None:
    """Let what was published be corrected beside it, and the asker be told why nobody answered."""
    op.add_column("clarification", sa.Column("left_reason", sa.Text(), nullable=True))
    op.add_column("clarification", sa.Column("left_at", MOMENT, nullable=True))
    op.add_column("clarification", sa.Column("left_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_clarification_left_by_id_person"), "clarification", "person", ["left_by_id"], ["id"]
    )
    _allow((*STATES, "left"))
    op.create_check_constraint(
        op.f("ck_clarification_left"),
        "clarification",
        "(state = 'left') = (left_reason IS NOT NULL AND left_at IS NOT NULL)",
    )
    op.create_table(
        "clarification_correction",
        sa.Column("clarification_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("corrected_at", MOMENT, nullable=False),
        sa.Column("corrected_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number > 1", name=op.f("ck_clarification_correction_number")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_clarification_correction_reason")),
        sa.ForeignKeyConstraint(
            ["clarification_id"],
            ["clarification.id"],
            name=op.f("fk_clarification_correction_clarification_id_clarification"),
        ),
        sa.ForeignKeyConstraint(
            ["corrected_by_id"],
            ["person.id"],
            name=op.f("fk_clarification_correction_corrected_by_id_person"),
        ),
        sa.PrimaryKeyConstraint("clarification_id", "number", name=op.f("pk_clarification_correction")),
    )
    op.execute(SQL.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget corrections. Refused by the old constraint while a question was left without an answer."""
    op.drop_table("clarification_correction")
    op.execute("DROP FUNCTION correction_follows()")
    op.drop_constraint(op.f("ck_clarification_left"), "clarification", type_="check")
    _allow(STATES)
    for name in ("left_by_id", "left_at", "left_reason"):
        op.drop_column("clarification", name)


def _allow(states: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_clarification_state"), "clarification", type_="check")
    allowed = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(op.f("ck_clarification_state"), "clarification", f"state IN ({allowed})")
