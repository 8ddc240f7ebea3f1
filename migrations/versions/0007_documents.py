"""Documents: the virus scan; who read what."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007_documents"
down_revision = "0006_organisations"
branch_labels = None
depends_on = None

_WAITING = sa.text("scan_state = 'waiting'")
_INFECTED = sa.text("scan_state = 'infected'")


def upgrade() -> None:
    """Give documents what a scan needs, and the trail the indexes of its page."""
    op.add_column(
        "document", sa.Column("scan_detail", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column(
        "document", sa.Column("scan_attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("document", sa.Column("next_scan_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.add_column("document", sa.Column("scanned_at", postgresql.TIMESTAMP(timezone=True), nullable=True))
    op.drop_constraint(op.f("ck_document_scan_state"), "document", type_="check")
    op.execute(
        "UPDATE document SET scan_state = 'waiting', next_scan_at = now() WHERE scan_state = 'pending'"
    )
    op.create_check_constraint(
        op.f("ck_document_scan_state"),
        "document",
        "scan_state IN ('waiting', 'clean', 'infected', 'not_scanned')",
    )
    op.create_check_constraint(
        op.f("ck_document_next_scan_at"), "document", "(scan_state = 'waiting') = (next_scan_at IS NOT NULL)"
    )
    op.create_index("ix_document_waiting", "document", ["next_scan_at"], postgresql_where=_WAITING)
    op.create_index("ix_document_infected", "document", ["organisation_id"], postgresql_where=_INFECTED)
    op.drop_index("ix_audit_line_subject", table_name="audit_line")
    op.create_index("ix_audit_line_subject", "audit_line", ["subject_type", "subject_id", "id"])
    op.create_index("ix_audit_line_actor", "audit_line", ["actor_id", "id"])
    op.create_index("ix_audit_line_action", "audit_line", ["action", "id"])


def downgrade() -> None:
    """Take both away again."""
    op.drop_index("ix_audit_line_action", table_name="audit_line")
    op.drop_index("ix_audit_line_actor", table_name="audit_line")
    op.drop_index("ix_audit_line_subject", table_name="audit_line")
    op.create_index("ix_audit_line_subject", "audit_line", ["subject_type", "subject_id"])
    op.drop_index("ix_document_infected", table_name="document", postgresql_where=_INFECTED)
    op.drop_index("ix_document_waiting", table_name="document", postgresql_where=_WAITING)
    op.drop_constraint(op.f("ck_document_next_scan_at"), "document", type_="check")
    op.drop_constraint(op.f("ck_document_scan_state"), "document", type_="check")
    op.execute("UPDATE document SET scan_state = 'pending' WHERE scan_state = 'waiting'")
    op.create_check_constraint(
        op.f("ck_document_scan_state"),
        "document",
        "scan_state IN ('not_scanned', 'pending', 'clean', 'infected')",
    )
    for column in ("scanned_at", "next_scan_at", "scan_attempts", "scan_detail"):
        op.drop_column("document", column)
