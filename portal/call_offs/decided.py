"""Whether something else than a choice by hand decides for a child: `portal.competitions` knows.

It answers once the application is put together (`portal/app.py`).
"""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_

Condition = Callable[[ColumnElement[UUID]], ColumnElement[bool]]
_conditions: list[Condition] = []


def decided_elsewhere_while(condition: Condition) -> None:
    """Let a higher room give the SQL condition under which it decides for a request (its id)."""
    if condition not in _conditions:
        _conditions.append(condition)


def decided_elsewhere(request_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """SQL for whether a request is decided elsewhere, so that nobody is asked to choose by hand."""
    return or_(false(), *(condition(request_id) for condition in _conditions))
