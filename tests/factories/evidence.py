"""Vaults with real files in the store, built through the services."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from portal import clock
from portal.accounts.access import Actor
from portal.evidence.facts import Facts
from portal.evidence.services import add_evidence
from portal.profiles.queries import own_profile
from portal.profiles.services import save_profile
from tests.factories.applications import a_file

INSURANCE = Facts(
    issuer="Invented Mutual",
    number="PL-1",
    cover=Decimal("5000000.00"),
    valid_from=clock.today() - timedelta(days=30),
    expires_on=clock.today() + timedelta(days=335),
)


def an_evidence(
    by: Actor,
    *,
    type: str = "public_liability",
    title: str = "Public liability insurance",
    facts: Facts = INSURANCE,
) -> int:
    """A document in a provider's vault; the evidence's id."""
    return add_evidence(type=type, title=title, facts=facts, by=by, **a_file(name="certificate"))


def a_profile(by: Actor, **changes: Any) -> int:
    """A provider's profile, as it was before but for `changes`; its version."""
    profile = own_profile(by)
    values = {**profile.values, "legal_form": "cio", **changes}
    return save_profile(values=values, version=profile.version, by=by)
