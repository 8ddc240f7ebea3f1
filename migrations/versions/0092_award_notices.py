"""A standstill that begins with the contract award notice: its day, its reference, and its end."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0092_award_notices"
down_revision = "0091_reopened"
branch_labels = None
depends_on = None

ENDS = op.f("ck_outcome_release_admits_after")


def upgrade() -> None:
    """Add the table; a release with a standstill may have no last day yet."""
    op.create_table(
        "award_notice",
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("admits_after", sa.Date(), nullable=False),
        sa.Column("noted_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("noted_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("version > 0", name=op.f("ck_award_notice_version")),
        sa.CheckConstraint("reference <> ''", name=op.f("ck_award_notice_reference")),
        sa.CheckConstraint("admits_after > published_on", name=op.f("ck_award_notice_admits_after")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_award_notice_round_id_round")),
        sa.ForeignKeyConstraint(
            ["noted_by_id"], ["person.id"], name=op.f("fk_award_notice_noted_by_id_person")
        ),
        sa.PrimaryKeyConstraint("round_id", "version", name=op.f("pk_award_notice")),
    )
    op.execute(
        "CREATE TRIGGER award_notice_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON award_notice"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.drop_constraint(ENDS, "outcome_release")
    op.create_check_constraint(
        ENDS,
        "outcome_release",
        "admits_after IS NULL OR (sent_at IS NOT NULL AND standstill_days IS NOT NULL)",
    )


def downgrade() -> None:
    """Take it away: a standstill whose notice is known ends as it said, one without is over."""
    op.execute("ALTER TABLE outcome_release DISABLE TRIGGER USER")
    op.execute(
        "UPDATE outcome_release SET admits_after = coalesce((SELECT admits_after FROM award_notice"
        " WHERE round_id = outcome_release.round_id ORDER BY version DESC LIMIT 1), sent_at::date)"
        " WHERE sent_at IS NOT NULL AND standstill_days IS NOT NULL AND admits_after IS NULL"
    )
    op.execute("ALTER TABLE outcome_release ENABLE TRIGGER USER")
    op.drop_constraint(ENDS, "outcome_release")
    op.create_check_constraint(
        ENDS,
        "outcome_release",
        "(admits_after IS NOT NULL) = (sent_at IS NOT NULL AND standstill_days IS NOT NULL)",
    )
    op.drop_table("award_notice")
