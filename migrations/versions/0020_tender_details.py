"""What was changed of a lot after publication."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020_tender_details"
down_revision = "0019_recipes"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Keep changes to lots that published rounds offer."""
    op.create_table(
        "lot_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("before", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("after", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_lot_change_reason")),
        sa.CheckConstraint("before <> after", name=op.f("ck_lot_change_differs")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_lot_change_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_lot_change_changed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot_change")),
    )
    op.create_index("ix_lot_change_lot_id", "lot_change", ["lot_id"])
    op.execute((SQL / "0020_tender_details.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget changes to lots."""
    op.drop_table("lot_change")
