"""What is typed outlives a lost line, a session that ends, a reload and a colleague."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.web.filters import uk_datetime
from portal.web.text import clean_text
from portal.web.words import count_words
from tender.applications.answer_services import save_answer
from tender.applications.queries import own_application_for, own_item_for
from tests.factories.accounts import a_person, a_provider_person
from tests.factories.applications import a_draft
from tests.factories.frameworks import a_published_round, lot_ids
from tests.journeys.people import press
from tests.live_server import Site, Tabs
from tests.web.test_words import CORPUS
from tests.web_client import PASSWORD

# What the browser itself says of a line that is cut and of a session that is over.
EXPECTED = ("ERR_INTERNET_DISCONNECTED", "status of 400", "status of 401")

LEFT = timedelta(minutes=5)  # until the close

ANOTHERS = "unsaved:another-person:/applications/1/questions/x#1"


@dataclass(frozen=True)
class Writing:
    """A draft, the people who write it, and where."""

    site: Site
    draft: int
    mine: Actor
    colleague: Actor

    @property
    def address(self) -> str:
        return f"/applications/{self.draft}/questions/safeguarding"

    def by_colleague(self, value: str, version: int) -> None:
        with self.site.app.app_context():
            place = {"application_id": self.draft, "code": "safeguarding"}
            save_answer(**place, value=value, version=version, by=self.colleague)

    @property
    def saved(self) -> object:
        with self.site.app.app_context():
            return own_item_for(self.mine, self.draft, "safeguarding", None).value


@pytest.fixture
def writing(site: Site) -> Writing:
    with site.app.app_context():
        round = a_published_round(open_for=timedelta(days=7) + LEFT)
        mine = a_provider_person()
        colleague = a_person(db.session.get_one(Organisation, mine.organisation_id), "editor")
        made = Writing(site, a_draft(round, mine, lot_ids(round)[:1]), mine, colleague)
        db.session.commit()
    return made


@pytest.fixture
def page(tabs: Tabs, site: Site, writing: Writing) -> Iterator[Page]:
    """The question, opened by the person who writes."""
    opened = tabs.open(site.address)
    enter(opened, writing.mine, writing.address)
    opened.locator("[data-autosave-status]").wait_for()
    yield opened
    tabs.complaints[:] = [each for each in tabs.complaints if not any(said in each for said in EXPECTED)]


def enter(page: Page, person: Actor, address: str) -> None:
    page.goto(f"/sign-in?next={address}")
    sign_in_here(page, person)


def sign_in_here(page: Page, person: Actor) -> None:
    page.get_by_label("Email address").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Sign in")


def box(page: Page):
    return page.locator("textarea")


def says(page: Page, words: str) -> None:
    expect(page.locator("[data-autosave-status]")).to_contain_text(words, timeout=15_000)


def kept(page: Page) -> list[str]:
    """The names of what is kept on the device."""
    return page.evaluate("() => Object.keys(localStorage)")


def cut_line(page: Page) -> None:
    """Nothing of this page reaches the portal: not even what browsers send while they close it."""
    page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('no line')) }")


def offer(page: Page):
    return page.locator(".govuk-inset-text", has_text="You typed this on")


def test_words_typed_without_a_line_are_kept_and_saved_when_it_is_back(page, writing):
    page.context.set_offline(True)
    box(page).fill("Typed in a tunnel.")
    says(page, "Not saved: no connection. Your words are kept on this device")
    page.context.set_offline(False)
    says(page, "Saved at")
    assert writing.saved == "Typed in a tunnel."
    assert kept(page) == []


def test_a_closed_page_offers_its_words_again_and_replaces_nothing_by_itself(page, writing):
    cut_line(page)
    box(page).fill("Typed before the battery died.")
    says(page, "Not saved")
    page.goto(writing.address)
    expect(offer(page)).to_contain_text("Typed before the battery died.")
    assert box(page).input_value() == ""
    page.get_by_role("button", name="Put it back").click()
    says(page, "Saved at")
    assert writing.saved == "Typed before the battery died."
    page.reload()
    expect(offer(page)).to_have_count(0)


def test_what_is_offered_can_be_discarded(page, writing):
    cut_line(page)
    box(page).fill("Not worth keeping.")
    says(page, "Not saved")
    page.goto(writing.address)
    page.get_by_role("button", name="Discard it").click()
    page.reload()
    expect(offer(page)).to_have_count(0)
    assert writing.saved is None


def test_words_put_back_over_what_a_colleague_saved_meanwhile_overwrite_nothing(page, writing):
    cut_line(page)
    box(page).fill("Mine, from the train.")
    says(page, "Not saved")
    writing.by_colleague("Theirs, from the office.", 0)
    page.goto(writing.address)
    page.get_by_role("button", name="Put it back").click()
    says(page, "saved another version of this answer")
    assert writing.saved == "Theirs, from the office."
    page.get_by_role("button", name="See both and choose").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "saved another version while you were typing"
    )
    press(page, "Keep what I typed")
    assert box(page).input_value() == "Mine, from the train." == writing.saved
    expect(offer(page)).to_have_count(0)


def test_when_the_session_is_over_signing_in_brings_the_words_back(page, writing):
    page.context.clear_cookies()
    box(page).fill("Typed after a long lunch.")
    says(page, "Not saved: you have been signed out. Your words are kept on this device.")
    page.get_by_role("link", name="Sign in and go on").click()
    sign_in_here(page, writing.mine)
    says(page, "Saved at")
    assert box(page).input_value() == "Typed after a long lunch." == writing.saved


def test_signing_in_again_in_another_tab_is_enough(page, writing):
    page.context.clear_cookies()
    box(page).fill("Typed in the first tab.")
    says(page, "signed out")
    other = page.context.new_page()
    enter(other, writing.mine, "/")
    other.close()
    box(page).press_sequentially(" And on.")
    says(page, "Saved at")
    assert writing.saved == "Typed in the first tab. And on."


def test_nobody_else_on_the_same_computer_sees_or_saves_the_words(page, writing):
    page.context.clear_cookies()
    box(page).fill("For my eyes only.")
    says(page, "signed out")
    enter(page, writing.colleague, writing.address)
    expect(offer(page)).to_have_count(0)
    assert "For my eyes only." not in page.content() and writing.saved is None


def test_signing_out_leaves_nothing_on_the_device_and_asks_before(page, writing):
    cut_line(page)
    box(page).fill("Not saved yet.")
    says(page, "Not saved")
    page.evaluate(f"() => localStorage.setItem('{ANOTHERS}', JSON.stringify({{typed: '', at: Date.now()}}))")
    questions = []
    page.once("dialog", lambda dialog: (questions.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Sign out").click()
    assert "Some words that you typed are not saved yet." in questions[0]
    assert len(kept(page)) == 2, "whoever stays signed in keeps the words"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(lambda address: "questions" not in address)
    assert kept(page) == [ANOTHERS]


def test_what_was_sent_by_its_button_and_taken_is_offered_no_more(page, writing):
    box(page).fill("Sent by the button.")
    press(page, "Save and continue")
    assert writing.saved == "Sent by the button."
    assert kept(page) == []


def let_it_close(writing, monkeypatch):
    """Move the portal's clock to the close, and say when that is."""
    with writing.site.app.app_context():
        closes_at = own_application_for(writing.mine, writing.draft).closes_at
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + LEFT)
    return closes_at


def test_after_the_close_the_page_says_so_and_gives_the_words_back(page, writing, monkeypatch):
    box(page).fill("In time.")
    says(page, "Saved at")
    closes_at = let_it_close(writing, monkeypatch)
    box(page).fill("In time. And too late.")
    says(page, f"Not saved. This round closed at {uk_datetime(closes_at)}")
    says(page, "saved last")
    says(page, "This application was not submitted.")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy what you typed").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("() => navigator.clipboard.readText()") == "In time. And too late."
    press(page, "Save and continue")
    expect(page.get_by_role("heading", level=1)).to_have_text("This was not saved")
    expect(page.locator("#typed")).to_have_text("In time. And too late.")
    assert writing.saved == "In time."


def test_with_more_time_the_page_saves_again(page, writing, monkeypatch):
    let_it_close(writing, monkeypatch)
    box(page).fill("After a fault.")
    says(page, "Not saved. This round closed at")
    monkeypatch.undo()  # as if the close were later by now
    told = "(id) => document.dispatchEvent(new CustomEvent('closes', {detail: {[id]: {}}}))"
    page.evaluate(told, writing.draft)
    says(page, "Saved at")
    assert writing.saved == "After a fault."


def test_choices_and_numbers_are_kept_too(page, writing):
    page.goto(f"/applications/{writing.draft}/questions/insurance")
    cut_line(page)
    page.get_by_label("Yes").check()
    says(page, "Not saved")
    page.goto(f"/applications/{writing.draft}/questions/insurance")
    expect(offer(page)).to_contain_text("Yes")
    page.get_by_role("button", name="Put it back").click()
    says(page, "Saved at")
    assert page.get_by_label("Yes").is_checked()


def test_typing_without_a_pause_is_saved_all_the_same_one_request_at_a_time(page, writing):
    sent, running = [], []
    page.on(
        "request",
        lambda request: request.method == "POST" and (sent.append(request), running.append(len(sent))),
    )
    box(page).press_sequentially("We ring home. " * 10, delay=90)
    assert 1 <= len(sent) <= 2, "about twelve seconds of typing"
    says(page, "Saved at")
    assert len(sent[0].post_data) < 600


COUNT = """(texts) => texts.map((text) => {
  const box = document.querySelector("textarea");
  box.value = text;
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.dispatchEvent(new Event("keyup"));
  return document.querySelector(".govuk-character-count__status").textContent;
})"""


def test_the_counter_in_the_browser_counts_as_the_portal_does(page):
    for text, said in zip(CORPUS, page.evaluate(COUNT, CORPUS), strict=True):
        assert said == f"You have {750 - count_words(clean_text(text))} words remaining", repr(text)
