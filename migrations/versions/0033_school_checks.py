"""What schools have checked of providers themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033_school_checks"
down_revision = "0033_standings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; its rows are a record."""
    op.create_table(
        "school_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("signed_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('visit', 'registration', 'insurance', 'safeguarding')",
            name=op.f("ck_school_check_kind"),
        ),
        sa.CheckConstraint("done_by <> ''", name=op.f("ck_school_check_done_by")),
        sa.CheckConstraint("note <> ''", name=op.f("ck_school_check_note")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_school_check_{column}_{table}"))
            for column, table in (
                ("school_id", "organisation"),
                ("provider_id", "organisation"),
                ("signed_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_check")),
    )
    op.create_index("ix_school_check_school_id_provider_id", "school_check", ["school_id", "provider_id"])
    op.create_index("ix_school_check_provider_id", "school_check", ["provider_id"])
    op.execute(
        "CREATE TRIGGER school_check_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON school_check"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("school_check")
