"""The database: declarative base, naming convention, and the one way to write.

A service wraps what it does in `transaction()`. Services may call services: the outermost one commits.
What must happen only once the rows are safe (waking the letter delivery) waits in `after_commit()`.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from portal import clock

log = logging.getLogger("portal")
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base of every mapped class."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

_DEPTH = "transaction_depth"
_BEFORE = "before_commit"
_AFTER = "after_commit"
_UNDONE = "after_rollback"
_SCRATCH = "scratch"


def before_commit(action: Callable[[Session], Any]) -> None:
    """Run `action(session)` as the last thing inside the current transaction."""
    _pending(_BEFORE).append(action)


def after_commit(action: Callable[[], Any]) -> None:
    """Run `action()` once the current transaction is committed; never when it is rolled back."""
    _pending(_AFTER).append(action)


def after_rollback(action: Callable[[Exception], Any]) -> None:
    """Run `action(error)` once the current transaction is undone because of `error`; never when it is
    committed.

    It may begin a transaction of its own. What goes wrong in it is logged: the answer stays `error`.
    """
    _pending(_UNDONE).append(action)


def of_this_transaction() -> dict[str, Any]:
    """What a room gathers for the current transaction; forgotten when it ends, either way."""
    if not db.session.info.get(_DEPTH):
        raise RuntimeError("Outside a transaction: wrap the service in transaction().")
    return db.session.info.setdefault(_SCRATCH, {})


def _pending(name: str) -> list[Callable[..., Any]]:
    return of_this_transaction().setdefault(name, [])


def let_go(error: BaseException | None = None) -> None:
    """Give the connection of a request back. One that broke meanwhile is thrown away: the answer is made."""
    try:
        db.session.remove()
    except DBAPIError:
        log.warning("a connection broke before it was given back", exc_info=True)
        db.session.registry.clear()


MOST_APART = timedelta(seconds=2)
"""More, and somebody should see to the clocks: ours decides what came before a close, the database's dates
the trail that proves it."""


def clocks_apart() -> timedelta:
    """How far the database's clock is before ours (negative: behind), to half the time that asking takes."""
    asked = clock.now()
    theirs = db.session.execute(select(func.clock_timestamp())).scalar_one()
    return theirs - (asked + (clock.now() - asked) / 2)


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit what the block did, or roll all of it back and raise.

    Nested blocks join the outermost, which alone commits.
    """
    session = db.session()
    info = session.info
    info[_DEPTH] = info.get(_DEPTH, 0) + 1
    outermost = info[_DEPTH] == 1
    try:
        yield session
        if outermost:
            session.flush()
            for action in _pending(_BEFORE):
                action(session)
            session.commit()
    except BaseException as error:
        info[_DEPTH] -= 1
        if outermost:
            undone = info.pop(_SCRATCH, {}).get(_UNDONE, [])
            session.rollback()
            _tell(undone, error)
        raise
    info[_DEPTH] -= 1
    if outermost:
        for action in info.pop(_SCRATCH, {}).get(_AFTER, []):
            action()


def _tell(actions: Iterable[Callable[[Exception], Any]], error: BaseException) -> None:
    """What else is done because of an error, which none of it may hide."""
    if not isinstance(error, Exception):  # the process is told to stop
        return
    for action in actions:
        try:
            action(error)
        except Exception:
            log.warning("what follows a rollback failed", exc_info=True)
