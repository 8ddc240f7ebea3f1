"""Sign-in: confirmed addresses, second factors, letters' codes, attempts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005_sign_in"
down_revision = "0004_directory"
branch_labels = None
depends_on = None

MOMENT = postgresql.TIMESTAMP(timezone=True)
TABLES = (
    "kept_form",
    "issuer_link",
    "attempt_count",
    "mailed_token",
    "recovery_code",
    "passkey",
    "authenticator",
    "spent_key",
)


def upgrade() -> None:
    """People who are here already were entered by hand or have had letters: their addresses count as confirmed."""
    op.add_column("person", sa.Column("confirmed_at", MOMENT, nullable=True))
    op.execute("UPDATE person SET confirmed_at = registered_at")
    _second_factors()
    _letters_and_attempts()
    _sessions()


def _second_factors() -> None:
    op.create_table(
        "authenticator",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("last_counter", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        _person("authenticator"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("verifies", sa.Boolean(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=True),
        _person("passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index("ix_passkey_person_id", "passkey", ["person_id"])
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        _person("recovery_code"),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "issuer_link",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("linked_at", MOMENT, nullable=False),
        _person("issuer_link"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_issuer_link")),
        sa.UniqueConstraint("person_id", "issuer", name=op.f("uq_issuer_link_person_id_issuer")),
    )


def _letters_and_attempts() -> None:
    op.create_table(
        "mailed_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("tries_left", sa.SmallInteger(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _person("mailed_token"),
        sa.CheckConstraint("purpose IN ('confirm', 'change', 'reset')", name=op.f("ck_mailed_token_purpose")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailed_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mailed_token_token_hash")),
    )
    op.create_index("ix_mailed_token_email", "mailed_token", ["email", "purpose"])
    op.create_index("ix_mailed_token_person_id", "mailed_token", ["person_id"])
    op.create_index("ix_mailed_token_expires_at", "mailed_token", ["expires_at"])
    op.create_table(
        "attempt_count",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("free_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempt_count")),
    )
    op.create_index("ix_attempt_count_last_at", "attempt_count", ["last_at"])


def _sessions() -> None:
    op.create_table(
        "spent_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_spent_key")),
    )
    op.create_index("ix_spent_key_until", "spent_key", ["until"])
    op.create_table(
        "kept_form",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        _person("kept_form"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_form")),
    )
    op.create_index("ix_kept_form_expires_at", "kept_form", ["expires_at"])
    op.create_index("ix_kept_form_person_id", "kept_form", ["person_id"])


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f(f"fk_{table}_person_id_person"))


def downgrade() -> None:
    """Without second factors nobody needs one; without letters' codes every address counts as before."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("person", "confirmed_at")
