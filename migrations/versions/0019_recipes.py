"""Prices scored by a formula, questions that decide between equal totals, and what a total is made of."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019_recipes"
down_revision = "0018_moderation"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
# A total's numerator and denominator hold a price in pence each beside the points of the scales.
EXACT = sa.Numeric(precision=30, scale=2)
BEFORE = sa.Numeric(precision=12, scale=2)


def upgrade() -> None:
    """Let packs score prices and break ties, and let results say what they are made of."""
    op.add_column(
        "question", sa.Column("breaks_ties", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.drop_constraint(op.f("ck_question_judged_as"), "question", type_="check")
    op.drop_constraint(op.f("ck_question_condition_has_rule"), "question", type_="check")
    op.drop_constraint(op.f("ck_question_rule"), "question", type_="check")
    for name, condition in (
        ("judged_as", "judged_as IN ('condition', 'scored', 'priced', 'information')"),
        ("condition_has_rule", "(judged_as IN ('condition', 'priced')) = (rule IS NOT NULL)"),
        (
            "rule",
            "rule IN ('must_be_yes', 'must_be_provided', 'must_be_one_of', 'at_least', 'at_most', "
            "'at_most_ceiling', 'person_decides', 'lowest_price', 'up_to_ceiling')",
        ),
        (
            "priced_has_formula",
            "judged_as <> 'priced' OR (weight IS NOT NULL AND per_lot"
            " AND rule IN ('lowest_price', 'up_to_ceiling'))",
        ),
        ("breaks_ties", "NOT breaks_ties OR judged_as = 'scored'"),
    ):
        op.create_check_constraint(op.f(f"ck_question_{name}"), "question", condition)
    _results(EXACT, sa.BigInteger())
    for column in ("quality", "deciding"):
        op.add_column("result", sa.Column(column, EXACT, nullable=True))
    op.execute("ALTER TABLE result DISABLE TRIGGER result_while_marking")
    op.execute("UPDATE result SET quality = numerator, deciding = 0")
    op.execute("ALTER TABLE result ENABLE TRIGGER result_while_marking")
    for column in ("quality", "deciding"):
        op.alter_column("result", column, nullable=False)
    op.create_table(
        "price_check",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_price_check_reason")),
        sa.ForeignKeyConstraint(
            ["application_id", "lot_id"],
            ["application_lot.application_id", "application_lot.lot_id"],
            name=op.f("fk_price_check_application_id_lot_id_application_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_price_check_decided_by_id_person")
        ),
        sa.PrimaryKeyConstraint("application_id", "lot_id", name=op.f("pk_price_check")),
    )
    op.execute((SQL / "0019_recipes.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget prices that are scored, decisions on prices and what breaks ties."""
    op.execute("DROP FUNCTION price_check_while_marking CASCADE")
    op.drop_table("price_check")
    op.drop_column("result", "deciding")
    op.drop_column("result", "quality")
    _results(BEFORE, sa.Integer())
    for name in ("breaks_ties", "priced_has_formula", "rule", "condition_has_rule", "judged_as"):
        op.drop_constraint(op.f(f"ck_question_{name}"), "question", type_="check")
    op.execute("ALTER TABLE question DISABLE TRIGGER question_is_frozen")
    op.execute(
        "UPDATE question SET judged_as = 'information', rule = NULL, rule_value = NULL, weight = NULL "
        "WHERE judged_as = 'priced'"
    )
    op.execute("ALTER TABLE question ENABLE TRIGGER question_is_frozen")
    for name, condition in (
        ("judged_as", "judged_as IN ('condition', 'scored', 'information')"),
        ("condition_has_rule", "(judged_as = 'condition') = (rule IS NOT NULL)"),
        (
            "rule",
            "rule IN ('must_be_yes', 'must_be_provided', 'must_be_one_of', 'at_least', 'at_most', "
            "'at_most_ceiling', 'person_decides')",
        ),
    ):
        op.create_check_constraint(op.f(f"ck_question_{name}"), "question", condition)
    op.drop_column("question", "breaks_ties")


def _results(numerators: sa.Numeric, denominator: sa.types.TypeEngine[int]) -> None:
    op.alter_column("result", "numerator", type_=numerators)
    op.alter_column("result", "denominator", type_=denominator)
    op.alter_column("evaluator_total", "numerator", type_=numerators)
