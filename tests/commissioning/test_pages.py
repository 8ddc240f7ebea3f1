"""Referring a child through the pages, and answering."""

import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.commissioning.models import Referral
from portal.directory.models import Service
from tests.counting import counted
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.commissioning import a_referral
from tests.factories.directory import a_colleague, a_service_and_its_person, suspend_standing
from tests.web_client import sign_in

START = clock.today() + timedelta(days=10)


@pytest.fixture
def service_and_person(session: Session) -> tuple[Service, Actor]:
    return a_service_and_its_person()


@pytest.fixture
def service(service_and_person: tuple[Service, Actor]) -> Service:
    return service_and_person[0]


@pytest.fixture
def person(service_and_person: tuple[Service, Actor]) -> Actor:
    return service_and_person[1]


def date_parts(name: str, day=START) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


def offer(day=START, **changed: object) -> dict[str, object]:  # type: ignore[no-untyped-def]
    """What a provider types, with some of it changed."""
    said = {"sessions": ["mon_am", "tue_am"], "price": "95", "unit": "day"}
    return said | date_parts("start_on", day) | changed


def typed(**changed: object) -> dict[str, object]:
    """What a school types, with some of it changed."""
    said: dict[str, object] = {
        "year_group": "9",
        "needs": ["SEMH", "ASD"],
        "days_a_week": "2",
        "ehc_plan": "no",
        "need_summary": "Leaves large classes.\n\nNeeds a calm start.",
        "strengths": 'Good with "engines" & bikes',
        "what_has_worked": "",
        "transport": "By bus",
        **date_parts("start_wanted_on"),
    }
    return said | changed


def hidden(page: str) -> dict[str, list[str]]:
    """What the preview carries to the next page."""
    carried: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        carried.setdefault(name, []).append(html.unescape(value))
    return carried


def preview(client: FlaskClient, service: Service, **changed: object) -> str:
    """The preview of a referral with a token from its form."""
    form = client.get(f"/services/{service.id}/refer").get_data(as_text=True)
    token = re.search(r'name="token"[^>]*value="([^"]+)"', form)
    assert token
    answer = client.post(f"/services/{service.id}/refer", data=typed(token=token[1], **changed))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_a_school_refers_a_child_and_the_provider_reads_what_the_preview_showed(
    client: FlaskClient, service: Service, person: Actor, session: Session
) -> None:
    sign_in(client, a_school_person().email)
    shown = preview(client, service)
    assert session.scalar(select(func.count()).select_from(Referral)) == 0
    answers = [client.post(f"/services/{service.id}/refer/send", data=hidden(shown)) for _ in range(2)]
    assert answers[0].status_code == 303 and answers[0].location == answers[1].location
    client.post("/sign-out")
    sign_in(client, person.email)
    read = client.get(answers[0].location).get_data(as_text=True)
    lists = [text_of(re.search(r"<dl.*?</dl>", page, re.S)[0]) for page in (shown, read)]  # type: ignore[index]
    assert lists[0] == lists[1] and "engines" in lists[0]


def test_change_brings_back_all_that_was_typed(client: FlaskClient, service: Service) -> None:
    sign_in(client, a_school_person().email)
    shown = preview(client, service)
    page = client.post(f"/services/{service.id}/refer/change", data=hidden(shown)).get_data(as_text=True)
    assert "Good with &#34;engines&#34; &amp; bikes</textarea>" in page
    assert re.search(r'value="ASD" checked', page) and f'value="{START.year}"' in page
    assert hidden(shown)["token"][0] in page
    assert "There is a problem" not in page


def test_what_names_the_child_is_refused_at_its_field_and_kept(client: FlaskClient, service: Service) -> None:
    sign_in(client, a_school_person().email)
    said = typed(strengths="Born 4 March 2012", transport="from M14 5RQ")
    answer = client.post(f"/services/{service.id}/refer", data=said)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#strengths"' in page and 'href="#transport"' in page
    assert "Born 4 March 2012</textarea>" in page


def test_the_guard_stands_at_the_sending_too(client: FlaskClient, service: Service, session: Session) -> None:
    sign_in(client, a_school_person().email)
    said = hidden(preview(client, service)) | {"strengths": ["call 0161 496 0123"]}
    assert client.post(f"/services/{service.id}/refer/send", data=said).status_code == 422
    assert session.scalar(select(func.count()).select_from(Referral)) == 0


def test_a_suspension_between_preview_and_sending_is_said_and_nothing_is_lost(
    client: FlaskClient, service: Service
) -> None:
    sign_in(client, a_school_person().email)
    said = hidden(preview(client, service))
    suspend_standing(standing_id=service.standing_id, reason="Concern", by=THE_PORTAL)
    answer = client.post(f"/services/{service.id}/refer/send", data=said)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "may not take new children" in page and "Needs a calm start." in page


@pytest.mark.parametrize(
    "field", ["year_group", "days_a_week", "start_wanted_on-day", "need_summary", "strengths"]
)
def test_what_is_missing_is_asked_for(client: FlaskClient, service: Service, field: str) -> None:
    sign_in(client, a_school_person().email)
    answer = client.post(f"/services/{service.id}/refer", data=typed(**{field: ""}))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.get_data(as_text=True)


def test_a_provider_accepts_and_the_school_reads_what_to_do_next(
    client: FlaskClient, service: Service, person: Actor
) -> None:
    school = a_school_person()
    address = f"/referrals/{a_referral(service, school).id}"
    sign_in(client, person.email)
    early = offer(clock.today() - timedelta(days=1), answer_note="Ask for Sam")
    refused = client.post(f"{address}/accept", data=early)
    assert refused.status_code == 422 and "must not be in the past" in refused.get_data(as_text=True)
    assert "Ask for Sam</textarea>" in refused.get_data(as_text=True)
    assert client.post(f"{address}/accept", data=offer()).status_code == 303
    assert "Offer this place" not in client.get(address).get_data(as_text=True)
    client.post("/sign-out")
    sign_in(client, school.email)
    page = text_of(client.get(address).get_data(as_text=True))
    assert "The child can start on" in page and "Compare the answers" in page and person.email in page


def test_a_provider_declines_with_a_reason(client: FlaskClient, service: Service, person: Actor) -> None:
    address = f"/referrals/{a_referral(service).id}"
    sign_in(client, person.email)
    refused = client.post(f"{address}/decline", data={"decline_reason": ""})
    assert refused.status_code == 422 and 'href="#decline_reason"' in refused.get_data(as_text=True)
    assert client.post(f"{address}/decline", data={"decline_reason": "Full until May"}).status_code == 303
    assert "Full until May" in client.get(address).get_data(as_text=True)


def test_a_school_withdraws_what_nobody_answered(client: FlaskClient, service: Service) -> None:
    school = a_school_person()
    address = f"/referrals/{a_referral(service, school).id}"
    sign_in(client, school.email)
    assert "Offer this place" not in client.get(address).get_data(as_text=True)
    assert client.post(f"{address}/withdraw").status_code == 303
    assert "withdrew this referral" in client.get(address).get_data(as_text=True)


def test_an_answer_after_the_withdrawal_is_told_so(
    client: FlaskClient, service: Service, person: Actor
) -> None:
    school = a_school_person()
    address = f"/referrals/{a_referral(service, school).id}"
    sign_in(client, school.email)
    client.post(f"{address}/withdraw")
    client.post("/sign-out")
    sign_in(client, person.email)
    late = client.post(f"{address}/accept", data=offer())
    assert late.status_code == 422 and "withdrew this referral" in late.get_data(as_text=True)


def test_strangers_get_the_same_answer_as_for_a_referral_that_is_not_there(
    client: FlaskClient, service: Service
) -> None:
    referral = a_referral(service)
    address = f"/referrals/{referral.id}"
    for stranger, verb in ((a_school_person(), "withdraw"), (a_provider_person(), "accept")):
        sign_in(client, stranger.email)
        data = offer()
        assert client.get(address).status_code == client.get("/referrals/0").status_code == 404
        assert client.post(f"{address}/{verb}", data=data).status_code == 404
        assert referral.reference not in client.get("/referrals").get_data(as_text=True)
        client.post("/sign-out")


@pytest.mark.parametrize(
    "role", ["administrator", "procurement_lead", "auditor", "evaluator", "moderator", "approver"]
)
def test_nobody_at_the_council_reads_a_childs_facts(client: FlaskClient, service: Service, role: str) -> None:
    referral = a_referral(service)
    sign_in(client, a_person(a_council(), role).email)
    for page in (f"/referrals/{referral.id}", "/referrals", f"/services/{service.id}/refer"):
        assert client.get(page).status_code == 403
    seen = client.get(f"/services/{service.id}").get_data(as_text=True)
    assert "large classes" not in seen and referral.reference not in seen


def test_the_list_takes_as_many_statements_for_30_as_for_3(
    client: FlaskClient, service: Service, person: Actor
) -> None:
    sign_in(client, person.email)
    assert "Schools, and the council, that ask you" in client.get("/referrals").get_data(as_text=True)
    for more in (3, 27):
        for _ in range(more):
            a_referral(service)
        with counted() as statements:
            page = text_of(client.get("/referrals").get_data(as_text=True))
        # Who it is, the referrals, which of them were chosen and agreed, the close, and two for the trail.
        assert len(statements) == 7
    assert "Showing 1 to 20 of 30 referrals" in page and "today" in page


@pytest.mark.parametrize("role", ["administrator", "placement_coordinator", "safeguarding_lead"])
def test_a_schools_other_people_follow_its_referrals_and_can_neither_send_nor_withdraw(
    client: FlaskClient, service_and_person: tuple[Service, Actor], role: str
) -> None:
    service, _ = service_and_person
    school = a_school_person()
    referral = a_referral(service, school)
    sign_in(client, a_colleague(school, role).email)
    assert referral.reference in client.get("/referrals").text
    page = client.get(f"/referrals/{referral.id}")
    assert page.status_code == 200 and "Withdraw" not in page.text
    assert client.post(f"/referrals/{referral.id}/withdraw").status_code == 403
    assert client.get(f"/services/{service.id}/refer").status_code == 403


def test_another_schools_safeguarding_lead_finds_no_referral(
    client: FlaskClient, service_and_person: tuple[Service, Actor]
) -> None:
    referral = a_referral(service_and_person[0])
    sign_in(client, a_colleague(a_school_person(), "safeguarding_lead").email)
    assert client.get(f"/referrals/{referral.id}").status_code == 404


def test_withdrawing_asks_first_and_says_who_is_told(client: FlaskClient, service: Service) -> None:
    school = a_school_person()
    referral = a_referral(service, school)
    sign_in(client, school.email)
    assert f'href="/referrals/{referral.id}/withdraw"' in client.get(f"/referrals/{referral.id}").get_data(
        as_text=True
    )
    page = text_of(client.get(f"/referrals/{referral.id}/withdraw").get_data(as_text=True))
    assert (
        "everybody there who answers referrals is told by letter; they no longer see what you wrote" in page
    )
    assert client.post(f"/referrals/{referral.id}/withdraw").status_code == 303
    again = client.get(f"/referrals/{referral.id}/withdraw")
    assert again.status_code == 409 and "is withdrawn already" in again.get_data(as_text=True)


def test_only_the_school_that_sent_it_is_asked_to_withdraw(
    client: FlaskClient, service: Service, person: Actor
) -> None:
    referral = a_referral(service)
    sign_in(client, a_school_person().email)
    assert client.get(f"/referrals/{referral.id}/withdraw").status_code == 404
    client.post("/sign-out")
    sign_in(client, person.email)
    assert client.get(f"/referrals/{referral.id}/withdraw").status_code == 403
