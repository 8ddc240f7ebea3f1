"""Practice answers that evaluators mark before the real ones."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024_practice"
down_revision = "0024_marking"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).parent.parent / "sql" / "0024_practice.sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Add the tables and their guards."""
    op.create_table(
        "practice_answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.Column("written_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_practice_answer_text")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_practice_answer_round_id_round")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_practice_answer_question_id_question")
        ),
        sa.ForeignKeyConstraint(
            ["written_by_id"], ["person.id"], name=op.f("fk_practice_answer_written_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_answer")),
        sa.UniqueConstraint("question_id", name=op.f("uq_practice_answer_question_id")),
    )
    op.create_index(op.f("ix_practice_answer_round_id"), "practice_answer", ["round_id"])
    op.create_table(
        "practice_mark",
        sa.Column("practice_answer_id", sa.BigInteger(), nullable=False),
        sa.Column("evaluator_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("scale_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("marked_at", MOMENT, nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_practice_mark_reason")),
        sa.ForeignKeyConstraint(
            ["practice_answer_id"],
            ["practice_answer.id"],
            name=op.f("fk_practice_mark_practice_answer_id_practice_answer"),
        ),
        sa.ForeignKeyConstraint(
            ["evaluator_id"], ["person.id"], name=op.f("fk_practice_mark_evaluator_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["question_id", "scale_id"],
            ["question.id", "question.scale_id"],
            name=op.f("fk_practice_mark_question_id_scale_id_question"),
        ),
        sa.ForeignKeyConstraint(
            ["scale_id", "points"],
            ["scale_band.scale_id", "scale_band.points"],
            name=op.f("fk_practice_mark_scale_id_points_scale_band"),
        ),
        sa.PrimaryKeyConstraint("practice_answer_id", "evaluator_id", name=op.f("pk_practice_mark")),
    )
    op.create_table(
        "practice_lock",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("evaluator_id", sa.BigInteger(), nullable=False),
        sa.Column("locked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_practice_lock_round_id_round")),
        sa.ForeignKeyConstraint(
            ["evaluator_id"], ["person.id"], name=op.f("fk_practice_lock_evaluator_id_person")
        ),
        sa.PrimaryKeyConstraint("round_id", "evaluator_id", name=op.f("pk_practice_lock")),
    )
    op.execute(GUARDS.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget all practice."""
    op.execute("DROP FUNCTION practice_mark_until_locked CASCADE")
    op.execute("DROP FUNCTION practice_answer_until_marked CASCADE")
    op.execute("DROP FUNCTION mark_after_practice CASCADE")
    for table in ("practice_lock", "practice_mark", "practice_answer"):
        op.drop_table(table)
