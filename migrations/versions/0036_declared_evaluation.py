"""A ledger of reminders to whoever has not declared on the list of a round's tenderers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036_declared_evaluation"
down_revision = "0038_search"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One row for each letter: the key is the promise "once each"."""
    op.create_table(
        "declaration_reminder",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), nullable=False),
        sa.Column("written_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("rule > 0", name=op.f("ck_declaration_reminder_rule")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_declaration_reminder_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_declaration_reminder_person_id_person")
        ),
        sa.PrimaryKeyConstraint("round_id", "person_id", "rule", name=op.f("pk_declaration_reminder")),
    )
    op.create_index(op.f("ix_declaration_reminder_person_id"), "declaration_reminder", ["person_id"])


def downgrade() -> None:
    """Forget who was reminded."""
    op.drop_table("declaration_reminder")
