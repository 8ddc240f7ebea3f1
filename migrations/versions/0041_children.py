"""Who a child is can be erased; files go with a choice; both have a period of retention."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041_children"
down_revision = "0040_offers"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
REFERRALS = ["referral_not_placed", "referral_placed"]
OTHERS = [
    *("application_draft", "tender_not_admitted", "tender_admitted"),
    *("letter", "person", "connected_person"),
]


def upgrade() -> None:
    """Let a child's row outlive its name, and keep files beside it."""
    for column in ("name_sealed", "born_on_sealed"):
        op.alter_column("child", column, nullable=True)
    op.add_column(
        "child", sa.Column("no_upn_reason", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column(
        "child", sa.Column("revision", sa.SmallInteger(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column("child", sa.Column("erased_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_child_erased_at"),
        "child",
        "(erased_at IS NULL) = (name_sealed IS NOT NULL) AND"
        " (erased_at IS NULL) = (born_on_sealed IS NOT NULL) AND"
        " (erased_at IS NULL OR upn_sealed IS NULL)",
    )
    op.create_check_constraint(
        op.f("ck_child_no_upn_reason"),
        "child",
        "no_upn_reason = '' OR (upn_sealed IS NULL AND no_upn_reason IN ('asked_for', 'new_arrival', 'not_in_school', 'other'))",
    )
    op.create_check_constraint(op.f("ck_child_revision"), "child", "revision > 0")
    op.create_table(
        "child_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("call_off_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("added_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('ehc_plan', 'risk_assessment', 'consent', 'care_plan', 'medical', 'school_report', 'other')",
            name=op.f("ck_child_file_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["added_by_id"], ["person.id"], name=op.f("fk_child_file_added_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["call_off_id"], ["call_off.id"], name=op.f("fk_child_file_call_off_id_call_off")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_child_file_document_id_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_file")),
        sa.UniqueConstraint("document_id", name=op.f("uq_child_file_document_id")),
    )
    op.create_index(op.f("ix_child_file_call_off_id"), "child_file", ["call_off_id"], unique=False)
    op.execute((SQL / "0041_children.sql").read_text(encoding="utf-8"))
    _keep_for([*REFERRALS, "child", "child_files", *OTHERS])
    op.execute(
        "INSERT INTO retention_policy (kind, months, applies_from, source) VALUES"
        " ('child', 12, '2026-01-01', 'The portal’s default: the school keeps the child’s own record'),"
        " ('child_files', 6, '2026-01-01', 'The portal’s default: the school keeps the originals')"
    )


def _keep_for(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_retention_policy_kind"), "retention_policy", type_="check")
    named = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_retention_policy_kind"), "retention_policy", f"kind IN ({named})")


def downgrade() -> None:
    """Forget the files and who was erased."""
    op.execute("DELETE FROM retention_policy WHERE kind IN ('child', 'child_files')")
    _keep_for([*REFERRALS, *OTHERS])
    op.execute("DROP TRIGGER call_off_child ON call_off")
    op.execute("DROP FUNCTION call_off_child()")
    op.drop_table("child_file")
    for name in ("ck_child_erased_at", "ck_child_no_upn_reason", "ck_child_revision"):
        op.drop_constraint(op.f(name), "child", type_="check")
    for column in ("name_sealed", "born_on_sealed"):
        op.execute(f"UPDATE child SET {column} = '' WHERE {column} IS NULL")
        op.alter_column("child", column, nullable=False)
    for column in ("erased_at", "revision", "no_upn_reason"):
        op.drop_column("child", column)
