"""From the invitation to the choice: who may, until when, what stays sealed, and who is told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.call_offs.models import CallOff
from portal.call_offs.routes import ROUTES, CannotWait
from portal.commissioning.answer_services import InCompetition, accept_referral, decline_referral
from portal.commissioning.models import Referral
from portal.competitions.closing import closes_at
from portal.competitions.models import EntryMark
from portal.competitions.queries import answers_in, competition_for, invitation_for, ranking_of
from portal.competitions.services import (
    Closed,
    Decides,
    GoingOn,
    Sealed,
    abandon,
    answer_competition,
    conclude_without_winner,
    mark_answer,
    open_answers,
    start_competition,
)
from portal.database import db, transaction
from portal.directory.services import NotAdmitted
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tests.factories.accounts import a_school_person
from tests.factories.call_offs import asked, choose
from tests.factories.commissioning import PORTAL_URL
from tests.factories.competitions import (
    FIT,
    TRAVEL,
    a_marked_race,
    a_race,
    an_offer,
    answers_with,
    awarded,
    marked,
    opened,
)
from tests.factories.directory import a_service, suspend_standing

pytestmark = pytest.mark.usefixtures("session")


def after_the_close(race):  # type: ignore[no-untyped-def]
    return clock.staged_at(race.competition.closes_at + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("started", "closes"),
    [
        # Monday 10am to Wednesday 10am; Thursday and Friday to Monday noon; over Easter to Tuesday noon.
        (datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 4, 10, tzinfo=UTC)),
        (datetime(2026, 3, 5, 10, tzinfo=UTC), datetime(2026, 3, 9, 12, tzinfo=UTC)),
        (datetime(2026, 4, 1, 10, tzinfo=UTC), datetime(2026, 4, 7, 11, tzinfo=UTC)),
    ],
)
def test_a_competition_closes_after_48_hours_and_on_no_day_off(started, closes):
    assert closes_at(started) == closes


def letters_to(email: str) -> list[Letter]:
    return db.session.query(Letter).filter_by(to_address=email).order_by(Letter.id).all()


def test_whoever_was_asked_joins_and_others_are_asked_for_the_same_child(session: Session):
    request = asked(1)
    other = a_service()
    start_competition(
        like=request.referrals[0].id,
        service_ids=[request.places[0][0].id, other.id],
        portal_url=PORTAL_URL,
        by=request.school,
    )
    referrals = db.session.query(Referral).filter_by(request_id=request.referrals[0].request_id).all()
    assert {each.service_id for each in referrals} == {request.places[0][0].id, other.id}
    assert len({(each.competition_id, each.answer_by) for each in referrals}) == 1
    assert "is a mini-competition now" in letters_to(request.provider(0).email)[-1].title


@pytest.mark.parametrize("number", [0, 1, 9])
def test_two_to_eight_compete(number):
    request = asked(1)
    services = [request.places[0][0].id, *(a_service().id for _ in range(number - 1))][:number]
    with pytest.raises(Refusal) as refused:
        start_competition(
            like=request.referrals[0].id, service_ids=services, portal_url=PORTAL_URL, by=request.school
        )
    assert refused.value.field == "services"


def test_a_child_has_one_competition_at_a_time():
    race = a_race()
    with pytest.raises(GoingOn):
        start_competition(
            like=race.referral(0).id,
            service_ids=[service.id for service, _ in race.request.places],
            portal_url=PORTAL_URL,
            by=race.school,
        )


def test_a_provider_that_has_answered_or_a_closed_route_cannot_compete(session: Session):
    request = asked(2, offers=1)
    services = [service.id for service, _ in request.places]
    start = {"like": request.referrals[0].id, "portal_url": PORTAL_URL, "by": request.school}
    with pytest.raises(Refusal, match="answered already"):
        start_competition(service_ids=services, **start)
    db.session.execute(db.text("UPDATE framework SET call_off_routes = ARRAY['direct_award']"))
    with pytest.raises(Refusal, match="opens no mini-competition"):
        start_competition(service_ids=[services[1], a_service().id], **start)


def test_another_school_starts_opens_marks_and_ends_nothing():
    race, other = a_marked_race(), a_school_person()
    by = {"portal_url": PORTAL_URL, "by": other}
    with pytest.raises(NotFound):
        start_competition(like=race.referral(0).id, service_ids=[1, 2], **by)
    with pytest.raises(NotFound):
        open_answers(competition_id=race.competition.id, **by)
    with pytest.raises(NotFound):
        abandon(competition_id=race.competition.id, reason="No.", **by)
    with pytest.raises(NotFound):
        mark_answer(entry_id=race.entry(0).id, given={"fit": (5, "Y"), "travel": (5, "Y")}, by=other)
    with pytest.raises(NotFound):
        competition_for(other, race.competition.id)


def test_the_referral_is_answered_in_the_competition_and_nowhere_else():
    race = a_race()
    with pytest.raises(InCompetition):
        accept_referral(
            referral_id=race.referral(0).id,
            offer=an_offer(price_reason="More."),
            portal_url=PORTAL_URL,
            by=race.request.provider(0),
        )


def test_an_answer_is_sealed_and_its_provider_may_change_it_until_the_close():
    race = a_race(answers=1)
    facts = competition_for(race.school, race.competition.id)
    assert (facts.answered, facts.waiting, answers_in(facts)) == (1, 1, [])
    assert race.referral(0).state == "sent"
    answers_with(race, 0, price=Decimal(70))
    assert invitation_for(race.request.provider(0), race.referral(0).id).answer["price"] == 70
    with after_the_close(race), pytest.raises(Closed):
        answers_with(race, 0, price=Decimal(60))


def test_a_provider_reads_and_answers_no_invitation_of_another():
    race = a_race()
    with pytest.raises(NotFound):
        invitation_for(race.request.provider(1), race.referral(0).id)
    with pytest.raises(NotFound):
        answer_competition(
            referral_id=race.referral(0).id,
            offer=an_offer(),
            words={"fit": FIT, "travel": TRAVEL},
            by=race.request.provider(1),
        )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"fit": ""}, "fit"),
        ({"travel": "word " * 51}, "travel"),
        ({"price": Decimal(0)}, "price"),
        ({"sessions": ()}, "sessions"),
    ],
)
def test_an_answer_that_lacks_something_is_refused_at_its_field(change, field):
    race = a_race()
    with pytest.raises(Refusal) as refused:
        answers_with(race, 0, **change)
    assert refused.value.field == field


def test_answers_open_before_the_close_only_when_everybody_has_answered():
    race = a_race(answers=1)
    with pytest.raises(Sealed):
        opened(race)
    decline_referral(
        referral_id=race.referral(1).id, reason="Full.", portal_url=PORTAL_URL, by=race.request.provider(1)
    )
    opened(race)
    assert race.entry(0) and db.session.get(Referral, race.referral(0).id).state == "accepted"


def test_after_the_close_they_open_and_whoever_said_nothing_is_out():
    race = a_race(answers=1)
    with after_the_close(race):
        opened(race)
    first, second = (db.session.get(Referral, race.referral(n).id) for n in (0, 1))
    assert (first.state, first.offered_price, first.answered_by_id) == (
        "accepted",
        80,
        race.request.provider(0).person_id,
    )
    assert (second.state, second.competition_id) == ("sent", None)
    facts = competition_for(race.school, race.competition.id)
    assert [each.referral_id for each in answers_in(facts)] == [first.id]


def test_marks_need_points_and_a_reason_and_name_no_child():
    race = opened(a_race(answers=2))
    entry_id = race.entry(0).id
    good = (4, "It says how.")
    for bad, field in (
        ((6, "Good."), "fit_points"),
        ((4, " "), "fit_reason"),
        ((4, "As his mother said, 07700 900123."), "fit_reason"),
    ):
        with pytest.raises(Refusal) as refused:
            mark_answer(entry_id=entry_id, given={"fit": bad, "travel": good}, by=race.school)
        assert refused.value.field == field
    assert db.session.query(EntryMark).count() == 0


def test_nothing_is_marked_before_the_opening_or_after_the_choice():
    race = a_race(answers=2)
    with pytest.raises(Conflict):
        marked(race, 0)
    awarded(_marked(opened(race)))
    with pytest.raises(Conflict):
        marked(race, 1)


def _marked(race):  # type: ignore[no-untyped-def]
    for number in (0, 1):
        marked(race, number)
    return race


def test_the_first_ranked_offer_is_chosen_and_the_others_are_let_go():
    race = a_marked_race(3)
    choice = awarded(race, pupil_preference="The workshop.", parent_preference="Near home.")
    assert (choice.route, choice.referral_id) == ("mini_competition", race.referral(0).id)
    assert choice.reason == "Ranked first of 3 with 90 out of 100."
    states = [db.session.get(Referral, race.referral(n).id).state for n in range(3)]
    assert states == ["accepted", "not_chosen", "not_chosen"]
    assert competition_for(race.school, race.competition.id).state == "awarded"


def test_an_offer_that_is_not_first_or_not_marked_is_not_chosen():
    race = opened(a_race(answers=2))
    marked(race, 0)
    with pytest.raises(Refusal, match="Mark every answer"):
        awarded(race, 0)
    marked(race, 1)
    with pytest.raises(Refusal, match="Another offer is first"):
        awarded(race, 1)
    assert db.session.query(CallOff).count() == 0


def test_nobody_chooses_past_a_competition_that_goes_on():
    race = opened(a_race(answers=2))
    with pytest.raises(Decides):
        choose(race.referral(1), race.school)
    told = {"reason": "Nobody fits.", "portal_url": PORTAL_URL, "by": race.school}
    abandon(competition_id=race.competition.id, **told)
    assert choose(race.referral(1), race.school).route == "direct_award"


def test_between_equal_offers_a_reason_decides():
    race = opened(_race_of_equals())
    for number in (0, 1):
        marked(race, number)
    with pytest.raises(Refusal) as refused:
        awarded(race, 1)
    assert refused.value.field == "reason"
    choice = awarded(race, 1, reason="The child knows an adult there.")
    assert choice.reason.endswith("The child knows an adult there.")


def _race_of_equals():  # type: ignore[no-untyped-def]
    race = a_race()
    for number in (0, 1):
        answers_with(race, number)
    return race


def test_a_provider_that_was_suspended_meanwhile_is_not_chosen():
    race = a_marked_race()
    suspend_standing(standing_id=race.request.places[0][0].standing_id)
    with pytest.raises(NotAdmitted):
        awarded(race)
    assert competition_for(race.school, race.competition.id).state == "opened"


def test_whoever_ends_it_says_why_and_unopened_answers_stay_unread():
    race = a_race(answers=1)
    by = {"competition_id": race.competition.id, "portal_url": PORTAL_URL, "by": race.school}
    with pytest.raises(Refusal):
        abandon(reason=" ", **by)
    for _ in range(2):
        abandon(reason="The family moved.", **by)
    with pytest.raises(MoveRefused):
        abandon(reason="Another reason.", **by)
    offer = an_offer(price_reason="An adult for this child alone.")
    accept_referral(
        referral_id=race.referral(0).id, offer=offer, portal_url=PORTAL_URL, by=race.request.provider(0)
    )
    facts = competition_for(race.school, race.competition.id)
    assert (facts.state, answers_in(facts)) == ("abandoned", [])
    told = next(each for each in letters_to(race.request.provider(0).email) if "has ended" in each.title)
    assert "The family moved." in told.body


def test_after_one_was_ended_the_same_providers_compete_anew():
    race = a_race(answers=1)
    abandon(competition_id=race.competition.id, reason="Wrong days.", portal_url=PORTAL_URL, by=race.school)
    again = start_competition(
        like=race.referral(0).id,
        service_ids=[service.id for service, _ in race.request.places],
        portal_url=PORTAL_URL,
        by=race.school,
    )
    assert competition_for(race.school, again.id).answered == 0


def test_the_ranking_is_there_once_all_is_marked():
    race = opened(a_race(answers=2))
    marked(race, 1, fit=5)
    facts = competition_for(race.school, race.competition.id)
    assert [place.rank for place in ranking_of(facts, answers_in(facts))] == [None, None]
    marked(race, 0, fit=4)
    facts = competition_for(race.school, race.competition.id)
    first = ranking_of(facts, answers_in(facts))[0]
    assert (first.entry_id, first.rank) == (race.entry(1).id, 1)


def test_a_child_with_nowhere_to_go_is_not_made_to_wait_for_a_competition():
    request = asked(2)
    with transaction() as session:
        for referral in request.referrals:
            session.get_one(Referral, referral.id).urgent = True
    start = {
        "like": request.referrals[0].id,
        "service_ids": [service.id for service, _ in request.places],
        "portal_url": PORTAL_URL,
        "by": request.school,
    }
    with pytest.raises(CannotWait, match="at least 48 hours") as refused:
        start_competition(**start)
    assert ROUTES["direct_award"] in refused.value.sentence
    assert ROUTES["mini_competition"] not in refused.value.sentence
    with transaction() as session:
        session.execute(text("UPDATE framework SET call_off_routes = ARRAY['mini_competition']"))
    with pytest.raises(CannotWait, match="speak to the council today"):
        start_competition(**start)


def test_a_competition_without_a_winner_is_concluded_and_its_offers_stand():
    race = a_marked_race(fit=1)
    conclude_without_winner(competition_id=race.competition.id, portal_url=PORTAL_URL, by=race.school)
    letter = letters_to(race.request.provider(0).email)[-1]
    assert "No answer reached the minimum" in letter.body and "Another offer" not in letter.body
    assert "result" in letter.body
    assert choose(race.referral(0), race.school).id


def test_a_winner_or_a_missing_mark_keeps_a_competition_from_ending_without_one():
    race = opened(a_race(answers=2))
    marked(race, 0, fit=1)
    with pytest.raises(Refusal, match="Mark every answer"):
        conclude_without_winner(competition_id=race.competition.id, portal_url=PORTAL_URL, by=race.school)
    marked(race, 1, fit=2)
    with pytest.raises(Refusal, match="An offer is first"):
        conclude_without_winner(competition_id=race.competition.id, portal_url=PORTAL_URL, by=race.school)
    with pytest.raises(NotFound):
        conclude_without_winner(
            competition_id=race.competition.id, portal_url=PORTAL_URL, by=a_school_person()
        )
