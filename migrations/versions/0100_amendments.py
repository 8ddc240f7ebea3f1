"""What a new version of a published pack may change: choices, columns, rules, conditions, and the round's terms."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0100_amendments"
down_revision = "0096_price_versions"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Let versions change more, and keep in each what the round's prices and its words on applying were."""
    op.add_column(
        "question",
        sa.Column("former_options", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
    op.execute((SQL / "0100_amendments.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Let versions change words, limits and weights alone again."""
    op.execute((SQL / "0100_amendments_down.sql").read_text(encoding="utf-8"))
    op.drop_column("question", "former_options")
