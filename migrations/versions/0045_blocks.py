"""Block purchases of places, and the choices that take one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0045_blocks"
down_revision = "0043_hours"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; what was proposed never changes."""
    op.create_table(
        "place_block",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("buyer_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("service_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'proposed'"), nullable=False),
        sa.Column("places", sa.SmallInteger(), nullable=False),
        sa.Column("sessions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("price", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("price_unit", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("answer", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("closed_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("close_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "(state IN ('agreed', 'refused', 'ended')) = (answered_at IS NOT NULL)",
            name=op.f("ck_place_block_answered_at"),
        ),
        sa.CheckConstraint(
            "(state IN ('withdrawn', 'ended')) = (closed_at IS NOT NULL)",
            name=op.f("ck_place_block_closed_at"),
        ),
        sa.CheckConstraint(
            "cardinality(sessions) > 0 AND sessions <@ ARRAY['mon_am', 'mon_pm', 'tue_am', 'tue_pm', 'wed_am', 'wed_pm', 'thu_am', 'thu_pm', 'fri_am', 'fri_pm']",
            name=op.f("ck_place_block_sessions"),
        ),
        sa.CheckConstraint(
            "price_unit IN ('day', 'half_day', 'hour')", name=op.f("ck_place_block_price_unit")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_place_block_reason")),
        sa.CheckConstraint(
            "state <> 'ended' OR close_reason <> ''", name=op.f("ck_place_block_close_reason")
        ),
        sa.CheckConstraint("state <> 'refused' OR answer <> ''", name=op.f("ck_place_block_answer")),
        sa.CheckConstraint(
            "state IN ('proposed', 'agreed', 'refused', 'withdrawn', 'ended')",
            name=op.f("ck_place_block_state"),
        ),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_place_block_term")),
        sa.CheckConstraint("places BETWEEN 1 AND 99", name=op.f("ck_place_block_places")),
        sa.CheckConstraint("price > 0", name=op.f("ck_place_block_price")),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_place_block_answered_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["organisation.id"], name=op.f("fk_place_block_buyer_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["closed_by_id"], ["person.id"], name=op.f("fk_place_block_closed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["person.id"], name=op.f("fk_place_block_proposed_by_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_place_block_provider_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_place_block_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_block")),
    )
    op.create_index(op.f("ix_place_block_buyer_id"), "place_block", ["buyer_id"], unique=False)
    op.create_index(op.f("ix_place_block_provider_id"), "place_block", ["provider_id"], unique=False)
    op.create_index(op.f("ix_place_block_service_id"), "place_block", ["service_id"], unique=False)
    op.add_column("call_off", sa.Column("block_id", sa.BigInteger(), nullable=True))
    op.add_column("call_off", sa.Column("block_until", sa.Date(), nullable=True))
    op.create_index(op.f("ix_call_off_block_id"), "call_off", ["block_id"], unique=False)
    op.create_foreign_key(
        op.f("fk_call_off_block_id_place_block"), "call_off", "place_block", ["block_id"], ["id"]
    )
    op.create_check_constraint(
        op.f("ck_call_off_block_id"), "call_off", "(route = 'block') = (block_id IS NOT NULL)"
    )
    op.execute(
        """
        CREATE FUNCTION keep_terms_of_block() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF (NEW.buyer_id, NEW.provider_id, NEW.service_id, NEW.places, NEW.sessions, NEW.starts_on,
              NEW.ends_on, NEW.price, NEW.price_unit, NEW.reason)
             IS DISTINCT FROM
             (OLD.buyer_id, OLD.provider_id, OLD.service_id, OLD.places, OLD.sessions, OLD.starts_on,
              OLD.ends_on, OLD.price, OLD.price_unit, OLD.reason) THEN
            RAISE EXCEPTION 'The terms of a block purchase never change.';
          END IF;
          RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER keep_terms BEFORE UPDATE ON place_block FOR EACH ROW"
        " EXECUTE FUNCTION keep_terms_of_block()"
    )


def downgrade() -> None:
    """Forget them; a choice by this route counts as a direct award."""
    op.drop_constraint(op.f("ck_call_off_block_id"), "call_off", type_="check")
    op.execute("UPDATE call_off SET route = 'direct_award' WHERE route = 'block'")
    op.drop_column("call_off", "block_until")
    op.drop_column("call_off", "block_id")
    op.drop_table("place_block")
    op.execute("DROP FUNCTION keep_terms_of_block()")
