"""A standing says whether the council excludes its provider, as the newest findings have it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0111_excluded"
down_revision = "0110_case_facts"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Add it, keep it, and take what it closes out of the search."""
    op.add_column("standing", sa.Column("excluded", sa.Boolean(), server_default="false", nullable=False))
    op.execute((SQL / "0111_excluded.sql").read_text(encoding="utf-8"))
    op.execute("UPDATE standing SET excluded = true WHERE excludes(provider_id, lot_id)")
    op.execute(
        "DELETE FROM search_row USING service, standing WHERE service.id = search_row.service_id"
        " AND standing.id = service.standing_id AND standing.excluded"
    )


def downgrade() -> None:
    """Take it away; who is excluded is asked when a child is named or an agreement is signed."""
    op.execute("DROP TRIGGER exclusion_finding_moves_standings ON exclusion_finding")
    op.execute("DROP TRIGGER standing_excluded ON standing")
    op.execute("DROP FUNCTION exclusion_moves_standings, standing_excluded, excludes")
    op.drop_column("standing", "excluded")
