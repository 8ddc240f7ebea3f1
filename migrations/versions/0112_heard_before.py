"""A suspension says whether its provider was invited to say something before."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0112_heard_before"
down_revision = "0111_excluded"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
TABLE = "standing_change"
_CHECKS = {
    "only_suspensions_are_heard_before": "step IN ('suspend_new', 'suspend')"
    " OR (invited_on IS NULL AND uninvited_because = '')",
    "invited_on": "invited_on IS NULL OR uninvited_because = ''",
}


def upgrade() -> None:
    """Of what was decided before nobody asked."""
    op.add_column(TABLE, sa.Column("invited_on", sa.Date(), nullable=True))
    op.add_column(
        TABLE, sa.Column("uninvited_because", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    for name, rule in _CHECKS.items():
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, rule)
    op.execute((SQL / "0112_heard_before.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Take both away."""
    op.execute("DROP TRIGGER standing_change_hearing_is_kept ON standing_change")
    op.execute("DROP FUNCTION standing_change_hearing_is_kept")
    for name in _CHECKS:
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, type_="check")
    op.drop_column(TABLE, "uninvited_because")
    op.drop_column(TABLE, "invited_on")
