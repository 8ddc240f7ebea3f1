"""Conditions of lots, the first award, rounds that are always open, and planned dates."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011_framework_terms"
down_revision = "0010_packs"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).parent.parent / "sql" / "0011_framework_terms.sql"
LOT_CHECKS = {
    "maximum_hours_a_week": "maximum_hours_a_week >= minimum_hours_a_week AND maximum_hours_a_week > 0",
    "key_stages": "key_stages <@ ARRAY['KS1', 'KS2', 'KS3', 'KS4', 'KS5']",
    "largest_group": "largest_group > 0",
    "insurance": "public_liability > 0 AND employers_liability > 0 AND professional_indemnity > 0",
    "price_ceiling": "price_ceiling > 0",
}
ROUND_CHECKS = {
    "answer_within": "answer_within > 0",
    "answer_at_most": "answer_at_most IS NULL OR coalesce(answer_at_most > answer_within, false)",
    "answer_later": "answer_later_because = '' OR answer_at_most IS NOT NULL",
    "promise": "NOT always_open OR answer_within IS NOT NULL",
    "cut_offs": "always_open OR later_cut_offs = '{}'",
}
STEPS = ("open_box", "conformity", "marking", "moderation", "decision", "letters", "standstill", "start")


def upgrade() -> None:
    """Say what each lot asks for, let a round be always open, and plan the dates of a round."""
    op.add_column("framework", sa.Column("first_awarded_on", sa.Date(), nullable=True))
    _add("lot", _lot_columns(), LOT_CHECKS)
    _add("round", _round_columns(), ROUND_CHECKS)
    op.create_table(
        "planned_date",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "step IN (" + ", ".join(f"'{step}'" for step in STEPS) + ")", name=op.f("ck_planned_date_step")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_planned_date_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "step", name=op.f("pk_planned_date")),
    )
    op.execute(GUARDS.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Take all of it away again."""
    op.execute("DROP TRIGGER promise_is_frozen ON round; DROP FUNCTION promise_is_frozen()")
    op.drop_table("planned_date")
    _drop("round", _round_columns(), ROUND_CHECKS)
    _drop("lot", _lot_columns(), LOT_CHECKS)
    op.drop_column("framework", "first_awarded_on")


def _add(table: str, columns: tuple[sa.Column, ...], checks: dict[str, str]) -> None:
    for column in columns:
        op.add_column(table, column)
    for name, condition in checks.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _drop(table: str, columns: tuple[sa.Column, ...], checks: dict[str, str]) -> None:
    for name in checks:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    for column in reversed(columns):
        op.drop_column(table, column.name)


def _lot_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("maximum_hours_a_week", sa.SmallInteger(), nullable=True),
        sa.Column("key_stages", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("largest_group", sa.SmallInteger(), nullable=True),
        sa.Column("public_liability", sa.Numeric(10, 0), nullable=True),
        sa.Column("employers_liability", sa.Numeric(10, 0), nullable=True),
        sa.Column("professional_indemnity", sa.Numeric(10, 0), nullable=True),
        sa.Column("price_ceiling", sa.Numeric(8, 2), nullable=True),
    )


def _round_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("always_open", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column(
            "later_cut_offs",
            postgresql.ARRAY(postgresql.TIMESTAMP(timezone=True)),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column("answer_within", sa.SmallInteger(), nullable=True),
        sa.Column("answer_at_most", sa.SmallInteger(), nullable=True),
        sa.Column("answer_later_because", sa.Text(), server_default=sa.text("''"), nullable=False),
    )
