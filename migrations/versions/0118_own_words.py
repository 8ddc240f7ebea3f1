"""What providers changed without a check waits until an officer has read it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0118_own_words"
down_revision = "0117_seekers"
branch_labels = None
depends_on = None

TABLE = "service_own_words"


def upgrade() -> None:
    """Nothing waits: of earlier changes it is not known what stood before."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("part IN ('about', 'when')", name=op.f("ck_service_own_words_part")),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_own_words_service_id_service")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_service_own_words_changed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_own_words")),
        sa.UniqueConstraint("service_id", "part", name=op.f("uq_service_own_words_service_id_part")),
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_table(TABLE)
