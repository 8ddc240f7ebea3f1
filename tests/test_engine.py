"""A PostgreSQL that stands still is given up and taken up again; one that is only slow is waited for."""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import NotSupportedError, OperationalError

from portal.development.postgres import embedded_postgres
from portal.engine import CONNECT_TIMEOUT_SECONDS, SILENCE_SECONDS, engine_options, keep_connections_well

NOTICED = SILENCE_SECONDS + 2 * CONNECT_TIMEOUT_SECONDS + 2  # silence, the question, and one new try


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("still")


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    """An engine on a server of its own, reached over a Unix socket, with one connection made."""
    with embedded_postgres(folder / "postgres", log=folder / "log", durable=False) as url:
        engine = create_engine(url, **engine_options())
        keep_connections_well(engine)
        asked(engine)
        yield engine
        engine.dispose()


def asked(engine: Engine, statement: str = "SELECT 1") -> float:
    """Run a statement; how many seconds it took. Raises what the engine raises."""
    began = time.monotonic()
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(statement))
    return time.monotonic() - began


def given_up_after(engine: Engine) -> float:
    began = time.monotonic()
    with pytest.raises(OperationalError):
        asked(engine)
    return time.monotonic() - began


def test_a_server_that_stands_still_is_given_up_and_taken_up_again(engine: Engine, folder: Path) -> None:
    (server,) = (
        each
        for each in psutil.Process().children()
        if each.name() == "postgres" and any(str(folder) in part for part in each.cmdline())
    )
    processes = [server, *server.children()]
    for process in processes:
        process.suspend()
    try:
        assert given_up_after(engine) < NOTICED
        assert given_up_after(engine) < CONNECT_TIMEOUT_SECONDS + 1, "what is known is not asked again"
    finally:
        for process in processes:
            process.resume()
    assert asked(engine) < 1


def test_a_statement_that_is_only_slow_is_waited_for(engine: Engine) -> None:
    assert asked(engine, f"SELECT pg_sleep({SILENCE_SECONDS * 1.5})") > SILENCE_SECONDS


def prepared(engine: Engine) -> int:
    """How many statements the connection has prepared."""
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()


def test_what_was_planned_is_kept_for_the_requests_that_follow(engine: Engine) -> None:
    for _ in range(7):
        asked(engine, "SELECT 'each request gives its connection back'")
    assert prepared(engine) >= 1


def test_a_failure_forgets_what_was_planned(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE thing AS SELECT 1 AS one"))
    for _ in range(7):
        asked(engine, "SELECT one FROM thing")
    migrating = create_engine(engine.url)
    with migrating.begin() as connection:
        connection.execute(text("ALTER TABLE thing ALTER one TYPE text"))
    migrating.dispose()
    with pytest.raises(NotSupportedError):  # the plan no longer gives what was promised
        asked(engine, "SELECT one FROM thing")
    asked(engine, "SELECT one FROM thing")
