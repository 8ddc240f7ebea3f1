"""What a mark judged, marks that are returned, what tells copied reasons, and sections that are marked apart."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024_marking"
down_revision = "0023_panel"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Add the columns, the table of returned marks and the guards."""
    op.add_column("mark", sa.Column("answer_version", sa.Integer(), nullable=True))
    op.add_column("mark", sa.Column("pack_version", sa.SmallInteger(), nullable=True))
    op.add_column("mark", sa.Column("fingerprint", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.create_index("ix_mark_fingerprint_evaluator_id", "mark", ["fingerprint", "evaluator_id"])
    op.add_column("assignment", sa.Column("returned_at", MOMENT, nullable=True))
    op.add_column("assignment", sa.Column("returned_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_assignment_returned_by_id_person"), "assignment", "person", ["returned_by_id"], ["id"]
    )
    op.create_table(
        "returned_mark",
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("evaluator_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("marked_at", MOMENT, nullable=False),
        sa.Column("answer_version", sa.Integer(), nullable=True),
        sa.Column("pack_version", sa.SmallInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("returned_at", MOMENT, nullable=False),
        sa.Column("returned_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("why <> ''", name=op.f("ck_returned_mark_why")),
        sa.CheckConstraint("returned_by_id <> evaluator_id", name=op.f("ck_returned_mark_by_another")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_returned_mark_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["evaluator_id"], ["person.id"], name=op.f("fk_returned_mark_evaluator_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["returned_by_id"], ["person.id"], name=op.f("fk_returned_mark_returned_by_id_person")
        ),
        sa.PrimaryKeyConstraint("answer_id", "evaluator_id", "version", name=op.f("pk_returned_mark")),
    )
    op.create_table(
        "apart_section",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("set_by_id", sa.BigInteger(), nullable=False),
        sa.Column("release_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("released_at", MOMENT, nullable=True),
        sa.Column("released_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_by_id IS NULL)"
            " AND (released_at IS NULL) = (release_reason = '')",
            name=op.f("ck_apart_section_released"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_apart_section_round_id_round")),
        *(
            sa.ForeignKeyConstraint(
                [f"{done}_by_id"], ["person.id"], name=op.f(f"fk_apart_section_{done}_by_id_person")
            )
            for done in ("set", "released")
        ),
        sa.PrimaryKeyConstraint("round_id", "section", name=op.f("pk_apart_section")),
    )
    op.execute((SQL / "0024_marking.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget what was returned and what was judged."""
    op.execute((SQL / "0024_marking_down.sql").read_text(encoding="utf-8"))
    op.drop_table("apart_section")
    op.drop_table("returned_mark")
    op.drop_column("assignment", "returned_by_id")
    op.drop_column("assignment", "returned_at")
    op.drop_index("ix_mark_fingerprint_evaluator_id", table_name="mark")
    for column in ("answer_version", "pack_version", "fingerprint"):
        op.drop_column("mark", column)
