"""People at the door, and the letters that they get."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.accounts.models import Person
from portal.audit.models import AuditLine
from portal.mail.models import Letter
from tests.factories.accounts import a_council, a_person, a_provider_person

Letters = Callable[[str], list[Letter]]


@pytest.fixture
def provider(session: Session) -> Actor:
    """A provider's administrator, with a confirmed address and no second step."""
    return a_provider_person()


@pytest.fixture
def officer(session: Session) -> Actor:
    """Somebody of the council, with an authenticator app."""
    return a_person(a_council(), "procurement_lead")


@pytest.fixture
def letters(session: Session) -> Letters:
    """The letters to an address, the newest first."""

    def to(email: str) -> list[Letter]:
        found = select(Letter).where(Letter.to_address == email).order_by(Letter.id.desc())
        return list(session.scalars(found).all())

    return to


@pytest.fixture
def trail(session: Session) -> Callable[[], list[AuditLine]]:
    """The audit trail, the newest line first."""
    return lambda: list(session.scalars(select(AuditLine).order_by(AuditLine.id.desc())).all())


def person_of(session: Session, actor: Actor) -> Person:
    """The row of a person, as it is now."""
    session.expire_all()
    return session.get_one(Person, actor.person_id)


def code_in(letter: Letter) -> str:
    """The code of a letter."""
    return re.findall(r"\b\d{6}\b", letter.body)[0]


def link_in(letter: Letter) -> str:
    """The path of the link in a letter that carries a token."""
    return re.findall(r"https?://[^/\s]+(/\S+token=\S+)", letter.body)[0]
