"""Questions of every kind: their shape, when they are asked, of which lots, and what a rule compares with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010_packs"
down_revision = "0009_clarifications"
branch_labels = None
depends_on = None

KINDS = (
    "long_text",
    "short_text",
    "number",
    "money",
    "date",
    "yes_no",
    "choice",
    "choices",
    "file",
    "declaration",
    "postcode",
)
RULES = ("must_be_yes", "must_be_provided", "at_most_ceiling", "person_decides")
MORE_KINDS = (*KINDS, "table", "rate_card")
MORE_RULES = (
    "must_be_yes",
    "must_be_provided",
    "must_be_one_of",
    "at_least",
    "at_most",
    "at_most_ceiling",
    "person_decides",
)


def upgrade() -> None:
    """Give questions what a pack builder needs; those that stand keep their meaning."""
    op.add_column(
        "question",
        sa.Column("shape", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column("question", sa.Column("rule_value", postgresql.JSONB(), nullable=True))
    op.add_column("question", sa.Column("ask_if", postgresql.JSONB(), nullable=True))
    op.add_column(
        "question",
        sa.Column("lots", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "question", sa.Column("changed_in", sa.SmallInteger(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column("question", sa.Column("withdrawn_in", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(op.f("ck_question_withdrawn_in"), "question", "withdrawn_in >= changed_in")
    _allow(MORE_KINDS, MORE_RULES)


def downgrade() -> None:
    """Take it away again. Refused by the old constraints while a question of a new kind or rule stands."""
    _allow(KINDS, RULES)
    op.drop_constraint(op.f("ck_question_withdrawn_in"), "question", type_="check")
    for name in ("withdrawn_in", "changed_in", "lots", "ask_if", "rule_value", "shape"):
        op.drop_column("question", name)


def _allow(kinds: tuple[str, ...], rules: tuple[str, ...]) -> None:
    for name, column, values in (("ck_question_kind", "kind", kinds), ("ck_question_rule", "rule", rules)):
        op.drop_constraint(op.f(name), "question", type_="check")
        allowed = ", ".join(f"'{value}'" for value in values)
        op.create_check_constraint(op.f(name), "question", f"{column} IN ({allowed})")
