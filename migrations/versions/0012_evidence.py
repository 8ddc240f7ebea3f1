"""Evidence vault, profiles of providers, and facts that are sealed with an application's documents."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012_evidence"
down_revision = "0011_framework_terms"
branch_labels = None
depends_on = None


KINDS = [
    *("referral_not_placed", "referral_placed", "application_draft", "tender_not_admitted"),
    *("tender_admitted", "letter", "person"),
]


def upgrade() -> None:
    """Let providers keep documents and what they say of themselves, and use both in every application."""
    _vault()
    _profiles()
    op.add_column("answer_file", sa.Column("facts", postgresql.JSONB(), nullable=True))
    _keep_for([*KINDS, "connected_person"])
    op.execute(
        "INSERT INTO retention_policy (kind, months, applies_from, source) VALUES ('connected_person', 36, "
        "'2026-01-01', 'Procurement Act 2023, section 98: records are kept for three years')"
    )


def _keep_for(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_retention_policy_kind"), "retention_policy", type_="check")
    named = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_retention_policy_kind"), "retention_policy", f"kind IN ({named})")


def _vault() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.CheckConstraint("title <> ''", name=op.f("ck_evidence_title")),
        sa.CheckConstraint(
            "type IN ('public_liability', 'employers_liability', 'professional_indemnity', 'abuse_cover', 'safeguarding_policy', 'safer_recruitment_policy', 'dsl_training', 'single_central_record', 'dbs_policy', 'health_safety_policy', 'risk_assessment', 'fire_risk', 'gas_electric', 'food_hygiene', 'first_aid', 'data_protection', 'accounts', 'qualifications', 'other')",
            name=op.f("ck_evidence_type"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_evidence_provider_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_provider_id", "evidence", ["provider_id"])
    op.create_table(
        "evidence_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("evidence_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("number", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("cover", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cover > 0", name=op.f("ck_evidence_version_cover")),
        sa.CheckConstraint("expires_on >= valid_from", name=op.f("ck_evidence_version_expires_on")),
        sa.CheckConstraint("revision > 0", name=op.f("ck_evidence_version_revision")),
        sa.CheckConstraint("version > 0", name=op.f("ck_evidence_version_version")),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["person.id"], name=op.f("fk_evidence_version_added_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_evidence_version_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_version_evidence_id_evidence")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_version")),
        sa.UniqueConstraint("document_id", name=op.f("uq_evidence_version_document_id")),
        sa.UniqueConstraint("evidence_id", "version", name=op.f("uq_evidence_version_evidence_id_version")),
    )
    op.create_index("ix_evidence_version_expires_on", "evidence_version", ["expires_on"])
    op.create_table(
        "evidence_reminder",
        sa.Column("evidence_version_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("rule", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint("rule IN (30, 7, 0)", name=op.f("ck_evidence_reminder_rule")),
        sa.ForeignKeyConstraint(
            ["evidence_version_id"],
            ["evidence_version.id"],
            name=op.f("fk_evidence_reminder_evidence_version_id_evidence_version"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_evidence_reminder_person_id_person")
        ),
        sa.PrimaryKeyConstraint(
            "evidence_version_id", "expires_on", "rule", "person_id", name=op.f("pk_evidence_reminder")
        ),
    )
    op.create_index("ix_evidence_reminder_person_id", "evidence_reminder", ["person_id"])


def _profiles() -> None:
    op.create_table(
        "profile",
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("legal_form", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("trading_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("registered_address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("postal_address", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("website", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "operation_types", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("description", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("contact_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("contact_email", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("contact_telephone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("dsl_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("dsl_email", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("dsl_telephone", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "legal_form IN ('', 'company_by_shares', 'company_by_guarantee', 'cic', 'cio', 'charity', 'llp', 'partnership', 'sole_trader', 'society', 'public_body', 'other')",
            name=op.f("ck_profile_legal_form"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_profile_version")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_profile_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["person.id"], name=op.f("fk_profile_saved_by_id_person")),
        sa.PrimaryKeyConstraint("provider_id", name=op.f("pk_profile")),
    )
    op.create_table(
        "connected_person",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nature", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('psc', 'director', 'other_individual', 'company_psc', 'director_organisation', 'parent_or_subsidiary', 'predecessor', 'other_organisation')",
            name=op.f("ck_connected_person_kind"),
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_connected_person_name")),
        sa.CheckConstraint("until >= since", name=op.f("ck_connected_person_until")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_connected_person_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["person.id"], name=op.f("fk_connected_person_saved_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connected_person")),
    )
    op.create_index("ix_connected_person_provider_id", "connected_person", ["provider_id"])
    op.create_table(
        "exclusion_ground",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("applies_to", sa.Text(), nullable=False),
        sa.Column("applies_to_name", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("in_uk", sa.Boolean(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("managed", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("published_at", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "applies_to = 'supplier' OR applies_to_name <> ''",
            name=op.f("ck_exclusion_ground_applies_to_name"),
        ),
        sa.CheckConstraint(
            "applies_to IN ('supplier', 'connected_person', 'associated_person')",
            name=op.f("ck_exclusion_ground_applies_to"),
        ),
        sa.CheckConstraint("detail <> '' AND managed <> ''", name=op.f("ck_exclusion_ground_detail")),
        sa.CheckConstraint(
            "ground IN ('abusive_tax', 'competition', 'notifiable_tax', 'no_cooperation', 'vat_abuse', 'vat_fraud', 'tax_errors', 'ancillary', 'cartel', 'manslaughter', 'labour_offences', 'organised_crime', 'tax_offences', 'terrorism', 'theft_fraud_bribery', 'improper', 'poor_performance', 'environmental', 'chapter_two', 'insolvency', 'labour_misconduct', 'potential_competition', 'professional', 'suspended_business', 'national_security', 'pcr_convictions', 'pcr_taxes', 'pcr_law', 'pcr_insolvency', 'pcr_misconduct', 'pcr_distortion', 'pcr_conflict', 'pcr_preparation', 'pcr_performance', 'pcr_misrepresentation', 'pcr_influence')",
            name=op.f("ck_exclusion_ground_ground"),
        ),
        sa.CheckConstraint("in_uk OR jurisdiction <> ''", name=op.f("ck_exclusion_ground_jurisdiction")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_exclusion_ground_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_exclusion_ground_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_exclusion_ground_recorded_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion_ground")),
    )
    op.create_index(op.f("ix_exclusion_ground_document_id"), "exclusion_ground", ["document_id"])
    op.create_index("ix_exclusion_ground_provider_id", "exclusion_ground", ["provider_id"])
    op.create_table(
        "exclusion_declaration",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("grounds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("declared_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("declared_by_id", sa.BigInteger(), nullable=False),
        sa.Column("superseded_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("law IN ('PA2023', 'PCR2015')", name=op.f("ck_exclusion_declaration_law")),
        sa.CheckConstraint(
            "superseded_at >= declared_at", name=op.f("ck_exclusion_declaration_superseded_at")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by_id"], ["person.id"], name=op.f("fk_exclusion_declaration_declared_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["organisation.id"],
            name=op.f("fk_exclusion_declaration_provider_id_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion_declaration")),
    )
    op.create_index(
        "uq_exclusion_declaration_standing",
        "exclusion_declaration",
        ["provider_id", "law"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "share_code",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("recorded_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("verified_by_id", sa.BigInteger(), nullable=True),
        sa.Column("is_latest", sa.Boolean(), nullable=True),
        sa.CheckConstraint("code ~ '^[A-Za-z0-9]{8}$'", name=op.f("ck_share_code_code")),
        sa.CheckConstraint(
            "(verified_at IS NULL) = (verified_by_id IS NULL) AND (verified_at IS NULL) = (is_latest IS NULL)",
            name=op.f("ck_share_code_verified"),
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_share_code_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["person.id"], name=op.f("fk_share_code_recorded_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["verified_by_id"], ["person.id"], name=op.f("fk_share_code_verified_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_share_code")),
    )
    op.create_index("ix_share_code_provider_id", "share_code", ["provider_id", "recorded_at"])


def downgrade() -> None:
    """Take all of it away again."""
    op.execute("DELETE FROM retention_policy WHERE kind = 'connected_person'")
    _keep_for(KINDS)
    op.drop_column("answer_file", "facts")
    for table in ("share_code", "exclusion_declaration", "exclusion_ground", "connected_person", "profile"):
        op.drop_table(table)
    for table in ("evidence_reminder", "evidence_version", "evidence"):
        op.drop_table(table)
