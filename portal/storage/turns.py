"""Turns at a store that may be away: waiting for it, nobody keeps all others from the portal.

A process has a few threads, and each of them would wait for seconds for a store that does not answer. So only
some wait at the same time; and after a failure the next are refused at once, but for one every few seconds
that tries again. What is refused was not sent: whoever sent it is told, and tries again.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock

from botocore.exceptions import BotoCoreError

MOST_AT_ONCE = 5  # of the eight threads of a process
TURN_SECONDS = 1.0  # how long somebody waits for a turn
AWAY_SECONDS = 3.0  # how long a store that did not answer is left alone


class StoreAway(BotoCoreError):
    """There is no turn: the store is away, or slower than all who ask it."""

    fmt = "The store is away or too slow, and was not asked."


class Turns:
    """Who may ask one store, in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._turns = BoundedSemaphore(MOST_AT_ONCE)
        self._left_alone_until: float | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Ask the store in the block. Raises `StoreAway` where it should not be asked now."""
        if not (self._may_ask() and self._turns.acquire(timeout=TURN_SECONDS)):
            raise StoreAway
        try:
            yield
        except BotoCoreError:
            self._left_alone_until = time.monotonic() + AWAY_SECONDS
            raise
        except BaseException:
            self._left_alone_until = None  # an answer too, if not the one that was wanted
            raise
        else:
            self._left_alone_until = None
        finally:
            self._turns.release()

    def _may_ask(self) -> bool:
        with self._lock:
            now, until = time.monotonic(), self._left_alone_until
            if until is None:
                return True
            if now < until:
                return False
            self._left_alone_until = now + AWAY_SECONDS  # this one tries; the others go on waiting
            return True
