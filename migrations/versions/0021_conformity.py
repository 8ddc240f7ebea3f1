"""What people decided of conditions, checks of exclusion grounds, and questions to one tenderer."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021_conformity"
down_revision = "0020_tender_details"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")


def upgrade() -> None:
    """Keep every decision on a condition beside the rule's word; add findings and inquiries."""
    _decisions()
    _findings()
    _inquiries()
    op.execute((SQL / "0021_conformity.sql").read_text(encoding="utf-8"))


def _foreign(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [target], name=op.f(f"fk_{table}_{column}_{target.split('.')[0]}"))
        for column, target in columns.items()
    ]


def _decisions() -> None:
    op.add_column(
        "conformity_check", sa.Column("rule_reason", sa.Text(), server_default=NOTHING, nullable=False)
    )
    op.execute("UPDATE conformity_check SET rule_reason = reason WHERE decided_by_id IS NULL")
    op.create_table(
        "conformity_decision",
        sa.Column("check_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("result IN ('pass', 'fail')", name=op.f("ck_conformity_decision_result")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_conformity_decision_reason")),
        *_foreign("conformity_decision", check_id="conformity_check.id", decided_by_id="person.id"),
        sa.PrimaryKeyConstraint("check_id", "version", name=op.f("pk_conformity_decision")),
    )
    op.execute(
        "INSERT INTO conformity_decision SELECT id, version, result, reason, decided_at, decided_by_id "
        "FROM conformity_check WHERE decided_by_id IS NOT NULL"
    )


def _findings() -> None:
    op.create_table(
        "exclusion_finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("looked_at", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("self_cleaning", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("excludes", sa.Boolean(), nullable=True),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "part IN ('mandatory', 'discretionary', 'persons', 'debarment')",
            name=op.f("ck_exclusion_finding_part"),
        ),
        sa.CheckConstraint(
            "result IN ('nothing_found', 'ground_applies', 'refer')",
            name=op.f("ck_exclusion_finding_result"),
        ),
        sa.CheckConstraint("version > 0", name=op.f("ck_exclusion_finding_version")),
        sa.CheckConstraint("looked_at <> '' AND reasons <> ''", name=op.f("ck_exclusion_finding_said")),
        sa.CheckConstraint(
            "(result = 'ground_applies') = (excludes IS NOT NULL)",
            name=op.f("ck_exclusion_finding_excludes"),
        ),
        sa.CheckConstraint(
            "(result = 'ground_applies') = (ground <> '' AND self_cleaning <> '')",
            name=op.f("ck_exclusion_finding_self_cleaning"),
        ),
        *_foreign("exclusion_finding", application_id="application.id", recorded_by_id="person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exclusion_finding")),
        sa.UniqueConstraint(
            "application_id", "part", "version", name=op.f("uq_exclusion_finding_application_id_part_version")
        ),
    )


def _inquiries() -> None:
    op.create_table(
        "inquiry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'asked'"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger(), nullable=True),
        sa.Column("shown_at", MOMENT, nullable=True),
        sa.Column("shown_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'answered', 'withdrawn')", name=op.f("ck_inquiry_state")),
        sa.CheckConstraint("text <> ''", name=op.f("ck_inquiry_text")),
        sa.CheckConstraint("due_at > asked_at", name=op.f("ck_inquiry_due_at")),
        sa.CheckConstraint(
            "(state = 'answered') = (answer IS NOT NULL)"
            " AND (state = 'answered') = (answered_at IS NOT NULL)",
            name=op.f("ck_inquiry_answered"),
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_because <> '')"
            " AND (state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
            name=op.f("ck_inquiry_withdrawn"),
        ),
        sa.CheckConstraint("shown_at IS NULL OR state = 'answered'", name=op.f("ck_inquiry_shown")),
        *_foreign(
            "inquiry",
            application_id="application.id",
            question_id="question.id",
            lot_id="lot.id",
            asked_by_id="person.id",
            answered_by_id="person.id",
            withdrawn_by_id="person.id",
            shown_by_id="person.id",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    op.create_index("ix_inquiry_application_id", "inquiry", ["application_id", "question_id"])
    op.create_table(
        "inquiry_file",
        sa.Column("inquiry_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        *_foreign("inquiry_file", inquiry_id="inquiry.id", document_id="document.id"),
        sa.PrimaryKeyConstraint("inquiry_id", "document_id", name=op.f("pk_inquiry_file")),
    )
    op.create_index(op.f("ix_inquiry_file_document_id"), "inquiry_file", ["document_id"])


GUARDING = ("decision_stands", "inquiry_stands", "inquiry_file_with_its_answer")


def downgrade() -> None:
    """Forget inquiries, findings and earlier decisions; what people decided last stays."""
    for function in GUARDING:
        op.execute(f"DROP FUNCTION {function} CASCADE")
    op.drop_table("inquiry_file")
    op.drop_table("inquiry")
    op.drop_table("exclusion_finding")
    op.drop_table("conformity_decision")
    op.drop_column("conformity_check", "rule_reason")
