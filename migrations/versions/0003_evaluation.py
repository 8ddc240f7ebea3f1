"""Conformity, marks, decisions."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003_evaluation"
down_revision = "0002_tender"
branch_labels = None
depends_on = None

# Functions and triggers, in SQL: what the models cannot say.
GUARDS = Path(__file__).parent.parent / "sql" / "0003_evaluation.sql"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "computation",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.Column("marks_version", sa.Integer(), nullable=False),
        sa.Column("computed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("computed_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["computed_by_id"], ["person.id"], name=op.f("fk_computation_computed_by_id_person")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_computation_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", name=op.f("pk_computation")),
    )
    op.create_table(
        "panel_member",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("role IN ('evaluator', 'moderator')", name=op.f("ck_panel_member_role")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_panel_member_person_id_person")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_panel_member_round_id_round")),
        sa.PrimaryKeyConstraint("round_id", "person_id", name=op.f("pk_panel_member")),
    )
    op.create_index(op.f("ix_panel_member_person_id"), "panel_member", ["person_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("evaluator_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'assigned'"), nullable=False),
        sa.Column("conflict", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("declared_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("declared_by_id", sa.BigInteger(), nullable=True),
        sa.Column("locked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("locked_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(state = 'assigned') = (declared_at IS NULL)", name=op.f("ck_assignment_declared_at")
        ),
        sa.CheckConstraint(
            "(state = 'locked') = (locked_at IS NOT NULL)", name=op.f("ck_assignment_locked_at")
        ),
        sa.CheckConstraint("state <> 'conflicted' OR conflict <> ''", name=op.f("ck_assignment_conflict")),
        sa.CheckConstraint(
            "state IN ('assigned', 'accepted', 'conflicted', 'locked')", name=op.f("ck_assignment_state")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_assignment_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["declared_by_id"], ["person.id"], name=op.f("fk_assignment_declared_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["evaluator_id"], ["person.id"], name=op.f("fk_assignment_evaluator_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["locked_by_id"], ["person.id"], name=op.f("fk_assignment_locked_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint(
            "application_id", "evaluator_id", name=op.f("uq_assignment_application_id_evaluator_id")
        ),
    )
    op.create_index("ix_assignment_evaluator_id_state", "assignment", ["evaluator_id", "state"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'recommended'"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("marks_version", sa.Integer(), nullable=True),
        sa.Column(
            "recommended_at",
            postgresql.TIMESTAMP(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("recommended_by_id", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("returned_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("returned_by_id", sa.BigInteger(), nullable=True),
        sa.Column("return_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "(state IN ('approved', 'released')) = (approved_at IS NOT NULL)",
            name=op.f("ck_decision_approved_at"),
        ),
        sa.CheckConstraint("outcome IN ('admit', 'not_admit')", name=op.f("ck_decision_outcome")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_decision_reason")),
        sa.CheckConstraint(
            "state <> 'returned' OR return_reason <> ''", name=op.f("ck_decision_return_reason")
        ),
        sa.CheckConstraint(
            "state IN ('recommended', 'approved', 'returned', 'released')", name=op.f("ck_decision_state")
        ),
        sa.CheckConstraint(
            "(approved_at IS NULL) = (approved_by_id IS NULL)", name=op.f("ck_decision_approved_by_somebody")
        ),
        sa.CheckConstraint("approved_by_id <> recommended_by_id", name=op.f("ck_decision_two_people")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_decision_application_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["person.id"], name=op.f("fk_decision_approved_by_id_person")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_decision_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["recommended_by_id"], ["person.id"], name=op.f("fk_decision_recommended_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["returned_by_id"], ["person.id"], name=op.f("fk_decision_returned_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.UniqueConstraint("application_id", "lot_id", name=op.f("uq_decision_application_id_lot_id")),
    )
    op.create_index(op.f("ix_decision_lot_id"), "decision", ["lot_id"], unique=False)
    op.create_table(
        "result",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("numerator", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("denominator", sa.Integer(), nullable=False),
        sa.Column("meets_thresholds", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("marks_version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(rank IS NOT NULL) = meets_thresholds", name=op.f("ck_result_rank")),
        sa.CheckConstraint("denominator > 0", name=op.f("ck_result_denominator")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_result_application_id_application")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_result_lot_id_lot")),
        sa.PrimaryKeyConstraint("application_id", "lot_id", name=op.f("pk_result")),
    )
    op.create_index("ix_result_lot_id_rank", "result", ["lot_id", "rank"], unique=False)
    op.create_table(
        "evaluator_total",
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("evaluator_id", sa.BigInteger(), nullable=False),
        sa.Column("numerator", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id", "lot_id"],
            ["result.application_id", "result.lot_id"],
            name=op.f("fk_evaluator_total_application_id_lot_id_result"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["evaluator_id"], ["person.id"], name=op.f("fk_evaluator_total_evaluator_id_person")
        ),
        sa.PrimaryKeyConstraint("application_id", "lot_id", "evaluator_id", name=op.f("pk_evaluator_total")),
    )
    op.create_table(
        "conformity_check",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("rule_result", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR (result <> 'refer' AND reason <> '')",
            name=op.f("ck_conformity_check_decided"),
        ),
        sa.CheckConstraint("result IN ('pass', 'fail', 'refer')", name=op.f("ck_conformity_check_result")),
        sa.CheckConstraint(
            "rule_result IN ('pass', 'fail', 'refer')", name=op.f("ck_conformity_check_rule_result")
        ),
        sa.CheckConstraint(
            "decided_by_id IS NOT NULL OR result = rule_result", name=op.f("ck_conformity_check_undecided")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_conformity_check_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_conformity_check_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_conformity_check_lot_id_lot")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_conformity_check_question_id_question")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conformity_check")),
        sa.UniqueConstraint(
            "application_id",
            "question_id",
            "lot_id",
            name=op.f("uq_conformity_check_application_id_question_id_lot_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "agreed_mark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("scale_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("moderator_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "agreed_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_agreed_mark_reason")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_agreed_mark_answer_id_answer")),
        sa.ForeignKeyConstraint(
            ["moderator_id"], ["person.id"], name=op.f("fk_agreed_mark_moderator_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["question_id", "scale_id"],
            ["question.id", "question.scale_id"],
            name=op.f("fk_agreed_mark_question_id_scale_id_question"),
        ),
        sa.ForeignKeyConstraint(
            ["scale_id", "points"],
            ["scale_band.scale_id", "scale_band.points"],
            name=op.f("fk_agreed_mark_scale_id_points_scale_band"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_mark")),
        sa.UniqueConstraint("answer_id", name=op.f("uq_agreed_mark_answer_id")),
    )
    op.create_index(
        "ix_agreed_mark_question_id",
        "agreed_mark",
        ["question_id"],
        unique=False,
        postgresql_include=["version"],
    )
    op.create_table(
        "mark",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("evaluator_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("scale_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.SmallInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "marked_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_mark_reason")),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("fk_mark_answer_id_answer")),
        sa.ForeignKeyConstraint(["evaluator_id"], ["person.id"], name=op.f("fk_mark_evaluator_id_person")),
        sa.ForeignKeyConstraint(
            ["question_id", "scale_id"],
            ["question.id", "question.scale_id"],
            name=op.f("fk_mark_question_id_scale_id_question"),
        ),
        sa.ForeignKeyConstraint(
            ["scale_id", "points"],
            ["scale_band.scale_id", "scale_band.points"],
            name=op.f("fk_mark_scale_id_points_scale_band"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark")),
        sa.UniqueConstraint("answer_id", "evaluator_id", name=op.f("uq_mark_answer_id_evaluator_id")),
    )
    op.create_index(op.f("ix_mark_evaluator_id"), "mark", ["evaluator_id"], unique=False)
    op.execute(GUARDS.read_text())


def downgrade() -> None:
    """Remove the functions with their triggers, then the tables."""
    op.execute("DROP FUNCTION decision_is_final CASCADE")
    op.execute("DROP FUNCTION result_while_marking CASCADE")
    op.execute("DROP FUNCTION agreed_mark_after_locks CASCADE")
    op.execute("DROP FUNCTION assignment_stays_locked CASCADE")
    op.execute("DROP FUNCTION mark_stays CASCADE")
    op.execute("DROP FUNCTION mark_while_accepted CASCADE")
    op.drop_index(op.f("ix_mark_evaluator_id"), table_name="mark")
    op.drop_table("mark")
    op.drop_index("ix_agreed_mark_question_id", table_name="agreed_mark", postgresql_include=["version"])
    op.drop_table("agreed_mark")
    op.drop_table("conformity_check")
    op.drop_table("evaluator_total")
    op.drop_index("ix_result_lot_id_rank", table_name="result")
    op.drop_table("result")
    op.drop_index(op.f("ix_decision_lot_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index("ix_assignment_evaluator_id_state", table_name="assignment")
    op.drop_table("assignment")
    op.drop_index(op.f("ix_panel_member_person_id"), table_name="panel_member")
    op.drop_table("panel_member")
    op.drop_table("computation")
