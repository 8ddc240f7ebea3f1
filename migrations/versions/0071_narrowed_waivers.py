"""A mitigation names the sections that whoever has the conflict does not mark; the waiver takes them away."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0071_narrowed_waivers"
down_revision = "0070_agenda_shares"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, as much of the record as the words are."""
    op.add_column(
        "conflict_waiver",
        sa.Column("left_out", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_conflict_waiver_left_out"), "conflict_waiver", "left_out = '{}' OR assignment_id IS NOT NULL"
    )
    for row in ("OLD", "NEW"):
        _change(f"{row}.mitigation,", f"{row}.mitigation, {row}.left_out,")


def downgrade() -> None:
    """Forget it."""
    for row in ("OLD", "NEW"):
        _change(f"{row}.mitigation, {row}.left_out,", f"{row}.mitigation,")
    op.drop_column("conflict_waiver", "left_out")


def _change(before: str, after: str) -> None:
    """Change the guard of the record by these words."""
    connection = op.get_bind()
    guard = connection.scalar(
        sa.text("SELECT pg_get_functiondef(CAST('waiver_is_a_record()' AS regprocedure))")
    )
    if before not in guard:
        raise RuntimeError("waiver_is_a_record is not as the migration before left it")
    connection.execute(sa.text(guard.replace(before, after).replace(":", r"\:")))
