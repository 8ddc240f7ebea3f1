"""Decisions that are reopened before their letters go, and letters that are taken back: both are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0091_reopened"
down_revision = "0090_heard"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
STATES = "'held', 'queued', 'delivered', 'failed'"


def upgrade() -> None:
    """Add the table of earlier decisions, and a state for letters that were taken back."""
    op.create_table(
        "decision_version",
        sa.Column("decision_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("exclusion_ground", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("conditions", postgresql.JSONB(), nullable=False),
        sa.Column("marks_version", sa.Integer(), nullable=True),
        sa.Column("recommended_at", MOMENT, nullable=False),
        sa.Column("recommended_by_id", sa.BigInteger(), nullable=False),
        sa.Column("approved_at", MOMENT, nullable=False),
        sa.Column("approved_by_id", sa.BigInteger(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("reopened_at", MOMENT, nullable=False),
        sa.Column("reopened_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("because <> ''", name=op.f("ck_decision_version_because")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_version_decision_id_decision")
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ["person.id"], name=op.f(f"fk_decision_version_{column}_person")
            )
            for column in ("recommended_by_id", "approved_by_id", "reopened_by_id")
        ),
        sa.PrimaryKeyConstraint("decision_id", "version", name=op.f("pk_decision_version")),
    )
    op.execute(
        "CREATE TRIGGER decision_version_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decision_version"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    _letter_states(f"{STATES}, 'withdrawn'")


def downgrade() -> None:
    """Take both away; letters that were taken back go."""
    op.execute("DELETE FROM letter WHERE state = 'withdrawn'")
    _letter_states(STATES)
    op.drop_table("decision_version")


def _letter_states(states: str) -> None:
    op.drop_constraint(op.f("ck_letter_state"), "letter")
    op.create_check_constraint(op.f("ck_letter_state"), "letter", f"state IN ({states})")
