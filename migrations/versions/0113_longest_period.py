"""A placement agreement says how long the placement may last at most."""

import sqlalchemy as sa
from alembic import op

revision = "0113_longest_period"
down_revision = "0112_heard_before"
branch_labels = None
depends_on = None

TABLE = "agreement_version"
NAME = "ck_agreement_version_longest_weeks"


def upgrade() -> None:
    """Add it; what was agreed without it stays as it was signed."""
    op.add_column(TABLE, sa.Column("longest_weeks", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(op.f(NAME), TABLE, "longest_weeks BETWEEN 1 AND 200")


def downgrade() -> None:
    """Take it away."""
    op.drop_constraint(op.f(NAME), TABLE, type_="check")
    op.drop_column(TABLE, "longest_weeks")
