"""What a need profile says of sex, plan and half days: how little, who reads it, and what it is good for."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.commissioning.fitting import fit_of_offer, fits_of_need
from portal.commissioning.need_profile import too_few_alike
from portal.commissioning.offers import suggested_sessions
from portal.commissioning.queries import referral_for
from portal.commissioning.services import IdentifiesTheChild, blank_referral, check_profile
from portal.directory.entries import ServiceEntry
from portal.directory.models import Service
from portal.directory.queries import service_named
from portal.errors import Refusal
from tests.factories.call_offs import asked, choose
from tests.factories.commissioning import a_profile, a_referral
from tests.factories.directory import a_service_and_its_person
from tests.web_client import sign_in

TUESDAY_AND_FRIDAY = ("tue_am", "tue_pm", "fri_am")


@pytest.fixture
def place(session: Session) -> tuple[Service, Actor]:
    return a_service_and_its_person()


@pytest.fixture
def service(place: tuple[Service, Actor]) -> ServiceEntry:
    return service_named(place[0].id)


@pytest.mark.parametrize(
    ("said", "too_few"),
    [
        ({"sex": "girl", "needs": ["SEMH"]}, False),
        ({"sex": "girl", "needs": ["SEMH", "VI"]}, True),
        ({"needs": ["VI"]}, False),
        ({"sex": "boy", "ehc_plan": "yes", "year_group": 5}, True),
        ({"sex": "boy", "ehc_plan": "yes", "year_group": 9}, False),
        ({"sex": "boy", "ehc_plan": "no", "year_group": 5}, False),
    ],
)
def test_sex_is_not_said_where_few_children_are_alike(said, too_few):
    assert bool(too_few_alike(a_profile(**said))) is too_few
    if too_few:
        with pytest.raises(Refusal, match="Leave out the sex") as refusal:
            check_profile(a_profile(**said))
        assert refusal.value.field == "sex" and not isinstance(refusal.value, IdentifiesTheChild)
    else:
        check_profile(a_profile(**said))


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"ehc_plan": ""}, "ehc_plan"),
        ({"sex": "other"}, "sex"),
        ({"sessions_wanted": ("sun_am",)}, "sessions_wanted"),
        ({"days_a_week": 3, "sessions_wanted": TUESDAY_AND_FRIDAY}, "sessions_wanted"),
    ],
)
def test_what_cannot_be_answered_is_refused_at_its_field(said, field):
    with pytest.raises(Refusal) as refusal:
        check_profile(a_profile(**said))
    assert refusal.value.field == field


def test_the_half_days_are_kept_in_the_order_of_the_week_and_read_by_who_is_asked(place):
    service, person = place
    referral = a_referral(service, sessions_wanted=("fri_am", "tue_pm", "tue_am"), ehc_plan="yes", sex="girl")
    read = referral_for(person, referral.id)
    assert read.wanted_words == "2 days a week: Tuesday, Friday morning"
    assert (read.sex_words, read.ehc_words) == ("Girl", "Yes")


def test_who_was_not_chosen_and_who_erases_leave_nothing_of_it(session):
    request = asked(2, offers=2)
    for referral in request.referrals:
        referral.sex, referral.ehc_plan, referral.sessions_wanted = "girl", "yes", ["mon_am", "tue_am"]
    session.commit()
    choose(request.referrals[0], request.school)
    gone = referral_for(request.provider(1), request.referrals[1].id)
    assert (gone.sex, gone.ehc_plan, gone.sessions_wanted) == (None, None, None)
    blank_referral(request.referrals[0].id, by=request.school)
    kept = referral_for(request.school, request.referrals[0].id)
    assert (kept.sex, kept.ehc_plan, kept.sessions_wanted) == ("", "", [])


def test_a_child_with_a_plan_near_full_time_outside_a_registered_school_is_warned_of(service):
    four_days = {"days_a_week": 4, "ehc_plan": "yes"}
    (fit,) = fits_of_need(a_profile(**four_days), [service])
    assert any("20 hours a week for one child with an EHC plan" in sentence for sentence in fit.misfits)
    for change in ({"ehc_plan": "no"}, {"days_a_week": 1}, {"year_group": 12}):
        (fit,) = fits_of_need(a_profile(**four_days | change), [service])
        assert not any("EHC plan" in sentence for sentence in fit.misfits)


def test_an_offer_is_held_against_the_half_days_and_the_start(service):
    need = a_profile(sessions_wanted=TUESDAY_AND_FRIDAY)
    late = need.start_wanted_on + timedelta(days=1)
    fits, misfits = fit_of_offer(need, service, start_on=late, sessions=["mon_am", "tue_am", "tue_pm"])
    assert "Offers Tuesday" in fits and "Does not offer Friday morning" in misfits
    assert any(sentence.startswith("Can start 1 day later") for sentence in misfits)
    fits, misfits = fit_of_offer(
        need, service, start_on=need.start_wanted_on, sessions=[*TUESDAY_AND_FRIDAY, "mon_am"]
    )
    assert "Offers all the half days that you want" in fits and "Can start when you want" in fits


def test_what_is_free_and_wanted_is_suggested():
    assert suggested_sessions(["mon_am", "tue_am"], 2, ("tue_am", "fri_am")) == ["tue_am"]
    assert suggested_sessions(["mon_am", "tue_am"], 2) == ["mon_am", "tue_am"]


def test_the_school_reads_why_each_offer_fits(client, session):
    request = asked(1, offers=1)
    sign_in(client, request.school.email)
    page = client.get(f"/requests/{request.referrals[0].request_id}").text
    assert "Can start when you want." in page and "Offers 2 days of the 2 a week" in page
