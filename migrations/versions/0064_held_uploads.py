"""A file that has arrived whole can wait for the form that files it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0064_held_uploads"
down_revision = "0063_price_units"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when it began to wait."""
    op.add_column("upload", sa.Column("held_at", TIMESTAMP(timezone=True), nullable=True))


def downgrade() -> None:
    """Let what waits be a file on its way again."""
    op.drop_column("upload", "held_at")
