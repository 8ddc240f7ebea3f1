"""How many agreements have come into force since a provider confirmed its free places."""

import sqlalchemy as sa
from alembic import op

revision = "0114_placed_since"
down_revision = "0113_longest_period"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count those that are known."""
    op.add_column(
        "service", sa.Column("placed_since", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.execute(
        "UPDATE service SET placed_since = placed.number FROM ("
        " SELECT service.id, count(*) AS number FROM service"
        " JOIN placement_agreement AS agreement ON agreement.service_id = service.id"
        " JOIN LATERAL (SELECT min(agreed_at) AS agreed_at FROM agreement_version"
        "   WHERE agreement_id = agreement.id AND state = 'agreed') AS first"
        "   ON first.agreed_at > service.places_confirmed_at"
        " GROUP BY service.id"
        ") AS placed WHERE placed.id = service.id"
    )


def downgrade() -> None:
    """Take it away."""
    op.drop_column("service", "placed_since")
