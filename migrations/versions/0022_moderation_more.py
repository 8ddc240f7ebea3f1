"""The agenda of moderation in rows of its own, and indexes that count marks and answers without their texts."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0022_moderation_more"
down_revision = "0021_conformity"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Keep what is to be agreed beside the marks, and fill it from those that are locked."""
    op.create_table(
        "agenda_item",
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("marks", sa.SmallInteger(), nullable=False),
        sa.Column("lowest", sa.SmallInteger(), nullable=False),
        sa.Column("highest", sa.SmallInteger(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Numeric(), nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        *(
            sa.ForeignKeyConstraint(
                [f"{table}_id"], [f"{table}.id"], name=op.f(f"fk_agenda_item_{table}_id_{table}")
            )
            for table in ("answer", "round", "application", "question", "lot")
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_agenda_item")),
    )
    op.create_index(op.f("ix_agenda_item_application_id"), "agenda_item", ["application_id"])
    op.create_index(
        "ix_agenda_item_order",
        "agenda_item",
        ["round_id", "agreed", "turn", "question_id", "application_id", "answer_id"],
    )
    _indexes("INCLUDE (id, application_id, lot_id)", "INCLUDE (points)")
    op.execute((SQL / "0022_moderation_more.sql").read_text(encoding="utf-8"))


def _indexes(of_answer: str, of_mark: str) -> None:
    """Make two indexes again, with these columns carried along."""
    op.execute("DROP INDEX ix_answer_question_id")
    op.execute(f"CREATE INDEX ix_answer_question_id ON answer (question_id) {of_answer}")
    op.execute("ALTER TABLE mark DROP CONSTRAINT uq_mark_answer_id_evaluator_id")
    op.execute(
        "ALTER TABLE mark ADD CONSTRAINT uq_mark_answer_id_evaluator_id "
        f"UNIQUE (answer_id, evaluator_id) {of_mark}"
    )


def downgrade() -> None:
    """Forget the agenda's rows and carry nothing along in the two indexes."""
    for function in ("assignment_refreshes_agenda", "agreed_mark_on_agenda", "refresh_agenda"):
        op.execute(f"DROP FUNCTION {function} CASCADE")
    _indexes("", "")
    op.drop_table("agenda_item")
