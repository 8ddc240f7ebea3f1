"""The whole portal on one machine: services, database, assets, web server and worker, up and down."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from sqlalchemy.exc import OperationalError

from config import ConfigurationError, load_settings
from portal.development.processes import ServiceDidNotStart, free_port, last_words, port_is_taken, spawn, stop
from portal.development.services import embedded_services

_START_SECONDS = 180  # a crowded machine takes its time
_WORKERS, _THREADS = 2, 8
APP = "portal.app:create_app()"
DEMONSTRATION_APP = "portal.development.demonstration_app:create_demonstration()"


def threads() -> list[str]:
    """How gunicorn serves: in threads, so that a slow line keeps nobody else waiting; and loaded before its
    workers are made, so that one that dies is followed at once."""
    kind = "portal.web.queueing.QueueingWorker"
    return ["--preload", "--worker-class", kind, "--workers", str(_WORKERS), "--threads", str(_THREADS)]


class CannotStart(Exception):
    """The portal cannot be started; the message is one plain sentence that says what to do."""


@dataclass(frozen=True)
class Part:
    """One process of the portal, and the log that it writes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def death(self) -> str | None:
        """Return a sentence about its end, or None while it runs."""
        if self.process.poll() is None:
            return None
        return f"{self.name} stopped unexpectedly: {last_words(self.log)} (more in {self.log})"


@dataclass(frozen=True)
class ServedPortal:
    """A portal that answers at *address* (``http://host:port``) with the settings *environment*."""

    address: str
    environment: dict[str, str]
    parts: Sequence[Part]

    def wait(self) -> str:
        """Block until one of the parts ends by itself, and return a sentence about it."""
        while not (deaths := _deaths(self.parts)):
            time.sleep(0.5)
        return deaths[0]


@contextmanager
def served_portal(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    demonstration: bool = False,
    durable: bool = True,
    report: Callable[[str], object] = lambda line: None,
) -> Iterator[ServedPortal]:
    """Bring up a portal on the data *folder* and yield it when it answers; stop everything at the end.

    ``port=0`` chooses a free one. With *demonstration*, an empty database is filled with invented people.
    *report* is told each step. Raises ``CannotStart``, before anything is set up where the port is taken.
    """
    port = _usable_port(host, port)
    # An address that names every interface is not one that a browser can visit.
    visible = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    address = f"http://{visible}:{port}"
    try:
        with embedded_services(folder, durable=durable, report=report) as services:
            if services.joined:
                raise CannotStart(
                    f"Another portal runs on the data folder {folder}: stop it, or name another with --data."
                )
            environment = {"PORTAL_ENV": "development", "PUBLIC_URL": address, **os.environ}
            environment |= services.environment | {"PORTAL_DATA": str(folder.absolute())}
            environment.setdefault("SECRET_KEY", _kept_secret(folder / "secret-key"))
            prepare(environment, demonstration=demonstration, report=report)
            report("Starting the web server")
            with _parts(host, port, environment, folder.absolute() / "logs") as parts:
                _wait_until_it_answers(visible, port, parts)
                yield ServedPortal(address, environment, parts)
    except (ServiceDidNotStart, ConfigurationError) as error:
        raise CannotStart(str(error)) from error


def prepare(environment: dict[str, str], *, demonstration: bool, report: Callable[[str], object]) -> None:
    """Migrate the database, build the assets, seed the demonstration. Raises `CannotStart`."""
    from portal.app import create_app
    from portal.schema import upgrade
    from portal.web import assets

    settings = load_settings(environment)
    try:
        report("Bringing the database up to date")
        upgrade(settings.database_url)
        report("Building the style sheet and scripts")
        assets.build()
    except OperationalError as error:
        raise CannotStart(f"The database does not answer: {str(error.orig).splitlines()[0]}") from error
    except assets.AssetsMissing as error:
        raise CannotStart(str(error)) from error
    if demonstration and settings.demonstration:
        from portal.development.demonstration import seed

        seed(create_app(settings), report=report)


@contextmanager
def _parts(host: str, port: int, environment: dict[str, str], logs: Path) -> Iterator[list[Part]]:
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    factory = DEMONSTRATION_APP if environment["PORTAL_ENV"] == "development" else APP
    web = [sys.executable, "-m", "gunicorn", factory, "--bind", bind]
    web += threads()
    web += ["--graceful-timeout", "5", "--log-level", "warning", "--no-control-socket"]
    work = [sys.executable, "-m", "portal.cli", "work"]
    quiet = {name: value for name, value in environment.items() if name != "GUNICORN_CMD_ARGS"}
    parts: list[Part] = []
    try:
        for name, command, log in (
            ("The web server", web, logs / "web.log"),
            ("The worker", work, logs / "work.log"),
        ):
            parts.append(Part(name, spawn(command, log=log, environment=quiet), log))
        yield parts
    finally:
        for part in parts:  # ask all first: they stop side by side
            if part.process.poll() is None:
                part.process.send_signal(signal.SIGTERM)
        for part in parts:
            stop(part.process, seconds=10)


def _usable_port(host: str, port: int) -> int:
    try:
        if port == 0:
            return free_port()
        if not port_is_taken(host, port):
            return port
        other = next((p for p in range(port + 1, port + 50) if not port_is_taken(host, p)), 0)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotStart(f"The portal cannot listen on {host}, port {port}: {reason}.") from error
    raise CannotStart(f"Port {port} is in use by another program. Stop that, or try --port {other}.")


def _wait_until_it_answers(host: str, port: int, parts: Sequence[Part]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        if deaths := _deaths(parts):
            raise CannotStart(deaths[0])
        connection = HTTPConnection(host.strip("[]"), port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        if time.monotonic() > deadline:
            raise CannotStart(f"The web server did not answer within {_START_SECONDS} seconds.")
        time.sleep(0.1)


def _kept_secret(path: Path) -> str:
    """Return the key that signs sessions, made once, so that a restart signs nobody out."""
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def _deaths(parts: Sequence[Part]) -> list[str]:
    return [sentence for part in parts if (sentence := part.death())]
