"""The council that the rules for pages are held against."""

from collections.abc import Iterator

import pytest

from config import Settings
from portal.directory import keeping
from tests.architecture.furnishing import furnish
from tests.architecture.world import World
from tests.live_server import copy_of, serving

SIZE = 3


@pytest.fixture(autouse=True)
def nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every page costs what it costs the first time: entries that were read before would hide statements."""
    monkeypatch.setattr(keeping, "MOST_KEPT", 0)


@pytest.fixture(scope="session")
def world(demonstration: Settings) -> Iterator[World]:
    """A council with about 3 of everything."""
    with serving(copy_of(demonstration)) as site:
        with pytest.MonkeyPatch.context() as before_any_test:
            before_any_test.setattr(keeping, "MOST_KEPT", 0)
            furnished = furnish(site, SIZE)
        yield furnished
