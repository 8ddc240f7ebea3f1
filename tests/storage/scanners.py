"""Virus scanners for tests: the real clamd with one signature, and peers that behave as no scanner should."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from portal.development.processes import spawn, stop
from portal.storage.clamd import Scanner

# The test file of the antivirus research institute EICAR, in two halves: scanners would find it here.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
LARGEST = 4 * 1024 * 1024
_START_SECONDS = 30


def clamd_program() -> str | None:
    """The clamd of this machine (Debian: clamav-daemon), if it has one."""
    return shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def clamd(largest: int = LARGEST) -> Iterator[Scanner]:
    """A clamd that knows the EICAR file alone, takes up to `LARGEST` bytes, and answers by a socket.

    `largest` is what the portal believes that it takes.
    """
    program = clamd_program()
    assert program
    with TemporaryDirectory(prefix="portal-clamd-") as name:
        folder = Path(name)
        (folder / "eicar.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
        (folder / "clamd.conf").write_text(
            f"LocalSocket {folder}/socket\nDatabaseDirectory {folder}\nForeground yes\n"
            f"StreamMaxLength {LARGEST}\nTemporaryDirectory {folder}\n"
        )
        process = spawn([program, "--config-file", f"{folder}/clamd.conf"], log=folder / "log")
        try:
            scanner = Scanner("", 0, f"{folder}/socket", largest)
            _wait(scanner, process, folder / "log")
            yield scanner
        finally:
            stop(process)


def _wait(scanner: Scanner, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not scanner.answers():
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


@contextmanager
def peer(behave: Callable[[socket.socket], None], largest: int = LARGEST) -> Iterator[Scanner]:
    """Something on a port of this machine that does to each connection what `behave` says, then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=_serve, args=(server, behave), daemon=True).start()
        yield Scanner("127.0.0.1", server.getsockname()[1], "", largest)


def _serve(server: socket.socket, behave: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection, suppress(OSError):
            behave(connection)


def hear_out(connection: socket.socket) -> None:
    """Read a whole stream: until the length of four zeros."""
    heard = b""
    while not heard.endswith(b"\0\0\0\0") and (more := connection.recv(65536)):
        heard = (heard + more)[-65536:]


def answering(answer: bytes) -> Callable[[socket.socket], None]:
    """Hears a file out and gives this answer."""

    def behave(connection: socket.socket) -> None:
        hear_out(connection)
        connection.sendall(answer)

    return behave


def refusing_length(connection: socket.socket) -> None:
    """What clamd does with a stream above its limit: says so before its end, and hangs up."""
    connection.recv(65536)
    connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")


def breaking(connection: socket.socket) -> None:
    """Hangs up in the middle, with unread bytes: the sender's pipe breaks."""
    connection.recv(10)


def hanging(connection: socket.socket) -> None:
    """Hears everything and never says a word."""
    hear_out(connection)
    while connection.recv(1024):
        pass
