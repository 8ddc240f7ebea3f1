"""More time for a condition of an admission: each later day is a row of its own."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034_condition_extensions"
down_revision = "0033_requests"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """The condition keeps the day that was approved; what came later stands beside it."""
    op.create_table(
        "condition_extension",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("condition_id", sa.BigInteger(), nullable=False),
        sa.Column("was_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("given_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("due_on > was_due_on", name=op.f("ck_condition_extension_later")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_condition_extension_reason")),
        sa.ForeignKeyConstraint(
            ["condition_id"],
            ["admission_condition.id"],
            name=op.f("fk_condition_extension_condition_id_admission_condition"),
        ),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["person.id"], name=op.f("fk_condition_extension_given_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_condition_extension")),
        sa.UniqueConstraint(
            "condition_id", "was_due_on", name=op.f("uq_condition_extension_condition_id_was_due_on")
        ),
    )
    op.execute((SQL / "0034_condition_extensions.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget the later days: what was approved counts again."""
    op.drop_table("condition_extension")
    op.execute("DROP FUNCTION condition_extension_follows()")
