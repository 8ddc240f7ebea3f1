"""A mini-competition in which no answer reaches a minimum is concluded without a winner."""

from alembic import op

revision = "0116_no_winner"
down_revision = "0115_free_where_open"
branch_labels = None
depends_on = None

TABLE = "competition"
STATES = "state IN ('running', 'opened', 'awarded', {}'abandoned')"
OVER = (
    "(state IN ('awarded', {0}'abandoned')) = (concluded_at IS NOT NULL)"
    " AND (state IN ('awarded', {0}'abandoned')) = (conclusion <> '')"
)


def _checks(more: str) -> None:
    for name, condition in (("state", STATES), ("concluded", OVER)):
        op.drop_constraint(op.f(f"ck_competition_{name}"), TABLE, type_="check")
        op.create_check_constraint(op.f(f"ck_competition_{name}"), TABLE, condition.format(more))


def upgrade() -> None:
    """One more state."""
    _checks("'no_winner', ")


def downgrade() -> None:
    """Those that nobody has won count as ended."""
    op.execute(f"UPDATE {TABLE} SET state = 'abandoned' WHERE state = 'no_winner'")
    _checks("")
