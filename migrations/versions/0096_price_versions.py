"""What was decided on a price is kept when it is decided anew."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0096_price_versions"
down_revision = "0095_digests_compared"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    """Add the table, which the database itself fills; what was overwritten before is lost."""
    op.create_table(
        "former_price_check",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id", "lot_id"],
            ["price_check.application_id", "price_check.lot_id"],
            name=op.f("fk_former_price_check_application_id_lot_id_price_check"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_former_price_check_decided_by_id_person")
        ),
        sa.PrimaryKeyConstraint("application_id", "lot_id", "version", name=op.f("pk_former_price_check")),
    )
    op.execute((SQL / "0096_price_versions.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Keep the newest decision only."""
    op.execute("DROP FUNCTION price_check_kept CASCADE")
    op.drop_table("former_price_check")
