"""Why an offer is dear, which routes a framework opens, what stands of a choice, and the council's periods."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040_offers"
down_revision = "0039_placements"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
PERIODS = {
    "answer_working_days": (1, 10),
    "emergency_hours": (1, 24),
    "fresh_days_visit": (30, 1095),
    "fresh_days_registration": (30, 1095),
    "fresh_days_insurance": (30, 1095),
    "fresh_days_safeguarding": (30, 1095),
}


def upgrade() -> None:
    """Frameworks that there are open every route but blocks, which want places bought before."""
    op.add_column(
        "referral",
        sa.Column("offered_price_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_referral_offered_price_reason"),
        "referral",
        "offered_price_reason = '' OR offered_price IS NOT NULL",
    )
    op.add_column(
        "framework",
        sa.Column(
            "call_off_routes",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{direct_award,mini_competition,user_choice}'"),
            nullable=False,
        ),
    )
    op.create_check_constraint(
        op.f("ck_framework_call_off_routes"),
        "framework",
        "call_off_routes <@ ARRAY['direct_award', 'mini_competition', 'user_choice', 'block']"
        " AND cardinality(call_off_routes) > 0",
    )
    op.create_check_constraint(
        op.f("ck_call_off_cancel_reason"), "call_off", "(state = 'cancelled') = (cancel_reason <> '')"
    )
    for name, (least, most) in PERIODS.items():
        op.add_column("settings_version", sa.Column(name, sa.SmallInteger(), nullable=True))
        op.create_check_constraint(
            op.f(f"ck_settings_version_{name}"), "settings_version", f"{name} BETWEEN {least} AND {most}"
        )
    op.execute((SQL / "0040_offers.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Back to the constants, and to all routes."""
    op.execute("DROP TRIGGER call_off_stands ON call_off")
    op.execute("DROP FUNCTION call_off_stands()")
    for name in PERIODS:
        op.drop_column("settings_version", name)
    op.drop_constraint(op.f("ck_call_off_cancel_reason"), "call_off")
    op.drop_column("framework", "call_off_routes")
    op.drop_column("referral", "offered_price_reason")
