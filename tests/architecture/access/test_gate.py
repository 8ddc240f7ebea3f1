"""Whom the gate refuses: driven for every route and everybody who holds none of its permissions."""

import pytest

from tests.architecture.access.driving import ROOMS, differences
from tests.architecture.access.stage import Stage
from tests.architecture.access.table import cells


@pytest.mark.parametrize("room", ROOMS)
def test_the_gate_refuses_whoever_lacks_the_permission_and_nothing_changes(stage: Stage, room: str) -> None:
    shut = [cell for cell in cells(stage.app, room) if cell.at_the_gate]
    assert differences(stage, shut) == []
