"""Choosing one provider for one child: who is told, what is refused, and what becomes of the others."""

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.queries import trail_of
from portal.call_offs.lifecycle import CALL_OFF
from portal.call_offs.models import CallOff
from portal.call_offs.queries import call_off_for
from portal.call_offs.services import ChosenAlready, OfferGone, cancel_call_off
from portal.commissioning.answer_services import TakenUp, take_offer_back
from portal.commissioning.models import Referral
from portal.commissioning.queries import referral_for
from portal.commissioning.requests import AlreadyPlaced, profiles_to_send_on
from portal.database import db, transaction
from portal.directory.models import Standing
from portal.directory.services import NotAdmitted
from portal.errors import NotFound, Refusal
from portal.personal_data.services import _ERASERS as ERASERS
from tender.frameworks.models import Framework, Lot
from tests.factories.accounts import a_school_person
from tests.factories.call_offs import a_call_off, asked, beside, choose
from tests.factories.commissioning import PORTAL_URL, accept
from tests.factories.directory import a_colleague, a_service_and_its_person, suspend_standing
from tests.factories.organisations import letters_to

pytestmark = pytest.mark.usefixtures("session")
OF_THE_CHILD = ("engines", "large classes", "quiet start", "By bus")


def state_of(referral: Referral) -> str:
    db.session.expire_all()
    return db.session.get_one(Referral, referral.id).state


def cancel(choice: CallOff, by, reason: str = "The family has moved.") -> None:  # type: ignore[no-untyped-def]
    cancel_call_off(call_off_id=choice.id, reason=reason, portal_url=PORTAL_URL, by=by)


def open_routes(referral: Referral, *routes: str) -> None:
    """Let the framework of a referral's service open these routes alone."""
    with transaction() as session:
        framework = session.scalars(
            select(Framework)
            .join(Lot, Lot.framework_id == Framework.id)
            .join(Standing, Standing.lot_id == Lot.id)
            .where(Standing.id == text(f"(SELECT standing_id FROM service WHERE id = {referral.service_id})"))
        ).one()
        framework.call_off_routes = list(routes)


def test_who_is_chosen_keeps_the_place_and_all_others_are_let_go():
    request = asked(3, offers=2)
    choose(request.referrals[0], request.school)
    assert [state_of(each) for each in request.referrals] == ["accepted", "not_chosen", "not_chosen"]


def test_everybody_who_was_asked_is_told_and_no_letter_says_who_was_chosen_or_who_the_child_is():
    request = asked(3, offers=2)
    choose(request.referrals[0], request.school)
    letters = [letters_to(request.provider(number).email)[-1] for number in range(3)]
    assert letters[0].title == f"You were chosen: referral {request.referrals[0].reference}"
    assert all("you were not chosen" in letter.title for letter in letters[1:])
    assert "need not answer it" in letters[2].body and "yours to give again" in letters[1].body
    winner = referral_for(request.school, request.referrals[0].id).provider_name
    for letter in letters[1:]:
        assert winner not in letter.body + letter.title
    for secret in (*OF_THE_CHILD, "year 9"):
        assert all(secret not in letter.title + letter.body for letter in letters)


def test_a_second_click_chooses_once(session: Session):
    request = asked(2, offers=2)
    first, again = (choose(request.referrals[0], request.school) for _ in range(2))
    assert first.id == again.id and session.scalar(select(func.count()).select_from(CallOff)) == 1
    titles = [each.title for each in letters_to(request.provider(0).email)]
    assert len([title for title in titles if title.startswith("You were chosen")]) == 1


def test_a_colleague_who_comes_second_reads_who_chose_whom():
    choice, request = a_call_off()
    colleague = a_colleague(request.school, "commissioner")
    for referral in request.referrals:
        with pytest.raises(ChosenAlready) as refused:
            choose(referral, colleague)
        name = referral_for(request.school, choice.referral_id).provider_name
        assert request.school.name in refused.value.sentence and name in refused.value.sentence


def test_an_offer_that_was_taken_back_meanwhile_is_not_chosen():
    request = asked(2, offers=2)
    take_offer_back(
        referral_id=request.referrals[0].id, reason="Full.", portal_url=PORTAL_URL, by=request.provider(0)
    )
    with pytest.raises(OfferGone):
        choose(request.referrals[0], request.school)
    choose(request.referrals[1], request.school)


def test_who_has_not_answered_is_not_chosen():
    request = asked(1)
    with pytest.raises(OfferGone):
        choose(request.referrals[0], request.school)


def test_an_offer_that_was_chosen_is_not_taken_back():
    choice, request = a_call_off()
    with pytest.raises(TakenUp):
        take_offer_back(
            referral_id=choice.referral_id, reason="Full.", portal_url=PORTAL_URL, by=request.provider(0)
        )


def test_standing_is_looked_at_in_the_moment_of_the_choice():
    request = asked(1, offers=1)
    suspend_standing(standing_id=request.places[0][0].standing_id)
    with pytest.raises(NotAdmitted):
        choose(request.referrals[0], request.school)


def test_a_route_that_the_framework_does_not_open_is_refused():
    request = asked(1, offers=1)
    open_routes(request.referrals[0], "user_choice")
    with pytest.raises(Refusal, match="does not open this route") as refused:
        choose(request.referrals[0], request.school)
    assert refused.value.field == "route"
    choose(request.referrals[0], request.school, route="user_choice", pupil_preference="This one.")


def test_a_user_choice_rests_on_what_the_child_or_the_parents_said():
    request = asked(1, offers=1)
    with pytest.raises(Refusal) as refused:
        choose(request.referrals[0], request.school, route="user_choice")
    assert refused.value.field == "pupil_preference"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "word " * 201}, "reason"),
        ({"reason": "He was born 4 March 2012."}, "reason"),
        ({"parent_preference": "Ring 0161 496 0999."}, "parent_preference"),
        ({"route": "lottery"}, "route"),
    ],
)
def test_what_is_typed_is_looked_at_before_anything_is_kept(changed, field, session: Session):
    request = asked(1, offers=1)
    with pytest.raises(Refusal) as refused:
        choose(request.referrals[0], request.school, **changed)
    assert refused.value.field == field and session.scalar(select(func.count()).select_from(CallOff)) == 0


def test_nobody_chooses_for_another_school():
    request = asked(1, offers=1)
    coordinator = a_colleague(request.school, "placement_coordinator")
    for stranger in (a_school_person(), request.provider(0), coordinator):
        with pytest.raises(NotFound):
            choose(request.referrals[0], stranger)


def test_the_trail_says_by_which_route_and_nothing_of_the_child_or_the_reason():
    choice, request = a_call_off()
    (line,) = trail_of("call_off", choice.id)
    assert line["action"] == "call_off.choose" and "direct_award" in str(dict(line))
    assert request.referrals[0].reference in str(dict(line)) and "adult whom" not in str(dict(line))


def test_the_school_reads_why_and_the_provider_does_not():
    choice, request = a_call_off()
    assert "adult whom" in call_off_for(request.school, choice.id).reason
    seen = call_off_for(request.provider(0), choice.id)
    assert (seen.reason, seen.parent_preference, seen.moves) == ("", "", frozenset())
    for stranger in (request.provider(1), a_school_person()):
        with pytest.raises(NotFound):
            call_off_for(stranger, choice.id)


def test_nobody_more_is_asked_for_a_child_for_whom_somebody_was_chosen():
    choice, request = a_call_off()
    with pytest.raises(AlreadyPlaced):
        beside(request.referrals[0], a_service_and_its_person()[0], request.school)
    cancel(choice, request.school)
    assert beside(request.referrals[0], a_service_and_its_person()[0], request.school).state == "sent"


def test_a_cancelled_choice_leaves_the_provider_nothing_and_the_school_asks_again():
    choice, request = a_call_off()
    with pytest.raises(Refusal, match="Say why"):
        cancel(choice, request.school, "")
    for _ in range(2):
        cancel(choice, request.school)
    assert state_of(request.referrals[0]) == "not_chosen"
    with pytest.raises(NotFound):
        call_off_for(request.provider(0), choice.id)
    assert call_off_for(request.school, choice.id).cancel_reason == "The family has moved."
    letter = letters_to(request.provider(0).email)[-1]
    assert letter.title.startswith("No longer chosen") and "moved" not in letter.body
    assert len(profiles_to_send_on(request.school)) == 1
    service, person = a_service_and_its_person()
    again = beside(request.referrals[0], service, request.school)
    accept(again, person)
    assert choose(again, request.school).id != choice.id


def test_nobody_else_cancels_a_choice():
    choice, request = a_call_off()
    for stranger in (a_school_person(), request.provider(0), a_colleague(request.school, "administrator")):
        with pytest.raises(NotFound):
            cancel(choice, stranger)


def test_a_choice_on_which_something_rests_is_not_cancelled(monkeypatch: pytest.MonkeyPatch):
    choice, request = a_call_off()

    def signed(choice: CallOff, *, by: object) -> None:
        raise Refusal("The agreement is signed.")

    monkeypatch.setitem(CALL_OFF.subscribers, "cancel", [signed])
    with pytest.raises(Refusal, match="signed"):
        cancel(choice, request.school)
    assert state_of(request.referrals[0]) == "accepted"
    assert call_off_for(request.provider(0), choice.id).state == "chosen"


@pytest.mark.parametrize(
    "change", ["reason = 'Another.'", "route = 'block'", "parent_preference = 'x'", "chosen_at = now()"]
)
def test_the_database_keeps_a_choice_as_it_was_made(change: str, session: Session):
    choice, _ = a_call_off()
    with pytest.raises(DBAPIError, match="stays as it was made"), session.begin_nested():
        session.execute(text(f"UPDATE call_off SET {change} WHERE id = {choice.id}"))


def test_a_cancelled_choice_does_not_come_back(session: Session):
    choice, request = a_call_off()
    cancel(choice, request.school)
    with pytest.raises(DBAPIError, match="stays as it was made"), session.begin_nested():
        session.execute(
            text(
                "UPDATE call_off SET state = 'chosen', cancelled_at = NULL, cancel_reason = '' "
                f"WHERE id = {choice.id}"
            )
        )


def test_of_a_referral_that_is_erased_the_choice_stays_without_what_was_said_of_the_child(session: Session):
    choice, request = a_call_off()
    ERASERS["referral"](request.referrals[0].id, by=request.school)
    session.expire_all()
    kept = session.get_one(CallOff, choice.id)
    assert session.get_one(Referral, kept.referral_id).need_summary == ""
