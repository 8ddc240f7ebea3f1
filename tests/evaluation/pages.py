"""What is wrong with a page, and what it cost."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import Connection, event

from tests.architecture.pages import problems_of


def faults(page: str, app: Flask) -> list[str]:
    """Every problem of a page but the form tokens, which the tests' application does without."""
    return [problem for problem in problems_of(page, app) if "carries no token" not in problem]


def statements_of(connection: Connection, action: Callable[[], Any]) -> int:
    """How many statements `action` sends to the database, savepoints of the tests left out."""
    return len(sent_by(connection, action))


def sent_by(connection: Connection, action: Callable[[], Any]) -> list[str]:
    """Those statements."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if not statement.upper().startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        action()
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return sent
