"""Assessment summaries, with every version of their texts."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026_summaries"
down_revision = "0025_decision"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "assessment_summary",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        *(
            column
            for step in ("offered", "approved", "returned")
            for column in (
                sa.Column(f"{step}_at", MOMENT, nullable=True),
                sa.Column(f"{step}_by_id", sa.BigInteger(), nullable=True),
            )
        ),
        sa.Column("return_reason", sa.Text(), server_default=NOTHING, nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'offered', 'approved')", name=op.f("ck_assessment_summary_state")
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (approved_at IS NOT NULL)", name=op.f("ck_assessment_summary_approved_at")
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL)",
            name=op.f("ck_assessment_summary_approved_by_somebody"),
        ),
        sa.CheckConstraint(
            "state = 'draft' OR offered_by_id IS NOT NULL",
            name=op.f("ck_assessment_summary_offered_by_somebody"),
        ),
        sa.CheckConstraint("approved_by_id <> offered_by_id", name=op.f("ck_assessment_summary_two_people")),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_assessment_summary_application_id_application"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{step}_by_id"], ["person.id"], name=op.f(f"fk_assessment_summary_{step}_by_id_person")
            )
            for step in ("offered", "approved", "returned")
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_assessment_summary")),
    )
    op.create_table(
        "summary_text",
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("not_higher", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("mark_version", sa.Integer(), nullable=False),
        sa.Column("drafted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("written_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("written_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("explanation <> ''", name=op.f("ck_summary_text_explanation")),
        sa.CheckConstraint("version > 0", name=op.f("ck_summary_text_version")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_summary_text_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["person.id"], name=op.f("fk_summary_text_written_by_id_person")
        ),
        sa.PrimaryKeyConstraint("answer_id", "version", name=op.f("pk_summary_text")),
    )
    op.execute((SQL / "0026_summaries.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget the summaries."""
    op.drop_table("summary_text")
    op.drop_table("assessment_summary")
    op.execute("DROP FUNCTION summary_text_while_draft()")
    op.execute("DROP FUNCTION assessment_summary_is_sent()")
