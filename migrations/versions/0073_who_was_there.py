"""An agreed mark keeps who of the panel was there when it was agreed: people come and go in a meeting."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0073_who_was_there"
down_revision = "0072_minimum_totals"
branch_labels = None
depends_on = None

BEFORE = "AND meeting_id IS NOT DISTINCT FROM NEW.meeting_id"
AFTER = f"{BEFORE} AND present IS NOT DISTINCT FROM NEW.present"


def upgrade() -> None:
    """Of marks that are agreed already nothing more is known than who was at their meeting at some time."""
    for table in ("agreed_mark", "unlocked_mark"):
        op.add_column(table, sa.Column("present", ARRAY(sa.BigInteger()), nullable=True))
    _kept_as(BEFORE, AFTER)


def downgrade() -> None:
    """Forget it."""
    _kept_as(AFTER, BEFORE)
    for table in ("agreed_mark", "unlocked_mark"):
        op.drop_column(table, "present")


def _kept_as(before: str, after: str) -> None:
    """Let the guard of unlocked marks compare what is to be kept."""
    connection = op.get_bind()
    guard = connection.scalar(
        sa.text("SELECT pg_get_functiondef(CAST('unlocked_mark_as_it_stood()' AS regprocedure))")
    )
    if before not in guard:
        raise RuntimeError("unlocked_mark_as_it_stood is not as the migration before left it")
    connection.execute(sa.text(guard.replace(before, after).replace(":", r"\:")))
