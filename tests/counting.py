"""Counting what is sent to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from portal.database import db


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that the block sends, savepoints left out."""
    made: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "SAVEPOINT" not in statement:
            made.append(statement)

    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(connection, "before_cursor_execute", note)
