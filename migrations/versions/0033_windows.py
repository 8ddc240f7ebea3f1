"""Windows in which providers answer referrals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033_windows"
down_revision = "0033_school_checks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add whether it is an emergency, until when it is answered, and how many reminders were written."""
    op.add_column(
        "referral", sa.Column("urgent", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column("referral", sa.Column("answer_by", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column(
        "referral", sa.Column("reminders", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_check_constraint(op.f("ck_referral_answer_by"), "referral", "answer_by > sent_at")
    op.create_check_constraint(op.f("ck_referral_reminders"), "referral", "reminders BETWEEN 0 AND 2")


def downgrade() -> None:
    """Forget the windows."""
    for column in ("reminders", "answer_by", "urgent"):
        op.drop_column("referral", column)
