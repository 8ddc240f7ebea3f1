"""What the tests of questions share: a round that takes them, its lead, and a provider who asks."""

import pytest
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from tender.frameworks.models import Round
from tests.factories.accounts import a_provider_person
from tests.factories.clarifications import a_round_with_questions
from tests.factories.frameworks import a_procurement_lead

ASKER = "Lantern Yard Workshop"


@pytest.fixture
def lead(session: Session) -> Actor:
    """The procurement lead."""
    return a_procurement_lead()


@pytest.fixture
def taking(session: Session, lead: Actor) -> Round:
    """The lead's open round, which takes questions for two more days."""
    return a_round_with_questions(lead)


@pytest.fixture
def asker(session: Session) -> Actor:
    """The administrator of a provider that is curious."""
    return a_provider_person(ASKER)
