"""Hours that agreements add up to: what counts, registration cases, children's other sessions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043_hours"
down_revision = "0044_competitions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, with the figures that the portal starts from."""
    op.create_table(
        "hours_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("full_time_hours", sa.SmallInteger(), nullable=False),
        sa.Column("near_hours", sa.SmallInteger(), nullable=False),
        sa.Column("pupils", sa.SmallInteger(), nullable=False),
        sa.Column("near_pupils", sa.SmallInteger(), nullable=False),
        sa.Column("intensive_weeks", sa.SmallInteger(), nullable=False),
        sa.Column("part_time_sessions", sa.SmallInteger(), nullable=False),
        sa.Column("full_week_hours", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "set_at", postgresql.TIMESTAMP(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("set_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("source <> ''", name=op.f("ck_hours_rule_source")),
        sa.CheckConstraint("full_time_hours BETWEEN 5 AND 40", name=op.f("ck_hours_rule_full_time_hours")),
        sa.CheckConstraint("full_week_hours BETWEEN 5 AND 40", name=op.f("ck_hours_rule_full_week_hours")),
        sa.CheckConstraint("intensive_weeks BETWEEN 1 AND 52", name=op.f("ck_hours_rule_intensive_weeks")),
        sa.CheckConstraint("near_hours BETWEEN 1 AND full_time_hours", name=op.f("ck_hours_rule_near_hours")),
        sa.CheckConstraint(
            "near_pupils BETWEEN 1 AND pupils AND pupils <= 20", name=op.f("ck_hours_rule_pupils")
        ),
        sa.CheckConstraint(
            "part_time_sessions BETWEEN 0 AND 10", name=op.f("ck_hours_rule_part_time_sessions")
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["person.id"], name=op.f("fk_hours_rule_set_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_rule")),
    )
    op.create_table(
        "registration_case",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("council_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("full_time", sa.SmallInteger(), nullable=False),
        sa.Column("protected", sa.SmallInteger(), nullable=False),
        sa.Column("hours", sa.SmallInteger(), nullable=False),
        sa.Column("opened_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("finding", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (finding <> '') AND (state = 'closed') = (note <> '')",
            name=op.f("ck_registration_case_closed"),
        ),
        sa.CheckConstraint(
            "finding = '' OR finding IN ('reduced', 'registered', 'not_full_time', 'reported')",
            name=op.f("ck_registration_case_finding"),
        ),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_registration_case_state")),
        sa.CheckConstraint(
            "protected BETWEEN 0 AND full_time AND full_time > 0", name=op.f("ck_registration_case_counts")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_registration_case_closed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["council_id"], ["organisation.id"], name=op.f("fk_registration_case_council_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_registration_case_provider_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_case")),
    )
    op.create_index(
        op.f("ix_registration_case_council_id"), "registration_case", ["council_id"], unique=False
    )
    op.create_index("ix_registration_case_provider_id", "registration_case", ["provider_id"], unique=False)
    op.create_index(
        "uq_registration_case_open",
        "registration_case",
        ["provider_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "child_slot",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("child_id", sa.BigInteger(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kept_on", sa.Date(), nullable=False),
        sa.Column("kept_by_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('school', 'tuition', 'therapy', 'work', 'other')", name=op.f("ck_child_slot_kind")
        ),
        sa.CheckConstraint(
            "session IN ('mon_am', 'mon_pm', 'tue_am', 'tue_pm', 'wed_am', 'wed_pm', 'thu_am', 'thu_pm', 'fri_am', 'fri_pm')",
            name=op.f("ck_child_slot_session"),
        ),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name=op.f("fk_child_slot_child_id_child"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["kept_by_id"], ["person.id"], name=op.f("fk_child_slot_kept_by_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_child_slot")),
        sa.UniqueConstraint("child_id", "session", name=op.f("uq_child_slot_child_id_session")),
    )
    op.execute(
        "INSERT INTO hours_rule (full_time_hours, near_hours, pupils, near_pupils, intensive_weeks,"
        " part_time_sessions, full_week_hours, source) VALUES (18, 15, 5, 4, 12, 4, 25,"
        " 'Pupils: Education Act 1996, section 463. 18 hours: a guide of the Department for Education, in no"
        " law. 12 weeks and 4 sessions: limits announced by the government in 2025, not in force')"
    )
    op.execute(
        "CREATE TRIGGER hours_rule_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON hours_rule"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def downgrade() -> None:
    """Forget them."""
    for table in ("child_slot", "registration_case", "hours_rule"):
        op.drop_table(table)
