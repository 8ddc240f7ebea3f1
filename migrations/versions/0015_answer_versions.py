"""Answer versions: what every answer said before, written by the database with each save."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_answer_versions"
down_revision = "0014_certificates"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).parent.parent / "sql" / "0015_answer_versions.sql"


def upgrade() -> None:
    """Keep what each answer says now as its first known version, and every version from now on."""
    op.create_table(
        "answer_version",
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("value", postgresql.JSONB(), nullable=False),
        sa.Column("saved_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("saved_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_answer_version_version")),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_answer_version_answer_id_answer")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["person.id"], name=op.f("fk_answer_version_saved_by_id_person")
        ),
        sa.PrimaryKeyConstraint("answer_id", "version", name=op.f("pk_answer_version")),
    )
    op.create_index(op.f("ix_answer_version_saved_by_id"), "answer_version", ["saved_by_id"])
    op.execute(
        "INSERT INTO answer_version (answer_id, version, value, saved_at, saved_by_id) "
        "SELECT answer.id, version, value, saved_at, saved_by_id FROM answer "
        "JOIN application ON application.id = application_id WHERE value <> 'null' AND erased_at IS NULL"
    )
    op.execute(GUARDS.read_text(encoding="utf-8"))


def downgrade() -> None:
    """Forget the versions; every answer stays as it is."""
    op.execute("DROP TRIGGER answer_keeps_versions ON answer")
    op.drop_table("answer_version")
    for function in ("keep_answer_version()", "answer_version_is_kept()", "only_adds(jsonb, jsonb)"):
        op.execute(f"DROP FUNCTION {function}")
