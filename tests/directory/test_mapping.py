"""The map of results: marks that a thumb can hit, and names that tell where one is."""

import math

from portal import clock
from portal.directory.mapping import TARGET, WIDTH, SearchMap, map_of
from portal.directory.postcodes import Location, locate
from portal.directory.queries import SearchCriteria, search
from tests.factories.directory import a_service, services_in, some_lots


def drawn(near: Location | None = None) -> SearchMap:
    criteria = SearchCriteria(clock.today(), near=near, sort="distance" if near else "fit")
    return map_of(search(criteria).hits, criteria)


def test_no_two_marks_share_a_spot_for_a_thumb_and_all_are_on_the_map(session: object) -> None:
    services_in(some_lots(1)[0], 20)  # all in one street
    marks = drawn(locate("M1")).marks
    pairs = [(one, other) for one in marks for other in marks if one.number < other.number]
    assert len(marks) == 20 and all(
        abs(one.x - other.x) >= TARGET or abs(one.y - other.y) >= TARGET for one, other in pairs
    )
    assert all(TARGET / 2 <= each <= WIDTH - TARGET / 2 for mark in marks for each in (mark.x, mark.y))


def test_a_mark_that_moved_aside_keeps_where_it_is(session: object) -> None:
    services_in(some_lots(1)[0], 3)
    marks = drawn(locate("M1")).marks
    assert len({mark.spot for mark in marks}) == 1
    assert [mark.moved for mark in marks] == [False, True, True]
    assert all(math.dist((mark.x, mark.y), mark.spot) < 2 * TARGET for mark in marks)


def test_no_mark_covers_the_cross(session: object) -> None:
    a_service(postcode="M1 1AE")
    map = drawn(locate("M1"))
    assert map.here and math.dist((map.marks[0].x, map.marks[0].y), map.here) >= TARGET
    assert map.marks[0].spot == map.here


def test_a_towns_map_names_districts_and_a_countrys_names_areas(session: object) -> None:
    lot = some_lots(1)[0]
    a_service(lot)
    assert "M14" in {name.words for name in drawn(locate("M14")).names}
    a_service(lot, postcode="LA9 4DQ")
    wide = {name.words for name in drawn(locate("M14")).names}
    assert {"M", "LA"} & wide and all(words.isalpha() for words in wide)


def test_no_name_hides_behind_a_mark(session: object) -> None:
    lot = some_lots(1)[0]
    for postcode in ("M1 1AE", "SK1 3XE", "OL1 1AA"):  # each in the middle of its district
        a_service(lot, postcode=postcode)
    map = drawn(locate("M14"))
    assert len(map.names) > 5
    assert all(abs(n.x - m.x) > 30 or abs(n.y - m.y) > TARGET / 2 for n in map.names for m in map.marks)


def test_names_do_not_run_into_each_other(session: object) -> None:
    a_service()
    names = drawn(locate("WC2N")).names
    assert len(names) > 5
    spots = [(name.x, name.y) for name in names]
    assert all(abs(a[0] - b[0]) > 40 or abs(a[1] - b[1]) > 20 for a in spots for b in spots if a != b)


def test_a_map_of_nothing_is_a_map(session: object) -> None:
    assert drawn().marks == () and drawn(locate("M1")).marks == ()
