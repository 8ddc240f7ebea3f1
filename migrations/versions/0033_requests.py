"""Referrals of one child to several services belong together; needs that nobody met are kept without the child."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033_requests"
down_revision = "0033_windows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every referral so far is a request of its own."""
    op.add_column(
        "referral",
        sa.Column("request_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    )
    op.create_index(op.f("ix_referral_request_id"), "referral", ["request_id"])
    op.create_table(
        "declined_need",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("key_stage", sa.Text(), nullable=False),
        sa.Column("needs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("days_a_week", sa.SmallInteger(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("asked", sa.SmallInteger(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.CheckConstraint("days_a_week BETWEEN 1 AND 5", name=op.f("ck_declined_need_days_a_week")),
        sa.CheckConstraint("asked > 0", name=op.f("ck_declined_need_asked")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_declined_need")),
    )
    op.create_index("ix_declined_need_noted_on", "declined_need", ["noted_on"])


def downgrade() -> None:
    """Forget what belongs together, and the needs that nobody met."""
    op.drop_table("declined_need")
    op.drop_index(op.f("ix_referral_request_id"), table_name="referral")
    op.drop_column("referral", "request_id")
