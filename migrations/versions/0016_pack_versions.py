"""Versions of a published pack, the pack that waits to be the next one, and conflicts assessments."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_pack_versions"
down_revision = "0015_answer_versions"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Keep what is published as version 1, and let a published pack change by versions alone."""
    op.create_table(
        "pack_version",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.Column("published_by_id", sa.BigInteger(), nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_pack_version_number")),
        sa.CheckConstraint(
            "number = 1 OR (reason <> '' AND published_by_id IS NOT NULL)",
            name=op.f("ck_pack_version_has_reason"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_pack_version_round_id_round")),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["person.id"], name=op.f("fk_pack_version_published_by_id_person")
        ),
        sa.PrimaryKeyConstraint("round_id", "number", name=op.f("pk_pack_version")),
    )
    op.create_table(
        "staged_pack",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("file", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("staged_at", MOMENT, nullable=False),
        sa.Column("staged_by_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("changed_by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_staged_pack_round_id_round")),
        sa.ForeignKeyConstraint(
            ["staged_by_id"], ["person.id"], name=op.f("fk_staged_pack_staged_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_staged_pack_changed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_staged_pack")),
    )
    _assessments()
    op.execute((SQL / "0016_first_versions.sql").read_text(encoding="utf-8"))
    op.execute((SQL / "0016_pack_versions.sql").read_text(encoding="utf-8"))


def _assessments() -> None:
    op.create_table(
        "conflicts_assessment",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("conflicts", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("assessed_at", MOMENT, nullable=False),
        sa.Column("assessed_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("people <> ''", name=op.f("ck_conflicts_assessment_people")),
        sa.CheckConstraint(
            "jsonb_typeof(conflicts) = 'array'", name=op.f("ck_conflicts_assessment_conflicts")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_conflicts_assessment_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["assessed_by_id"], ["person.id"], name=op.f("fk_conflicts_assessment_assessed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflicts_assessment")),
    )
    op.create_index(op.f("ix_conflicts_assessment_round_id"), "conflicts_assessment", ["round_id"])


def downgrade() -> None:
    """Freeze published packs without exception again, and forget their versions and the assessments."""
    op.execute((SQL / "0016_pack_versions_down.sql").read_text(encoding="utf-8"))
    op.drop_table("conflicts_assessment")
    op.drop_table("staged_pack")
    op.drop_table("pack_version")
