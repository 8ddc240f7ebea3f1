"""More time for everyone may move the times for questions that have not passed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0061_question_times"
down_revision = "0060_downloads_by_organisation"
branch_labels = None
depends_on = None

TIMES = ("questions_until", "answers_by")


def upgrade() -> None:
    """Add both times and what the database itself refuses of them."""
    for name in TIMES:
        op.add_column("extension", sa.Column(name, TIMESTAMP(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_extension_questions_of_everyone"),
        "extension",
        "for_everyone OR (questions_until IS NULL AND answers_by IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_extension_questions_before_the_close"),
        "extension",
        "questions_until <= answers_by AND answers_by <= closes_at AND questions_until <= closes_at",
    )


def downgrade() -> None:
    """Let the times for questions be those that were published."""
    for name in TIMES:
        op.drop_column("extension", name)
