"""A case opens about one child too, whose hours add up over all who commission for it."""

import sqlalchemy as sa
from alembic import op

revision = "0082_child_cases"
down_revision = "0081_begins_anew"
branch_labels = None
depends_on = None

TABLE = "registration_case"
_COUNTS = "protected BETWEEN 0 AND full_time AND full_time > 0"
_FINDINGS = "finding = '' OR finding IN ('reduced', 'registered', 'not_full_time', 'reported'{})"


def _checks(counts: str, findings: str) -> None:
    for name, condition in (("counts", counts), ("finding", findings)):
        op.drop_constraint(op.f(f"ck_registration_case_{name}"), TABLE, type_="check")
        op.create_check_constraint(op.f(f"ck_registration_case_{name}"), TABLE, condition)


def upgrade() -> None:
    """A case is about a provider or about a child."""
    op.alter_column(TABLE, "provider_id", nullable=True)
    op.add_column(TABLE, sa.Column("child_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_registration_case_child_id_child"), TABLE, "child", ["child_id"], ["id"])
    op.create_index(op.f("ix_registration_case_child_id"), TABLE, ["child_id"])
    op.create_index(
        "uq_registration_case_child_open",
        TABLE,
        ["child_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.add_column(TABLE, sa.Column("agreed_hours", sa.Numeric(4, 1), nullable=True))
    op.add_column(TABLE, sa.Column("clashes", sa.SmallInteger(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(
        op.f("ck_registration_case_about"),
        TABLE,
        "num_nonnulls(provider_id, child_id) = 1 AND (child_id IS NULL) = (agreed_hours IS NULL)",
    )
    _checks(
        "protected BETWEEN 0 AND full_time AND (full_time > 0 OR clashes > 0)",
        _FINDINGS.format(", 'moved', 'suitable'"),
    )


def downgrade() -> None:
    """Cases about children go."""
    op.execute(f"DELETE FROM {TABLE} WHERE child_id IS NOT NULL")
    _checks(_COUNTS, _FINDINGS.format(""))
    op.drop_constraint(op.f("ck_registration_case_about"), TABLE, type_="check")
    for column in ("clashes", "agreed_hours", "child_id"):
        op.drop_column(TABLE, column)
    op.alter_column(TABLE, "provider_id", nullable=False)
