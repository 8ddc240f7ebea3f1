"""The services that the portal needs, started by itself where the environment names no real ones.

Everything is written under one data folder; deleting the folder starts afresh, starting again on it finds
the same data. A second process on the same folder joins the services of the first.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from portal.development.mailbox import embedded_mail_server
from portal.development.object_store import embedded_object_store
from portal.development.postgres import embedded_postgres
from portal.development.processes import ServiceDidNotStart

__all__ = ["ServiceDidNotStart", "Services", "embedded_services"]

_S3 = ("S3_ENDPOINT_URL", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_REGION")
_SMTP = ("SMTP_HOST", "SMTP_PORT", "MAILBOX_FOLDER")
_JOIN_SECONDS = 120


@dataclass(frozen=True)
class Services:
    """Where the services are, as the settings that a real deployment would put into the environment."""

    environment: dict[str, str]
    joined: bool = field(default=False, compare=False)  # another process on the same folder runs them


@contextmanager
def embedded_services(
    folder: Path,
    *,
    s3_port: int = 0,
    smtp_port: int = 0,
    durable: bool = True,
    report: Callable[[str], object] = lambda line: None,
) -> Iterator[Services]:
    """Start what the environment does not name, yield all settings, and stop it again.

    ``DATABASE_URL``, ``S3_ENDPOINT_URL`` and ``SMTP_HOST`` each stand for a service that exists already.
    Ports of 0 choose a free one. ``durable=False`` lets the database skip waiting for the disk (tests).
    *report* is told each step in a short line. Raises ``ServiceDidNotStart`` with a sentence to show.
    """
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        (folder / "logs").mkdir(exist_ok=True)
        lock = (folder / "lock").open("a")
    except OSError as error:
        raise ServiceDidNotStart(f"The data folder {folder} cannot be written: {error.strerror}.") from error
    running = folder / "running.json"
    with lock:
        joined = _own_or_join(lock, running)
        if joined is not None:
            yield Services(joined, joined=True)
            return
        with ExitStack() as started:
            started.callback(running.unlink, missing_ok=True)
            environment = _start(started, folder, s3_port, smtp_port, durable, report)
            _write_private(running, json.dumps(environment))
            yield Services(environment)


def _start(
    started: ExitStack,
    folder: Path,
    s3_port: int,
    smtp_port: int,
    durable: bool,
    report: Callable[[str], object],
) -> dict[str, str]:
    environment: dict[str, str] = {}
    logs = folder / "logs"
    if url := os.environ.get("DATABASE_URL"):
        environment["DATABASE_URL"] = url
    else:
        report("Starting PostgreSQL")
        environment["DATABASE_URL"] = started.enter_context(
            embedded_postgres(folder / "postgres", log=logs / "postgres.log", durable=durable)
        )
    if os.environ.get("S3_ENDPOINT_URL"):
        environment |= _given(_S3)
        if missing := [name for name in _S3[:4] if name not in environment]:
            raise ServiceDidNotStart(f"S3_ENDPOINT_URL is set, so set {' and '.join(missing)} as well.")
    else:
        report("Starting the documents' store")
        environment |= started.enter_context(
            embedded_object_store(
                folder / "documents", keys=folder / "s3-keys.json", log=logs / "documents.log", port=s3_port
            )
        )
    if os.environ.get("SMTP_HOST"):
        environment |= _given(_SMTP)
    else:
        report("Starting the mail server")
        environment |= started.enter_context(embedded_mail_server(folder / "mailbox", port=smtp_port))
    return environment


def _own_or_join(lock: IO[str], running: Path) -> dict[str, str] | None:
    """Take the folder's lock (None: the folder is ours), or return the settings that its owner wrote."""
    deadline = time.monotonic() + _JOIN_SECONDS
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if running.exists():
                return dict(json.loads(running.read_text()))
        else:
            running.unlink(missing_ok=True)  # left by an owner that was killed
            return None
        if time.monotonic() > deadline:
            raise ServiceDidNotStart(f"Another portal holds {running.parent}; its services do not come up.")
        time.sleep(0.1)


def _given(names: tuple[str, ...]) -> dict[str, str]:
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def _write_private(path: Path, text: str) -> None:
    """Write *text* so that readers see the whole of it or nothing, readable by this user alone."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
