"""Rounds whose evaluators mark without names: codes of tenders, declarations on whole lists, reports."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030_names_hidden"
down_revision = "0027_records"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")


def upgrade() -> None:
    """Add the option, the tables and their guards."""
    op.add_column(
        "round", sa.Column("names_hidden", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_table(
        "tender_code",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.CheckConstraint("code ~ '^[A-Z][1-9][0-9]*$'", name=op.f("ck_tender_code_code")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_tender_code_application_id_application")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_tender_code_round_id_round")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_tender_code")),
        sa.UniqueConstraint("round_id", "code", name=op.f("uq_tender_code_round_id_code")),
    )
    op.create_table(
        "identifying_answer",
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("evaluator_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.CheckConstraint("what <> ''", name=op.f("ck_identifying_answer_what")),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answer.id"], name=op.f("fk_identifying_answer_answer_id_answer")
        ),
        sa.ForeignKeyConstraint(
            ["evaluator_id"], ["person.id"], name=op.f("fk_identifying_answer_evaluator_id_person")
        ),
        sa.PrimaryKeyConstraint("answer_id", "evaluator_id", name=op.f("pk_identifying_answer")),
    )
    op.create_index(op.f("ix_identifying_answer_evaluator_id"), "identifying_answer", ["evaluator_id"])
    op.create_table(
        "conflict_declaration",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("conflict_kind", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("conflict", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "conflict_kind IN ('', 'actual', 'potential', 'perceived')",
            name=op.f("ck_conflict_declaration_conflict_kind"),
        ),
        sa.CheckConstraint(
            "(conflict_kind = '') = (conflict = '')", name=op.f("ck_conflict_declaration_conflict")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_conflict_declaration_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_conflict_declaration_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_declaration")),
        sa.UniqueConstraint(
            "application_id", "person_id", name=op.f("uq_conflict_declaration_application_id_person_id")
        ),
        sa.UniqueConstraint("id", "person_id", name=op.f("uq_conflict_declaration_id_person_id")),
    )
    op.create_index(op.f("ix_conflict_declaration_person_id"), "conflict_declaration", ["person_id"])
    _let_waivers_be_of_declarations()
    op.execute((SQL / "0030_names_hidden.sql").read_text(encoding="utf-8"))


def _let_waivers_be_of_declarations() -> None:
    op.alter_column("conflict_waiver", "assignment_id", nullable=True)
    op.add_column("conflict_waiver", sa.Column("declaration_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_conflict_waiver_declaration_id_evaluator_id_conflict_declaration"),
        "conflict_waiver",
        "conflict_declaration",
        ["declaration_id", "evaluator_id"],
        ["id", "person_id"],
    )
    op.create_check_constraint(
        op.f("ck_conflict_waiver_of_one"),
        "conflict_waiver",
        "num_nonnulls(assignment_id, declaration_id) = 1",
    )
    op.create_index(
        "uq_conflict_waiver_declaration_waiting",
        "conflict_waiver",
        ["declaration_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index("ix_conflict_waiver_declaration_id", "conflict_waiver", ["declaration_id"])


def downgrade() -> None:
    """Forget codes, reports and declarations on whole lists, with the waivers of these."""
    op.execute((SQL / "0030_names_hidden_down.sql").read_text(encoding="utf-8"))
    op.drop_index("ix_conflict_waiver_declaration_id", "conflict_waiver")
    op.drop_index("uq_conflict_waiver_declaration_waiting", "conflict_waiver")
    op.drop_constraint(op.f("ck_conflict_waiver_of_one"), "conflict_waiver")
    op.drop_column("conflict_waiver", "declaration_id")
    op.alter_column("conflict_waiver", "assignment_id", nullable=False)
    for table in ("conflict_declaration", "identifying_answer", "tender_code"):
        op.drop_table(table)
    op.drop_column("round", "names_hidden")
