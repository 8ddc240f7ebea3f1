"""Placement agreements: versions that are offered, signed and kept; how long agreements are kept."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0042_agreements"
down_revision = "0037_shortlists"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
KINDS = [
    *("referral_not_placed", "referral_placed", "child", "child_files", "application_draft"),
    *("tender_not_admitted", "tender_admitted", "letter", "person", "connected_person", "shortlist"),
    "declined_need",
]
STAMPS = ("offered", "agreed", "withdrawn")


def upgrade() -> None:
    """A version has a state of its own, and from its offer on says for good what it says."""
    _agreements()
    _versions()
    op.add_column("agreement_signature", sa.Column("name", sa.Text(), nullable=False))
    op.execute((SQL / "0042_agreements.sql").read_text(encoding="utf-8"))
    _keep_for([*KINDS, "agreement"])
    op.execute(
        "INSERT INTO retention_policy (kind, months, applies_from, source) VALUES ('agreement', 72, "
        "'2026-01-01', 'Limitation Act 1980, section 5: six years from the end of a simple contract')"
    )


def _agreements() -> None:
    op.alter_column("placement_agreement", "child_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_placement_agreement_child_id"),
        "placement_agreement",
        "state IN ('draft', 'cancelled') OR child_id IS NOT NULL",
    )
    op.drop_constraint(op.f("uq_placement_agreement_call_off_id"), "placement_agreement", type_="unique")
    op.create_index(op.f("ix_placement_agreement_call_off_id"), "placement_agreement", ["call_off_id"])
    op.create_index(
        "uq_placement_agreement_call_off_id_open",
        "placement_agreement",
        ["call_off_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'cancelled'"),
    )


def _versions() -> None:
    table = "agreement_version"
    op.add_column(table, sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False))
    op.add_column(table, sa.Column("content", postgresql.JSONB(), nullable=True))
    op.add_column(table, sa.Column("sha256", sa.Text(), nullable=True))
    for stamp in STAMPS:
        op.add_column(table, sa.Column(f"{stamp}_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
        op.add_column(table, sa.Column(f"{stamp}_by_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_agreement_version_{stamp}_by_id_person"), table, "person", [f"{stamp}_by_id"], ["id"]
        )
    op.add_column(table, sa.Column("withdraw_note", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.alter_column(table, "price", nullable=True)
    for name, condition in (
        ("state", "state IN ('draft', 'offered', 'agreed', 'withdrawn')"),
        ("offered_at", "state = 'withdrawn' OR (state <> 'draft') = (offered_at IS NOT NULL)"),
        ("agreed_at", "(state = 'agreed') = (agreed_at IS NOT NULL)"),
        ("withdrawn_at", "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)"),
        ("content", "(offered_at IS NULL) = (content IS NULL) AND (content IS NULL) = (sha256 IS NULL)"),
    ):
        op.create_check_constraint(op.f(f"ck_agreement_version_{name}"), table, condition)
    op.create_index(
        "uq_agreement_version_agreement_id_open",
        table,
        ["agreement_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'offered')"),
    )


def _keep_for(kinds: list[str]) -> None:
    op.drop_constraint(op.f("ck_retention_policy_kind"), "retention_policy", type_="check")
    named = ", ".join(f"'{kind}'" for kind in kinds)
    op.create_check_constraint(op.f("ck_retention_policy_kind"), "retention_policy", f"kind IN ({named})")


def downgrade() -> None:
    """Forget how versions came about; agreements whose child nobody has named, and those cancelled, go."""
    op.execute("DELETE FROM retention_policy WHERE kind = 'agreement'")
    _keep_for(KINDS)
    for table in ("agreement_signature", "agreement_version"):
        op.execute(f"DROP TRIGGER {table}_refuses_truncate ON {table}")
        op.execute(f"DROP TRIGGER {table}_is_kept ON {table}")
        op.execute(f"DROP FUNCTION {table}_is_kept()")
    op.drop_column("agreement_signature", "name")
    gone = "SELECT id FROM placement_agreement WHERE child_id IS NULL OR state = 'cancelled'"
    op.execute(
        "DELETE FROM agreement_signature WHERE version_id IN (SELECT id FROM agreement_version WHERE "
        f"agreement_id IN ({gone}))"
    )
    op.execute(f"DELETE FROM agreement_version WHERE price IS NULL OR agreement_id IN ({gone})")
    op.execute(f"DELETE FROM placement_agreement WHERE id IN ({gone})")
    op.drop_index("uq_agreement_version_agreement_id_open", table_name="agreement_version")
    for name in ("content", "withdrawn_at", "agreed_at", "offered_at", "state"):
        op.drop_constraint(op.f(f"ck_agreement_version_{name}"), "agreement_version", type_="check")
    op.alter_column("agreement_version", "price", nullable=False)
    for column in ("withdraw_note", "sha256", "content", "state"):
        op.drop_column("agreement_version", column)
    for stamp in STAMPS:
        op.drop_column("agreement_version", f"{stamp}_by_id")
        op.drop_column("agreement_version", f"{stamp}_at")
    op.drop_index("uq_placement_agreement_call_off_id_open", table_name="placement_agreement")
    op.drop_index(op.f("ix_placement_agreement_call_off_id"), table_name="placement_agreement")
    op.create_unique_constraint(
        op.f("uq_placement_agreement_call_off_id"), "placement_agreement", ["call_off_id"]
    )
    op.drop_constraint(op.f("ck_placement_agreement_child_id"), "placement_agreement", type_="check")
    op.alter_column("placement_agreement", "child_id", nullable=False)
