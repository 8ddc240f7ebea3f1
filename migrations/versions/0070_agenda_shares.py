"""The agenda counts how far marks are apart as shares of their scale: points of different scales are not alike."""

import sqlalchemy as sa
from alembic import op

revision = "0070_agenda_shares"
down_revision = "0064_held_uploads"
branch_labels = None
depends_on = None

POINTS = "(min(mark.points) - max(mark.points)) * question.weight"
# To 30 decimals: two shares of scales of up to 32,767 points differ by more than a 10^12th, and equal ones give
# the same digits.
SHARES = f"""round(
             {POINTS}
               / (SELECT highest FROM scale WHERE scale.id = question.scale_id)::numeric(60, 40), 30
           )"""


def upgrade() -> None:
    """Divide by the highest points of the scale, and put what is on agendas in order anew."""
    _weigh(POINTS, SHARES)


def downgrade() -> None:
    """Count points again."""
    _weigh(SHARES, POINTS)


def _weigh(before: str, after: str) -> None:
    connection = op.get_bind()
    connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
    function = connection.scalar(
        sa.text("SELECT pg_get_functiondef(CAST('refresh_agenda(bigint[])' AS regprocedure))")
    )
    if before not in function:
        raise RuntimeError("refresh_agenda is not as the migration before left it")
    connection.execute(sa.text(function.replace(before, after).replace(":", r"\:")))
    connection.execute(
        sa.text("SELECT refresh_agenda(array_agg(id)) FROM application WHERE state = 'submitted'")
    )
