"""Totals are kept first and confirmed by a second computation, with the digest of what both rest on."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0123_checked_totals"
down_revision = "0119_ended_after_opening"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What is kept was kept because both computations agreed, so it is confirmed as it stands."""
    op.add_column("computation", sa.Column("checked_at", postgresql.TIMESTAMP(timezone=True)))
    op.add_column("computation", sa.Column("checked_digest", sa.Text()))
    op.create_check_constraint(
        op.f("ck_computation_checked"), "computation", "(checked_at IS NULL) = (checked_digest IS NULL)"
    )
    op.execute((Path(__file__).parents[1] / "sql" / "0123_checked_totals.sql").read_text())
    op.execute("UPDATE computation SET checked_at = computed_at, checked_digest = totals_digest(round_id)")


def downgrade() -> None:
    """Totals that are not confirmed were not kept before: they are to be computed again."""
    op.execute("DELETE FROM computation WHERE checked_at IS NULL")
    op.execute("DROP FUNCTION totals_digest(bigint)")
    op.drop_column("computation", "checked_digest")
    op.drop_column("computation", "checked_at")
