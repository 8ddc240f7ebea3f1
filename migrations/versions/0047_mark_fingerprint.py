"""Reasons are compared by their runs of words: no mark keeps a fingerprint of its reason any more."""

import sqlalchemy as sa
from alembic import op

revision = "0047_mark_fingerprint"
down_revision = "0046_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the column with its index."""
    op.drop_index("ix_mark_fingerprint_evaluator_id", table_name="mark")
    op.drop_column("mark", "fingerprint")


def downgrade() -> None:
    """Add them again, empty: what was empty was never called a copy."""
    op.add_column("mark", sa.Column("fingerprint", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_index("ix_mark_fingerprint_evaluator_id", "mark", ["fingerprint", "evaluator_id"])
