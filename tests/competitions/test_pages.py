"""The pages of a mini-competition, played by the school and two providers."""

import html
from datetime import timedelta

from flask.testing import FlaskClient

from portal import clock
from portal.accounts.models import Organisation
from portal.commissioning.models import Referral
from portal.database import db, transaction
from tests.call_offs.test_choosing import open_routes
from tests.counting import counted
from tests.factories.call_offs import asked
from tests.factories.competitions import FIT, TRAVEL, Race, a_marked_race, a_race, opened
from tests.factories.directory import a_service
from tests.web_client import sign_in


def test_a_school_starts_one_from_the_answers_page(client: FlaskClient):
    request = asked(2)
    sign_in(client, request.school.email)
    address = f"/referrals/{request.referrals[0].id}/compete"
    assert address in client.get(f"/requests/{request.referrals[0].request_id}").text
    page = client.get(address).text
    assert page.count("Asked already, not answered.") == 2
    refused = client.post(address, data={"services": "nonsense"})
    assert refused.status_code == 422 and "Choose 2 to 8 services" in refused.text
    services = [str(service.id) for service, _ in request.places]
    started = client.post(address, data={"services": services})
    assert started.status_code == 303
    assert "Who of them has answered is not shown" in client.get(started.location).text
    assert "One is going on for this child already" in client.get(address).text


def typed(**changed: str) -> dict[str, str | list[str]]:
    start = clock.today() + timedelta(days=14)
    said: dict[str, str | list[str]] = {
        "fit": FIT,
        "travel": TRAVEL,
        "sessions": ["mon_am", "mon_pm"],
        "price": "80",
        "unit": "day",
        **{f"start_on-{part}": str(getattr(start, part)) for part in ("day", "month", "year")},
    }
    return said | changed


def test_a_provider_answers_on_its_own_page_and_nothing_typed_is_lost(client: FlaskClient):
    race = a_race()
    sign_in(client, race.request.provider(0).email)
    address = f"/referrals/{race.referral(0).id}/entry"
    assert address in client.get(f"/referrals/{race.referral(0).id}").text
    refused = client.post(address, data=typed(travel=""))
    assert refused.status_code == 422 and FIT in refused.text
    assert client.post(address, data=typed()).status_code == 303
    assert TRAVEL in client.get(address).text
    assert client.get(f"/referrals/{race.referral(1).id}/entry").status_code == 404


def too_late(client: FlaskClient, race: Race, **changed: str) -> str:
    """The page that a provider reads which pressed the button after the close."""
    address = f"/referrals/{race.referral(0).id}/entry"
    answer = client.post(address, data=typed(**changed))
    assert answer.status_code == 422
    return html.unescape(answer.text)


def test_what_is_pressed_after_the_close_is_shown_to_be_copied(client: FlaskClient):
    race = a_race()
    sign_in(client, race.request.provider(0).email)
    with transaction():
        race.competition.started_at -= timedelta(days=9)
        race.competition.closes_at = clock.now() - timedelta(seconds=1)
    page = too_late(client, race, answer_note="Ring Ana.", price="80,5x")
    assert "The mini-competition closed at" in page and "so that you can copy it" in page
    for said in (FIT, TRAVEL, "Ring Ana.", "80,5x for a day", "Monday", str((clock.today()).year)):
        assert said in page, said
    assert "must be an amount" not in page and "<textarea" not in page
    assert "you can answer this referral as any other" in page
    assert race.entry(0).submitted_at is None


def test_what_is_pressed_after_the_opening_is_shown_to_be_copied_too(client: FlaskClient):
    race = a_race(answers=2)
    opened(race)
    sign_in(client, race.request.provider(0).email)
    page = too_late(client, race, travel="By boat.")
    assert "By boat." in page and "It can no longer be changed" in page
    assert race.entry(0).travel == TRAVEL


def test_who_never_answered_reads_that_the_referral_is_one_as_any_other(client: FlaskClient):
    race = a_race(answers=0)
    sign_in(client, race.request.provider(0).email)
    with clock.staged_at(race.competition.closes_at + timedelta(seconds=1)):
        opened(race)
    page = too_late(client, race)
    assert FIT in page and f'href="/referrals/{race.referral(0).id}"' in page
    assert "answer this referral as any other</a> now" in page


def test_where_nobody_reaches_the_minimum_the_page_says_so_and_what_to_do(client: FlaskClient):
    race = a_marked_race(fit=1)
    sign_in(client, race.school.email)
    address = f"/competitions/{race.competition.id}"
    page = client.get(address).text
    assert "Nobody has won" in page and page.count("Below the minimum") == 2
    assert "Waits for the others" not in page and "when all are marked" not in page
    assert client.post(f"{address}/no-winner").status_code == 303
    assert client.post(f"{address}/no-winner").status_code == 303  # a second click
    page = client.get(address).text
    assert "Concluded, nobody has won" in page and "What you can do now" in page
    assert f"/requests/{race.competition.request_id}" in page
    client.post("/sign-out")
    sign_in(client, race.request.provider(0).email)
    result = html.unescape(client.get(f"/competitions/answers/{race.entry(0).id}/result").text)
    assert "Nobody came first" in result and "Came first" not in result.replace("Nobody came first", "")
    assert "Every answer was below the minimum" in result and "It says how, and how it is checked." in result


def test_a_school_opens_marks_and_chooses(client: FlaskClient):
    race = a_race(answers=2)
    sign_in(client, race.school.email)
    address = f"/competitions/{race.competition.id}"
    assert FIT not in client.get(address).text
    client.post(f"{address}/open")
    assert ", when everybody had answered" in client.get(address).text
    for number in (0, 1):
        answer = f"/competitions/answers/{race.entry(number).id}"
        page = client.get(answer).text
        assert FIT in page and f"£{80 + 10 * number} for a day, " in page
        refused = client.post(answer, data={"fit_reason": "Says how."})
        assert refused.status_code == 422 and "Says how." in refused.text
        marks = {f"{code}_{what}": value for code in ("fit", "travel") for what, value in
                 (("points", "4"), ("reason", "Says how."))}  # fmt: skip
        client.post(answer, data=marks)
    assert "is first." in client.get(address).text
    chosen = client.post(f"{address}/award", data={"entry": str(race.entry(0).id)})
    assert chosen.status_code == 303 and chosen.location.startswith("/choices/")
    assert "Ranked first of 2" in client.get(address).text


def test_a_refused_choice_says_why_on_its_page(client: FlaskClient):
    race = a_marked_race()
    sign_in(client, race.school.email)
    address = f"/competitions/{race.competition.id}"
    refused = client.post(f"{address}/award", data={"entry": str(race.entry(1).id)})
    assert refused.status_code == 422 and "Another offer is first." in refused.text
    assert client.post(f"{address}/award", data={"entry": "1e9"}).status_code == 422


def test_ending_it_asks_for_a_reason(client: FlaskClient):
    race = a_race()
    sign_in(client, race.school.email)
    address = f"/competitions/{race.competition.id}/abandon"
    assert "Say why you end it." in client.post(address, data={}).text
    assert client.post(address, data={"ending": "The family moved."}).status_code == 303


def test_pages_cost_the_same_for_two_answers_and_for_six(client: FlaskClient):
    few_race, many_race = opened(a_race(answers=2)), None
    sign_in(client, few_race.school.email)
    with counted() as few:
        client.get(f"/competitions/{few_race.competition.id}")
    many_race = opened(a_race(6, answers=6, school=few_race.school))
    with counted() as many:
        assert client.get(f"/competitions/{many_race.competition.id}").status_code == 200
    assert len(few) == len(many) <= 12


def test_only_services_whose_framework_opens_competitions_are_offered(client: FlaskClient):
    request = asked(2)
    open_routes(request.referrals[1], "direct_award")
    sign_in(client, request.school.email)
    page = client.get(f"/referrals/{request.referrals[0].id}/compete").text
    shut, opened = (request.places[number][0].id for number in (1, 0))
    assert f'value="{opened}"' in page and f'value="{shut}"' not in page
    open_routes(request.referrals[0], "direct_award")
    empty = client.get(f"/referrals/{request.referrals[0].id}/compete").text
    assert "No service whose framework opens mini-competitions" in empty


def test_a_child_with_nowhere_to_go_is_not_offered_a_competition_at_its_address_either(client: FlaskClient):
    request = asked(2)
    with transaction() as session:
        for referral in request.referrals:
            session.get_one(Referral, referral.id).urgent = True
    sign_in(client, request.school.email)
    page = client.get(f"/referrals/{request.referrals[0].id}/compete").text
    assert "a mini-competition takes at least 48 hours" in page and "Invite them" not in page
    assert '<h1 class="govuk-heading-l">A mini-competition takes too long for this child</h1>' in page
    assert f"/requests/{request.referrals[0].request_id}" in page


def test_services_are_named_beside_their_provider_in_the_ranking(client: FlaskClient):
    race = a_marked_race()
    sign_in(client, race.school.email)
    page = client.get(f"/competitions/{race.competition.id}").text
    for referral, (service, provider) in zip(race.request.referrals, race.request.places, strict=True):
        named = f"{provider.organisation_name}, {service.title} ({referral.reference})"
        assert named in html.unescape(page)


def test_two_services_of_one_provider_alone_do_not_compete(client: FlaskClient):
    request = asked(1)
    service, _ = request.places[0]
    other = a_service(provider=db.session.get_one(Organisation, service.provider_id))
    sign_in(client, request.school.email)
    address = f"/referrals/{request.referrals[0].id}/compete"
    refused = client.post(address, data={"services": [str(service.id), str(other.id)]})
    assert refused.status_code == 422 and "at least 2 different providers" in refused.text
