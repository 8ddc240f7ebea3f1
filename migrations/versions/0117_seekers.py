"""A search in vain counts once a day for each organisation."""

import sqlalchemy as sa
from alembic import op

revision = "0117_seekers"
down_revision = "0116_no_winner"
branch_labels = None
depends_on = None

TABLE = "unmet_need_seeker"


def upgrade() -> None:
    """Who was counted today."""
    op.create_table(
        TABLE,
        sa.Column("unmet_need_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["unmet_need_id"],
            ["unmet_need.id"],
            name=op.f("fk_unmet_need_seeker_unmet_need_id_unmet_need"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_unmet_need_seeker_organisation_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("unmet_need_id", "organisation_id", name=op.f("pk_unmet_need_seeker")),
    )
    op.create_index(op.f("ix_unmet_need_seeker_organisation_id"), TABLE, ["organisation_id"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table(TABLE)
