"""The role that the portal runs as cannot touch the trail, triggers or not."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

from portal.schema import limit_role
from tests.live_server import copy_of

LINE = (
    "INSERT INTO audit_line (actor_name, action, subject_type, subject_id, details)"
    " VALUES ('A', 'thing.happen', 'thing', '1', '{}')"
)


@pytest.fixture(scope="module")
def database(migrated) -> Iterator[str]:
    fresh = copy_of(migrated).database_url
    engine = create_engine(fresh, isolation_level="AUTOCOMMIT")
    with engine.connect() as owner:
        owner.execute(text('DROP ROLE IF EXISTS "the portal\'s"'))
        owner.execute(text('CREATE ROLE "the portal\'s"'))
        limit_role(fresh, "the portal's")
        yield fresh
        owner.execute(text('DROP OWNED BY "the portal\'s"'))
        owner.execute(text('DROP ROLE "the portal\'s"'))
    engine.dispose()


@pytest.fixture
def limited(database) -> Iterator[Connection]:
    engine = create_engine(database)
    with engine.connect() as connection:
        connection.execute(text('SET ROLE "the portal\'s"'))
        yield connection
    engine.dispose()


def test_the_portals_role_writes_rows_and_lines(limited):
    limited.execute(text("INSERT INTO organisation (kind, name) VALUES ('provider', 'Kiln Street')"))
    limited.execute(text("UPDATE organisation SET name = 'Kiln Lane'"))
    limited.execute(text(LINE))
    assert limited.scalar(text("SELECT count(*) FROM audit_line")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_line SET action = 'x'",
        "DELETE FROM audit_line",
        "TRUNCATE audit_line",
        "ALTER TABLE audit_line DISABLE TRIGGER ALL",
        "DROP TABLE audit_line",
        "SET session_replication_role = replica",
        "CREATE TABLE mine (id int)",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_the_portals_role_changes_no_record_and_no_table(limited, statement):
    with pytest.raises(ProgrammingError, match="permission denied|must be owner"):
        limited.execute(text(statement))
