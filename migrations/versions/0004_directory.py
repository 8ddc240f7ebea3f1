"""The register, the search and referrals."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from portal.directory.models import Point

revision = "0004_directory"
down_revision = "0003_evaluation"
branch_labels = None
depends_on = None

# Functions and triggers, in SQL: what the models cannot say.
GUARDS = Path(__file__).parent.parent / "sql" / "0004_directory.sql"


def upgrade() -> None:
    """Create the tables."""
    op.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
    op.create_table(
        "standing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'admitted'"), nullable=False),
        sa.Column(
            "admitted_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.CheckConstraint("state IN ('admitted', 'suspended', 'removed')", name=op.f("ck_standing_state")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_standing_term")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_standing_application_id_application")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_standing_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_standing_provider_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing")),
        sa.UniqueConstraint("provider_id", "lot_id", name=op.f("uq_standing_provider_id_lot_id")),
    )
    op.create_index(op.f("ix_standing_lot_id"), "standing", ["lot_id"], unique=False)
    op.create_table(
        "service",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("standing_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("key_stages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("needs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("easting", sa.Integer(), nullable=True),
        sa.Column("northing", sa.Integer(), nullable=True),
        sa.Column("registered_school", sa.Boolean(), nullable=False),
        sa.Column("urn", sa.Text(), nullable=True),
        sa.Column("price_per_day", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("places", sa.SmallInteger(), nullable=True),
        sa.Column("places_free", sa.SmallInteger(), nullable=True),
        sa.Column("places_confirmed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "updated_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("(easting IS NULL) = (northing IS NULL)", name=op.f("ck_service_location")),
        sa.CheckConstraint(
            "(places_free IS NULL) = (places_confirmed_at IS NULL)",
            name=op.f("ck_service_places_confirmed_at"),
        ),
        sa.CheckConstraint("places >= 0", name=op.f("ck_service_places")),
        sa.CheckConstraint("places_free >= 0", name=op.f("ck_service_places_free")),
        sa.CheckConstraint("price_per_day >= 0", name=op.f("ck_service_price_per_day")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_service_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["standing_id"], ["standing.id"], name=op.f("fk_service_standing_id_standing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service")),
        sa.UniqueConstraint("standing_id", name=op.f("uq_service_standing_id")),
    )
    op.create_index(op.f("ix_service_provider_id"), "service", ["provider_id"], unique=False)
    op.create_table(
        "referral",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'sent'"), nullable=False),
        sa.Column("year_group", sa.SmallInteger(), nullable=False),
        sa.Column("needs", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("days_a_week", sa.SmallInteger(), nullable=False),
        sa.Column("start_wanted_on", sa.Date(), nullable=False),
        sa.Column("need_summary", sa.Text(), nullable=False),
        sa.Column("strengths", sa.Text(), nullable=False),
        sa.Column("what_has_worked", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("transport", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "sent_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("sent_by_id", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger(), nullable=True),
        sa.Column("start_on", sa.Date(), nullable=True),
        sa.Column("decline_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("answer_note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "(state = 'accepted') = (start_on IS NOT NULL)", name=op.f("ck_referral_start_on")
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_referral_withdrawn_at")
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)",
            name=op.f("ck_referral_answered_at"),
        ),
        sa.CheckConstraint(
            "state <> 'declined' OR decline_reason <> ''", name=op.f("ck_referral_decline_reason")
        ),
        sa.CheckConstraint(
            "state IN ('sent', 'accepted', 'declined', 'withdrawn')", name=op.f("ck_referral_state")
        ),
        sa.CheckConstraint("days_a_week BETWEEN 1 AND 5", name=op.f("ck_referral_days_a_week")),
        sa.CheckConstraint("year_group BETWEEN 1 AND 13", name=op.f("ck_referral_year_group")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_referral_answered_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organisation.id"], name=op.f("fk_referral_school_id_organisation")
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_referral_sent_by_id_person")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_referral_service_id_service")),
        sa.ForeignKeyConstraint(
            ["withdrawn_by_id"], ["person.id"], name=op.f("fk_referral_withdrawn_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
        sa.UniqueConstraint("reference", name=op.f("uq_referral_reference")),
        sa.UniqueConstraint("token", name=op.f("uq_referral_token")),
    )
    op.create_index("ix_referral_school_id_state", "referral", ["school_id", "state"], unique=False)
    op.create_index("ix_referral_service_id_state", "referral", ["service_id", "state"], unique=False)
    op.create_table(
        "search_row",
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("traits", sa.Integer(), nullable=False),
        sa.Column("price_per_day", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("places_free", sa.SmallInteger(), nullable=True),
        sa.Column("location", Point(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_search_row_service_id_service")
        ),
        sa.PrimaryKeyConstraint("service_id", name=op.f("pk_search_row")),
    )
    op.create_index(
        "ix_search_row_location", "search_row", ["location"], unique=False, postgresql_using="gist"
    )
    op.create_index(
        "ix_search_row_words",
        "search_row",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.execute(GUARDS.read_text())


def downgrade() -> None:
    """Remove the functions with their triggers, then the tables."""
    op.drop_index(
        "ix_search_row_words",
        table_name="search_row",
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )
    op.drop_index("ix_search_row_location", table_name="search_row", postgresql_using="gist")
    op.drop_table("search_row")
    op.drop_index("ix_referral_service_id_state", table_name="referral")
    op.drop_index("ix_referral_school_id_state", table_name="referral")
    op.drop_table("referral")
    op.drop_index(op.f("ix_service_provider_id"), table_name="service")
    op.drop_table("service")
    op.drop_index(op.f("ix_standing_lot_id"), table_name="standing")
    op.drop_table("standing")
