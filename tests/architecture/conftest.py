"""The council that the rules for pages are held against."""

from collections.abc import Iterator

import pytest

from config import Settings
from tests.architecture.furnishing import furnish
from tests.architecture.world import World
from tests.live_server import new_database, serving

SIZE = 3


@pytest.fixture(scope="session")
def world(settings: Settings, demonstration: Settings) -> Iterator[World]:
    """A council with about 3 of everything."""
    with serving(new_database(settings, like=demonstration)) as site:
        yield furnish(site, SIZE)
