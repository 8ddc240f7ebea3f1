"""Service pages with sites, checks and places by session; search rows that answer more; saved searches."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032_provision"
down_revision = "0030_names_hidden"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
TEXTS = postgresql.ARRAY(sa.Text())
NOTHING = sa.text("''")
NONE_OF_THEM = sa.text("'{}'")

TIERS = "'tier1', 'tier2', 'tier3'"
MODES = "'at_site', 'at_school', 'at_home', 'online'"
SESSIONS = (
    "'mon_am', 'mon_pm', 'tue_am', 'tue_pm', 'wed_am', 'wed_pm', 'thu_am', 'thu_pm', 'fri_am', 'fri_pm'"
)
SUBJECTS = (
    "'english', 'maths', 'science', 'computing', 'humanities', 'pshe', 'life_skills', 'work_skills', "
    "'sport', 'art', 'music', 'drama', 'construction', 'motor', 'hair_beauty', 'cookery', 'animals', "
    "'outdoors', 'therapy', 'mentoring'"
)
QUALIFICATIONS = (
    "'gcse', 'functional', 'entry', 'btec', 'unit_award', 'asdan', 'dofe', 'arts_award', 'cscs', "
    "'food_safety'"
)
INCLUSIONS = "'materials', 'lunch', 'clothing', 'exams', 'reports', 'transport'"
LISTS = {
    "tiers": TIERS,
    "modes": MODES,
    "sessions": SESSIONS,
    "subjects": SUBJECTS,
    "qualifications": QUALIFICATIONS,
    "price_includes": INCLUSIONS,
}
CHECKS = {
    "price_half_day": "price_half_day >= 0",
    "price_hour": "price_hour >= 0",
    "free_by_session": "cardinality(free_by_session) = 10 AND 0 <= ALL (free_by_session)"
    " AND places_free = ANY (free_by_session) AND places_free >= ALL (free_by_session)",
    "group_size": "group_size BETWEEN 1 AND 99",
    "children_per_adult": "children_per_adult BETWEEN 1 AND 30",
    "sex": "sex IN ('any', 'girls', 'boys')",
    "transport": "transport IN ('', 'none', 'included', 'extra')",
    **{name: f"{name} <@ ARRAY[{codes}]" for name, codes in LISTS.items()},
}
# The bit of a registered school comes after 5 key stages, 12 needs, 3 tiers and 4 ways of teaching.
REFILL = """
UPDATE search_row
SET traits = traits | CASE WHEN service.registered_school THEN 1::bigint << 24 ELSE 0 END,
    places_on = (service.places_confirmed_at AT TIME ZONE 'Europe/London')::date
FROM service WHERE service.id = search_row.service_id
"""
WORDS = """
INSERT INTO search_word (word)
SELECT DISTINCT word
FROM service
JOIN organisation ON organisation.id = service.provider_id
JOIN standing ON standing.id = service.standing_id
JOIN lot ON lot.id = standing.lot_id
CROSS JOIN LATERAL regexp_split_to_table(
  lower(unaccent(concat_ws(' ', service.title, organisation.name, lot.title, service.summary))), '[^a-z]+'
) AS word
WHERE length(word) BETWEEN 4 AND 30
"""


def _columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("sex", sa.Text(), server_default=sa.text("'any'"), nullable=False),
        sa.Column("group_size", sa.SmallInteger(), nullable=True),
        sa.Column("children_per_adult", sa.SmallInteger(), nullable=True),
        sa.Column("inspection", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("inspected_on", sa.Date(), nullable=True),
        sa.Column("price_half_day", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("price_hour", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("transport", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("transport_note", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("free_by_session", postgresql.ARRAY(sa.SmallInteger()), nullable=True),
        sa.Column("verified", postgresql.JSONB(), server_default=NONE_OF_THEM, nullable=False),
    )


def upgrade() -> None:
    """Add the columns and tables, and fill what the search reads."""
    op.execute("CREATE EXTENSION IF NOT EXISTS fuzzystrmatch")
    for column in _columns():
        op.add_column("service", column)
    for name in LISTS:
        op.add_column("service", sa.Column(name, TEXTS, server_default=NONE_OF_THEM, nullable=False))
    for name, condition in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_service_{name}"), "service", condition)
    op.create_table(
        "service_site",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("run_by", sa.Text(), server_default=NOTHING, nullable=False),
        sa.CheckConstraint("(position = 0) = (kind = 'main')", name=op.f("ck_service_site_main_first")),
        sa.CheckConstraint("(kind = 'subcontracted') = (run_by <> '')", name=op.f("ck_service_site_run_by")),
        sa.CheckConstraint(
            "kind IN ('main', 'satellite', 'subcontracted')", name=op.f("ck_service_site_kind")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_site_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_site")),
        sa.UniqueConstraint("service_id", "position", name=op.f("uq_service_site_service_id_position")),
    )
    op.alter_column("search_row", "traits", type_=sa.BigInteger(), existing_nullable=False)
    for name in ("sessions", "sessions_free"):
        op.add_column(
            "search_row", sa.Column(name, sa.SmallInteger(), server_default=sa.text("0"), nullable=False)
        )
    op.add_column("search_row", sa.Column("places_on", sa.Date(), nullable=True))
    op.create_table(
        "search_word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_word")),
    )
    op.create_table(
        "postcode",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("easting", sa.Integer(), nullable=False),
        sa.Column("northing", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_postcode")),
    )
    _create_proposals()
    _create_finding()
    op.execute(REFILL)
    op.execute(WORDS)


def _create_proposals() -> None:
    op.create_table(
        "service_proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'draft'"), nullable=False),
        sa.Column("facts", postgresql.JSONB(), server_default=NONE_OF_THEM, nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("saved_by_id", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("sent_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("how", sa.Text(), server_default=NOTHING, nullable=False),
        sa.Column("reason", sa.Text(), server_default=NOTHING, nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'published')", name=op.f("ck_service_proposal_state")
        ),
        sa.CheckConstraint(
            "state = 'draft' OR sent_at IS NOT NULL", name=op.f("ck_service_proposal_sent_at")
        ),
        sa.CheckConstraint(
            "state <> 'published' OR (decided_at IS NOT NULL AND how <> '')",
            name=op.f("ck_service_proposal_decided_at"),
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_service_proposal_decided_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["saved_by_id"], ["person.id"], name=op.f("fk_service_proposal_saved_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["sent_by_id"], ["person.id"], name=op.f("fk_service_proposal_sent_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_service_proposal_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_proposal")),
    )
    op.create_index(op.f("ix_service_proposal_service_id"), "service_proposal", ["service_id"], unique=False)
    op.create_index(
        "uq_service_proposal_open",
        "service_proposal",
        ["service_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'published'"),
    )


def _create_finding() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("criteria", postgresql.JSONB(), nullable=False),
        sa.Column("alerts", sa.Boolean(), nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_saved_search_name")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_saved_search_organisation_id_organisation"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_search_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index(op.f("ix_saved_search_person_id"), "saved_search", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_saved_search_organisation_id"), "saved_search", ["organisation_id"], unique=False
    )
    op.create_table(
        "saved_search_told",
        sa.Column("saved_search_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["saved_search_id"],
            ["saved_search.id"],
            name=op.f("fk_saved_search_told_saved_search_id_saved_search"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_saved_search_told_service_id_service")
        ),
        sa.PrimaryKeyConstraint("saved_search_id", "service_id", name=op.f("pk_saved_search_told")),
    )
    op.create_index(
        op.f("ix_saved_search_told_service_id"), "saved_search_told", ["service_id"], unique=False
    )
    op.create_table(
        "unmet_need",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("searched_on", sa.Date(), nullable=False),
        sa.Column("looked_for", postgresql.JSONB(), nullable=False),
        sa.Column("searches", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("searches > 0", name=op.f("ck_unmet_need_searches")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmet_need")),
        sa.UniqueConstraint("searched_on", "looked_for", name=op.f("uq_unmet_need_searched_on_looked_for")),
    )


def downgrade() -> None:
    """Remove them; what pages said beyond the tender is lost."""
    for table in (
        "unmet_need",
        "saved_search_told",
        "saved_search",
        "service_proposal",
        "postcode",
        "search_word",
        "service_site",
    ):
        op.drop_table(table)
    for name in ("places_on", "sessions_free", "sessions"):
        op.drop_column("search_row", name)
    op.execute("UPDATE search_row SET traits = traits & 131071")
    op.alter_column("search_row", "traits", type_=sa.Integer(), existing_nullable=False)
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_service_{name}"), "service", type_="check")
    for name in (*LISTS, *(column.name for column in _columns())):
        op.drop_column("service", name)
