"""A question is amended while people apply: the council says why, and the provider answers anew."""

import re

import pytest
from playwright.sync_api import expect

from portal.database import db
from tender.applications.queries import own_item_for
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft
from tests.factories.frameworks import a_framework, a_procurement_lead, a_published_round, lot_ids
from tests.journeys.people import body, follow, press, somebody
from tests.live_server import Site, Tabs

REASON = "The question named a register that no longer exists."
ASKED = "Give the number under which you are in the public register of fee payers."
ANEW = "ZB765432"


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_question_is_amended_seen_answered_anew_and_submitted(
    tabs: Tabs, site: Site, scripts: bool
) -> None:
    with site.app.app_context():
        lead, provider = a_procurement_lead(), a_provider_person()
        published = a_published_round(lead=lead, framework=a_framework(lead=lead))
        draft, round_id = a_complete_draft(published, provider, lot_ids(published)[1:]), published.id
        db.session.commit()

    council = somebody(tabs, site, lead.email, scripts=scripts)
    council.goto(f"/rounds/{round_id}")
    council.get_by_role("link", name="Amend the questions").click()
    council.locator("#question-ico_number").get_by_role("link").first.click()
    council.get_by_label("Question", exact=True).fill(ASKED)
    press(council, "Keep for the next version")
    press(council, "See the difference and publish")
    assert "public register of fee payers" in body(council)
    press(council, "Publish version 2")
    expect(council.get_by_role("main")).to_contain_text("Say why.")
    council.get_by_label("Why the questions change").fill(REASON)
    press(council, "Publish version 2")
    expect(council.get_by_role("main")).to_contain_text("Version 2 is published, and everyone who is to know")

    page = somebody(tabs, site, provider.email, scripts=scripts)
    page.goto(f"/applications/{draft}")
    expect(page.get_by_role("main")).to_contain_text("changed")
    page.goto(f"/applications/{draft}/questions/ico_number")
    assert ASKED in body(page)
    follow(page, "See what is different")
    assert REASON in body(page) and "public register of fee payers" in body(page)
    page.goto(f"/applications/{draft}/questions/ico_number")
    page.locator("form[data-autosave] textarea").fill(ANEW)
    press(page, "Save and continue")
    page.goto(f"/applications/{draft}/check")
    assert ANEW in body(page)
    page.get_by_label(re.compile("I am allowed to submit")).check()
    press(page, "Submit application")
    assert re.search(r"AP-\d{4}-\w{4}-\w{4}", body(page))
    with site.app.app_context():
        item = own_item_for(provider, draft, "ico_number", None)
        assert (item.value, item.changed_since_answered) == (ANEW, False)
