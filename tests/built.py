"""What all tests of a file share, built once; what a test does to it is undone after the test.

A folder's conftest.py takes these fixtures over where building takes longer than the tests.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.database import db

Build = Callable[[Callable[[], Any]], Any]


@pytest.fixture(scope="module")
def connection(app: Flask) -> Iterator[Connection]:
    """The one connection of a file's tests, inside a transaction that is undone after the last of them."""
    with app.app_context():
        engine = db.engine
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture(scope="module")
def build(app: Flask, connection: Connection) -> Build:
    """Runs a factory so that what it makes stays for every test of the file."""

    def built(factory: Callable[[], Any]) -> Any:
        engines = db._app_engines[app]
        engine, engines[None] = engines[None], connection
        try:
            with app.app_context():
                made = factory()
                db.session.remove()
            return made
        finally:
            engines[None] = engine

    return built


@pytest.fixture
def session(app: Flask, connection: Connection) -> Iterator[Session]:
    """As the session of all tests, and in it what the file has built."""
    engines = db._app_engines[app]
    engine = engines[None]
    undone = connection.begin_nested()
    engines[None] = connection
    with app.app_context():
        try:
            yield db.session()
        finally:
            db.session.remove()
            engines[None] = engine
            undone.rollback()
