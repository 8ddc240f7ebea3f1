"""What the tests of applications share: a round, a provider, a draft and a browser."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from tender.frameworks.models import Round
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft
from tests.factories.frameworks import a_published_round, lot_ids
from tests.web_client import sign_in


@pytest.fixture
def open_round(session: Session) -> Round:
    """A round that is open, with two lots."""
    return a_published_round(2)


@pytest.fixture
def provider(session: Session) -> Actor:
    """The administrator of a provider."""
    return a_provider_person("Brookside Youth Trust")


@pytest.fixture
def draft(open_round: Round, provider: Actor) -> int:
    """The provider's draft for the first lot, without answers; its id."""
    return a_draft(open_round, provider, lot_ids(open_round)[:1])


@pytest.fixture
def browser(client: FlaskClient, provider: Actor) -> FlaskClient:
    """The provider's administrator, signed in."""
    return sign_in(client, provider.email)
