"""Bringing the database's schema to the newest migration, and back."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine

MIGRATIONS = Path(__file__).parent.parent / "migrations"
# Only one process migrates at a time; another waits for this lock and then finds nothing to do.
MIGRATION_LOCK = 7_260_323


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate the database at `url` up to `revision`."""
    _run(url, lambda config: command.upgrade(config, revision))


def downgrade(url: str, revision: str) -> None:
    """Migrate the database at `url` back to `revision` ('base' for an empty one)."""
    _run(url, lambda config: command.downgrade(config, revision))


def limit_role(url: str, role: str) -> None:
    """Let `role` read and write the portal's rows, and neither change a record nor the tables themselves.

    The role that migrates owns the tables and could take the triggers of the audit trail away; so the portal
    should run under another, to which this is done after every migration.
    """
    name = '"' + role.replace('"', '""') + '"'
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in _GRANTS:
                connection.exec_driver_sql(statement.format(role=name).replace("%", "%%"))
    finally:
        engine.dispose()


_GRANTS = (
    "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
    "REVOKE CREATE ON SCHEMA public FROM {role}",
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE UPDATE, DELETE ON audit_line FROM {role}",
    "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
)


def _run(url: str, action) -> None:  # type: ignore[no-untyped-def]
    engine: Engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            action(config)
    finally:
        engine.dispose()
