"""Rooms about frameworks, rounds, tenders and their evaluation: who is answered what behind the gate."""

import pytest

from tests.architecture.access.driving import ROOMS_OF_ROUNDS, differences
from tests.architecture.access.stage import Stage
from tests.architecture.access.table import cells


@pytest.mark.parametrize("room", ROOMS_OF_ROUNDS)
def test_every_cell_of_the_room_is_answered_as_the_table_says(stage: Stage, room: str) -> None:
    let_in = [cell for cell in cells(stage.app, room) if not cell.at_the_gate]
    assert let_in and differences(stage, let_in) == []
