"""What a page costs the database: few statements, and as many for 30 rows as for 3."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from portal.accounts.models import Organisation
from portal.database import db
from tender.applications.models import Application
from tests.architecture.growing import grow
from tests.architecture.world import ROLES, Visit, World, counted
from tests.live_server import copy_of, serving

MOST = 12
TIMES = 10


@pytest.fixture(scope="module")
def larger(world: World) -> Iterator[World]:
    """The same council, with ten times as much of everything."""
    with world.app.app_context():
        db.engine.dispose()
    with serving(copy_of(world.app.config["PORTAL"])) as site:
        with site.app.app_context():
            grow(TIMES)
        yield World(site, world.people)


def test_no_page_needs_more_than_twelve_statements(world: World) -> None:
    assert [f"{visit}: {visit.statements}" for visit in world.visits if visit.statements > MOST] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_page_needs_as_many_statements_for_thirty_rows_as_for_three(
    role: str, world: World, larger: World
) -> None:
    client = larger.client(role)
    differing = []
    for visit in (visit for visit in representatives(world) if visit.role == role):
        with counted(larger.app) as statements:
            answer = client.get(visit.address)
        if (answer.status_code, len(statements)) != (200, visit.statements):
            differing.append(f"{visit}: {visit.statements}, then {answer.status_code} {len(statements)}")
    assert differing == []


def representatives(world: World) -> list[Visit]:
    """One visit for each page in each state at each cost: other roles' are alike."""
    return list({(visit.endpoint, visit.label, visit.statements): visit for visit in world.pages}.values())


def test_the_larger_council_has_ten_times_as_much(world: World, larger: World) -> None:
    few, many = tenders_of_rounds(world), tenders_of_rounds(larger)
    assert {round_id: many[round_id] for round_id in few} == {id: TIMES * count for id, count in few.items()}
    assert len(many) == TIMES * len(few)


def test_a_statement_for_every_row_is_noticed(world: World, larger: World) -> None:
    assert statement_for_every_row(larger) > 5 * statement_for_every_row(world) > 5 * MOST


def statement_for_every_row(world: World) -> int:
    """How many statements a page costs that reads a list, and then each line of it."""
    with counted(world.app) as statements, world.app.app_context():
        for provider_id in db.session.scalars(select(Application.provider_id)).all():
            db.session.scalar(select(Organisation.name).where(Organisation.id == provider_id))
    return len(statements)


def tenders_of_rounds(world: World) -> dict[int, int]:
    """How many tenders each round has, by its id."""
    with world.app.app_context():
        counts = select(Application.round_id, func.count()).group_by(Application.round_id)
        return dict(db.session.execute(counts).tuples().all())
