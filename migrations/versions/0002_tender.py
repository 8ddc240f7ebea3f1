"""Frameworks, rounds, packs and applications."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002_tender"
down_revision = "0001_people_and_documents"
branch_labels = None
depends_on = None

# Functions and triggers, in SQL: what the models cannot say.
GUARDS = Path(__file__).parent.parent / "sql" / "0002_tender.sql"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "framework",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("council_id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("buyer_name", sa.Text(), nullable=False),
        sa.Column("legal_regime", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value_amount", sa.Numeric(precision=14, scale=2), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("cpv_codes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("ocid", sa.Text(), nullable=True),
        sa.Column("notice_identifier", sa.Text(), nullable=True),
        sa.Column("notice", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "created_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint(
            "kind IN ('light_touch_reopenable', 'open_framework', 'dynamic_market', 'pseudo_dps', 'closed')",
            name=op.f("ck_framework_kind"),
        ),
        sa.CheckConstraint("legal_regime IN ('PA2023', 'PCR2015')", name=op.f("ck_framework_legal_regime")),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_framework_term")),
        sa.CheckConstraint("value_amount > 0", name=op.f("ck_framework_value_amount")),
        sa.ForeignKeyConstraint(
            ["council_id"], ["organisation.id"], name=op.f("fk_framework_council_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_framework")),
        sa.UniqueConstraint("council_id", "reference", name=op.f("uq_framework_council_id_reference")),
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("framework_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("registered_only", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("minimum_hours_a_week", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint("minimum_hours_a_week > 0", name=op.f("ck_lot_minimum_hours_a_week")),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_lot_framework_id_framework")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("framework_id", "number", name=op.f("uq_lot_framework_id_number")),
    )
    op.create_table(
        "round",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("framework_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("opens_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closes_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("how_to_apply", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "sections",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("published_by_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("opened_by_id", sa.BigInteger(), nullable=True),
        sa.Column("marking_started_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("marking_started_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("released_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("released_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('draft', 'published')) = (opened_at IS NULL)", name=op.f("ck_round_opened_at")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR (opens_at IS NOT NULL AND closes_at IS NOT NULL AND published_at IS NOT NULL)",
            name=op.f("ck_round_published_with_dates"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'published', 'opened', 'marking', 'decided', 'released')",
            name=op.f("ck_round_state"),
        ),
        sa.CheckConstraint("closes_at > opens_at", name=op.f("ck_round_closes_after_it_opens")),
        sa.CheckConstraint("opened_at >= closes_at", name=op.f("ck_round_opened_after_the_close")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_round_decided_by_id_person")),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_round_framework_id_framework")
        ),
        sa.ForeignKeyConstraint(
            ["marking_started_by_id"], ["person.id"], name=op.f("fk_round_marking_started_by_id_person")
        ),
        sa.ForeignKeyConstraint(["opened_by_id"], ["person.id"], name=op.f("fk_round_opened_by_id_person")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["person.id"], name=op.f("fk_round_published_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["person.id"], name=op.f("fk_round_released_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("framework_id", "number", name=op.f("uq_round_framework_id_number")),
    )
    op.create_index("ix_round_state_closes_at", "round", ["state", "closes_at"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column(
            "started_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("started_by_id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("submitted_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state = 'draft' OR submitted_at IS NOT NULL", name=op.f("ck_application_submitted_at")
        ),
        sa.CheckConstraint("state IN ('draft', 'submitted')", name=op.f("ck_application_state")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_application_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_application_round_id_round")),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["person.id"], name=op.f("fk_application_started_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["person.id"], name=op.f("fk_application_submitted_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("round_id", "provider_id", name=op.f("uq_application_round_id_provider_id")),
    )
    op.create_index("ix_application_provider_id", "application", ["provider_id"], unique=False)
    op.create_table(
        "round_lot",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("price_ceiling", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.CheckConstraint("price_ceiling > 0", name=op.f("ck_round_lot_price_ceiling")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_round_lot_lot_id_lot")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_lot_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "lot_id", name=op.f("pk_round_lot")),
    )
    op.create_index(op.f("ix_round_lot_lot_id"), "round_lot", ["lot_id"], unique=False)
    op.create_table(
        "scale",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("highest", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("highest > 0", name=op.f("ck_scale_highest")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_scale_round_id_round")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scale")),
        sa.UniqueConstraint("round_id", "name", name=op.f("uq_scale_round_id_name")),
    )
    op.create_table(
        "application_lot",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_lot_application_id_application")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_application_lot_lot_id_lot")),
        sa.PrimaryKeyConstraint("application_id", "lot_id", name=op.f("pk_application_lot")),
    )
    op.create_index(op.f("ix_application_lot_lot_id"), "application_lot", ["lot_id"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("submitted_by_id", sa.BigInteger(), nullable=False),
        sa.Column("manifest", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_receipt_sha256")),
        sa.CheckConstraint("withdrawn_at >= submitted_at", name=op.f("ck_receipt_withdrawn_at")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_receipt_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by_id"], ["person.id"], name=op.f("fk_receipt_submitted_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("number", name=op.f("uq_receipt_number")),
    )
    op.create_index("ix_receipt_application_id", "receipt", ["application_id"], unique=False)
    op.create_index(
        "uq_receipt_standing",
        "receipt",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_table(
        "scale_band",
        sa.Column("scale_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("descriptor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scale_id"], ["scale.id"], name=op.f("fk_scale_band_scale_id_scale")),
        sa.PrimaryKeyConstraint("scale_id", "points", name=op.f("pk_scale_band")),
    )
    op.create_table(
        "question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("how_judged", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("per_lot", sa.Boolean(), nullable=False),
        sa.Column("word_limit", sa.SmallInteger(), nullable=True),
        sa.Column("accepted", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("max_bytes", sa.BigInteger(), nullable=True),
        sa.Column(
            "options", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("standard", sa.Text(), nullable=True),
        sa.Column("judged_as", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("scale_id", sa.BigInteger(), nullable=True),
        sa.Column("weight", sa.Numeric(precision=5, scale=2), nullable=True),
        sa.Column("minimum", sa.SmallInteger(), nullable=True),
        sa.CheckConstraint(
            "(judged_as = 'condition') = (rule IS NOT NULL)", name=op.f("ck_question_condition_has_rule")
        ),
        sa.CheckConstraint(
            "(judged_as = 'scored') = (weight IS NOT NULL AND scale_id IS NOT NULL AND minimum IS NOT NULL)",
            name=op.f("ck_question_scored_has_weight"),
        ),
        sa.CheckConstraint(
            "judged_as IN ('condition', 'scored', 'information')", name=op.f("ck_question_judged_as")
        ),
        sa.CheckConstraint(
            "kind IN ('long_text', 'short_text', 'number', 'money', 'date', 'yes_no', 'choice', 'choices', 'file', 'declaration', 'postcode')",
            name=op.f("ck_question_kind"),
        ),
        sa.CheckConstraint(
            "rule IN ('must_be_yes', 'must_be_provided', 'at_most_ceiling', 'person_decides')",
            name=op.f("ck_question_rule"),
        ),
        sa.CheckConstraint("max_bytes > 0", name=op.f("ck_question_max_bytes")),
        sa.CheckConstraint("weight > 0 AND weight <= 100", name=op.f("ck_question_weight")),
        sa.CheckConstraint("word_limit > 0", name=op.f("ck_question_word_limit")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_question_round_id_round")),
        sa.ForeignKeyConstraint(
            ["scale_id", "minimum"],
            ["scale_band.scale_id", "scale_band.points"],
            name=op.f("fk_question_scale_id_minimum_scale_band"),
        ),
        sa.ForeignKeyConstraint(["scale_id"], ["scale.id"], name=op.f("fk_question_scale_id_scale")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("id", "scale_id", name=op.f("uq_question_id_scale_id")),
        sa.UniqueConstraint("round_id", "code", name=op.f("uq_question_round_id_code")),
        sa.UniqueConstraint("round_id", "position", name=op.f("uq_question_round_id_position")),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "saved_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("saved_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_answer_version")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_answer_application_id_application")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_answer_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_answer_question_id_question")
        ),
        sa.ForeignKeyConstraint(["saved_by_id"], ["person.id"], name=op.f("fk_answer_saved_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint(
            "application_id",
            "question_id",
            "lot_id",
            name=op.f("uq_answer_application_id_question_id_lot_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_answer_question_id"), "answer", ["question_id"], unique=False)
    op.create_table(
        "answer_file",
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_answer_file_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_answer_file_document_id_document")
        ),
        sa.PrimaryKeyConstraint("answer_id", "document_id", name=op.f("pk_answer_file")),
    )
    op.create_index(op.f("ix_answer_file_document_id"), "answer_file", ["document_id"], unique=False)
    op.execute(GUARDS.read_text())


def downgrade() -> None:
    """Remove the functions with their triggers, then the tables."""
    op.execute("DROP FUNCTION receipt_is_proof CASCADE")
    op.execute("DROP FUNCTION application_moves_while_shut CASCADE")
    op.execute("DROP FUNCTION answer_file_is_sealed CASCADE")
    op.execute("DROP FUNCTION application_is_sealed CASCADE")
    op.execute("DROP FUNCTION refuse_when_submitted CASCADE")
    op.execute("DROP FUNCTION band_is_frozen CASCADE")
    op.execute("DROP FUNCTION pack_is_frozen CASCADE")
    op.execute("DROP FUNCTION refuse_unless_draft CASCADE")
    op.execute("DROP FUNCTION round_is_frozen CASCADE")
    op.drop_index(op.f("ix_answer_file_document_id"), table_name="answer_file")
    op.drop_table("answer_file")
    op.drop_index(op.f("ix_answer_question_id"), table_name="answer")
    op.drop_table("answer")
    op.drop_table("question")
    op.drop_table("scale_band")
    op.drop_index(
        "uq_receipt_standing", table_name="receipt", postgresql_where=sa.text("withdrawn_at IS NULL")
    )
    op.drop_index("ix_receipt_application_id", table_name="receipt")
    op.drop_table("receipt")
    op.drop_index(op.f("ix_application_lot_lot_id"), table_name="application_lot")
    op.drop_table("application_lot")
    op.drop_table("scale")
    op.drop_index(op.f("ix_round_lot_lot_id"), table_name="round_lot")
    op.drop_table("round_lot")
    op.drop_index("ix_application_provider_id", table_name="application")
    op.drop_table("application")
    op.drop_index("ix_round_state_closes_at", table_name="round")
    op.drop_table("round")
    op.drop_table("lot")
    op.drop_table("framework")
