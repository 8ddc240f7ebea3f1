"""What the tests of applications share: a round and a provider, built once a file; a draft and a browser."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from tender.frameworks.models import Round
from tests import built
from tests.built import Build
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft
from tests.factories.frameworks import a_published_round, lot_ids
from tests.web_client import sign_in

build, connection, session = built.build, built.connection, built.session


@pytest.fixture(scope="module")
def built_round(build: Build) -> int:
    """The round of a file's tests; its id."""
    return build(lambda: a_published_round(2).id)


@pytest.fixture(scope="module")
def built_provider(build: Build) -> Actor:
    """The provider of a file's tests."""
    return build(lambda: a_provider_person("Brookside Youth Trust"))


@pytest.fixture
def open_round(session: Session, built_round: int) -> Round:
    """A round that is open, with two lots."""
    return session.get_one(Round, built_round)


@pytest.fixture
def provider(session: Session, built_provider: Actor) -> Actor:
    """The administrator of a provider."""
    return built_provider


@pytest.fixture
def draft(open_round: Round, provider: Actor) -> int:
    """The provider's draft for the first lot, without answers; its id."""
    return a_draft(open_round, provider, lot_ids(open_round)[:1])


@pytest.fixture
def browser(client: FlaskClient, provider: Actor) -> FlaskClient:
    """The provider's administrator, signed in."""
    return sign_in(client, provider.email)
