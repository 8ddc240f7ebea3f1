"""The real application behind a real web server, with the demonstration in a database of its own.

The demonstration is filled once a run and then copied: pages and journeys each get a copy that is theirs.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Thread
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    sync_playwright,
)
from sqlalchemy import create_engine, make_url
from werkzeug.serving import WSGIRequestHandler, make_server

from config import Settings
from portal.database import db
from portal.development.demonstration import seed
from portal.development.demonstration_app import create_demonstration
from portal.development.processes import free_port
from portal.web import assets
from tests.browser import browser_executable

QUIET = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = 1280
# What the browser says of an answer that is a page of its own: the tests judge those by their status.
REFUSED = tuple(
    f"Failed to load resource: the server responded with a status of {status} "
    for status in (403, 404, 409, 413, 422)
)


@dataclass(frozen=True)
class Site:
    """A running portal that answers at `address`."""

    app: Flask
    address: str


@dataclass
class Tabs:
    """Browsers, each with cookies of its own. `complaints` is all that one of them complained about, but for
    what a test let go wrong on purpose, whose words are `expected`."""

    chromium: Browser
    complaints: list[str] = field(default_factory=list)
    expected: str = ""
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, address: str = "", *, scripts: bool = True, width: int = DESKTOP) -> Page:
        """A tab in a fresh browser at `address`, so that relative addresses lead there."""
        context = self.chromium.new_context(
            base_url=address or None,
            java_script_enabled=scripts,
            viewport={"width": width, "height": 900},
            locale="en-GB",
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        expected = message.text.startswith(REFUSED) and "/assets/" not in message.location.get("url", "")
        expected = expected or bool(self.expected) and self.expected in message.text
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"{message.location.get('url', '')}: {message.text}")


class _Silent(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of a request."""


def copy_of(like: Settings) -> Settings:
    """A new database in the same cluster: a copy of one that nobody is connected to."""
    name = f"portal_{uuid4().hex[:12]}"
    engine = create_engine(like.database_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        template = make_url(like.database_url).database
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    engine.dispose()
    made = make_url(like.database_url).set(database=name).render_as_string(hide_password=False)
    return replace(like, database_url=made)


@pytest.fixture(scope="module")
def racing(app: Flask, migrated: Settings) -> Iterator[Flask]:
    """The portal on a database of its own, on which several do something at the same moment, and commit."""
    racing = create_demonstration(copy_of(migrated))
    yield racing
    with racing.app_context():
        db.engine.dispose()


def seeded(migrated: Settings, *, providers: int, schools: int = 3) -> Settings:
    """A new database with the demonstration, to be copied."""
    assets.build()
    filled = copy_of(migrated)
    app = create_demonstration(filled)
    seed(app, providers=providers, schools=schools, report=lambda line: None)
    with app.app_context():
        db.engine.dispose()
    return filled


@contextmanager
def serving(settings: Settings) -> Iterator[Site]:
    """The portal of these settings on a free port of this machine, in threads of this process."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    app = create_demonstration(replace(settings, public_url=address))
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Silent)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Site(app, address)
    finally:
        server.shutdown()
        thread.join()
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="session")
def demonstration(migrated: Settings) -> Settings:
    """The demonstration with 3 providers and 3 schools; nobody works in it, it is there to be copied."""
    return seeded(migrated, providers=3)


@pytest.fixture(scope="module")
def site(demonstration: Settings) -> Iterator[Site]:
    """A running portal with a copy of the demonstration that belongs to this module's tests."""
    with serving(copy_of(demonstration)) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers: one in a process, as a second one would refuse to start."""
    browser_executable()  # also says on which Node it runs
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser's process."""
    executable, arguments = browser_executable()
    browser = playwright.chromium.launch(executable_path=str(executable), args=[*arguments, *QUIET])
    yield browser
    browser.close()


@pytest.fixture
def tabs(chromium: Browser) -> Iterator[Tabs]:
    """Browsers for one test; whatever they complain about fails it: errors, the policy's refusals."""
    opened = Tabs(chromium)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.complaints == [], opened.complaints
