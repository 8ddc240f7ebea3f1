"""A need profile says sex, plan and half days; a competition and an agreement keep what they rest on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0080_need_said"
down_revision = "0073_who_was_there"
branch_labels = None
depends_on = None

_HALF_DAYS = "ARRAY['mon_am', 'mon_pm', 'tue_am', 'tue_pm', 'wed_am', 'wed_pm', 'thu_am', 'thu_pm', 'fri_am', 'fri_pm']"
_PLANS = "ehc_plan IN ('', 'yes', 'no', 'assessed')"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False)


def upgrade() -> None:
    """Add the columns, empty: of what was sent before nothing of it is known."""
    op.add_column("referral", _text("sex"))
    op.add_column("referral", _text("ehc_plan"))
    op.create_check_constraint(op.f("ck_referral_sex"), "referral", "sex IN ('', 'girl', 'boy')")
    op.create_check_constraint(op.f("ck_referral_ehc_plan"), "referral", _PLANS)
    for table in ("referral", "competition"):
        op.add_column(
            table,
            sa.Column(
                "sessions_wanted",
                postgresql.ARRAY(sa.Text()),
                server_default=sa.text("'{}'"),
                nullable=False,
            ),
        )
        op.create_check_constraint(
            op.f(f"ck_{table}_sessions_wanted"), table, f"sessions_wanted <@ {_HALF_DAYS}"
        )
    op.add_column("agreement_version", _text("ehc_plan"))
    op.create_check_constraint(op.f("ck_agreement_version_ehc_plan"), "agreement_version", _PLANS)


def downgrade() -> None:
    """Take them away."""
    op.drop_column("agreement_version", "ehc_plan")
    op.drop_column("competition", "sessions_wanted")
    op.drop_column("referral", "sessions_wanted")
    op.drop_column("referral", "ehc_plan")
    op.drop_column("referral", "sex")
