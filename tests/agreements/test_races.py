"""Two people at the same moment: on a database of its own, really committed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal.agreements.models import AgreementSignature, AgreementVersion
from portal.agreements.queries import agreement_for
from portal.agreements.services import start_agreement, take_back
from portal.agreements.signing_services import sign
from portal.call_offs.services import cancel_call_off
from portal.database import db
from portal.directory.services import NotAdmitted
from portal.errors import Conflict, Refusal
from portal.mail.models import Letter
from tests.factories.agreements import PORTAL_URL, Placement, a_call_off, an_offered
from tests.factories.directory import suspend_standing


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


def offered(racing: Flask) -> tuple[Placement, Callable[[Any], Callable[[], bool]]]:
    """An agreement out for signing, and how somebody signs what was read of it before."""
    with racing.app_context():
        placement = an_offered()
        read = placement.seen_by(placement.school).open
        assert read

    def signing(by: Any) -> Callable[[], bool]:
        return lambda: sign(
            agreement_id=placement.id, number=1, sha256=read.sha256, signed_as="Director",
            portal_url=PORTAL_URL, by=by,
        )  # fmt: skip

    return placement, signing


def test_two_signatures_at_once_bring_it_into_force_once(racing: Flask) -> None:
    placement, signing = offered(racing)
    assert sorted(at_once(racing, signing(placement.school), signing(placement.provider))) == [False, True]
    with racing.app_context():
        assert agreement_for(placement.school, placement.id).state == "in_force"
        notice = select(func.count()).where(
            Letter.subject_type == "placement_agreement",
            Letter.subject_id == str(placement.id),
            Letter.key.contains("agreed 1"),
        )
        assert db.session.scalar(notice) == 2  # each party once; nobody works at this council


def test_one_person_clicking_twice_at_once_signs_once(racing: Flask) -> None:
    placement, signing = offered(racing)
    assert at_once(racing, signing(placement.school), signing(placement.school)) == [False, False]
    with racing.app_context():
        of_this = select(AgreementVersion.id).where(AgreementVersion.agreement_id == placement.id)
        count = select(func.count()).where(AgreementSignature.version_id.in_(of_this))
        assert db.session.scalar(count) == 1


def test_a_signature_while_it_is_taken_back_is_under_what_was_read_or_not_at_all(
    racing: Flask,
) -> None:
    placement, signing = offered(racing)

    def revise() -> None:
        take_back(agreement_id=placement.id, reason="A day more.", portal_url=PORTAL_URL, by=placement.school)

    signed, _ = at_once(racing, signing(placement.provider), revise)
    assert signed in (False, Conflict)
    with racing.app_context():
        facts = agreement_for(placement.school, placement.id)
        assert (facts.state, facts.open.number, dict(facts.open.signatures)) == ("draft", 2, {})


def test_a_suspension_at_the_moment_of_the_second_signature_comes_before_it_or_after(racing: Flask) -> None:
    placement, signing = offered(racing)
    with racing.app_context():
        signing(placement.school)()
        standing_id = db.session.merge(placement.service).standing_id
    signed, _ = at_once(
        racing, signing(placement.provider), lambda: suspend_standing(standing_id=standing_id)
    )
    with racing.app_context():
        state = agreement_for(placement.school, placement.id).state
    assert (signed, state) in ((True, "in_force"), (NotAdmitted, "signing"))


def test_a_choice_cancelled_at_the_moment_of_signing_waits_for_nobody_in_a_circle(racing: Flask) -> None:
    placement, signing = offered(racing)
    with racing.app_context():
        signing(placement.school)()

    def cancel() -> None:
        cancel_call_off(
            call_off_id=placement.call_off_id,
            reason="They moved.",
            portal_url=PORTAL_URL,
            by=placement.school,
        )

    signed, cancelled = at_once(racing, signing(placement.provider), cancel)
    assert (signed, cancelled) in ((True, Refusal), (Conflict, None))


def test_started_twice_at_once_it_is_one(racing: Flask) -> None:
    with racing.app_context():
        call_off, _, school, _ = a_call_off()
        call_off_id = call_off.id

    def start() -> int:
        return start_agreement(call_off_id=call_off_id, by=school)

    assert len(set(at_once(racing, start, start))) == 1
