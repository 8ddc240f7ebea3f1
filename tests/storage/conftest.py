"""What the tests of documents share: somebody who uploads them."""

import pytest
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person


@pytest.fixture
def manager(session: Session) -> Actor:
    """Somebody of a provider."""
    organisation = Organisation(kind="provider", name="Kiln Street Workshop")
    person = Person(name="Sam Okafor", email="sam@kiln-street.example.org", password="-")
    session.add_all([organisation, person])
    session.commit()
    return Actor(person.id, person.name, organisation_id=organisation.id)
