"""Files go up in a real browser, in parts, to a real S3: several at once, over a broken line, by the form."""

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import select

from portal.database import db
from portal.storage.models import Document
from portal.storage.uploads import PART_BYTES
from tests.journeys.people import body, press, somebody
from tests.journeys.test_provider import choose_a_lot, open_round_of, register
from tests.live_server import Site, Tabs
from tests.storage import corpus
from tests.storage.test_uploads import a_pdf_of

STORE = re.compile(r"/portal-documents/documents/.*uploadId=")
LEAD = "lead@council.example.org"
KEPT = "Uploaded, checked and kept."


@pytest.fixture(scope="module")
def plan(tmp_path_factory) -> Path:
    """A PDF of two parts."""
    path = tmp_path_factory.mktemp("papers") / "Plan, final (2).pdf"
    path.write_bytes(a_pdf_of(PART_BYTES + 900_000))
    return path


@pytest.fixture
def page(tabs: Tabs, site: Site) -> Page:
    """The file question of a new provider's draft."""
    return question_page(tabs, site)


def question_page(tabs: Tabs, site: Site, *, scripts: bool = True, width: int = 1280) -> Page:
    page = tabs.open(site.address, scripts=scripts, width=width)
    register(page, open_round_of(page))
    page.goto(f"{choose_a_lot(page)}/questions/safeguarding_policy")
    return page


def choose(page: Page, *files: Path) -> None:
    page.locator("main input[type=file]").set_input_files(list(files))


def number_of(request: Request) -> int:
    return int(re.search(r"partNumber=(\d+)", request.url)[1])


def parts_sent(page: Page) -> list[int]:
    """The parts that are put from now on, as they come."""
    sent: list[int] = []

    def note(request: Request) -> None:
        if request.method == "PUT" and STORE.search(request.url):
            sent.append(number_of(request))

    page.on("request", note)
    return sent


def breaking(page: Page, tabs: Tabs, *parts: int, times: int = 10**6) -> None:
    """Let these parts break off on their way, so many times each."""
    left = dict.fromkeys(parts, times)

    def handle(route: Route) -> None:
        number = number_of(route.request)
        if left.get(number, 0) and route.request.method == "PUT":
            left[number] -= 1
            tabs.expected = "net::ERR_"
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(STORE, handle)


def kept_documents(site: Site, name: str) -> list[Document]:
    with site.app.app_context():
        newest = select(Document).where(Document.filename == name).order_by(Document.uploaded_at.desc())
        return list(db.session.scalars(newest))


def test_several_files_go_up_each_with_its_own_verdict(tabs, site, page, plan, tmp_path):
    wrong = tmp_path / "Photograph.pdf"
    wrong.write_bytes(corpus.png())
    sent = parts_sent(page)
    choose(page, plan, wrong)
    good, bad = (page.locator(".portal-upload", has_text=each.name) for each in (plan, wrong))
    expect(bad).to_contain_text("seems to be a PNG picture")
    expect(good).to_contain_text(KEPT)
    expect(page.locator("#documents")).to_contain_text("1 document uploaded")
    assert sorted(sent) == [1, 1, 2]
    [kept] = kept_documents(site, plan.name)
    assert kept.sha256 == hashlib.sha256(plan.read_bytes()).hexdigest()
    bad.get_by_role("button", name=f"Close {wrong.name}").click()
    expect(bad).to_have_count(0)
    press(page, "Save and continue")
    page.wait_for_url(re.compile(r"/questions/(?!safeguarding_policy)"))


def test_a_broken_line_is_gone_on_with_by_itself(tabs, page, plan):
    breaking(page, tabs, 2, times=2)
    sent = parts_sent(page)
    choose(page, plan)
    expect(page.locator(".portal-upload")).to_contain_text(KEPT, timeout=20_000)
    assert sent.count(1) == 1 and sent.count(2) == 3


def test_after_a_reload_the_same_file_is_gone_on_with(tabs, page, plan):
    breaking(page, tabs, 2)
    choose(page, plan)
    expect(page.locator(".portal-upload")).to_contain_text("The line is broken")
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#documents")).to_contain_text(f"{plan.name} (8.8 MB), begun at")
    page.unroute_all()
    sent = parts_sent(page)
    choose(page, plan)
    expect(page.locator(".portal-upload")).to_contain_text(KEPT)
    assert sent == [2]
    expect(page.locator("#documents")).not_to_contain_text("Not finished")


def test_a_store_out_of_reach_is_gone_round_by_the_portal(tabs, site, page, plan):
    breaking(page, tabs, 1, 2)
    choose(page, plan)
    expect(page.locator(".portal-upload")).to_contain_text(KEPT, timeout=20_000)
    assert "Your network does not let this page reach our document store" in body(page)
    digest = hashlib.sha256(plan.read_bytes()).hexdigest()
    assert {each.sha256 for each in kept_documents(site, plan.name)} == {digest}


def test_a_cancelled_file_goes_from_the_page_and_from_the_store(tabs, page, plan):
    breaking(page, tabs, 2)
    choose(page, plan)
    expect(page.locator(".portal-upload")).to_contain_text("The line is broken")
    with page.expect_response(lambda answer: answer.request.method == "DELETE") as answer:
        page.get_by_role("button", name=f"Cancel {plan.name}").click()
    assert answer.value.status == 204
    page.reload()
    assert "Not finished" not in body(page) and "uploaded" not in body(page).partition("Choose")[0]


def test_without_scripts_the_form_keeps_the_same_document(tabs, site, plan):
    page = question_page(tabs, site, scripts=False)
    choose(page, plan)
    press(page, "Upload")
    expect(page.locator("#documents")).to_contain_text("1 document uploaded")
    digest = hashlib.sha256(plan.read_bytes()).hexdigest()
    assert {(each.sha256, each.media_type) for each in kept_documents(site, plan.name)} == {
        (digest, "application/pdf")
    }


@pytest.fixture
def papers(tabs: Tabs, site: Site) -> Page:
    """The page of an open round's papers, for its lead."""
    anyone = tabs.open(site.address)
    round_id = open_round_of(anyone)
    page = somebody(tabs, site, LEAD)
    page.goto(f"/rounds/{round_id}/documents")
    return page


def say_what_it_is(page: Page, title: str) -> None:
    page.get_by_label("Title", exact=True).fill(title)
    page.get_by_role("radio", name="Guidance").check()
    press(page, "Add the document")


def test_several_files_wait_for_their_forms_while_these_are_filled_in(
    papers: Page, plan: Path, tmp_path: Path
) -> None:
    other = tmp_path / "Terms.pdf"
    other.write_bytes(corpus.pdf())
    choose(papers, plan, other)
    expect(papers.get_by_text(KEPT)).to_have_count(2)
    waiting = papers.locator("#documents").get_by_role("radio")
    expect(waiting).to_have_count(2)
    papers.get_by_role("radio", name=re.compile("Plan, final")).check()
    say_what_it_is(papers, "The plan of all lots")
    assert "The plan of all lots" in body(papers)
    expect(waiting).to_have_count(1)
    expect(papers.get_by_role("radio", name=re.compile(r"Terms\.pdf"))).to_be_checked()
    say_what_it_is(papers, "The terms")
    assert "The terms" in body(papers)
    expect(waiting).to_have_count(0)


def test_where_the_store_cannot_be_reached_the_form_sends_its_file_itself(
    tabs: Tabs, papers: Page, tmp_path: Path
) -> None:
    guidance = tmp_path / "Guidance.pdf"
    guidance.write_bytes(a_pdf_of(40_000))
    breaking(papers, tabs, 1)
    choose(papers, guidance)
    papers.get_by_text("it is then sent with the form").first.wait_for()
    choose(papers, guidance)
    say_what_it_is(papers, "Sent with its form")
    assert "Sent with its form" in body(papers)
