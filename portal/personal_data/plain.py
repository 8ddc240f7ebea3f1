"""Rows as a file to hand over holds them: what JSON knows, moments in ISO 8601."""

from datetime import date, datetime
from typing import Any

from portal.database import db


def rows(statement: Any) -> list[dict[str, Any]]:
    """Every row of a statement, by column."""
    return [plain(row) for row in db.session.execute(statement).mappings()]


def plain(row: Any) -> dict[str, Any]:
    """A mapping with values that JSON knows."""
    return {name: _word(value) for name, value in row.items()}


def _word(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | list) else str(value)
