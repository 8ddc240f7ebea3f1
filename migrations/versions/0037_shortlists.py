"""Shortlists that schools keep as evidence, and periods for them and for needs that nobody met."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0037_shortlists"
down_revision = "0045_blocks"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")
KINDS = [
    *(
        "referral_not_placed",
        "referral_placed",
        "child",
        "child_files",
        "application_draft",
        "tender_not_admitted",
    ),
    *("tender_admitted", "letter", "person", "connected_person"),
]


def upgrade() -> None:
    """Add the tables; needs that nobody met get a number by which they can be erased."""
    _lists()
    _choices()
    op.execute((SQL / "0037_shortlists.sql").read_text(encoding="utf-8"))
    op.add_column("declined_need", sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False))
    op.create_unique_constraint(op.f("uq_declined_need_id"), "declined_need", ["id"])
    _keep_for([*KINDS, "shortlist", "declined_need"])
    op.execute(
        "INSERT INTO retention_policy (kind, months, applies_from, source) VALUES "
        "('shortlist', 36, '2026-01-01', 'Default of the portal: as long as the records of a procurement'), "
        "('declined_need', 60, '2026-01-01', 'Default of the portal: five years of need for planning places')"
    )


def _lists() -> None:
    op.create_table(
        "shortlist",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=False),
        sa.Column("school_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("found", postgresql.JSONB(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("frozen_at", MOMENT, nullable=False),
        sa.Column("frozen_by_id", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_by_name", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("closed_sha256", sa.Text(), nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_shortlist_{name}"))
            for name, rule in {
                "state": "state IN ('draft', 'closed')",
                "closed_at": "(state = 'closed') = (closed_at IS NOT NULL)",
                "closed_by_somebody": "(state = 'closed') = (closed_by_id IS NOT NULL)",
                "closed_by_name": "(state = 'closed') = (closed_by_name <> '')",
                "closed_sha256": "(state = 'closed') = (closed_sha256 IS NOT NULL)",
            }.items()
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_shortlist_{column}_{table}"))
            for column, table in (
                ("school_id", "organisation"),
                ("frozen_by_id", "person"),
                ("closed_by_id", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shortlist")),
        sa.UniqueConstraint("token", name=op.f("uq_shortlist_token")),
    )
    op.create_index("ix_shortlist_school_id_frozen_at", "shortlist", ["school_id", "frozen_at"])


def _choices() -> None:
    op.create_table(
        "shortlist_choice",
        sa.Column("shortlist_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=NOTHING, nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_shortlist_choice_{name}"))
            for name, rule in {
                "verdict": "verdict IN ('kept', 'left_out')",
                "reason": "verdict IS DISTINCT FROM 'left_out' OR reason <> ''",
                "place": "place > 0",
            }.items()
        ),
        sa.ForeignKeyConstraint(
            ["shortlist_id"],
            ["shortlist.id"],
            name=op.f("fk_shortlist_choice_shortlist_id_shortlist"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_shortlist_choice_service_id_service")
        ),
        sa.PrimaryKeyConstraint("shortlist_id", "place", name=op.f("pk_shortlist_choice")),
    )
    op.create_index(op.f("ix_shortlist_choice_service_id"), "shortlist_choice", ["service_id"])


def _keep_for(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_retention_policy_kind"), "retention_policy", type_="check")
    named = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_retention_policy_kind"), "retention_policy", f"kind IN ({named})")


def downgrade() -> None:
    """Forget the shortlists; needs that nobody met are kept without a period again."""
    op.execute("DELETE FROM retention_policy WHERE kind IN ('shortlist', 'declined_need')")
    _keep_for(KINDS)
    op.drop_column("declined_need", "id")
    op.drop_table("shortlist_choice")
    op.drop_table("shortlist")
    op.execute("DROP FUNCTION shortlist_choice_is_kept()")
    op.execute("DROP FUNCTION shortlist_is_kept()")
