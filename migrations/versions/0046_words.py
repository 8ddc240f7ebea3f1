"""Search rows hold needs, key stages and places in words."""

from pathlib import Path

from alembic import op

revision = "0046_words"
down_revision = "0036_declared_evaluation"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Add them to the rows that exist, and to the words that slips are compared with."""
    op.execute("SET LOCAL statement_timeout = 0")
    op.execute((SQL / "0046_words.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """A row that holds more words does no harm: the next change of its service takes them out."""
