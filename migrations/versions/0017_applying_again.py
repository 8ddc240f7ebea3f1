"""Applying again: which answers an earlier application gave, and whether passed conditions stand."""

import sqlalchemy as sa
from alembic import op

revision = "0017_applying_again"
down_revision = "0016_pack_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Remember where carried answers come from; frameworks decide every condition anew, as before."""
    op.add_column(
        "framework",
        sa.Column("passed_conditions_stand", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.create_table(
        "carried_answer",
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("from_application_id", sa.BigInteger(), nullable=False),
        sa.Column("ran_out_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_carried_answer_answer_id_answer"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["from_application_id"],
            ["application.id"],
            name=op.f("fk_carried_answer_from_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("answer_id", name=op.f("pk_carried_answer")),
    )
    op.create_index(op.f("ix_carried_answer_from_application_id"), "carried_answer", ["from_application_id"])


def downgrade() -> None:
    """Forget where answers come from; the answers stay."""
    op.drop_table("carried_answer")
    op.drop_column("framework", "passed_conditions_stand")
