"""Mini-competitions for one child."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0044_competitions"
down_revision = "0041_children"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; a referral says in which competition it is answered."""
    op.create_table(
        "competition",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("days_a_week", sa.SmallInteger(), nullable=False),
        sa.Column("start_wanted_on", sa.Date(), nullable=False),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("started_by_id", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("opened_by_id", sa.BigInteger(), nullable=True),
        sa.Column("concluded_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("concluded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("conclusion", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "(state = 'running') = (opened_at IS NULL) OR state = 'abandoned'",
            name=op.f("ck_competition_opened_at"),
        ),
        sa.CheckConstraint(
            "(state IN ('awarded', 'abandoned')) = (concluded_at IS NOT NULL) AND (state IN ('awarded', 'abandoned')) = (conclusion <> '')",
            name=op.f("ck_competition_concluded"),
        ),
        sa.CheckConstraint(
            "state IN ('running', 'opened', 'awarded', 'abandoned')", name=op.f("ck_competition_state")
        ),
        sa.CheckConstraint("closes_at > started_at", name=op.f("ck_competition_closes_at")),
        sa.CheckConstraint("days_a_week BETWEEN 1 AND 5", name=op.f("ck_competition_days_a_week")),
        sa.ForeignKeyConstraint(
            ["concluded_by_id"], ["person.id"], name=op.f("fk_competition_concluded_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["opened_by_id"], ["person.id"], name=op.f("fk_competition_opened_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organisation.id"], name=op.f("fk_competition_school_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["person.id"], name=op.f("fk_competition_started_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competition")),
    )
    op.create_index(op.f("ix_competition_request_id"), "competition", ["request_id"], unique=False)
    op.create_index(op.f("ix_competition_school_id"), "competition", ["school_id"], unique=False)
    op.create_index(
        "uq_competition_request_id_going_on",
        "competition",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('running', 'opened')"),
    )
    op.create_table(
        "competition_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("competition_id", sa.BigInteger(), nullable=False),
        sa.Column("referral_id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("sessions", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("price", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("price_unit", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("price_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("fit", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("travel", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "price_unit IN ('', 'day', 'half_day', 'hour')", name=op.f("ck_competition_entry_price_unit")
        ),
        sa.CheckConstraint(
            "sessions <@ ARRAY['mon_am', 'mon_pm', 'tue_am', 'tue_pm', 'wed_am', 'wed_pm', 'thu_am', 'thu_pm', 'fri_am', 'fri_pm']",
            name=op.f("ck_competition_entry_sessions"),
        ),
        sa.CheckConstraint(
            "(submitted_at IS NULL) = (start_on IS NULL) AND (submitted_at IS NULL) = (price IS NULL) AND (submitted_at IS NULL) = (submitted_by_id IS NULL)",
            name=op.f("ck_competition_entry_submitted"),
        ),
        sa.CheckConstraint("price > 0", name=op.f("ck_competition_entry_price")),
        sa.ForeignKeyConstraint(
            ["competition_id"],
            ["competition.id"],
            name=op.f("fk_competition_entry_competition_id_competition"),
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"],
            ["referral.id"],
            name=op.f("fk_competition_entry_referral_id_referral"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["person.id"], name=op.f("fk_competition_entry_submitted_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competition_entry")),
        sa.UniqueConstraint(
            "competition_id", "referral_id", name=op.f("uq_competition_entry_competition_id_referral_id")
        ),
    )
    op.create_index(
        op.f("ix_competition_entry_referral_id"), "competition_entry", ["referral_id"], unique=False
    )
    op.create_table(
        "competition_mark",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("criterion", sa.Text(), nullable=False),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("marked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("marked_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("criterion IN ('fit', 'travel')", name=op.f("ck_competition_mark_criterion")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_competition_mark_reason")),
        sa.CheckConstraint("points BETWEEN 0 AND 5", name=op.f("ck_competition_mark_points")),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["competition_entry.id"],
            name=op.f("fk_competition_mark_entry_id_competition_entry"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["marked_by_id"], ["person.id"], name=op.f("fk_competition_mark_marked_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competition_mark")),
        sa.UniqueConstraint("entry_id", "criterion", name=op.f("uq_competition_mark_entry_id_criterion")),
    )
    op.add_column("referral", sa.Column("competition_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_referral_competition_id"), "referral", ["competition_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_referral_competition_id_competition"), "referral", "competition", ["competition_id"], ["id"]
    )


def downgrade() -> None:
    """Forget them; what competes is answered as any other referral."""
    op.drop_column("referral", "competition_id")
    for table in ("competition_mark", "competition_entry", "competition"):
        op.drop_table(table)
