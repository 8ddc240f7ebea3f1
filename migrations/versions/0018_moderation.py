"""Agreed marks that stand until they are unlocked, what they were before, and the meetings that agreed them."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018_moderation"
down_revision = "0017_applying_again"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")


def upgrade() -> None:
    """Add meetings and their attendance, and keep what an unlocked mark was."""
    _meetings()
    op.add_column("agreed_mark", sa.Column("meeting_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_agreed_mark_meeting_id_moderation_meeting"),
        "agreed_mark", "moderation_meeting", ["meeting_id"], ["id"],
    )  # fmt: skip
    op.create_index(op.f("ix_agreed_mark_meeting_id"), "agreed_mark", ["meeting_id"])
    op.create_table(
        "unlocked_mark",
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("moderator_id", sa.BigInteger(), nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=False),
        sa.Column("meeting_id", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("unlocked_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("unlocked_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("why <> ''", name=op.f("ck_unlocked_mark_why")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_unlocked_mark_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["person.id"], name=op.f("fk_unlocked_mark_moderator_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["moderation_meeting.id"],
            name=op.f("fk_unlocked_mark_meeting_id_moderation_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["unlocked_by_id"], ["person.id"], name=op.f("fk_unlocked_mark_unlocked_by_id_person")
        ),
        sa.PrimaryKeyConstraint("answer_id", "version", name=op.f("pk_unlocked_mark")),
    )
    op.create_index(op.f("ix_unlocked_mark_meeting_id"), "unlocked_mark", ["meeting_id"])
    op.execute((SQL / "0018_moderation.sql").read_text(encoding="utf-8"))


def _meetings() -> None:
    op.create_table(
        "moderation_meeting",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("observers", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("absent_views", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("started_at", MOMENT, server_default=sa.text("now()"), nullable=False),
        sa.Column("started_by_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_moderation_meeting_ended_at")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by_id IS NULL)", name=op.f("ck_moderation_meeting_ended_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_moderation_meeting_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["started_by_id"], ["person.id"], name=op.f("fk_moderation_meeting_started_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by_id"], ["person.id"], name=op.f("fk_moderation_meeting_ended_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_meeting")),
    )
    op.create_index(op.f("ix_moderation_meeting_round_id"), "moderation_meeting", ["round_id"])
    op.create_index(
        "ix_moderation_meeting_running",
        "moderation_meeting",
        ["round_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "meeting_attendance",
        sa.Column("meeting_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.CheckConstraint("role IN ('evaluator', 'moderator')", name=op.f("ck_meeting_attendance_role")),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["moderation_meeting.id"],
            name=op.f("fk_meeting_attendance_meeting_id_moderation_meeting"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_meeting_attendance_person_id_person")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", name=op.f("pk_meeting_attendance")),
    )


def downgrade() -> None:
    """Forget the meetings and what unlocked marks were; agreed marks can be overwritten again."""
    op.execute((SQL / "0018_moderation_down.sql").read_text(encoding="utf-8"))
    op.drop_table("unlocked_mark")
    op.drop_column("agreed_mark", "meeting_id")
    op.drop_table("meeting_attendance")
    op.drop_table("moderation_meeting")
