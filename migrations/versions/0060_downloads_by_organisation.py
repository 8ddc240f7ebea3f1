"""A download of a round's document is kept with the organisation that it was for."""

import sqlalchemy as sa
from alembic import op

revision = "0060_downloads_by_organisation"
down_revision = "0047_mark_fingerprint"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column with its index. Downloads of before stay without: they were to be shown to nobody."""
    op.add_column("round_document_download", sa.Column("organisation_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_round_document_download_organisation_id_organisation"),
        "round_document_download",
        "organisation",
        ["organisation_id"],
        ["id"],
    )
    op.create_index(
        op.f("ix_round_document_download_organisation_id"), "round_document_download", ["organisation_id"]
    )


def downgrade() -> None:
    """Keep the persons alone."""
    op.drop_column("round_document_download", "organisation_id")
