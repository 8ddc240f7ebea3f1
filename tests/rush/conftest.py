"""One stage for all tests of the rush: each makes a round of its own on it, and leaves it up."""

from collections.abc import Iterator

import pytest

from config import Settings
from portal.storage import bucket
from tests.rush.stage import Stage, a_stage

DISK = 256  # megabytes


@pytest.fixture(scope="session")
def stage(settings: Settings) -> Iterator[Stage]:
    """The running portal."""
    with a_stage(disk=DISK) as started:
        bucket.configure(settings)  # the other tests of this process have a store of their own
        yield started
