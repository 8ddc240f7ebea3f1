"""Referrals, sent by a school through the service that the page uses."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from portal import clock
from portal.accounts.access import Actor
from portal.commissioning.answer_services import accept_referral
from portal.commissioning.models import Referral
from portal.commissioning.offers import Offer
from portal.commissioning.services import NeedProfile, send_referral
from portal.directory.models import Service
from tests.factories.accounts import a_school_person

PORTAL_URL = "https://portal.example.org"


def a_profile(**changes: Any) -> NeedProfile:
    """One child's needs, with some of it changed."""
    facts: dict[str, Any] = {
        "year_group": 9,
        "needs": ["SEMH"],
        "days_a_week": 2,
        "ehc_plan": "no",
        "start_wanted_on": clock.today() + timedelta(days=14),
        "need_summary": "Finds large classes hard and leaves them. The placement is to rebuild trust.",
        "strengths": "Good with engines; kind to younger children.",
        "what_has_worked": "A quiet start with the same adult.",
        "transport": "By bus.",
    }
    return NeedProfile(**facts | changes)


def a_referral(service: Service, by: Actor | None = None, **profile: Any) -> Referral:
    """A referral of one child to a service, by a school of its own unless `by` is given."""
    return send_referral(
        service_id=service.id,
        profile=a_profile(**profile),
        token=uuid4(),
        portal_url=PORTAL_URL,
        by=by or a_school_person(),
    )


def an_offer(**changes: Any) -> Offer:
    """What a provider offers, with some of it changed."""
    facts: dict[str, Any] = {
        "start_on": clock.today() + timedelta(days=14),
        "sessions": ["mon_am", "mon_pm", "tue_am"],
        "price": Decimal("90.00"),
        "unit": "day",
        "note": "Call us.",
    }
    return Offer(**facts | changes)


def accept(referral: Referral, by: Actor, **offer: Any) -> None:
    """A provider says yes."""
    accept_referral(referral_id=referral.id, offer=an_offer(**offer), portal_url=PORTAL_URL, by=by)
