"""What the search is measured beside answers the same: without that, the measure would be none."""

from typing import Any

import pytest

from portal.directory.models import Service
from portal.directory.queries import search
from portal.directory.search import SearchCriteria
from tests.benchmarks.bench_search import answer_of
from tests.benchmarks.search_floor import FLOORS, Floor, criteria
from tests.factories.directory import a_service, free_in, offers, some_lots, suspend_standing, teaches_at

FOUND = {"words, key stages, needs, tiers, radius": 2, "words alone": 3, "nearest within a radius": 4}


@pytest.fixture
def register(session):
    """Services near and far, with several sites, free places or none, and one that schools do not find."""
    lots = some_lots()
    ring, free, *_, suspended = [
        _a_service_of(tier, lot_id=lots[n % 2], title=title, **facts)
        for n, (title, tier, facts) in enumerate(
            [
                ("A boxing ring", "tier2", {}),
                ("Boxing for all", "tier3", {}),
                ("Boxing far away", "tier2", {"postcode": "L1 1AA"}),
                ("Cookery", "tier1", {"needs": ["ASD"]}),
                ("Gardening", "tier3", {"needs": []}),
                ("Boxing, suspended", "tier2", {}),
            ]
        )
    ]
    teaches_at(ring, "L1 1AA", "M14 5RQ")
    free_in(free, "mon_am")
    suspend_standing(standing_id=suspended.standing_id)


def _a_service_of(tier: str, **facts: Any) -> Service:
    service = a_service(**facts)
    offers(service, tiers=[tier])
    return service


@pytest.mark.parametrize("name", FLOORS)
def test_the_search_and_its_floor_answer_the_same(session, register, name: str) -> None:
    asked: SearchCriteria = criteria()[name]
    ours = answer_of(search(asked))
    assert ours["total"] == FOUND.get(name, 5)
    floor = Floor(session.connection().connection.driver_connection)
    assert floor.answer(FLOORS[name]) == ours
