"""A closed case keeps over which agreements it was closed, and until when they are settled."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0110_case_facts"
down_revision = "0102_withdrawals"
branch_labels = None
depends_on = None

TABLE = "registration_case"
_CLOSED = (
    "(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (finding <> '')"
    " AND (state = 'closed') = (note <> '')"
)


def _check_closed(condition: str) -> None:
    op.drop_constraint(op.f("ck_registration_case_closed"), TABLE, type_="check")
    op.create_check_constraint(op.f("ck_registration_case_closed"), TABLE, condition)


def upgrade() -> None:
    """Over what earlier cases were closed nobody knows: where the hours still count, one opens once more."""
    op.add_column(
        TABLE,
        sa.Column("facts", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(TABLE, sa.Column("settled_until", sa.Date(), nullable=True))
    op.execute(f"UPDATE {TABLE} SET settled_until = closed_at::date WHERE state = 'closed'")
    _check_closed(_CLOSED + " AND (state = 'closed') = (settled_until IS NOT NULL)")


def downgrade() -> None:
    """Take both away."""
    _check_closed(_CLOSED)
    op.drop_column(TABLE, "settled_until")
    op.drop_column(TABLE, "facts")
