"""Releases with a window in which they can be cancelled, standstill, and challenges that hold admissions."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026_release"
down_revision = "0026_summaries"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")


def upgrade() -> None:
    """Create the tables, and let a decision be told before it takes effect."""
    _decision_states("'recommended', 'approved', 'returned', 'told', 'released'")
    _approved_in("'approved', 'told', 'released'")
    _releases()
    op.create_table(
        "letter_reading",
        sa.Column("letter_id", sa.BigInteger(), nullable=False),
        sa.Column("read_at", MOMENT, nullable=False),
        sa.Column("read_by_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letter.id"], name=op.f("fk_letter_reading_letter_id_letter"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["read_by_id"], ["person.id"], name=op.f("fk_letter_reading_read_by_id_person")
        ),
        sa.PrimaryKeyConstraint("letter_id", name=op.f("pk_letter_reading")),
    )
    _challenges()
    op.execute((SQL / "0026_release.sql").read_text(encoding="utf-8"))
    # What was released before there were releases.
    op.execute(
        "INSERT INTO outcome_release (round_id, state, window_minutes, staged_at, staged_by_id, goes_at, sent_at)"
        " SELECT id, 'sent', 0, released_at, released_by_id, released_at, released_at FROM round"
        " WHERE state = 'released' AND released_by_id IS NOT NULL"
    )


def _releases() -> None:
    op.create_table(
        "outcome_release",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("window_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("standstill_days", sa.SmallInteger(), nullable=True),
        sa.Column("staged_at", MOMENT, nullable=False),
        sa.Column("staged_by_id", sa.BigInteger(), nullable=False),
        sa.Column("goes_at", MOMENT, nullable=False),
        sa.Column("cancelled_at", MOMENT, nullable=True),
        sa.Column("cancelled_by_id", sa.BigInteger(), nullable=True),
        sa.Column("stopped_because", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("admits_after", sa.Date(), nullable=True),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_outcome_release_{name}"))
            for name, condition in (
                ("state", "state IN ('waiting', 'cancelled', 'stopped', 'sent')"),
                ("window_minutes", "window_minutes BETWEEN 0 AND 1440"),
                ("standstill_days", "standstill_days BETWEEN 1 AND 60"),
                ("sent_at", "(state = 'sent') = (sent_at IS NOT NULL)"),
                ("cancelled_at", "(state = 'cancelled') = (cancelled_at IS NOT NULL)"),
                ("stopped_because", "(state = 'stopped') = (stopped_because <> '')"),
                (
                    "admits_after",
                    "(admits_after IS NOT NULL) = (sent_at IS NOT NULL AND standstill_days IS NOT NULL)",
                ),
            )
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_outcome_release_round_id_round")),
        *(
            sa.ForeignKeyConstraint(
                [f"{step}_by_id"], ["person.id"], name=op.f(f"fk_outcome_release_{step}_by_id_person")
            )
            for step in ("staged", "cancelled")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcome_release")),
    )
    op.create_index("ix_outcome_release_round_id", "outcome_release", ["round_id"])
    op.create_index(
        "uq_outcome_release_round_id",
        "outcome_release",
        ["round_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'sent')"),
    )


def _challenges() -> None:
    op.create_table(
        "challenge",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("received_from", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("answer_due_on", sa.Date(), nullable=False),
        sa.Column("answer", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("held_at", MOMENT, nullable=True),
        sa.Column("held_by_id", sa.BigInteger(), nullable=True),
        sa.Column("hold_reason", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.Column("lifted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("lift_reason", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=False),
        *(
            sa.CheckConstraint(condition, name=op.f(f"ck_challenge_{name}"))
            for name, condition in (
                ("kind", "kind IN ('question', 'complaint', 'claim')"),
                ("state", "state IN ('open', 'answered')"),
                ("said", "received_from <> '' AND summary <> ''"),
                ("answer_due_on", "answer_due_on >= received_on"),
                (
                    "answered",
                    "(state = 'answered') = (answered_at IS NOT NULL) "
                    "AND (state = 'answered') = (answer <> '')",
                ),
                ("hold_reason", "(held_at IS NULL) = (hold_reason = '')"),
                ("lift_reason", "(lifted_at IS NULL) = (lift_reason = '')"),
                ("lifted_after_it_was_held", "lifted_at >= held_at"),
            )
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_challenge_round_id_round")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_challenge_lot_id_lot")),
        *(
            sa.ForeignKeyConstraint(
                [f"{step}_by_id"], ["person.id"], name=op.f(f"fk_challenge_{step}_by_id_person")
            )
            for step in ("answered", "held", "lifted", "recorded")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
    )
    op.create_index(op.f("ix_challenge_round_id"), "challenge", ["round_id"])


def downgrade() -> None:
    """Forget releases, readings and challenges; what waited to take effect has."""
    op.execute((SQL / "0026_release_down.sql").read_text(encoding="utf-8"))
    op.drop_table("challenge")
    op.drop_table("letter_reading")
    op.drop_table("outcome_release")
    _approved_in("'approved', 'released'")
    _decision_states("'recommended', 'approved', 'returned', 'released'")


def _decision_states(states: str) -> None:
    op.drop_constraint(op.f("ck_decision_state"), "decision", type_="check")
    op.create_check_constraint(op.f("ck_decision_state"), "decision", f"state IN ({states})")


def _approved_in(states: str) -> None:
    op.drop_constraint(op.f("ck_decision_approved_at"), "decision", type_="check")
    op.create_check_constraint(
        op.f("ck_decision_approved_at"), "decision", f"(state IN ({states})) = (approved_at IS NOT NULL)"
    )
