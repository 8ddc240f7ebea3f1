"""Keeping a search, deciding and signing through the pages; the evidence to take away; what comes next."""

import hashlib
import io
import re
from collections.abc import Sequence

import pikepdf
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.commissioning.check_services import sign_check
from portal.directory.models import Service
from portal.shortlists.paper import shortlist_pdf
from portal.shortlists.queries import shortlist_for, signed_for
from tests.counting import counted
from tests.factories.accounts import a_council, a_person, a_school_person
from tests.factories.commissioning import a_referral
from tests.factories.directory import services_in, some_lots, suspend_standing
from tests.factories.shortlists import a_shortlist, a_signed_shortlist, decided
from tests.web_client import sign_in


@pytest.fixture
def school(session: Session) -> Actor:
    return a_school_person()


@pytest.fixture
def found(session: Session) -> Sequence[Service]:
    return services_in(some_lots(1)[0], 3, summary="Engines.")


@pytest.fixture
def browser(client: FlaskClient, school: Actor) -> FlaskClient:
    return sign_in(client, school.email)


def words_of(client: FlaskClient, address: str, status: int = 200) -> str:
    """The words of a page."""
    answer = client.get(address)
    assert answer.status_code == status, (answer.status_code, answer.location)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def typed(version: int, *verdicts: tuple[str, str], **more: str) -> dict[str, str]:
    """What a browser sends of the page of a draft."""
    said = {"version": str(version), **more}
    for row, (verdict, reason) in enumerate(verdicts):
        said |= {f"choices-{row}-verdict": verdict, f"choices-{row}-reason": reason}
    return said


def test_a_search_is_kept_decided_on_and_signed(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    search = browser.get("/search?words=engines&postcode=M14+5RQ").get_data(as_text=True)
    assert 'href="/shortlists/new?words=engines&amp;postcode=M14+5RQ"' in search
    form = browser.get("/shortlists/new?words=engines").get_data(as_text=True)
    hidden = dict(re.findall(r'name="(address|token)"[^>]*value="([^"]+)"', form))
    kept = browser.post("/shortlists/new", data={**hidden, "label": "Case 12"})
    assert kept.status_code == 303
    page = words_of(browser, kept.location)
    assert "“engines”" in page and "3 services to decide on" in page
    saved = browser.post(
        kept.location,
        data=typed(0, ("kept", "Near."), ("left_out", "Full."), ("left_out", "Far."), then="sign"),
    )
    assert saved.location == f"{kept.location}/sign"
    assert "Full." in words_of(browser, saved.location)
    signed = browser.post(saved.location, data={"version": "1"})
    page = words_of(browser, signed.location)
    assert f"by {school.name}" in page and "Kept: 1 service" in page and "Reason: Near." in page
    assert browser.post(kept.location, data=typed(2, ("kept", ""))).status_code == 409
    assert words_of(browser, saved.location, 409)


def test_a_long_list_says_that_only_the_first_are_kept(
    browser: FlaskClient, found: Sequence[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.shortlists.views.MOST_KEPT", 2)
    page = words_of(browser, "/shortlists/new?words=engines")
    assert "3 services fit as at" in page and "Only the first 2 in the order of your search are kept" in page
    drawn = browser.get("/shortlists/new?words=engines").text
    assert 'href="/search?words=engines">go back and narrow' in drawn


def test_a_list_that_is_cut_says_how_many_are_missing_and_how_to_have_them(
    browser: FlaskClient, school: Actor, found: Sequence[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.shortlists.services.MOST_KEPT", 2)
    page = words_of(browser, f"/shortlists/{a_shortlist(school).id}")
    assert "3 services. The first 2 in this order are kept here: the other 1 are not in this list" in page
    assert "with one more filter" in page


def test_from_a_draft_those_kept_are_asked_in_one_step(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_shortlist(school)
    first, second, third = (each.service_id for each in shortlist_for(school, shortlist.id).listed)
    address = f"/shortlists/{shortlist.id}"
    assert "Save, and ask those kept for one child" in words_of(browser, address)
    kept = typed(0, ("kept", ""), ("", ""), ("kept", ""), then="ask")
    answer = browser.post(address, data=kept)
    assert (answer.status_code, answer.location) == (303, f"/services/{first}/refer?also={third}")
    page = browser.get(answer.location).text
    ticked = re.findall(r'name="services" type="checkbox" value="(\d+)" checked', page)
    assert ticked == [str(first), str(third)] and "Ask several providers for one child" in page
    nobody = browser.post(address, data=typed(1, *[("", "")] * 3, then="ask"))
    assert nobody.location == address and "Keep at least one service" in words_of(browser, address)


def test_what_is_wrong_is_said_at_the_service_and_nothing_typed_is_lost(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_shortlist(school)
    first, second, _ = shortlist_for(school, shortlist.id).listed
    answer = browser.post(
        f"/shortlists/{shortlist.id}", data=typed(0, ("left_out", "Too dear."), ("left_out", ""), ("", ""))
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'<a href="#choices-1-reason">{second.name}: say why it is left out.</a>' in page
    assert 'value="Too dear."' in page and f"{first.name}: " not in page


def test_a_form_without_rows_changes_no_decision(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_shortlist(school)
    decided(shortlist, school, keep=2)
    browser.post(f"/shortlists/{shortlist.id}", data={"version": "1"})
    assert len(shortlist_for(school, shortlist.id).kept) == 2


def test_a_label_that_names_the_child_is_refused_and_kept_in_the_form(browser: FlaskClient) -> None:
    answer = browser.post("/shortlists/new", data={"address": "", "token": "x", "label": "A123456789012"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'href="#label"' in page and 'value="A123456789012"' in page


def test_a_draft_goes_only_after_a_question(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_shortlist(school)
    page = words_of(browser, f"/shortlists/{shortlist.id}/remove")
    assert "Remove this shortlist?" in page and "list of 3 services goes" in page
    assert browser.post(f"/shortlists/{shortlist.id}/remove").location == "/shortlists"
    assert words_of(browser, f"/shortlists/{shortlist.id}", 404)


def test_the_record_file_is_what_the_printed_sha256_is_of(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_signed_shortlist(school)
    answer = browser.get(f"/shortlists/{shortlist.id}/record.json")
    digest = hashlib.sha256(answer.get_data()).hexdigest()
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert digest in words_of(browser, f"/shortlists/{shortlist.id}")


def test_the_pdf_carries_the_sha256_and_is_the_same_each_time(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_signed_shortlist(school)
    content = browser.get(f"/shortlists/{shortlist.id}/shortlist.pdf").get_data()
    facts = signed_for(school, shortlist.id)
    assert content == shortlist_pdf(facts)
    with pikepdf.open(io.BytesIO(content)) as document:
        assert facts.closed_sha256 in str(document.docinfo["/Keywords"])
        assert str(document.docinfo["/Title"]) == "Shortlist: Case 12"


def test_a_draft_is_no_evidence_to_take_away(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_shortlist(school)
    for file in ("record.json", "shortlist.pdf"):
        assert words_of(browser, f"/shortlists/{shortlist.id}/{file}", 404)


def test_beside_what_is_kept_stand_the_schools_checks_and_referrals(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_signed_shortlist(school, keep=2)
    one, two = signed_for(school, shortlist.id).kept
    service = next(each for each in found if each.id == one.service_id)
    sign_check(
        service_id=one.service_id,
        kind="visit",
        done_on=clock.today(),
        done_by="A. B.",
        note="Calm.",
        by=school,
    )
    sent = a_referral(service, school)
    page = browser.get(f"/shortlists/{shortlist.id}").get_data(as_text=True)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    assert "1 of 4 of your school’s own checks" in words and "0 of 4 of your school’s own checks" in words
    assert f"Referral {sent.reference} Waiting" in words
    assert f'href="/services/{two.service_id}/refer?like={sent.id}"' in page
    assert f'href="/services/{one.service_id}/your-checks"' in page


def test_a_service_that_takes_no_children_now_leads_nowhere(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_signed_shortlist(school, keep=3)
    suspend_standing(standing_id=found[0].standing_id)
    page = browser.get(f"/shortlists/{shortlist.id}").get_data(as_text=True)
    assert "takes no new children today" in page
    assert f"/services/{found[0].id}" not in page and f"/services/{found[1].id}" in page


def test_who_reads_a_draft_of_their_school_sees_no_form(
    client: FlaskClient, school: Actor, found: Sequence[Service], session: Session
) -> None:
    shortlist = a_shortlist(school)
    home = session.get_one(Organisation, school.organisation_id)
    sign_in(client, a_person(home, "administrator").email)
    page = words_of(client, f"/shortlists/{shortlist.id}")
    assert "Not decided yet: 3 services" in page and "Save" not in page
    assert client.post(f"/shortlists/{shortlist.id}", data=typed(0)).status_code == 403
    assert "Keep as a shortlist" not in words_of(client, "/search")


def test_the_council_searches_and_finds_no_shortlists(client: FlaskClient, found: Sequence[Service]) -> None:
    sign_in(client, a_person(a_council(), "quality_officer").email)
    assert "hortlist" not in words_of(client, "/search")
    assert client.get("/shortlists").status_code == 403


def test_a_page_takes_as_many_statements_for_many_services_as_for_one(
    browser: FlaskClient, school: Actor, found: Sequence[Service]
) -> None:
    shortlist = a_signed_shortlist(school, keep=3)
    a_referral(found[0], school)
    with counted() as made:
        words_of(browser, f"/shortlists/{shortlist.id}")
    three = len(made)
    one = a_signed_shortlist(school, keep=1)
    with counted() as made:
        words_of(browser, f"/shortlists/{one.id}")
    assert len(made) == three <= 12
