"""A round can be ended without an outcome after its tender box was opened."""

from pathlib import Path

from alembic import op

revision = "0119_ended_after_opening"
down_revision = "0118_own_words"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
STATES = ("draft", "published", "opened", "marking", "decided", "released", "withdrawn")


def upgrade() -> None:
    """Let two people end it, and nothing be judged in it afterwards."""
    _allow(*STATES, "terminated")
    op.execute((SQL / "0119_ended_after_opening.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Take it away again. Refused by the old constraint while a round has ended so."""
    _allow(*STATES)
    op.execute((SQL / "0119_ended_after_opening_down.sql").read_text(encoding="utf-8"))


def _allow(*states: str) -> None:
    allowed = ", ".join(f"'{state}'" for state in states)
    op.drop_constraint(op.f("ck_round_state"), "round", type_="check")
    op.create_check_constraint(op.f("ck_round_state"), "round", f"state IN ({allowed})")
