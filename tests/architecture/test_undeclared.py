"""Whoever has not declared yet reads who tendered in one place alone: the list on which they declare."""

import re
from collections.abc import Iterator, Sequence
from html import unescape

import pytest
from sqlalchemy import text

from portal.accounts.models import Organisation
from portal.database import db
from tests.architecture.world import Visit, World, undone
from tests.factories.accounts import a_person

NEWCOMERS = {
    "lead": ("procurement_lead", "moderator"),
    "approver": ("approver", "moderator"),
}
LIST = "declarations.show"


@pytest.fixture(scope="module", params=NEWCOMERS)
def walked(request: pytest.FixtureRequest, world: World) -> Iterator[tuple[Sequence[str], list[Visit]]]:
    """The names of those who tendered to opened rounds and are not in the register, and every page that
    somebody who declared on none of them is answered with."""
    with undone(world.app):
        with world.app.app_context():
            council = db.session.get_one(Organisation, _council())
            newcomer = a_person(council, *NEWCOMERS[request.param])
            names = _tenderers()
        yield names, list(World(world.site, {request.param: newcomer.email}).walk(request.param))


def _council() -> int:
    return db.session.execute(text("SELECT id FROM organisation WHERE kind = 'council' ORDER BY id")).scalar()


def _tenderers() -> Sequence[str]:
    named = """
      SELECT DISTINCT organisation.name FROM application
      JOIN organisation ON organisation.id = provider_id JOIN round ON round.id = round_id
      WHERE application.state = 'submitted' AND round.state NOT IN ('published', 'withdrawn')
        AND NOT EXISTS (SELECT FROM standing WHERE standing.provider_id = organisation.id)
    """
    return db.session.scalars(text(named)).all()


def test_who_tendered_is_read_on_the_list_of_tenderers_alone(
    walked: tuple[Sequence[str], list[Visit]],
) -> None:
    names, visits = walked
    one_of_them = re.compile(rf"({'|'.join(map(re.escape, names))})(?!\w)")
    naming = {visit.endpoint for visit in visits if one_of_them.search(unescape(visit.html))}
    assert naming == {LIST}
