"""A framework knows until when its documents let it be extended."""

import sqlalchemy as sa
from alembic import op

revision = "0062_extendable_until"
down_revision = "0061_question_times"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day, which frameworks of before do not give."""
    op.add_column("framework", sa.Column("extendable_until", sa.Date(), nullable=True))
    op.create_check_constraint(
        op.f("ck_framework_extendable_until"), "framework", "extendable_until >= ends_on"
    )


def downgrade() -> None:
    """Forget the day."""
    op.drop_column("framework", "extendable_until")
