"""Rounds that are withdrawn, and drafts that are discarded."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0102_withdrawals"
down_revision = "0101_clarifications"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
STATES = ("draft", "published", "opened", "marking", "decided", "released")


def upgrade() -> None:
    """Let two people withdraw a published round whose box is shut."""
    op.add_column("round", sa.Column("withdrawn_at", MOMENT, nullable=True))
    op.add_column("round", sa.Column("withdrawn_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_round_withdrawn_by_id_person"), "round", "person", ["withdrawn_by_id"], ["id"]
    )
    _allow((*STATES, "withdrawn"), "state IN ('draft', 'published', 'withdrawn')")
    op.create_table(
        "round_withdrawal",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_round_withdrawal_reason")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (approved IS NULL)", name=op.f("ck_round_withdrawal_decided")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by_id IS NULL)", name=op.f("ck_round_withdrawal_decided_by")
        ),
        sa.CheckConstraint(
            "NOT approved OR decided_by_id <> proposed_by_id", name=op.f("ck_round_withdrawal_two_people")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_withdrawal_round_id_round")),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["person.id"], name=op.f("fk_round_withdrawal_proposed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_round_withdrawal_decided_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_withdrawal")),
    )
    op.create_index(op.f("ix_round_withdrawal_round_id"), "round_withdrawal", ["round_id"])
    op.create_index(
        "uq_round_withdrawal_waiting",
        "round_withdrawal",
        ["round_id"],
        unique=True,
        postgresql_where=sa.text("approved IS NOT FALSE"),
    )
    op.execute((SQL / "0102_withdrawals.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Take it away again. Refused by the old constraints while a round is withdrawn."""
    op.execute((SQL / "0102_withdrawals_down.sql").read_text(encoding="utf-8"))
    op.drop_table("round_withdrawal")
    op.execute("DROP FUNCTION withdrawal_is_kept()")
    _allow(STATES, "state IN ('draft', 'published')")
    op.drop_column("round", "withdrawn_by_id")
    op.drop_column("round", "withdrawn_at")


def _allow(states: tuple[str, ...], unopened: str) -> None:
    allowed = ", ".join(f"'{state}'" for state in states)
    for name, rule in (
        ("state", f"state IN ({allowed})"),
        ("opened_at", f"({unopened}) = (opened_at IS NULL)"),
    ):
        op.drop_constraint(op.f(f"ck_round_{name}"), "round", type_="check")
        op.create_check_constraint(op.f(f"ck_round_{name}"), "round", rule)
