"""Outlines of areas, for the map of results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0083_outlines"
down_revision = "0082_child_cases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; it stays empty until somebody loads a file."""
    op.create_table(
        "area_outline",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rings", postgresql.JSONB(), nullable=False),
        sa.Column("attribution", sa.Text(), nullable=False),
        sa.Column("loaded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("attribution <> ''", name=op.f("ck_area_outline_attribution")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_area_outline")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table("area_outline")
