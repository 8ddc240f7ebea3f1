"""Two people at the same moment: on a database of its own, really committed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal.call_offs.models import CallOff
from portal.call_offs.services import ChosenAlready, OfferGone
from portal.commissioning.answer_services import TakenUp, take_offer_back
from portal.commissioning.models import Referral
from portal.commissioning.requests import AlreadyPlaced
from portal.database import db
from portal.errors import Refusal
from tests.factories.call_offs import Asked, asked, beside, choose
from tests.factories.commissioning import PORTAL_URL
from tests.factories.directory import a_colleague, a_service

ROUNDS = 5


def at_once(racing: Flask, *actions: Callable[[], Any]) -> list[Any]:
    """What each action gives, or the kind of its refusal, when all of them start together."""
    together = Barrier(len(actions))

    def run(action: Callable[[], Any]) -> Any:
        with racing.app_context():
            together.wait()
            try:
                return action()
            except Refusal as refusal:
                return type(refusal)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))


def a_request(racing: Flask) -> tuple[Asked, Any]:
    """Two offers for one child, and a colleague of whoever asked."""
    with racing.app_context():
        request = asked(2, offers=2)
        for referral in request.referrals:
            db.session.refresh(referral)
            db.session.expunge(referral)
        colleague = a_colleague(request.school, "commissioner")
        db.session.remove()
    return request, colleague


def states(racing: Flask, request: Asked) -> list[str]:
    with racing.app_context():
        ids = [each.id for each in request.referrals]
        return list(
            db.session.scalars(select(Referral.state).where(Referral.id.in_(ids)).order_by(Referral.id))
        )


def test_of_two_colleagues_who_choose_different_offers_one_wins(racing: Flask) -> None:
    for _ in range(ROUNDS):
        request, colleague = a_request(racing)
        answers = at_once(
            racing,
            partial(choose, request.referrals[0], request.school),
            partial(choose, request.referrals[1], colleague),
        )
        assert sorted(answer is ChosenAlready for answer in answers) == [False, True], answers
        assert sorted(states(racing, request)) == ["accepted", "not_chosen"]
        with racing.app_context():
            standing = (
                select(func.count())
                .select_from(CallOff)
                .where(CallOff.request_id == request.referrals[0].request_id)
            )
            assert db.session.scalar(standing) == 1


def test_an_offer_is_chosen_or_taken_back_and_never_both(racing: Flask) -> None:
    for _ in range(ROUNDS):
        request, _ = a_request(racing)
        chosen, taken_back = at_once(
            racing,
            partial(choose, request.referrals[0], request.school),
            partial(
                take_offer_back,
                referral_id=request.referrals[0].id,
                reason="Full.",
                portal_url=PORTAL_URL,
                by=request.provider(0),
            ),
        )
        assert (chosen is OfferGone) != (taken_back is TakenUp), (chosen, taken_back)


def test_whoever_is_asked_in_the_moment_of_the_choice_is_let_go_or_not_asked(racing: Flask) -> None:
    for _ in range(ROUNDS):
        request, colleague = a_request(racing)
        with racing.app_context():
            service = a_service()
            db.session.refresh(service)
            db.session.expunge(service)
            db.session.remove()
        chosen, sent = at_once(
            racing,
            partial(choose, request.referrals[0], request.school),
            partial(beside, request.referrals[0], service, colleague),
        )
        assert not isinstance(chosen, type)
        with racing.app_context():
            waiting = db.session.scalar(
                select(func.count())
                .select_from(Referral)
                .where(Referral.request_id == request.referrals[0].request_id, Referral.state == "sent")
            )
            assert waiting == 0 and (sent is AlreadyPlaced or not isinstance(sent, type))
