"""Who is not chosen keeps nothing of the child: asked over HTTP, page by page."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.call_offs.services import cancel_call_off
from portal.commissioning.answer_services import decline_referral
from portal.commissioning.services import withdraw_referral
from tests.factories.call_offs import Asked, asked, choose
from tests.factories.commissioning import PORTAL_URL
from tests.web_client import sign_in

OF_THE_CHILD = (
    "large classes",
    "rebuild trust",
    "kind to younger",
    "quiet start",
    "By bus",
    "Year 9",
    "year 9",
)
EVERYWHERE = ("/referrals", "/", "/search", "/your-standing", "/your-sign-in")


def read_by_provider(client: FlaskClient, request: Asked, number: int) -> dict[str, str]:
    """All that the provider in this place can open, by address."""
    person = request.provider(number)
    sign_in(client, person.email)
    service = request.places[number][0]
    addresses = (
        f"/referrals/{request.referrals[number].id}",
        f"/services/{service.id}",
        *EVERYWHERE,
    )
    pages = {address: client.get(address).get_data(as_text=True) for address in addresses}
    client.post("/sign-out")
    return pages


def told(pages: dict[str, str]) -> list[str]:
    return [
        f"{secret} on {page}" for page, text in pages.items() for secret in OF_THE_CHILD if secret in text
    ]


@pytest.fixture
def request_of_three(session: Session) -> Asked:
    return asked(3, offers=2)


def test_while_it_may_be_the_one_a_provider_reads_the_child(client, request_of_three):
    for number in range(3):
        pages = read_by_provider(client, request_of_three, number)
        assert "kind to younger" in pages[f"/referrals/{request_of_three.referrals[number].id}"]
        assert "Year 9" in pages["/referrals"]


def test_after_the_choice_the_others_read_that_it_is_over_and_nothing_of_the_child(client, request_of_three):
    choose(request_of_three.referrals[0], request_of_three.school)
    for number in (1, 2):
        pages = read_by_provider(client, request_of_three, number)
        assert told(pages) == []
        own = pages[f"/referrals/{request_of_three.referrals[number].id}"]
        assert request_of_three.referrals[number].reference in own and "not chosen for this child" in own
        assert "no longer shown to you" in own
        assert request_of_three.referrals[number].reference in pages["/referrals"]
    chosen = read_by_provider(client, request_of_three, 0)
    assert "kind to younger" in chosen[f"/referrals/{request_of_three.referrals[0].id}"]


def test_a_provider_whose_choice_was_cancelled_reads_nothing_more(client, request_of_three):
    choice = choose(request_of_three.referrals[0], request_of_three.school)
    cancel_call_off(call_off_id=choice.id, reason="Moved.", portal_url=PORTAL_URL, by=request_of_three.school)
    pages = read_by_provider(client, request_of_three, 0)
    assert told(pages) == [] and "Moved." not in "".join(pages.values())
    sign_in(client, request_of_three.provider(0).email)
    assert client.get(f"/choices/{choice.id}").status_code == 404


def test_a_provider_that_said_no_or_from_which_it_was_withdrawn_reads_nothing_more(client, request_of_three):
    withdraw_referral(
        referral_id=request_of_three.referrals[2].id, portal_url=PORTAL_URL, by=request_of_three.school
    )
    assert told(read_by_provider(client, request_of_three, 2)) == []
    one = asked(1)
    decline_referral(
        referral_id=one.referrals[0].id, reason="We are full.", portal_url=PORTAL_URL, by=one.provider(0)
    )
    pages = read_by_provider(client, one, 0)
    assert told(pages) == [] and "We are full." in pages[f"/referrals/{one.referrals[0].id}"]


def test_the_school_reads_all_of_it_for_ever(client, request_of_three):
    choose(request_of_three.referrals[0], request_of_three.school)
    sign_in(client, request_of_three.school.email)
    for referral in request_of_three.referrals:
        assert "kind to younger" in client.get(f"/referrals/{referral.id}").text
