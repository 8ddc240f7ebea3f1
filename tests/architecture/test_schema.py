"""Migrations equal models, constraints included, and lead back to nothing."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.dialects.postgresql.base import PGDialect

from portal import schema
from portal.database import Base
from portal.directory.models import Box, Point

CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2
"""
# SQLAlchemy's reflection does not know these types of PostgreSQL's, and would warn.
PGDialect.ischema_names |= {"point": Point, "box": Box}
LEFT_BEHIND = """
    SELECT 'table ' || relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
    UNION ALL
    SELECT 'function ' || proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


@pytest.fixture
def empty_database(app, settings, request) -> Iterator[Engine]:
    """A database of its own in the run's server."""
    name = f"schema_{abs(hash(request.node.name))}"
    admin = create_engine(settings.database_url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(make_url(settings.database_url).set(database=name))
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def constraints(engine: Engine) -> dict[tuple[str, str], str]:
    with engine.connect() as connection:
        return {
            (table, name): definition
            for table, name, definition in connection.execute(text(CONSTRAINTS))
            if table != "alembic_version"
        }


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), Base.metadata)


def test_migrations_build_what_the_models_say(empty_database):
    schema.upgrade(url_of(empty_database))
    assert differences(empty_database) == []


def test_a_column_that_no_migration_adds_is_noticed(empty_database):
    schema.upgrade(url_of(empty_database))
    with empty_database.begin() as connection:
        connection.execute(text("ALTER TABLE letter DROP COLUMN last_error"))
    assert "last_error" in str(differences(empty_database))


def test_constraints_are_the_same_by_migration_and_by_model(app, empty_database, settings):
    migrated = create_engine(settings.database_url)
    with empty_database.begin() as connection:
        Base.metadata.create_all(connection)
    built, expected = constraints(empty_database), constraints(migrated)
    migrated.dispose()
    assert built == expected


def test_a_loosened_check_is_noticed(app, empty_database):
    schema.upgrade(url_of(empty_database))
    before = constraints(empty_database)
    with empty_database.begin() as connection:
        connection.execute(text("ALTER TABLE letter DROP CONSTRAINT ck_letter_state"))
        connection.execute(text("ALTER TABLE letter ADD CONSTRAINT ck_letter_state CHECK (state <> '')"))
    assert constraints(empty_database) != before


def test_the_way_back_leaves_nothing(empty_database):
    schema.upgrade(url_of(empty_database))
    schema.downgrade(url_of(empty_database), "base")
    with empty_database.connect() as connection:
        assert connection.execute(text(LEFT_BEHIND)).scalars().all() == []
