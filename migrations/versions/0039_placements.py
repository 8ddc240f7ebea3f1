"""What a provider offers, which offer a school chose, who the child is, and what both have agreed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0039_placements"
down_revision = "0034_condition_extensions"
branch_labels = None
depends_on = None

_STATE = "ck_referral_state"
_ANSWERED = "ck_referral_answered_at"
_START = "ck_referral_start_on"


def upgrade() -> None:
    """Add the tables, and what an acceptance offers; let a referral be released."""
    op.create_table(
        "child",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("born_on_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("upn_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("upn_digest", sa.LargeBinary(), nullable=True),
        sa.Column("has_ehcp", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("looked_after", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(upn_sealed IS NULL) = (upn_digest IS NULL)", name=op.f("ck_child_upn")),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name=op.f("fk_child_entered_by_id_person")),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organisation.id"], name=op.f("fk_child_school_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child")),
        sa.UniqueConstraint("school_id", "upn_digest", name=op.f("uq_child_school_id_upn_digest")),
    )
    op.create_index(op.f("ix_child_school_id"), "child", ["school_id"], unique=False)
    op.create_index(op.f("ix_child_upn_digest"), "child", ["upn_digest"], unique=False)
    op.create_table(
        "call_off",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'chosen'"), nullable=False),
        sa.Column("route", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("pupil_preference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("parent_preference", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("chosen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("chosen_by_id", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("cancelled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_call_off_cancelled_at")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_call_off_reason")),
        sa.CheckConstraint(
            "route IN ('direct_award', 'mini_competition', 'user_choice', 'block')",
            name=op.f("ck_call_off_route"),
        ),
        sa.CheckConstraint("state IN ('chosen', 'cancelled')", name=op.f("ck_call_off_state")),
        sa.ForeignKeyConstraint(
            ["cancelled_by_id"], ["person.id"], name=op.f("fk_call_off_cancelled_by_id_person")
        ),
        sa.ForeignKeyConstraint(["child_id"], ["child.id"], name=op.f("fk_call_off_child_id_child")),
        sa.ForeignKeyConstraint(
            ["chosen_by_id"], ["person.id"], name=op.f("fk_call_off_chosen_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_call_off_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referral.id"], name=op.f("fk_call_off_referral_id_referral")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organisation.id"], name=op.f("fk_call_off_school_id_organisation")
        ),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_call_off_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_off")),
    )
    op.create_index(op.f("ix_call_off_child_id"), "call_off", ["child_id"], unique=False)
    op.create_index(op.f("ix_call_off_provider_id"), "call_off", ["provider_id"], unique=False)
    op.create_index(op.f("ix_call_off_referral_id"), "call_off", ["referral_id"], unique=False)
    op.create_index(op.f("ix_call_off_request_id"), "call_off", ["request_id"], unique=False)
    op.create_index(op.f("ix_call_off_school_id"), "call_off", ["school_id"], unique=False)
    op.create_index(op.f("ix_call_off_service_id"), "call_off", ["service_id"], unique=False)
    op.create_index(
        "uq_call_off_request_id_chosen",
        "call_off",
        ["request_id"],
        unique=True,
        postgresql_where=sa.text("state = 'chosen'"),
    )
    op.create_table(
        "placement_agreement",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("call_off_id", sa.BigInteger(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("version_in_force", sa.SmallInteger(), nullable=True),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("close_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(closed_on IS NULL) = (close_reason = '')", name=op.f("ck_placement_agreement_close_reason")
        ),
        sa.CheckConstraint(
            "(state IN ('ended', 'cancelled')) = (closed_on IS NOT NULL)",
            name=op.f("ck_placement_agreement_closed_on"),
        ),
        sa.CheckConstraint(
            "(state IN ('in_force', 'ended')) = (version_in_force IS NOT NULL)",
            name=op.f("ck_placement_agreement_version_in_force"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'signing', 'in_force', 'ended', 'cancelled')",
            name=op.f("ck_placement_agreement_state"),
        ),
        sa.ForeignKeyConstraint(
            ["call_off_id"], ["call_off.id"], name=op.f("fk_placement_agreement_call_off_id_call_off")
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_placement_agreement_child_id_child")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_placement_agreement_closed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_placement_agreement_made_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_placement_agreement_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["organisation.id"], name=op.f("fk_placement_agreement_school_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_placement_agreement_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_agreement")),
        sa.UniqueConstraint("call_off_id", name=op.f("uq_placement_agreement_call_off_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_placement_agreement_reference")),
    )
    op.create_index(
        op.f("ix_placement_agreement_child_id"), "placement_agreement", ["child_id"], unique=False
    )
    op.create_index(
        op.f("ix_placement_agreement_provider_id"), "placement_agreement", ["provider_id"], unique=False
    )
    op.create_index(
        op.f("ix_placement_agreement_school_id"), "placement_agreement", ["school_id"], unique=False
    )
    op.create_index(
        op.f("ix_placement_agreement_service_id"), "placement_agreement", ["service_id"], unique=False
    )
    op.create_table(
        "agreement_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("tier", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("sessions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("session_hours", sa.Numeric(precision=3, scale=1), nullable=False),
        sa.Column("price", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("price_unit", sa.Text(), nullable=False),
        sa.Column("price_covers", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("transport", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("objectives", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("baseline", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("baseline_attendance", sa.Numeric(precision=4, scale=1), nullable=True),
        sa.Column("plan", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("curriculum", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("school_contact", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("school_safeguarding_lead", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("provider_safeguarding_lead", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("vetting_confirmed_on", sa.Date(), nullable=True),
        sa.Column("attendance_reported_by", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("reviews_on", postgresql.ARRAY(sa.Date()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("reintegration", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("data_sharing", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("notice_days", sa.SmallInteger(), nullable=False),
        sa.Column("made_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(number = 1) = (reason = '')", name=op.f("ck_agreement_version_reason")),
        sa.CheckConstraint(
            "price_unit IN ('day', 'half_day', 'hour')", name=op.f("ck_agreement_version_price_unit")
        ),
        sa.CheckConstraint(
            "sessions <@ ARRAY['mon_am', 'mon_pm', 'tue_am', 'tue_pm', 'wed_am', 'wed_pm', 'thu_am', 'thu_pm', 'fri_am', 'fri_pm']",
            name=op.f("ck_agreement_version_sessions"),
        ),
        sa.CheckConstraint("tier IN ('', 'tier1', 'tier2', 'tier3')", name=op.f("ck_agreement_version_tier")),
        sa.CheckConstraint(
            "baseline_attendance BETWEEN 0 AND 100", name=op.f("ck_agreement_version_baseline_attendance")
        ),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("ck_agreement_version_term")),
        sa.CheckConstraint("notice_days BETWEEN 0 AND 90", name=op.f("ck_agreement_version_notice_days")),
        sa.CheckConstraint("number > 0", name=op.f("ck_agreement_version_number")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_agreement_version_price")),
        sa.CheckConstraint(
            "session_hours > 0 AND session_hours <= 6", name=op.f("ck_agreement_version_session_hours")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["placement_agreement.id"],
            name=op.f("fk_agreement_version_agreement_id_placement_agreement"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_agreement_version_made_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_version")),
        sa.UniqueConstraint("agreement_id", "number", name=op.f("uq_agreement_version_agreement_id_number")),
    )
    op.create_table(
        "agreement_signature",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("version_id", sa.BigInteger(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("signed_as", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("signed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("signed_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("party IN ('school', 'provider')", name=op.f("ck_agreement_signature_party")),
        sa.CheckConstraint("signed_as <> ''", name=op.f("ck_agreement_signature_signed_as")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_agreement_signature_sha256")),
        sa.ForeignKeyConstraint(
            ["signed_by_id"], ["person.id"], name=op.f("fk_agreement_signature_signed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["agreement_version.id"],
            name=op.f("fk_agreement_signature_version_id_agreement_version"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_signature")),
        sa.UniqueConstraint("version_id", "party", name=op.f("uq_agreement_signature_version_id_party")),
    )
    op.add_column("referral", sa.Column("released_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("referral", sa.Column("released_by_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "referral",
        sa.Column(
            "offered_sessions", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column("referral", sa.Column("offered_price", sa.Numeric(precision=8, scale=2), nullable=True))
    op.add_column(
        "referral", sa.Column("offered_unit", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.create_foreign_key(
        op.f("fk_referral_released_by_id_person"), "referral", "person", ["released_by_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_referral_released_at"), "referral", "(state = 'not_chosen') = (released_at IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f("ck_referral_offered_sessions"),
        "referral",
        "offered_sessions <@ ARRAY['mon_am', 'mon_pm', 'tue_am', 'tue_pm', 'wed_am', 'wed_pm', 'thu_am',"
        " 'thu_pm', 'fri_am', 'fri_pm']",
    )
    op.create_check_constraint(
        op.f("ck_referral_offered_price"),
        "referral",
        "(offered_price IS NULL) = (offered_unit = '') AND offered_price >= 0"
        " AND offered_unit IN ('', 'day', 'half_day', 'hour')",
    )
    for name in (_STATE, _ANSWERED, _START):
        op.drop_constraint(op.f(name), "referral", type_="check")
    op.create_check_constraint(
        op.f(_STATE), "referral", "state IN ('sent', 'accepted', 'declined', 'withdrawn', 'not_chosen')"
    )
    op.create_check_constraint(
        op.f(_ANSWERED),
        "referral",
        "state = 'not_chosen' OR (state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f(_START),
        "referral",
        "(start_on IS NULL OR state IN ('accepted', 'not_chosen'))"
        " AND (start_on IS NOT NULL OR state <> 'accepted')",
    )


def downgrade() -> None:
    """Forget them; whoever was released counts as withdrawn."""
    for table in ("agreement_signature", "agreement_version", "placement_agreement", "call_off", "child"):
        op.drop_table(table)
    op.execute(
        "ALTER TABLE referral DROP CONSTRAINT ck_referral_state, DROP CONSTRAINT ck_referral_answered_at,"
        " DROP CONSTRAINT ck_referral_start_on, DROP CONSTRAINT ck_referral_released_at,"
        " DROP CONSTRAINT ck_referral_withdrawn_at"
    )
    op.execute(
        "UPDATE referral SET state = 'withdrawn', withdrawn_at = released_at, withdrawn_by_id = released_by_id,"
        " answered_at = NULL, start_on = NULL WHERE state = 'not_chosen'"
    )
    op.create_check_constraint(
        op.f("ck_referral_withdrawn_at"), "referral", "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)"
    )
    op.create_check_constraint(
        op.f(_STATE), "referral", "state IN ('sent', 'accepted', 'declined', 'withdrawn')"
    )
    op.create_check_constraint(
        op.f(_ANSWERED), "referral", "(state IN ('accepted', 'declined')) = (answered_at IS NOT NULL)"
    )
    op.create_check_constraint(op.f(_START), "referral", "(state = 'accepted') = (start_on IS NOT NULL)")
    for column in ("offered_unit", "offered_price", "offered_sessions", "released_by_id", "released_at"):
        op.drop_column("referral", column)
