"""Organisations: the council's check, invitations, requests to join, school groups, settings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006_organisations"
down_revision = "0005_sign_in"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
KINDS = "kind IN ('provider', 'school', 'school_group', 'council')"
KINDS_BEFORE = "kind IN ('provider', 'school', 'council')"


def upgrade() -> None:
    """Organisations that are here already have been dealt with: they count as checked."""
    _organisations()
    _invitations()
    _join_requests()
    _settings()


def _organisations() -> None:
    op.drop_constraint(op.f("ck_organisation_kind"), "organisation", type_="check")
    op.create_check_constraint(op.f("ck_organisation_kind"), "organisation", KINDS)
    for name in ("state_reason", "phase", "authority"):
        op.add_column(
            "organisation", sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)
        )
    op.add_column(
        "organisation", sa.Column("state", sa.Text(), server_default=sa.text("'checked'"), nullable=False)
    )
    op.alter_column("organisation", "state", server_default=sa.text("'waiting'"))
    op.add_column("organisation", sa.Column("checked_at", MOMENT, nullable=True))
    op.add_column("organisation", sa.Column("checked_by_id", sa.BigInteger(), nullable=True))
    op.add_column("organisation", sa.Column("group_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_organisation_checked_by_id_person"), "organisation", "person", ["checked_by_id"], ["id"]
    )
    op.create_foreign_key(
        op.f("fk_organisation_group_id_organisation"), "organisation", "organisation", ["group_id"], ["id"]
    )
    op.create_index(op.f("ix_organisation_group_id"), "organisation", ["group_id"])
    op.create_check_constraint(
        op.f("ck_organisation_state"),
        "organisation",
        "state IN ('waiting', 'checked', 'refused', 'deactivated')",
    )
    op.create_check_constraint(
        op.f("ck_organisation_state_reason"),
        "organisation",
        "state NOT IN ('refused', 'deactivated') OR state_reason <> ''",
    )
    op.create_check_constraint(
        op.f("ck_organisation_group"), "organisation", "group_id IS NULL OR kind = 'school'"
    )
    op.execute("UPDATE organisation SET checked_at = registered_at")
    op.add_column(
        "membership", sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )


def _invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'sent'"), nullable=False),
        sa.Column("times_sent", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("sent_by_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT, nullable=True),
        sa.Column("accepted_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'accepted') = (accepted_at IS NOT NULL)", name=op.f("ck_invitation_accepted_at")
        ),
        sa.CheckConstraint("cardinality(roles) > 0", name=op.f("ck_invitation_has_roles")),
        sa.CheckConstraint("state IN ('sent', 'accepted', 'revoked')", name=op.f("ck_invitation_state")),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["person.id"], name=op.f("fk_invitation_accepted_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_invitation_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["sent_by_id"], ["person.id"], name=op.f("fk_invitation_sent_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index("ix_invitation_email", "invitation", [sa.literal_column("lower(email)")])
    op.create_index(
        "uq_invitation_open",
        "invitation",
        ["organisation_id", sa.literal_column("lower(email)")],
        unique=True,
        postgresql_where=sa.text("state = 'sent'"),
    )


def _join_requests() -> None:
    op.create_table(
        "join_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("message", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'asked'"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "(state IN ('approved', 'declined')) = (answered_at IS NOT NULL)",
            name=op.f("ck_join_request_answered_at"),
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'approved', 'declined', 'withdrawn')", name=op.f("ck_join_request_state")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_join_request_answered_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_join_request_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_join_request_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_join_request")),
    )
    op.create_index(
        "ix_join_request_waiting",
        "join_request",
        ["organisation_id"],
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.create_index(
        "uq_join_request_open",
        "join_request",
        ["person_id", "organisation_id"],
        unique=True,
        postgresql_where=sa.text("state = 'asked'"),
    )


def _settings() -> None:
    texts = (
        "council_name",
        "service_name",
        "brand_colour",
        "accent_colour",
        "mail_sender",
        "mail_sender_name",
    )
    op.create_table(
        "settings_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_sha256", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(logo IS NULL) = (logo_sha256 = '')", name=op.f("ck_settings_version_logo")),
        sa.CheckConstraint(
            "accent_colour = '' OR accent_colour ~ '^#[0-9a-f]{6}$'",
            name=op.f("ck_settings_version_accent_colour"),
        ),
        sa.CheckConstraint(
            "brand_colour = '' OR brand_colour ~ '^#[0-9a-f]{6}$'",
            name=op.f("ck_settings_version_brand_colour"),
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_settings_version_changed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_version")),
    )


def downgrade() -> None:
    """Back to three kinds of organisations that all may act: groups must be gone before."""
    op.drop_table("settings_version")
    op.drop_table("join_request")
    op.drop_table("invitation")
    op.drop_column("membership", "active")
    for name in ("group", "state_reason", "state"):
        op.drop_constraint(op.f(f"ck_organisation_{name}"), "organisation", type_="check")
    op.drop_index(op.f("ix_organisation_group_id"), table_name="organisation")
    for name in ("group_id", "checked_by_id", "checked_at", "state", "authority", "phase", "state_reason"):
        op.drop_column("organisation", name)
    op.drop_constraint(op.f("ck_organisation_kind"), "organisation", type_="check")
    op.create_check_constraint(op.f("ck_organisation_kind"), "organisation", KINDS_BEFORE)
