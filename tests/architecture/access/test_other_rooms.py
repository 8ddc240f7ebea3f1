"""Rooms of providers, schools, accounts and the council's administration: who is answered what there."""

import pytest

from tests.architecture.access.driving import ROOMS, ROOMS_OF_ROUNDS, differences, led_astray, mixed_up
from tests.architecture.access.stage import Stage
from tests.architecture.access.table import cells


@pytest.mark.parametrize("room", sorted(set(ROOMS) - set(ROOMS_OF_ROUNDS)))
def test_every_cell_of_the_room_is_answered_as_the_table_says(stage: Stage, room: str) -> None:
    let_in = [cell for cell in cells(stage.app, room) if not cell.at_the_gate]
    assert let_in and differences(stage, let_in) == []


def test_every_room_is_driven(stage: Stage) -> None:
    assert {cell.route.endpoint.partition(".")[0] for cell in cells(stage.app)} == set(ROOMS)


def test_no_address_of_ones_own_leads_to_a_part_of_anothers(stage: Stage) -> None:
    assert mixed_up(stage, cells(stage.app)) == []


def test_no_list_leads_its_reader_to_what_belongs_to_others(stage: Stage) -> None:
    assert led_astray(stage, cells(stage.app)) == []
