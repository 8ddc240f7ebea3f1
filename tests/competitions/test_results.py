"""After the choice each provider that answered reads how its own answer was judged, and little of others."""

import re

import pytest
from sqlalchemy import select

from portal.commissioning.answer_services import decline_referral, take_offer_back
from portal.competitions.result_queries import judged_answer, result_for
from portal.competitions.services import abandon
from portal.database import db
from portal.errors import NotFound
from portal.mail.models import Letter
from tests.factories.commissioning import PORTAL_URL
from tests.factories.competitions import Race, a_marked_race, a_race, awarded, marked, opened
from tests.web_client import sign_in

pytestmark = pytest.mark.usefixtures("session")


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def decided() -> Race:
    race = a_marked_race(3)
    awarded(race)
    return race


def test_each_reads_its_own_marks_with_reasons_and_the_total_that_came_first(client):
    race = decided()
    sign_in(client, race.request.provider(1).email)
    page = text_of(client.get(f"/referrals/{race.referral(1).id}").text)
    assert "How your answer in the mini-competition was judged" in page
    page = text_of(client.get(f"/competitions/answers/{race.entry(1).id}/result").text)
    result = result_for(race.request.provider(1), race.entry(1).id)
    assert result.place.rank == 2 and result.ranked == 3 and result.first
    assert "It says how, and how it is checked." in page and "Your place 2 of 3" in page
    assert f"{round(float(result.first.total), 2):g} of 100" in page
    for number in (0, 2):
        other = race.request.provider(number)
        assert other.organisation_name not in page and race.referral(number).reference not in page
    third = result_for(race.request.provider(2), race.entry(2).id)
    assert f"{round(float(third.place.total), 2):g} of 100" not in page


def test_who_came_first_reads_its_own_alone():
    race = decided()
    result = result_for(race.request.provider(0), race.entry(0).id)
    assert (result.place.rank, result.first) == (1, None)


def test_nobody_reads_anothers_or_before_it_is_decided():
    race = a_marked_race(2)
    for number in (0, 1):
        with pytest.raises(NotFound):
            result_for(race.request.provider(number), race.entry(number).id)
    awarded(race)
    for viewer in (race.request.provider(0), race.school):
        with pytest.raises(NotFound):
            result_for(viewer, race.entry(1).id)
        assert not judged_answer(viewer, race.referral(1).id)


def test_who_did_not_answer_or_took_its_offer_back_or_was_in_one_without_a_winner_reads_none():
    race = a_race(4, answers=3)
    decline_referral(
        referral_id=race.referral(3).id, reason="Full.", portal_url=PORTAL_URL, by=race.request.provider(3)
    )
    opened(race)
    for number in range(3):
        marked(race, number)
    take_offer_back(
        referral_id=race.referral(2).id, reason="Full.", portal_url=PORTAL_URL, by=race.request.provider(2)
    )
    awarded(race)
    assert [bool(judged_answer(race.request.provider(n), race.referral(n).id)) for n in range(4)] == [
        True,
        True,
        False,
        False,
    ]
    ended = a_marked_race(2)
    abandon(competition_id=ended.competition.id, reason="None.", portal_url=PORTAL_URL, by=ended.school)
    assert not judged_answer(ended.request.provider(0), ended.referral(0).id)


def test_all_who_answered_are_told_by_letter_where_it_stands():
    race = decided()
    told = db.session.scalars(select(Letter).where(Letter.title.contains("was judged"))).all()
    assert {letter.subject_id for letter in told} == {str(race.referral(n).id) for n in range(3)}
    pages = {str(race.referral(n).id): f"/competitions/answers/{race.entry(n).id}/result" for n in range(3)}
    assert all(pages[letter.subject_id] in letter.body for letter in told)
