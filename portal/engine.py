"""How the portal waits for PostgreSQL: what is dead is noticed, what is slow ends with an error page.

The server itself ends a statement that takes too long, the kernel a connection to a host that is gone. Where
the server stands still (frozen, or its disk is) neither happens: what is sent is taken and never answered,
over a Unix socket and over TCP. Then this side asks whether a new connection is taken, and gives up when not.
"""

from time import monotonic
from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from sqlalchemy import Engine, event

T = TypeVar("T")

STATEMENT_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_SECONDS = 3
SILENCE_SECONDS = 2.0


def engine_options() -> dict[str, Any]:
    """Pool and time-outs, as SQLAlchemy takes them."""
    return {
        "pool_pre_ping": True,
        "pool_size": 5,
        "max_overflow": 5,
        "pool_timeout": 5,
        "connect_args": {
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "tcp_user_timeout": CONNECT_TIMEOUT_SECONDS * 1000,
            "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={STATEMENT_TIMEOUT_MS}"
            " -c timezone=UTC -c jit=off",
        },
    }


def notice_silence(engine: Engine) -> None:
    """Let the engine's connections give up a server that stands still."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, arguments: Any, named: dict[str, Any]) -> Any:
        return _Listening.connect(*arguments, **named)


class _Listening(Connection[Any]):
    """A connection that asks after its server whenever that has said nothing for `SILENCE_SECONDS`."""

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """As psycopg waits. Raises `OperationalError`, and closes, where the server stands still."""
        return super().wait(self._watched(gen), interval, timeout)

    def _watched(self, gen: PQGen[T]) -> PQGen[T]:
        """What psycopg waits for, looked at each time that it woke up and found nothing."""
        try:
            wanted, heard = next(gen), monotonic()
            while True:
                ready = yield wanted
                if ready:
                    heard = monotonic()
                elif monotonic() - heard > SILENCE_SECONDS:
                    self._ask_after_server()
                    heard = monotonic()
                wanted = gen.send(ready)
        except StopIteration as done:
            return done.value

    def _ask_after_server(self) -> None:
        """Close and raise `OperationalError` unless the server takes a connection: then it is only slow."""
        known = {"password": self.info.password, "connect_timeout": CONNECT_TIMEOUT_SECONDS}
        try:
            Connection.connect(self.info.dsn, **known).close()
        except OperationalError:
            self.pgconn.finish()
            raise
