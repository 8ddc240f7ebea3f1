"""Personal data: retention periods, legal holds, the erasure of what is due."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008_personal_data"
down_revision = "0007_documents"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
BEGINS = "2026-01-01"
# The portal's own defaults, each to be confirmed or replaced by the council's schedule.
DEFAULTS = (
    (
        "referral_not_placed",
        12,
        "UK GDPR, Article 5(1)(e): no longer than is needed to look again for a place",
    ),
    ("referral_placed", 72, "Kept like attendance registers: six years"),
    ("application_draft", 12, "UK GDPR, Article 5(1)(e): nothing was decided on it"),
    ("tender_not_admitted", 36, "Procurement Act 2023, section 98: records are kept for three years"),
    ("tender_admitted", 72, "Limitation Act 1980, section 5: six years for claims on a contract"),
    ("letter", 72, "Limitation Act 1980, section 5: six years for claims on a contract"),
    ("person", 24, "UK GDPR, Article 5(1)(e): long enough to come back, not longer"),
)


def upgrade() -> None:
    """Create the tables, give the defaults, and let erasure through the seal."""
    op.add_column("person", sa.Column("erased_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("application", sa.Column("erased_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    policy = op.create_table(
        "retention_policy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("applies_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "set_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("set_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('referral_not_placed', 'referral_placed', 'application_draft', 'tender_not_admitted', 'tender_admitted', 'letter', 'person')",
            name=op.f("ck_retention_policy_kind"),
        ),
        sa.CheckConstraint("months BETWEEN 1 AND 1200", name=op.f("ck_retention_policy_months")),
        sa.CheckConstraint(
            "kind NOT LIKE 'tender%' OR months >= 36", name=op.f("ck_retention_policy_tender_three_years")
        ),
        sa.ForeignKeyConstraint(
            ["set_by_id"], ["person.id"], name=op.f("fk_retention_policy_set_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_policy")),
        sa.UniqueConstraint("kind", "applies_from", name=op.f("uq_retention_policy_kind_applies_from")),
    )
    op.bulk_insert(
        policy,
        [
            {"kind": kind, "months": months, "applies_from": sa.text(f"'{BEGINS}'"), "source": source}
            for kind, months, source in DEFAULTS
        ],
        multiinsert=False,
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'in_force'"), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "placed_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("placed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("lifted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("lift_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "(state = 'lifted') = (lifted_at IS NOT NULL)", name=op.f("ck_legal_hold_lifted_at")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_legal_hold_reason")),
        sa.CheckConstraint("state IN ('in_force', 'lifted')", name=op.f("ck_legal_hold_state")),
        sa.CheckConstraint(
            "subject_type IN ('organisation', 'round', 'referral', 'person')",
            name=op.f("ck_legal_hold_subject_type"),
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"], ["person.id"], name=op.f("fk_legal_hold_lifted_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by_id"], ["person.id"], name=op.f("fk_legal_hold_placed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index("ix_legal_hold_subject", "legal_hold", ["subject_type", "subject_id"])
    op.execute((SQL / "0008_personal_data.sql").read_text())


def downgrade() -> None:
    """Seal without exception again, and remove the tables."""
    op.execute((SQL / "0008_personal_data_down.sql").read_text())
    op.drop_table("legal_hold")
    op.drop_table("retention_policy")
    op.drop_column("application", "erased_at")
    op.drop_column("person", "erased_at")
