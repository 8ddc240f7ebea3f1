"""Who marks which part, handing back, kinds of conflicts and their waivers, interests of panel members."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023_panel"
down_revision = "0022_moderation_more"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
MOMENT = postgresql.TIMESTAMP(timezone=True)
NOTHING = sa.text("''")
NONE = sa.text("'{}'")


def upgrade() -> None:
    """Add the columns and tables, and let the database's guards know of parts and waivers."""
    for table in ("panel_member", "assignment"):
        _list(table, "lots", sa.BigInteger())
        _list(table, "sections", sa.Text())
    _list("panel_member", "skills", sa.Text())
    seed = sa.text("(random() * 1000000000)::integer")
    op.add_column("panel_member", sa.Column("seed", sa.Integer(), server_default=seed, nullable=False))
    _assignments()
    _waivers()
    _interests()
    op.execute((SQL / "0023_panel.sql").read_text(encoding="utf-8"))


def _list(table: str, column: str, of: sa.types.TypeEngine[object]) -> None:
    kind = postgresql.ARRAY(of)
    op.add_column(table, sa.Column(column, kind, server_default=NONE, nullable=False))


def _assignments() -> None:
    for column in ("conflict_kind", "decline_reason"):
        op.add_column("assignment", sa.Column(column, sa.Text(), server_default=NOTHING, nullable=False))
    op.add_column("assignment", sa.Column("declined_at", MOMENT, nullable=True))
    op.add_column("assignment", sa.Column("declined_by_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_assignment_declined_by_id_person"), "assignment", "person", ["declined_by_id"], ["id"]
    )
    op.create_unique_constraint(op.f("uq_assignment_id_evaluator_id"), "assignment", ["id", "evaluator_id"])
    # What was declared before there were kinds closed the tender: it counts as the gravest.
    op.execute("UPDATE assignment SET conflict_kind = 'actual' WHERE state = 'conflicted'")
    for name in ("state", "declared_at", "conflict"):
        op.drop_constraint(op.f(f"ck_assignment_{name}"), "assignment", type_="check")
    for name, condition in (
        ("state", "state IN ('assigned', 'accepted', 'conflicted', 'declined', 'locked')"),
        (
            "declared_at",
            "state IN ('accepted', 'conflicted', 'locked') = (declared_at IS NOT NULL) OR state = 'declined'",
        ),
        ("conflict", "state <> 'conflicted' OR (conflict <> '' AND conflict_kind <> '')"),
        ("conflict_kind", "conflict_kind IN ('', 'actual', 'potential', 'perceived')"),
        ("declined", "state <> 'declined' OR (declined_at IS NOT NULL AND decline_reason <> '')"),
    ):
        op.create_check_constraint(op.f(f"ck_assignment_{name}"), "assignment", condition)


def _waivers() -> None:
    op.create_table(
        "conflict_waiver",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("assignment_id", sa.BigInteger(), nullable=False),
        sa.Column("evaluator_id", sa.BigInteger(), nullable=False),
        sa.Column("mitigation", sa.Text(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("mitigation <> ''", name=op.f("ck_conflict_waiver_mitigation")),
        sa.CheckConstraint(
            "(granted IS NULL) = (decided_at IS NULL) AND (granted IS NULL) = (decided_by_id IS NULL)"
            " AND (granted IS NULL) = (reason = '')",
            name=op.f("ck_conflict_waiver_decided"),
        ),
        sa.CheckConstraint(
            "evaluator_id NOT IN (proposed_by_id, decided_by_id)", name=op.f("ck_conflict_waiver_by_others")
        ),
        sa.CheckConstraint("decided_by_id <> proposed_by_id", name=op.f("ck_conflict_waiver_two_people")),
        sa.ForeignKeyConstraint(
            ["assignment_id", "evaluator_id"],
            ["assignment.id", "assignment.evaluator_id"],
            name=op.f("fk_conflict_waiver_assignment_id_evaluator_id_assignment"),
        ),
        *(
            sa.ForeignKeyConstraint(
                [f"{done}_by_id"], ["person.id"], name=op.f(f"fk_conflict_waiver_{done}_by_id_person")
            )
            for done in ("proposed", "decided")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict_waiver")),
    )
    op.create_index(
        "uq_conflict_waiver_waiting",
        "conflict_waiver",
        ["assignment_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index("ix_conflict_waiver_assignment_id", "conflict_waiver", ["assignment_id"])


def _interests() -> None:
    op.create_table(
        "interest",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("declared_at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('governor', 'trustee', 'employment', 'ownership', 'close')",
            name=op.f("ck_interest_kind"),
        ),
        sa.CheckConstraint("organisation_name <> ''", name=op.f("ck_interest_organisation_name")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_interest_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interest")),
        sa.UniqueConstraint(
            "person_id",
            "kind",
            "organisation_name",
            name=op.f("uq_interest_person_id_kind_organisation_name"),
        ),
    )


def downgrade() -> None:
    """Forget parts, waivers and interests; what was handed back or declared is open to declare again."""
    op.execute((SQL / "0023_panel_down.sql").read_text(encoding="utf-8"))
    op.drop_table("interest")
    op.drop_table("conflict_waiver")
    op.execute("UPDATE assignment SET state = 'assigned', declared_at = NULL WHERE state = 'declined'")
    for name in ("state", "declared_at", "conflict", "conflict_kind", "declined"):
        op.drop_constraint(op.f(f"ck_assignment_{name}"), "assignment", type_="check")
    for name, condition in (
        ("state", "state IN ('assigned', 'accepted', 'conflicted', 'locked')"),
        ("declared_at", "(state = 'assigned') = (declared_at IS NULL)"),
        ("conflict", "state <> 'conflicted' OR conflict <> ''"),
    ):
        op.create_check_constraint(op.f(f"ck_assignment_{name}"), "assignment", condition)
    op.drop_constraint(op.f("uq_assignment_id_evaluator_id"), "assignment", type_="unique")
    for column in ("conflict_kind", "decline_reason", "declined_at", "declined_by_id", "lots", "sections"):
        op.drop_column("assignment", column)
    for column in ("lots", "sections", "skills", "seed"):
        op.drop_column("panel_member", column)
