"""A provider asks, the lead answers, everyone reads it, and nobody learns who asked."""

import re

import pytest

from portal.development.demonstration.cast import PROVIDERS, address_of
from tests.journeys.people import body, press, somebody
from tests.live_server import Site, Tabs

ASKER = PROVIDERS[0]
QUESTION = "Our van seats nine. May children from two schools travel in it together?"
NEUTRAL = "May children from two schools travel together?"
ANSWER = "Yes, where both schools agree in writing."


def round_that_takes_questions(page) -> str:  # type: ignore[no-untyped-def]
    page.goto("/opportunities")
    links = page.get_by_role("main").get_by_role("link").all()
    addresses = [link.get_attribute("href") for link in links]
    for address in filter(re.compile(r"/opportunities/\d+$").search, filter(None, addresses)):
        page.goto(address)
        if page.get_by_role("link", name="Ask a question").count():
            return address
    raise AssertionError("no round takes questions")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_question_is_asked_answered_and_read_without_its_asker(
    site: Site, tabs: Tabs, scripts: bool
) -> None:
    question, neutral = (f"{words} {'(a)' if scripts else '(b)'}" for words in (QUESTION, NEUTRAL))
    provider = somebody(tabs, site, address_of(ASKER.name), scripts=scripts)
    opportunity = round_that_takes_questions(provider)
    provider.get_by_role("link", name="Ask a question").click()
    provider.get_by_label("Your question").fill(question)
    press(provider, "Send the question")
    assert question in body(provider)
    lead = somebody(tabs, site, "lead@council.example.org", scripts=scripts)
    lead.goto(opportunity.replace("opportunities", "rounds") + "/questions")
    section = lead.locator("section", has_text=question)
    with lead.expect_navigation():
        section.get_by_role("link", name=re.compile("^Answer")).click()
    assert ASKER.name not in lead.content() and ASKER.person not in lead.content()
    lead.get_by_label("Answer", exact=True).fill(ANSWER)
    lead.get_by_label("The question as everyone will read it").fill(f"{neutral} Ask {ASKER.name}.")
    press(lead, "Give the answer")
    assert "This reads like the name of a provider" in body(lead)
    lead.get_by_label("The question as everyone will read it").fill(neutral)
    press(lead, "Give the answer")
    lead.get_by_text(re.compile(r"Question \d+ and its answer are published")).wait_for()
    anyone = tabs.open(site.address, scripts=scripts, width=390)
    anyone.goto(opportunity)
    assert neutral in body(anyone) and ANSWER in body(anyone)
    assert question not in body(anyone) and ASKER.name not in anyone.content()
    provider.goto("/")
    assert "questions were answered" in body(provider)
