"""Clarifications, documents of a round, extensions, opening by two."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_clarifications"
down_revision = "0008_personal_data"
branch_labels = None
depends_on = None

GUARDS = Path(__file__).parent.parent / "sql" / "0009_clarifications.sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    """Let providers ask and read, rounds close later, and two people open a tender box."""
    _questions()
    _documents()
    _more_time()
    _opening_by_two()
    op.execute(GUARDS.read_text(encoding="utf-8"))


def _questions() -> None:
    op.add_column("round", sa.Column("questions_until", MOMENT, nullable=True))
    op.add_column("round", sa.Column("answers_by", MOMENT, nullable=True))
    op.create_check_constraint(
        op.f("ck_round_question_dates"), "round", "(questions_until IS NULL) = (answers_by IS NULL)"
    )
    op.create_check_constraint(
        op.f("ck_round_questions_before_the_close"),
        "round",
        "questions_until <= answers_by AND answers_by <= closes_at",
    )
    op.create_table(
        "round_follower",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("followed_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_follower_round_id_round")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_round_follower_person_id_person")
        ),
        sa.PrimaryKeyConstraint("round_id", "person_id", name=op.f("pk_round_follower")),
    )
    op.create_index(op.f("ix_round_follower_person_id"), "round_follower", ["person_id"])
    op.create_table(
        "clarification",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=True),
        sa.Column("published_text", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("private_reason", sa.Text(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'published', 'private', 'withdrawn')", name=op.f("ck_clarification_state")
        ),
        sa.CheckConstraint(
            "(state = 'published') = (number IS NOT NULL AND published_text IS NOT NULL)",
            name=op.f("ck_clarification_published"),
        ),
        sa.CheckConstraint(
            "(state = 'private') = (private_reason IS NOT NULL)", name=op.f("ck_clarification_private_reason")
        ),
        sa.CheckConstraint(
            "(state IN ('published', 'private')) = (answer IS NOT NULL AND answered_at IS NOT NULL)",
            name=op.f("ck_clarification_answered"),
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name=op.f("ck_clarification_withdrawn")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_clarification_number")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_clarification_round_id_round")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_clarification_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_clarification_asked_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_clarification_answered_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clarification")),
        sa.UniqueConstraint("round_id", "number", name=op.f("uq_clarification_round_id_number")),
    )
    op.create_index("ix_clarification_organisation_id", "clarification", ["organisation_id", "round_id"])
    op.create_index(
        "ix_clarification_waiting",
        "clarification",
        ["round_id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _documents() -> None:
    op.create_table(
        "round_document",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("follows_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('specification', 'contract', 'guidance', 'other')", name=op.f("ck_round_document_kind")
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_round_document_version")),
        sa.CheckConstraint("(version = 1) = (follows_id IS NULL)", name=op.f("ck_round_document_follows_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_round_document_round_id_round")),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["round_document.id"], name=op.f("fk_round_document_follows_id_round_document")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_round_document_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["person.id"], name=op.f("fk_round_document_added_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_document")),
        sa.UniqueConstraint("follows_id", name=op.f("uq_round_document_follows_id")),
    )
    op.create_index("ix_round_document_round_id", "round_document", ["round_id"])
    op.create_index(op.f("ix_round_document_document_id"), "round_document", ["document_id"])
    op.create_table(
        "round_document_download",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_document_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_document_id"],
            ["round_document.id"],
            name=op.f("fk_round_document_download_round_document_id_round_document"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_round_document_download_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_document_download")),
    )
    op.create_index(
        "ix_round_document_download_round_document_id", "round_document_download", ["round_document_id"]
    )
    op.create_index(op.f("ix_round_document_download_person_id"), "round_document_download", ["person_id"])


def _more_time() -> None:
    op.create_table(
        "extension",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("closes_at", MOMENT, nullable=False),
        sa.Column("for_everyone", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fairness", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("extended_at", MOMENT, nullable=False),
        sa.Column("extended_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_extension_reason")),
        sa.CheckConstraint("for_everyone OR fairness <> ''", name=op.f("ck_extension_fairness")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_extension_round_id_round")),
        sa.ForeignKeyConstraint(
            ["extended_by_id"], ["person.id"], name=op.f("fk_extension_extended_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_index("ix_extension_round_id", "extension", ["round_id"])
    op.add_column(
        "application",
        sa.Column(
            "reference",
            sa.Text(),
            server_default=sa.text("upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 10))"),
            nullable=False,
        ),
    )
    op.create_unique_constraint(
        op.f("uq_application_round_id_reference"), "application", ["round_id", "reference"]
    )
    op.create_table(
        "extended_application",
        sa.Column("extension_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["extension_id"], ["extension.id"], name=op.f("fk_extended_application_extension_id_extension")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_extended_application_application_id_application"),
        ),
        sa.PrimaryKeyConstraint("extension_id", "application_id", name=op.f("pk_extended_application")),
    )
    op.create_index(
        op.f("ix_extended_application_application_id"), "extended_application", ["application_id"]
    )


def _opening_by_two() -> None:
    op.add_column(
        "framework", sa.Column("opened_by_two", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.create_table(
        "box_opening",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("begun_by_id", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("confirmed_by_id <> begun_by_id", name=op.f("ck_box_opening_two_people")),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by_id IS NULL)", name=op.f("ck_box_opening_confirmed")
        ),
        sa.CheckConstraint(
            "confirmed_at >= begun_at AND confirmed_at < begun_at + interval '30 minutes'",
            name=op.f("ck_box_opening_in_time"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_box_opening_round_id_round")),
        sa.ForeignKeyConstraint(
            ["begun_by_id"], ["person.id"], name=op.f("fk_box_opening_begun_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["person.id"], name=op.f("fk_box_opening_confirmed_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_box_opening")),
    )
    op.create_index("ix_box_opening_round_id", "box_opening", ["round_id"])
    op.create_index(
        "uq_box_opening_confirmed",
        "box_opening",
        ["round_id"],
        unique=True,
        postgresql_where=sa.text("confirmed_at IS NOT NULL"),
    )


GUARDING = (
    *("box_opening_is_kept", "box_stays_shut", "extended_application_is_of_the_round"),
    *("extension_is_of_a_shut_box", "round_document_is_kept", "clarification_is_kept"),
    "question_dates_are_frozen",
)


def downgrade() -> None:
    """Take all of it away again."""
    for function in GUARDING:
        op.execute(f"DROP FUNCTION {function} CASCADE")
    op.drop_table("extended_application")
    op.drop_constraint(op.f("uq_application_round_id_reference"), "application", type_="unique")
    op.drop_column("application", "reference")
    op.drop_table("extension")
    op.drop_table("box_opening")
    op.drop_column("framework", "opened_by_two")
    op.drop_table("round_document_download")
    op.drop_table("round_document")
    op.drop_table("clarification")
    op.drop_table("round_follower")
    op.drop_column("round", "answers_by")
    op.drop_column("round", "questions_until")
