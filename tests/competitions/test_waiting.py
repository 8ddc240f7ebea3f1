"""While a mini-competition decides for a child, nobody is asked to choose by hand."""

from flask.testing import FlaskClient

from portal.call_offs.waiting_queries import waiting_for
from portal.competitions.services import abandon
from tests.factories.call_offs import beside
from tests.factories.commissioning import PORTAL_URL, accept
from tests.factories.competitions import a_race
from tests.factories.directory import a_service_and_its_person
from tests.web_client import sign_in


def verbs(school) -> list[str]:
    return [task.verb for task in waiting_for(school).now]


def test_an_offer_beside_a_competition_waits_until_that_is_over(client: FlaskClient, session):
    race = a_race(2)
    service, person = a_service_and_its_person()
    accept(beside(race.referral(0), service, race.school), person)
    sign_in(client, race.school.email)
    address = f"/requests/{race.competition.request_id}"
    page = client.get(address).text
    assert "Compare and choose" not in verbs(race.school)
    assert "A mini-competition decides for this child" in page and "/choose" not in page
    choosing = client.get(f"/referrals/{race.referral(0).id}/choose").text
    assert "Conclude it, or end it and say why" in choosing and "Choose this provider" not in choosing
    abandon(competition_id=race.competition.id, reason="No answers.", portal_url=PORTAL_URL, by=race.school)
    assert "Compare and choose" in verbs(race.school)
    page = client.get(address).text
    assert "/choose" in page and "A mini-competition decides" not in page
