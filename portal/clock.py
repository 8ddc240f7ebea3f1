"""The only place that asks the time: aware UTC for the database, Europe/London for people."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_staged: ContextVar[datetime | None] = ContextVar("staged_moment", default=None)
_arrival: ContextVar[datetime | None] = ContextVar("arrival", default=None)
_waited: ContextVar[timedelta] = ContextVar("waited", default=timedelta(0))


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _staged.get() or datetime.now(UTC)


def arrived() -> datetime:
    """When the request that is being answered reached us, before any work was done for it; outside a request,
    now. A closing time is compared with this moment alone, by the same clock."""
    return _arrival.get() or now()


@contextmanager
def arriving() -> Iterator[None]:
    """Answer one request in the block: it has arrived now, or before it waited."""
    token = _arrival.set(now() - waited())
    try:
        yield
    finally:
        _arrival.reset(token)


def waited() -> timedelta:
    """How long the request that is being answered stood in the queue before anything was done for it."""
    return _waited.get()


@contextmanager
def after_waiting(long: timedelta) -> Iterator[None]:
    """Answer one request in the block that has stood in the queue so long."""
    token = _waited.set(long)
    try:
        yield
    finally:
        _waited.reset(token)


@contextmanager
def staged_at(moment: datetime) -> Iterator[None]:
    """Let the block live at another moment: for the demonstration's past rounds and for tests.

    It reaches only the code that the block itself runs, never another request.
    """
    token = _staged.set(moment)
    try:
        yield
    finally:
        _staged.reset(token)


def today() -> date:
    """The present day in the United Kingdom."""
    return now().astimezone(LONDON).date()


def london(moment: datetime) -> datetime:
    """`moment` on a clock in the United Kingdom."""
    return moment.astimezone(LONDON)
