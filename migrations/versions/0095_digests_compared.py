"""What a person has to know of a record file: that marks differ from what the trail kept of them."""

import sqlalchemy as sa
from alembic import op

revision = "0095_digests_compared"
down_revision = "0093_marked_since"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of files that were made before nothing is known."""
    op.add_column(
        "record_file", sa.Column("warning", sa.Text(), server_default=sa.text("''"), nullable=False)
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("record_file", "warning")
