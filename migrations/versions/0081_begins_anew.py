"""A variation made before a placement has begun takes the place of the whole agreement, its first day too."""

import sqlalchemy as sa
from alembic import op

revision = "0081_begins_anew"
down_revision = "0080_need_said"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; no version that is there does so."""
    op.add_column(
        "agreement_version",
        sa.Column("begins_anew", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_agreement_version_begins_anew"), "agreement_version", "NOT (begins_anew AND number = 1)"
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("agreement_version", "begins_anew")
