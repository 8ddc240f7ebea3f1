"""The stage on which the cells of one file are driven."""

from collections.abc import Iterator

import pytest

from tests.architecture.access.stage import Stage, staged
from tests.architecture.world import World


@pytest.fixture(scope="module")
def stage(world: World) -> Iterator[Stage]:
    """A stage in the world of this run; afterwards the world is as it was."""
    with staged(world) as built:
        yield built
