"""Certificates, keys of submissions, reminders."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014_certificates"
down_revision = "0013_uploads"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).parent.parent / "sql" / "0014_certificates.sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
FUNCTIONS = (
    *("answer_voids_certificate", "answer_file_voids_certificate"),
    *("void_certificate", "certificate_is_kept"),
)


def upgrade() -> None:
    """Let an application be certified before it is submitted, once under each key, and remind of drafts."""
    op.add_column(
        "framework",
        sa.Column("needs_certificate", sa.Boolean(), server_default=sa.text("true"), nullable=False),
    )
    op.add_column("receipt", sa.Column("key", sa.Text(), nullable=True))
    op.add_column("receipt", sa.Column("request_sha256", sa.Text(), nullable=True))
    op.create_unique_constraint(op.f("uq_receipt_application_id_key"), "receipt", ["application_id", "key"])
    op.create_check_constraint(op.f("ck_receipt_key"), "receipt", "(key IS NULL) = (request_sha256 IS NULL)")
    _certificates()
    _reminders()
    op.execute(GUARDS.read_text(encoding="utf-8"))


def _certificates() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'asked'"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("given_at", MOMENT, nullable=True),
        sa.Column("given_by_id", sa.BigInteger(), nullable=True),
        sa.Column("statement", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("contents_sha256", sa.Text(), nullable=True),
        sa.Column("voided_at", MOMENT, nullable=True),
        sa.Column("voided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("void_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("state IN ('asked', 'given', 'void')", name=op.f("ck_certificate_state")),
        sa.CheckConstraint(
            "(given_at IS NULL) = (contents_sha256 IS NULL)", name=op.f("ck_certificate_contents_sha256")
        ),
        sa.CheckConstraint("state <> 'given' OR given_at IS NOT NULL", name=op.f("ck_certificate_given_at")),
        sa.CheckConstraint(
            "(state = 'void') = (voided_at IS NOT NULL)", name=op.f("ck_certificate_voided_at")
        ),
        sa.CheckConstraint("contents_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_certificate_sha256")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_certificate_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_certificate_asked_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["given_by_id"], ["person.id"], name=op.f("fk_certificate_given_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["voided_by_id"], ["person.id"], name=op.f("fk_certificate_voided_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
    )
    op.create_index("ix_certificate_application_id", "certificate", ["application_id"])
    op.create_index(
        "uq_certificate_live",
        "certificate",
        ["application_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'void'"),
    )


def _reminders() -> None:
    op.create_table(
        "reminder",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_reminder_application_id_application"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminder_person_id_person")),
        sa.PrimaryKeyConstraint("rule", "application_id", "closes_at", "person_id", name=op.f("pk_reminder")),
    )
    op.create_index(op.f("ix_reminder_application_id"), "reminder", ["application_id"])
    op.create_index(op.f("ix_reminder_person_id"), "reminder", ["person_id"])
    op.create_table(
        "reminders_off",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reminders_off_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reminders_off")),
    )


def downgrade() -> None:
    """Take all of it away again."""
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function} CASCADE")
    op.drop_table("reminders_off")
    op.drop_table("reminder")
    op.drop_table("certificate")
    op.drop_constraint(op.f("ck_receipt_key"), "receipt", type_="check")
    op.drop_constraint(op.f("uq_receipt_application_id_key"), "receipt", type_="unique")
    op.drop_column("receipt", "request_sha256")
    op.drop_column("receipt", "key")
    op.drop_column("framework", "needs_certificate")
