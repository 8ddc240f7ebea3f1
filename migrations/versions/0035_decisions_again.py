"""New decisions after an upheld challenge: what challenges found, and decisions that replace others."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035_decisions_again"
down_revision = "0042_agreements"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")
STATES = "'recommended', 'approved', 'returned', 'told', 'released'"
STEPS = "'suspend_new', 'suspend', 'reinstate', 'remove', 'keep'"
CAUSES = "'safeguarding', 'quality', 'registration', 'evidence', 'contract', 'asked', 'resolved'"


def upgrade() -> None:
    """A challenge has a finding, a decision can stand in the place of another, and somebody proposes it."""
    _findings()
    _decisions()
    _proposals()
    _check("standing_change", "step", f"step IN ({STEPS}, 'admit')")
    _check("standing_change", "cause", f"cause IN ({CAUSES}, 'new_decision', 'other')")
    op.execute((SQL / "0035_decisions_again.sql").read_text(encoding="utf-8"))


def _findings() -> None:
    op.add_column("challenge", sa.Column("finding", sa.Text(), nullable=True))
    op.add_column("challenge", sa.Column("finding_reason", sa.Text(), server_default=NOTHING, nullable=False))
    op.add_column("challenge", sa.Column("found_at", MOMENT, nullable=True))
    op.add_column("challenge", sa.Column("found_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_challenge_found_by_id_person"), "challenge", "person", ["found_by_id"], ["id"]
    )
    for name, rule in {
        "finding": "finding IN ('upheld', 'partly_upheld', 'not_upheld')",
        "found_once_answered": "finding IS NULL OR state = 'answered'",
        "found_by_somebody": "(finding IS NULL) = (found_at IS NULL)"
        " AND (finding IS NULL) = (found_by_id IS NULL)",
        "finding_reason": "finding IS NOT NULL OR finding_reason = ''",
    }.items():
        op.create_check_constraint(op.f(f"ck_challenge_{name}"), "challenge", rule)


def _decisions() -> None:
    op.add_column("decision", sa.Column("replaces_id", sa.BigInteger(), nullable=True))
    op.add_column("decision", sa.Column("challenge_id", sa.BigInteger(), nullable=True))
    for column, table in (("replaces_id", "decision"), ("challenge_id", "challenge")):
        op.create_foreign_key(op.f(f"fk_decision_{column}_{table}"), "decision", table, [column], ["id"])
    op.create_index("ix_decision_challenge_id", "decision", ["challenge_id"])
    op.create_unique_constraint(op.f("uq_decision_replaces_id"), "decision", ["replaces_id"])
    op.drop_constraint(op.f("uq_decision_application_id_lot_id"), "decision", type_="unique")
    op.create_index(
        "uq_decision_application_id_lot_id",
        "decision",
        ["application_id", "lot_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'superseded'"),
    )
    _check("decision", "state", f"state IN ({STATES}, 'superseded')")
    _check(
        "decision",
        "approved_at",
        "(state IN ('approved', 'told', 'released', 'superseded')) = (approved_at IS NOT NULL)",
    )
    op.create_check_constraint(
        op.f("ck_decision_replaces_for_a_challenge"),
        "decision",
        "(replaces_id IS NULL) = (challenge_id IS NULL)",
    )


def _proposals() -> None:
    op.create_table(
        "reconsideration",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("application_id", "lot_id", "challenge_id", "replaces_id")
        ),
        sa.Column("state", sa.Text(), server_default=sa.text("'proposed'"), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("heard", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("conditions", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("return_reason", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("decision_id", sa.BigInteger(), nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_reconsideration_{name}"))
            for name, rule in {
                "state": "state IN ('proposed', 'approved', 'returned', 'withdrawn')",
                "outcome": "outcome IN ('admit', 'admit_conditionally', 'not_admit')",
                "reason": "reason <> ''",
                "conditions": "(outcome = 'admit_conditionally') = (conditions <> '[]')",
                "decided_at": "(state = 'proposed') = (decided_at IS NULL)",
                "decided_by_somebody": "(decided_at IS NULL) = (decided_by_id IS NULL)",
                "two_people": "state NOT IN ('approved', 'returned') OR decided_by_id <> proposed_by_id",
                "return_reason": "(state = 'returned') = (return_reason <> '')",
                "decision_id": "state = 'approved' OR decision_id IS NULL",
            }.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{table}.id"], name=op.f(f"fk_reconsideration_{column}_{table}")
            )
            for column, table in (
                ("application_id", "application"),
                ("lot_id", "lot"),
                ("challenge_id", "challenge"),
                ("replaces_id", "decision"),
                ("decision_id", "decision"),
                ("proposed_by_id", "person"),
                ("decided_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconsideration")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_reconsideration_decision_id")),
    )
    for column in ("application_id", "lot_id", "challenge_id", "replaces_id"):
        op.create_index(f"ix_reconsideration_{column}", "reconsideration", [column])
    op.create_index(
        "uq_reconsideration_proposed",
        "reconsideration",
        ["application_id", "lot_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )


def downgrade() -> None:
    """Forget findings and proposals; where a decision was made anew, only the newest stays."""
    op.execute((SQL / "0035_decisions_again_down.sql").read_text(encoding="utf-8"))
    op.drop_table("reconsideration")
    op.execute("DROP FUNCTION reconsideration_is_kept()")
    op.drop_index("uq_decision_application_id_lot_id", "decision")
    op.create_unique_constraint(
        op.f("uq_decision_application_id_lot_id"), "decision", ["application_id", "lot_id"]
    )
    op.drop_column("decision", "replaces_id")
    op.drop_column("decision", "challenge_id")
    _check("decision", "state", f"state IN ({STATES})")
    _check(
        "decision", "approved_at", "(state IN ('approved', 'told', 'released')) = (approved_at IS NOT NULL)"
    )
    for column in ("finding", "finding_reason", "found_at", "found_by_id"):
        op.drop_column("challenge", column)
    _check("standing_change", "step", f"step IN ({STEPS})")
    _check("standing_change", "cause", f"cause IN ({CAUSES}, 'other')")


def _check(table: str, name: str, rule: str) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
