"""What all tests of the tender share."""

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from tests.counting import counted


@pytest.fixture
def statements(session: Session) -> Iterator[list[str]]:
    """Every statement that the database is given from here on, savepoints left out."""
    with counted() as made:
        yield made
