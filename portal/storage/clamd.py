"""The virus scanner: one file at a time over clamd's INSTREAM, by TCP or by a socket of this machine.

Only the answer "stream: OK" is a clean file. Whatever else happens (a length that clamd refuses, a connection
that breaks, an answer that does not come) is no verdict, and is said to be none.
"""

import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from portal.storage.refusals import in_megabytes

CONNECT_SECONDS = 3
SCAN_SECONDS = 60
BLOCK = 64 * 1024
_LONGEST_ANSWER = 4096
_CLEAN = "stream: OK"
_FOUND = " FOUND"
# What clamd "finds" where it stopped looking (its option AlertExceedsMax): no virus, and no verdict.
_LIMITS = "Heuristics.Limits.Exceeded"


class Readable(Protocol):
    """What can be read in pieces."""

    def read(self, size: int, /) -> bytes: ...


class ScannerAway(Exception):
    """Nothing listens where the scanner should be: the file may be sent again later."""


class NoVerdict(Exception):
    """The scanner was reached and gave no verdict on this file. `final`: nor will it ever."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


@dataclass(frozen=True)
class Scanner:
    """Where clamd listens: at the path `socket`, or else at `host` and `port`. `largest` is in bytes and must
    not be above clamd's own StreamMaxLength."""

    host: str
    port: int
    socket: str
    largest: int

    def scan(self, stream: Readable, size: int) -> str:
        """The name of what was found in a file of `size` bytes; empty for a clean one.

        Raises `ScannerAway`, `NoVerdict`, and what reading `stream` raises.
        """
        if size > self.largest:
            raise NoVerdict(f"larger than the {in_megabytes(self.largest)} that are scanned", final=True)
        deadline = time.monotonic() + SCAN_SECONDS
        with self._connected() as connection:
            return _verdict(_asked(connection, _blocks(stream), deadline))

    def answers(self) -> bool:
        """Whether clamd is there and says so."""
        try:
            with self._connected() as connection:
                connection.sendall(b"zPING\0")
                return connection.recv(64).rstrip(b"\0") == b"PONG"
        except (OSError, ScannerAway):
            return False

    def _connected(self) -> socket.socket:
        try:
            if not self.socket:
                return socket.create_connection((self.host, self.port), timeout=CONNECT_SECONDS)
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(CONNECT_SECONDS)
                connection.connect(self.socket)
            except OSError:
                connection.close()
                raise
            return connection
        except OSError as error:
            raise ScannerAway(f"the virus scanner does not answer: {error}") from error


def _blocks(stream: Readable) -> Iterator[bytes]:
    while block := stream.read(BLOCK):
        yield block


def _asked(connection: socket.socket, blocks: Iterator[bytes], deadline: float) -> str:
    """Send the file and return the answer. Raises `NoVerdict` for a broken, silent or endless connection."""
    try:
        try:
            _send(connection, b"zINSTREAM\0", deadline)
            for block in blocks:
                _send(connection, struct.pack("!L", len(block)) + block, deadline)
            _send(connection, struct.pack("!L", 0), deadline)
        except (BrokenPipeError, ConnectionResetError):
            # A clamd that has had enough says why before it hangs up.
            return _answer(connection, deadline)
        return _answer(connection, deadline)
    except TimeoutError as error:
        raise NoVerdict("the virus scanner took too long") from error
    except OSError as error:
        raise NoVerdict("the connection to the virus scanner broke") from error


def _send(connection: socket.socket, data: bytes, deadline: float) -> None:
    connection.settimeout(_left(deadline))
    connection.sendall(data)


def _answer(connection: socket.socket, deadline: float) -> str:
    found = b""
    while b"\0" not in found:
        connection.settimeout(_left(deadline))
        more = connection.recv(_LONGEST_ANSWER)
        if not more or len(found) > _LONGEST_ANSWER:
            raise NoVerdict("the virus scanner hung up without an answer")
        found += more
    return found.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _verdict(answer: str) -> str:
    if answer == _CLEAN:
        return ""
    if answer.startswith("stream: ") and answer.endswith(_FOUND):
        name = answer.removeprefix("stream: ").removesuffix(_FOUND)
        if name.startswith(_LIMITS):
            raise NoVerdict("too large or too deeply packed for the virus scanner", final=True)
        return name
    if "size limit exceeded" in answer:
        raise NoVerdict("larger than the virus scanner takes", final=True)
    raise NoVerdict(f"the virus scanner gave no verdict: {answer[:200]}")
