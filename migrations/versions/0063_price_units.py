"""The highest price of a lot is for a day, half a day or an hour."""

import sqlalchemy as sa
from alembic import op

revision = "0063_price_units"
down_revision = "0062_extendable_until"
branch_labels = None
depends_on = None

TABLES = ("lot", "round_lot")


def upgrade() -> None:
    """Add the unit: a day, as every highest price was until now."""
    for table in TABLES:
        op.add_column(
            table, sa.Column("price_unit", sa.Text(), server_default=sa.text("'day'"), nullable=False)
        )
        op.create_check_constraint(
            op.f(f"ck_{table}_price_unit"), table, "price_unit IN ('day', 'half_day', 'hour')"
        )


def downgrade() -> None:
    """Let every highest price be that of a day again."""
    for table in TABLES:
        op.drop_column(table, "price_unit")
