"""The pages of applying again."""

import pytest

from tender.applications.carrying_services import carry_over
from tests.factories.accounts import a_provider_person
from tests.factories.outcomes import a_released_evaluation, provider_of
from tests.tender.reapplying.conftest import the_next_round
from tests.web_client import sign_in


@pytest.fixture
def draft(refused, before, following):
    """The refused provider's draft in the open round, carried over; its id."""
    return carry_over(application_id=before, into_round_id=following.id, by=refused)


def page(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_opportunity_and_the_home_page_offer_it(browser, before, following):
    assert f'href="/applications/{before}/again">Apply again</a>' in page(
        browser, f"/opportunities/{following.id}"
    )
    home = page(browser, "/")
    assert f'href="/applications/{before}/again"' in home and "things carried over from round" in home


def test_nobody_else_is_offered_anything(client, before, following):
    assert "Apply again" not in page(client, f"/opportunities/{following.id}")
    sign_in(client, a_provider_person().email)
    assert "Apply again" not in page(client, f"/opportunities/{following.id}")
    assert client.get(f"/applications/{before}/again").status_code == 404


def test_the_start_page_says_what_comes_along_and_what_did_not_pass(browser, before, following):
    start = page(browser, f"/applications/{before}/again")
    assert "What the council said last time" in start and "Safeguarding" in start
    assert "you apply again for Lot 1" in start and "Start from empty instead" in start


def test_from_the_start_page_it_is_carried_over(browser, before, following):
    answer = browser.post(f"/applications/{before}/carry-over", follow_redirects=True)
    told = answer.get_data(as_text=True)
    assert "are now in your application" in told
    assert (
        told.index("Put right first")
        < told.index("The council said in round")
        < told.index("Passed in round")
    )


def test_where_no_round_is_open_the_application_itself_is_shown(browser, before):
    assert browser.get(f"/applications/{before}/again").location == f"/applications/{before}"
    assert browser.post(f"/applications/{before}/carry-over").location == f"/applications/{before}"


def test_a_carried_answer_is_shown_to_be_left_or_changed(browser, draft):
    address = f"/applications/{draft}/questions/attendance"
    kept = page(browser, address)
    assert "Change it only if it changed." in kept and "We ring home" in kept
    assert 'name="value"' not in kept
    assert 'name="value"' in page(browser, f"{address}?change=yes")


def test_the_council_s_words_stand_beside_the_answer_that_did_not_pass(browser, draft):
    told = page(browser, f"/applications/{draft}/questions/safeguarding")
    assert "What the council said in round" in told and 'name="value"' in told


def test_lots_on_which_one_stands_are_named_where_lots_are_chosen(client, session):
    evaluation = a_released_evaluation()
    the_next_round(evaluation)
    sign_in(client, provider_of(evaluation).email)
    start = page(client, f"/applications/{evaluation.applications[0]}/again")
    assert "Apply for more lots in round" in start and "Lots on which you stand already: Lot 1" in start
    answer = client.post(f"/applications/{evaluation.applications[0]}/carry-over")
    assert page(client, f"{answer.location}/lots").count("You are admitted to this lot already") == 1
    tasks = page(client, answer.location)
    assert "Put right first" not in tasks and "As in your application of" in tasks
