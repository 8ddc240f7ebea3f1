"""How the portal waits for PostgreSQL: what is dead is noticed, what is slow ends with an error page.

The server itself ends a statement that takes too long, the kernel a connection to a host that is gone. Where
the server stands still (frozen, or its disk is) neither happens: what is sent is taken and never answered,
over a Unix socket and over TCP. Then this side asks whether a new connection is taken, and gives up when not.

And what PostgreSQL has planned once is kept for the requests that follow on a connection.
"""

from time import monotonic
from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import Engine, event

T = TypeVar("T")

STATEMENT_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_SECONDS = 3
SILENCE_SECONDS = 2.0
WORK_MEMORY = "32MB"
"""For each sort, and each list of what an index found; taken only when needed. With PostgreSQL's own 4 MB a
search of a very large register forgets which rows were found, and compares all those beside them again."""


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
            f" -c timezone=UTC -c jit=off -c work_mem={WORK_MEMORY}",
        },
    }


def keep_connections_well(engine: Engine) -> None:
    """Let the engine's connections give up a server that stands still, and keep what it has planned."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, arguments: Any, named: dict[str, Any]) -> Any:
        return _Lasting.connect(*arguments, **named)


class _Lasting(Connection[Any]):
    """A connection that asks after its server whenever that has said nothing for `SILENCE_SECONDS`.

    Every request that only reads ends with a rollback, at which psycopg forgets what it has prepared, lest
    something was made and unmade meanwhile. So each page would be planned anew, which takes as long as to
    answer it. The portal makes nothing of the kind: statements stay prepared as long as nothing fails.
    """

    def rollback(self) -> None:
        """As psycopg rolls back; what is prepared is forgotten only after a failure."""
        if self.pgconn.transaction_status != TransactionStatus.INTRANS:
            return super().rollback()
        with self.lock:
            self.wait(self._exec_command(b"ROLLBACK"))

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
