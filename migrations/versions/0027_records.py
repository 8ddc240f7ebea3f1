"""Files about a round that somebody asked for, and how far the worker is with them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027_records"
down_revision = "0026_release"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")
UNDER_WAY = sa.text("state IN ('waiting', 'building')")


def upgrade() -> None:
    """Add the table of record files."""
    op.create_table(
        "record_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("step", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("done", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("steps", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("beat_at", MOMENT, nullable=True),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("ready_at", MOMENT, nullable=True),
        sa.Column("failure", sa.Text(), server_default=NOTHING, nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'building', 'ready', 'failed', 'removed')",
            name=op.f("ck_record_file_state"),
        ),
        sa.CheckConstraint(
            "kind IN ('ledger', 'workbook', 'report', 'disclosure')", name=op.f("ck_record_file_kind")
        ),
        sa.CheckConstraint("kind <> 'disclosure' OR purpose <> ''", name=op.f("ck_record_file_purpose")),
        sa.CheckConstraint("(state = 'ready') = (key IS NOT NULL)", name=op.f("ck_record_file_key")),
        sa.CheckConstraint("(state = 'failed') = (failure <> '')", name=op.f("ck_record_file_failure")),
        sa.CheckConstraint(
            "(ready_at IS NULL) = (sha256 IS NULL) AND (ready_at IS NULL) = (size IS NULL)",
            name=op.f("ck_record_file_ready"),
        ),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_record_file_sha256")),
        sa.CheckConstraint("done BETWEEN 0 AND steps", name=op.f("ck_record_file_done")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_record_file_round_id_round")),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_record_file_asked_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_file")),
        sa.UniqueConstraint("key", name=op.f("uq_record_file_key")),
    )
    op.create_index(op.f("ix_record_file_asked_by_id"), "record_file", ["asked_by_id"])
    op.create_index("ix_record_file_round_id", "record_file", ["round_id", "id"])
    op.create_index("ix_record_file_under_way", "record_file", ["id"], postgresql_where=UNDER_WAY)
    op.create_index(
        "uq_record_file_under_way",
        "record_file",
        ["round_id", "kind", "asked_by_id"],
        unique=True,
        postgresql_where=UNDER_WAY,
    )


def downgrade() -> None:
    """Forget the files that were asked for; the objects stay until the bucket's trash is emptied."""
    op.drop_table("record_file")
