"""The portal of a rush: served as `portal run` serves it, on services of its own that can be killed and
started again, with rounds whose applicants lack nothing but their documents."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from flask import Flask

from config import load_settings
from portal.accounts.access import Actor
from portal.app import create_app
from portal.audit.services import newest_line
from portal.database import db
from portal.development.mailbox import embedded_mail_server
from portal.development.object_store import embedded_object_store
from portal.development.postgres import embedded_postgres
from portal.development.processes import free_port
from portal.development.running import ServedPortal, served_portal
from portal.storage.bucket import Bucket
from tender.frameworks.closing import closed_for_all_at
from tests.factories.frameworks import a_published_round
from tests.rush.applicants import Applicant
from tests.rush.client import Browser
from tests.rush.drafts import a_copy, a_draft_without_files, a_team
from tests.rush.journal import Journal
from tests.rush.oracle import differences
from tests.web_client import PASSWORD

_OPENED = timedelta(days=7)


class Service:
    """An embedded service that can be stopped, killed and started again at the same place.

    To be used from the thread that began it: the kernel ends a child with the thread that made it.
    """

    def __init__(self, start: Callable[[], AbstractContextManager[object]], folder: Path) -> None:
        self._start, self.folder = start, folder
        self._running = ExitStack()

    def start(self) -> object:
        """Start it and return what it yields."""
        return self._running.enter_context(self._start())

    def stop(self) -> None:
        """Stop it as the portal does at its end; nothing happens where it is down already."""
        self._running.close()

    @property
    def process(self) -> psutil.Process:
        """Its main process."""
        return next(
            child
            for child in psutil.Process().children()
            if any(str(self.folder) in part for part in child.cmdline())
        )

    def kill(self, by: signal.Signals = signal.SIGKILL) -> None:
        """End it without a word; PostgreSQL takes SIGQUIT so (`pg_ctl -m immediate`)."""
        process = self.process
        process.send_signal(by)
        process.wait(20)
        self.stop()


@dataclass
class RoundOfRush:
    """A round, its applicants (colleagues after those who submit), and what they have been told."""

    id: int
    since: int = 0
    journal: Journal = field(default_factory=Journal)
    applicants: list[Applicant] = field(default_factory=list)
    colleagues: list[Applicant] = field(default_factory=list)


@dataclass
class Stage:
    """The running portal. `app` is the same application in this process, to build and to look."""

    folder: Path
    app: Flask
    portal: ServedPortal
    bucket: Bucket
    database: Service
    store: Service
    mail: Service

    @property
    def web(self) -> psutil.Process:
        """Gunicorn's arbiter."""
        return psutil.Process(self.portal.parts[0].process.pid)

    def workers(self) -> list[psutil.Process]:
        """Gunicorn's workers."""
        return self.web.children()

    @property
    def spool(self) -> Path:
        """Where the web server puts what is larger than it keeps in memory."""
        return self.folder / "spool"

    def browser(self, seconds: float = 30) -> Browser:
        """A new browser that waits so long for an answer."""
        return Browser(self.portal.address, seconds=seconds)

    def round_with(
        self,
        applicants: int,
        *,
        open_for: timedelta = timedelta(days=7),
        colleagues: int = 0,
        seed: int = 1,
    ) -> RoundOfRush:
        """A round that closes `open_for` from now, with so many applicants; so many have a colleague.

        Everybody is signed in, in a browser of their own.
        """
        with self.app.app_context():
            teams = [a_team(with_colleague=number < colleagues) for number in range(applicants)]
            db.session.remove()
        browsers = self._signed_in([person for team in teams for person in team])
        with self.app.app_context():
            subject = a_published_round(1, opened=_OPENED, open_for=_OPENED + open_for)
            template = a_draft_without_files(subject)
            made = RoundOfRush(subject.id)
            for team in teams:
                application_id = a_copy(template, team[0])
                for place, person in enumerate(team):
                    who = Applicant(
                        application_id,
                        texts=template.texts[place :: len(team)],
                        files=template.files,
                        journal=made.journal,
                        browser=browsers[person.email],
                        rng=random.Random(f"{seed} {person.email}"),
                    )
                    (made.colleagues if place else made.applicants).append(who)
            newest = newest_line()
            db.session.remove()
        assert newest is not None
        made.since = newest[0]
        return made

    def _signed_in(self, people: Sequence[Actor]) -> dict[str, Browser]:
        """A browser for each, by their e-mail address."""

        def enter(person: Actor) -> Browser:
            browser = self.browser()
            browser.sign_in(person.email, PASSWORD)
            browser.get("/")
            return browser

        with ThreadPoolExecutor(8) as pool:
            return dict(zip([person.email for person in people], pool.map(enter, people), strict=True))

    def closes_at(self, subject: RoundOfRush) -> float:
        """When the round closes, in seconds since the epoch."""
        with self.app.app_context():
            closes_at = closed_for_all_at(subject.id)
            db.session.remove()
        assert closes_at is not None
        return closes_at.timestamp()

    def wrong(self, subject: RoundOfRush) -> list[str]:
        """What the oracle finds wrong with a round; see `tests.rush.oracle`."""
        with self.app.app_context():
            try:
                return differences(subject.id, subject.journal, self.bucket, since=subject.since)
            finally:
                db.session.remove()

    def answers_within(self, seconds: float, path: str = "/readyz") -> float:
        """Wait until the portal answers 200 again and return how long it took, in seconds."""
        began = time.monotonic()
        browser = self.browser(seconds=5)
        while browser.get(path).status != 200:
            assert time.monotonic() < began + seconds, f"{path} does not answer after {seconds} s"
            time.sleep(0.05)
        return time.monotonic() - began


@contextmanager
def a_stage(disk: int | None = None) -> Iterator[Stage]:
    """Bring the portal up on a folder of its own, and stop everything at the end.

    With `disk`, documents and temporary files have a disk of so many megabytes each, where this user may
    mount one.

    The application in this process uses the stage's store from then on; whoever has another says so again
    (`portal.storage.bucket.configure`).
    """
    with TemporaryDirectory(prefix="rush-", dir="/tmp") as name, ExitStack() as up:
        folder = Path(name)
        logs = folder / "logs"
        logs.mkdir()
        s3_port, smtp_port = free_port(), free_port()
        database = Service(
            lambda: embedded_postgres(folder / "postgres", log=logs / "postgres.log"), folder / "postgres"
        )
        store = Service(
            lambda: embedded_object_store(
                folder / "documents", keys=folder / "keys.json", log=logs / "documents.log", port=s3_port
            ),
            folder / "documents",
        )
        mail = Service(lambda: embedded_mail_server(folder / "mailbox", port=smtp_port), folder / "mailbox")
        environment = {"PORTAL_ENV": "testing", "TMPDIR": str(folder / "spool")}
        for small in (folder / "spool", folder / "documents"):
            small.mkdir()
            if disk:
                up.enter_context(_small_disk(small, disk))
        for service in (database, store, mail):
            up.callback(service.stop)
            started = service.start()
            environment |= {"DATABASE_URL": started} if isinstance(started, str) else dict(started)  # type: ignore[call-overload]
        with _environment(environment):
            portal = up.enter_context(served_portal(folder / "portal"))
        settings = load_settings(portal.environment)
        app = create_app(settings)
        yield Stage(folder, app, portal, Bucket(settings), database, store, mail)
        with app.app_context():
            db.engine.dispose()


@contextmanager
def _small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system in memory at `folder`; where this user may not mount one, the folder stays what it is."""
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "rush", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True).returncode == 0
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The portal started in the block finds these services in its environment."""
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
