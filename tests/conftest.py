"""One PostgreSQL, one S3 and one mail server a run; one rolled-back transaction a test."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse
from xdist.scheduler import LoadFileScheduling

from config import Settings, load_settings
from portal import schema
from portal.database import db
from portal.development.demonstration_app import create_demonstration
from portal.development.services import Services, embedded_services
from portal.web import assets
from tests.live_server import (  # noqa: F401 - fixtures
    chromium,
    copy_of,
    demonstration,
    playwright,
    racing,
    site,
    tabs,
)

WALK = (
    "tests/architecture/test_axe.py",
    "tests/architecture/test_pages.py",
    "tests/architecture/test_statements.py",
    "tests/architecture/test_undeclared.py",
)


class ByFile(LoadFileScheduling):
    """A file's tests in one process, and in one and the same the files that walk through all pages: it takes
    more than a minute, and once is enough."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "the walk" if file in WALK else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Who runs what."""
    return ByFile(config, log)


class Visitor(FlaskClient):
    """A client whose every request has an application context of its own, as on a server.

    Flask would otherwise reuse the test's, and with it what one request remembered of its person.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Make one request."""
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture(scope="session")
def services() -> Iterator[Services]:
    """Real services of this run's own.

    Not in pytest's folder: another run of pytest closes that to the account that PostgreSQL runs under.
    """
    with (
        TemporaryDirectory(prefix="portal-tests-") as folder,
        embedded_services(Path(folder), durable=False) as started,
    ):
        yield started


@pytest.fixture(scope="session")
def settings(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Settings as the environment of a real installation would give them."""
    read = load_settings({"PORTAL_ENV": "testing", **services.environment})
    return replace(read, data_folder=Path(tmp_path_factory.mktemp("files")))


@pytest.fixture(scope="session")
def migrated(settings: Settings) -> Settings:
    """A migrated database in which nobody works: it is there to be copied, which takes a moment, where all
    migrations take many seconds. That of `settings`, in which the application works, is migrated too."""
    schema.upgrade(settings.database_url)
    return copy_of(settings)


@pytest.fixture(scope="session")
def app(settings: Settings, migrated: Settings) -> Flask:
    """The application on a migrated database."""
    assets.build()
    app = create_demonstration(settings)
    app.config["WTF_CSRF_ENABLED"] = False
    app.test_client_class = Visitor
    db.session.session_factory.configure(join_transaction_mode="create_savepoint")
    return app


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """An application context whose database work, commits included, is undone after the test."""
    engines = db._app_engines[app]
    with app.app_context():
        engine = engines[None]
        connection = engine.connect()
        outer = connection.begin()
        engines[None] = connection
        try:
            yield db.session()
        finally:
            db.session.remove()
            engines[None] = engine
            outer.rollback()
            connection.close()


@pytest.fixture
def client(app: Flask, session: Session) -> FlaskClient:
    """A browser without JavaScript, in the test's transaction (`tests.web_client.sign_in` signs in)."""
    return app.test_client()
