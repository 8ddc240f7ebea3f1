"""Files on their way in parts, and files that are promised before the close and delivered after it."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013_uploads"
down_revision = "0012_evidence"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Let files come in parts, and let a round allow files to follow what was promised of them."""
    _uploads()
    op.add_column("round", sa.Column("late_upload_hours", sa.SmallInteger(), nullable=True))
    op.create_check_constraint(
        op.f("ck_round_late_upload_hours"), "round", "late_upload_hours BETWEEN 1 AND 24"
    )
    _promises()
    op.execute((SQL / "0013_uploads.sql").read_text(encoding="utf-8"))


def _uploads() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("parts_id", sa.Text(), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_upload_size")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_upload_sha256")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_upload_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["person.id"], name=op.f("fk_upload_started_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("key", name=op.f("uq_upload_key")),
    )
    op.create_index("ix_upload_place", "upload", ["organisation_id", "place"])


def _promises() -> None:
    op.create_table(
        "promised_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("promised_at", MOMENT, nullable=False),
        sa.Column("promised_by_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.CheckConstraint("size > 0", name=op.f("ck_promised_file_size")),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_promised_file_sha256")),
        sa.CheckConstraint(
            "(document_id IS NULL) = (delivered_at IS NULL)", name=op.f("ck_promised_file_delivered")
        ),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_promised_file_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["promised_by_id"], ["person.id"], name=op.f("fk_promised_file_promised_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_promised_file_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promised_file")),
        sa.UniqueConstraint("answer_id", "sha256", name=op.f("uq_promised_file_answer_id_sha256")),
        sa.UniqueConstraint("document_id", name=op.f("uq_promised_file_document_id")),
    )


def downgrade() -> None:
    """Take all of it away again."""
    op.execute((SQL / "0013_uploads_down.sql").read_text(encoding="utf-8"))
    op.drop_table("promised_file")
    op.drop_column("round", "late_upload_hours")
    op.drop_table("upload")
