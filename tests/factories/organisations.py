"""Invitations and requests to join, sent through the services that the pages use."""

import re

from sqlalchemy import select

from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.queries import actor_by_email
from portal.accounts.services import register_person
from portal.database import db
from portal.mail.models import Letter
from portal.organisations.join_services import ask_to_join
from portal.organisations.models import Invitation, JoinRequest
from portal.organisations.services import invite
from tests.web_client import PASSWORD

PORTAL_URL = "https://portal.example.org"


def letters_to(email: str) -> list[Letter]:
    """All letters to an address, the oldest first."""
    return list(db.session.scalars(select(Letter).where(Letter.to_address == email).order_by(Letter.id)))


def an_invitation(
    by: Actor, email: str = "invited@example.org", *roles: str, organisation_id: int | None = None
) -> tuple[Invitation, str]:
    """An invitation, and the token in its letter."""
    sent = invite(
        organisation_id=organisation_id or by.organisation_id or 0,
        email=email,
        roles=roles or ["editor"],
        portal_url=PORTAL_URL,
        by=by,
    )
    return sent, token_in(letters_to(email)[-1].body)


def token_in(body: str) -> str:
    """The token of the link in a letter."""
    found = re.search(r"/invitations/(\S+)", body)
    assert found, body
    return found[1]


def somebody_without_organisation(email: str = "stranger@example.org", *, confirmed: bool = True) -> Actor:
    """A person who belongs to nothing yet."""
    register_person(name="Stranger", email=email, password=PASSWORD, by=THE_PORTAL, confirmed=confirmed)
    return actor_by_email(email)


def a_request(by: Actor, organisation_id: int, message: str = "I am new here.") -> JoinRequest:
    """`by` asks to join."""
    return ask_to_join(organisation_id=organisation_id, message=message, portal_url=PORTAL_URL, by=by)
