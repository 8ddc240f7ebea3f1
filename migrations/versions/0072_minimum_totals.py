"""A round may ask, lot by lot, for a total that a tender has to reach."""

import sqlalchemy as sa
from alembic import op

revision = "0072_minimum_totals"
down_revision = "0071_narrowed_waivers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; the rounds that there are ask for none."""
    op.add_column("round_lot", sa.Column("minimum_total", sa.Numeric(5, 2), nullable=True))
    op.create_check_constraint(
        op.f("ck_round_lot_minimum_total"), "round_lot", "minimum_total > 0 AND minimum_total <= 100"
    )


def downgrade() -> None:
    """Forget it."""
    op.drop_column("round_lot", "minimum_total")
