"""The council's pages, from the notice to the opened box, and what each role may not see there."""

import io
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from tender.frameworks import queries
from tender.frameworks.models import Framework, Round
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.frameworks import (
    a_closed_round,
    a_draft_round,
    a_framework,
    a_procurement_lead,
    a_published_round,
    lot_ids,
)
from tests.web_client import sign_in

NOTICES = Path("portal/development/notices")
MANCHESTER = "manchester-tc1108-round-4.json"
WESTMORLAND = "westmorland-open-framework.json"


@pytest.fixture
def council(session: Session) -> Organisation:
    return a_council()


@pytest.fixture
def lead(council: Organisation, client: FlaskClient) -> Iterator[Actor]:
    """A procurement lead who is signed in."""
    person = a_procurement_lead(council)
    sign_in(client, person.email)
    yield person


def upload(client: FlaskClient, content: bytes) -> TestResponse:
    """Hand in the file of a notice."""
    return client.post("/frameworks/new", data={"file": (io.BytesIO(content), "notice.json")})


def typed_in(page: str) -> dict[str, str]:
    """What the confirmation form of a page would send."""
    fields = {}
    for tag in re.findall(r"<input [^>]*>", page):
        given = {name: value.replace("&#39;", "'") for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        ticks = given.get("type") in ("checkbox", "radio")
        if "name" in given and given.get("type") != "file" and (not ticks or re.search(r"\schecked\b", tag)):
            fields[given["name"]] = given.get("value", "")
    for name, options in re.findall(r'<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields[name] = chosen[1] if chosen else ""
    for name, text in re.findall(r'<textarea [^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S):
        fields[name] = text.strip()
    return fields


def confirmed(client: FlaskClient, file: str, **changed: str) -> TestResponse:
    """Upload a notice and send its confirmation page as it came, with some fields changed."""
    page = upload(client, (NOTICES / file).read_bytes()).get_data(as_text=True)
    return client.post("/frameworks", data=typed_in(page) | changed)


def text_of(answer: TestResponse) -> str:
    """The page's words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


@pytest.mark.usefixtures("lead")
def test_lots_found_in_the_description_are_offered_beside_it(client: FlaskClient) -> None:
    answer = upload(client, (NOTICES / MANCHESTER).read_bytes())
    assert answer.status_code == 200
    assert "recognised these in its description" in text_of(answer)
    assert "The system has been divided into the following 10 Lots" in text_of(answer)
    fields = typed_in(answer.get_data(as_text=True))
    assert fields["lots-9-title"] == "Mentoring and coaching"
    assert fields["lots-0-minimum_hours_a_week"] == "25"


@pytest.mark.usefixtures("lead")
def test_lots_given_as_data_need_no_such_warning(client: FlaskClient) -> None:
    answer = upload(client, (NOTICES / WESTMORLAND).read_bytes())
    assert "recognised these" not in text_of(answer)
    fields = typed_in(answer.get_data(as_text=True))
    assert fields["legal_regime"] == "PA2023"
    assert fields["kind"] == "open_framework"
    assert (fields["ends_on-day"], fields["ends_on-year"]) == ("31", "2031")


def test_a_confirmed_notice_becomes_a_framework_that_keeps_it(
    client: FlaskClient, session: Session, lead: Actor
) -> None:
    answer = confirmed(client, MANCHESTER, reference="TC1108")
    made = session.scalars(select(Framework)).one()
    assert answer.location == f"/frameworks/{made.id}"
    assert made.notice is not None and made.notice["releases"][0]["tender"]["value"]["amount"] == 30000000
    assert made.ocid == "ocds-b5fd17-96efef6c-8815-4cc5-ad26-be3e02a0be7f"
    assert made.council_id == lead.organisation_id
    assert len(queries.lots_of_framework(made.id)) == 10
    assert "Framework started" in text_of(client.get(answer.location))


@pytest.mark.usefixtures("lead")
def test_lots_can_be_dropped_changed_and_added(client: FlaskClient, session: Session) -> None:
    page = upload(client, (NOTICES / WESTMORLAND).read_bytes()).get_data(as_text=True)
    fields = typed_in(page) | {
        "lots-2-title": "Hospital teaching",
        "lots-3-number": "4",
        "lots-3-title": "Online",
    }
    del fields["lots-0-keep"]
    client.post("/frameworks", data=fields)
    made = session.scalars(select(Framework)).one()
    names = [lot.name for lot in queries.lots_of_framework(made.id)]
    assert names == [
        "Lot 2: Alternative provision, provider not registered",
        "Lot 3: Hospital teaching",
        "Lot 4: Online",
    ]


@pytest.mark.usefixtures("lead")
def test_a_reference_used_before_is_a_sentence_with_a_link(client: FlaskClient, session: Session) -> None:
    confirmed(client, WESTMORLAND, reference="AP1")
    made = session.scalars(select(Framework)).one()
    answer = confirmed(client, MANCHESTER, reference="AP1", title="Typed by hand")
    assert answer.status_code == 422
    assert "You already have a framework with the reference AP1." in text_of(answer)
    assert f'href="/frameworks/{made.id}"' in answer.get_data(as_text=True)
    assert typed_in(answer.get_data(as_text=True))["title"] == "Typed by hand"


@pytest.mark.usefixtures("lead")
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7", "looks like a PDF"),
        (b"{", "not valid JSON"),
        (b'{"releases": []}', "no releases"),
        (b'{"ocid": "x", "tender": {"id": "1"}}', "has no title"),
    ],
)
def test_a_file_that_is_no_notice_is_refused_in_words(
    client: FlaskClient, session: Session, content: bytes, sentence: str
) -> None:
    answer = upload(client, content)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'href="#file"' in answer.get_data(as_text=True)
    assert session.scalar(select(func.count()).select_from(Framework)) == 0


@pytest.mark.usefixtures("lead")
def test_no_file_at_all_is_a_sentence(client: FlaskClient) -> None:
    answer = client.post("/frameworks/new", data={})
    assert answer.status_code == 422
    assert "Choose the file of the notice." in text_of(answer)


@pytest.mark.usefixtures("lead")
def test_a_notice_that_was_tampered_with_on_the_way_is_refused(client: FlaskClient, session: Session) -> None:
    page = upload(client, (NOTICES / WESTMORLAND).read_bytes()).get_data(as_text=True)
    fields = typed_in(page)
    answer = client.post("/frameworks", data=fields | {"notice": "x" + fields["notice"]})
    assert "Upload it again" in text_of(answer)
    assert session.scalar(select(func.count()).select_from(Framework)) == 0


@pytest.mark.usefixtures("lead")
def test_what_was_typed_survives_a_mistake(client: FlaskClient) -> None:
    answer = confirmed(client, MANCHESTER, **{"ends_on-day": "31", "ends_on-month": "2", "lots-4-title": ""})
    assert answer.status_code == 422
    fields = typed_in(answer.get_data(as_text=True))
    assert (fields["ends_on-day"], fields["ends_on-month"]) == ("31", "2")
    assert "Give lot 5 a title." in text_of(answer)
    assert "there is no 31 in that month" in text_of(answer)


def round_fields(client: FlaskClient, framework: Framework, **changed: str) -> dict[str, str]:
    """A sound new round, as typed."""
    page = client.get(f"/frameworks/{framework.id}/rounds/new").get_data(as_text=True)
    sound = {
        "opens_at-day": "1", "opens_at-month": "3", "opens_at-year": "2040", "opens_at-time": "09:00",
        "closes_at-day": "1", "closes_at-month": "7", "closes_at-year": "2040", "closes_at-time": "12:00",
        "lots-0-ceiling": "120", "lots-1-ceiling": "1,250.50",
    }  # fmt: skip
    return typed_in(page) | sound | changed


def test_a_round_is_set_up_in_uk_time(client: FlaskClient, session: Session, lead: Actor) -> None:
    framework = a_framework(lead=lead)
    answer = client.post(f"/frameworks/{framework.id}/rounds/new", data=round_fields(client, framework))
    made = session.scalars(select(Round)).one()
    assert answer.location == f"/rounds/{made.id}"
    assert made.closes_at is not None and made.closes_at.isoformat() == "2040-07-01T11:00:00+00:00"
    prices = [str(lot.price_ceiling) for lot in queries.lots_of_round(made.id)]
    assert prices == ["120.00", "1250.50"]
    assert "12 noon on Sunday 1 July 2040, UK time" in text_of(client.get(answer.location))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"closes_at-year": "2020"}, "The closing time is in the past."),
        ({"opens_at-year": "2041"}, "must close after it opens"),
        ({"lots-1-ceiling": "-3"}, "must be an amount in pounds"),
        (
            {"lots-1-minimum_total": "101"},
            "The minimum total must be a number above 0 and up to 100",
        ),
        ({"closes_at-time": ""}, "must include a time"),
        ({"how_to_apply": ""}, "Say how to apply."),
    ],
)
def test_a_round_without_sense_is_refused_in_words(
    client: FlaskClient, session: Session, lead: Actor, changed: dict[str, str], sentence: str
) -> None:
    framework = a_framework(lead=lead)
    fields = round_fields(client, framework, **changed)
    answer = client.post(f"/frameworks/{framework.id}/rounds/new", data=fields)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert typed_in(answer.get_data(as_text=True))["lots-0-ceiling"] == "120"
    assert session.scalar(select(func.count()).select_from(Round)) == 0


def test_a_minimum_total_is_published_with_its_lot(
    client: FlaskClient, session: Session, lead: Actor
) -> None:
    framework = a_framework(lead=lead)
    fields = round_fields(client, framework, **{"lots-1-minimum_total": "62.5"})
    answer = client.post(f"/frameworks/{framework.id}/rounds/new", data=fields)
    made = session.scalars(select(Round)).one()
    assert [lot.minimum_total for lot in queries.lots_of_round(made.id)] == [None, Decimal("62.50")]
    page = text_of(client.get(f"{answer.location}/publish"))
    assert "Minimum total 62.5 of 100." in page
    assert "You also need a total of at least 62.5 in lot 2." in page
    assert typed_in(client.get(f"{answer.location}/edit").text)["lots-1-minimum_total"] == "62.5"


def test_a_round_without_lots_is_refused(client: FlaskClient, lead: Actor) -> None:
    framework = a_framework(lead=lead)
    fields = round_fields(client, framework)
    del fields["lots-0-offered"], fields["lots-1-offered"]
    answer = client.post(f"/frameworks/{framework.id}/rounds/new", data=fields)
    assert "Choose at least one lot." in text_of(answer)


def test_a_draft_can_be_changed_and_a_second_one_leads_to_it(client: FlaskClient, lead: Actor) -> None:
    draft = a_draft_round(lead=lead)
    framework = queries.framework_for(lead, draft.framework_id)
    again = client.post(f"/frameworks/{framework.id}/rounds/new", data=round_fields(client, framework))
    assert "has a draft round already" in text_of(again)
    assert f'href="/rounds/{draft.id}"' in again.get_data(as_text=True)
    page = client.get(f"/rounds/{draft.id}/edit").get_data(as_text=True)
    fields = typed_in(page)
    del fields["lots-0-offered"]
    client.post(f"/rounds/{draft.id}/edit", data=fields | {"lots-1-ceiling": "99"})
    assert [str(lot.price_ceiling) for lot in queries.lots_of_round(draft.id)] == ["99.00"]


def test_a_request_without_any_field_leaves_a_draft_as_it_is(client: FlaskClient, lead: Actor) -> None:
    draft = a_draft_round(lead=lead)
    before = queries.lots_of_round(draft.id)
    assert client.post(f"/rounds/{draft.id}/edit").status_code == 303
    assert queries.lots_of_round(draft.id) == before


def test_publication_is_checked_done_once_and_final(client: FlaskClient, lead: Actor) -> None:
    draft = a_draft_round(lead=lead)
    assert "Publishing freezes" in text_of(client.get(f"/rounds/{draft.id}/publish"))
    for _ in range(2):
        answer = client.post(f"/rounds/{draft.id}/publish")
        assert answer.location == f"/rounds/{draft.id}"
    assert client.get(f"/rounds/{draft.id}/edit").status_code == 409


def test_the_box_is_not_opened_before_the_close(client: FlaskClient, session: Session, lead: Actor) -> None:
    published = a_published_round(lead=lead)
    answer = client.post(f"/rounds/{published.id}/open")
    assert answer.status_code == 422
    assert "This round closes at" in text_of(answer)
    assert session.get_one(Round, published.id).state == "published"


def test_the_box_is_opened_once_however_often_the_button_is_pressed(client: FlaskClient, lead: Actor) -> None:
    closed = a_closed_round(lead=lead)
    assert "Open the tender box" in text_of(client.get(f"/rounds/{closed.id}"))
    for _ in range(2):
        assert client.post(f"/rounds/{closed.id}/open").location == f"/rounds/{closed.id}"
    page = text_of(client.get(f"/rounds/{closed.id}"))
    assert page.count("Tender box opened by") == 1
    assert "0 submitted, 0 started" in page


@pytest.mark.parametrize("role", ["evaluator", "moderator", "approver", "auditor", "administrator"])
def test_nobody_but_the_lead_sees_or_changes_a_draft(
    client: FlaskClient, council: Organisation, role: str
) -> None:
    draft = a_draft_round(lead=a_procurement_lead(council))
    sign_in(client, a_person(council, role).email)
    for page in ("", "/edit", "/publish"):
        assert client.get(f"/rounds/{draft.id}{page}").status_code in (403, 404)
    assert client.post(f"/rounds/{draft.id}/publish").status_code == 403
    assert client.post(f"/rounds/{draft.id}/open").status_code == 403
    assert client.get("/frameworks/new").status_code == 403


@pytest.mark.usefixtures("lead")
def test_another_councils_rounds_and_frameworks_are_not_found(client: FlaskClient) -> None:
    other = a_published_round(lead=a_procurement_lead(a_council("Salford City Council")))
    pages = [f"/rounds/{other.id}{page}" for page in ("", "/publish", "/edit")]
    for page in [*pages, f"/frameworks/{other.framework_id}", f"/frameworks/{other.framework_id}/rounds/new"]:
        assert client.get(page).status_code == 404, page
    assert client.post(f"/rounds/{other.id}/open").status_code == 404
    assert "Invented" not in text_of(client.get("/frameworks"))


def test_a_provider_has_no_business_on_the_councils_pages(client: FlaskClient, council: Organisation) -> None:
    published = a_published_round(lead=a_procurement_lead(council))
    sign_in(client, a_provider_person().email)
    for page in (f"/rounds/{published.id}", "/frameworks", f"/frameworks/{published.framework_id}"):
        assert client.get(page).status_code == 403


def test_those_who_read_the_evaluation_see_no_counts_before_the_opening(
    client: FlaskClient, council: Organisation
) -> None:
    published = a_published_round(lead=a_procurement_lead(council))
    sign_in(client, a_person(council, "moderator").email)
    page = text_of(client.get(f"/rounds/{published.id}"))
    assert "Where it stands" in page and "Applications submitted" not in page


def test_the_list_costs_the_same_for_one_framework_and_for_many(
    client: FlaskClient, lead: Actor, statements: list[str]
) -> None:
    a_draft_round(lead=lead)
    client.get("/frameworks")
    statements.clear()
    client.get("/frameworks")
    for_one = len(statements)
    for _ in range(3):
        a_published_round(lead=lead)
    statements.clear()
    client.get("/frameworks")
    assert len(statements) == for_one <= 6


def test_every_page_of_a_round_stays_within_its_statements(
    client: FlaskClient, lead: Actor, statements: list[str]
) -> None:
    draft, closed = a_draft_round(lead=lead), a_closed_round(lead=lead)
    pages = [f"/rounds/{draft.id}{page}" for page in ("", "/edit", "/publish")]
    for page in [*pages, f"/rounds/{closed.id}", f"/frameworks/{closed.framework_id}"]:
        statements.clear()
        assert client.get(page).status_code == 200, page
        assert len(statements) <= 9, (page, statements)


def test_lot_ids_of_the_factory_are_those_of_the_framework(session: Session) -> None:
    draft = a_draft_round(lots=3)
    assert [lot.id for lot in queries.lots_of_round(draft.id)] == list(lot_ids(draft))


def test_a_lot_s_conditions_are_changed_on_a_page_and_read_by_everyone(
    client: FlaskClient, lead: Actor
) -> None:
    published = a_published_round(lead=lead)
    address = f"/frameworks/{published.framework_id}/lots/{lot_ids(published)[1]}"
    fields = typed_in(client.get(address).get_data(as_text=True))
    without = client.post(address, data=fields | {"largest_group": "6"})
    assert without.status_code == 422
    assert "Say why this changes" in text_of(without)
    given = fields | {"largest_group": "6", "key_stages": "KS3", "reason": "A smaller building."}
    assert client.post(address, data=given).status_code == 303
    for page in (f"/opportunities/{published.id}", f"/frameworks/{published.framework_id}"):
        assert "Key stage 3. Groups of at most 6 children" in text_of(client.get(page))
    assert "Reason: A smaller building." in text_of(client.get(f"/frameworks/{published.framework_id}"))


def test_a_framework_s_facts_are_changed_and_a_lot_added_on_pages(client: FlaskClient, lead: Actor) -> None:
    framework = a_framework(lead=lead)
    address = f"/frameworks/{framework.id}/edit"
    fields = typed_in(client.get(address).get_data(as_text=True))
    assert client.post(address, data=fields | {"title": "A better title"}).status_code == 303
    new = f"/frameworks/{framework.id}/lots/new"
    assert client.post(new, data={"number": "9", "title": "Sailing"}).status_code == 303
    page = text_of(client.get(f"/frameworks/{framework.id}"))
    assert "A better title" in page
    assert "Lot 9: Sailing" in page
    assert "Enter the title" in text_of(client.post(new, data={"number": "10", "title": ""}))


def test_a_framework_s_page_warns_and_names_the_source_and_the_lawyer(
    client: FlaskClient, lead: Actor
) -> None:
    framework = a_framework(lead=lead, regime="PCR2015")  # it ends in 2032
    for address in (f"/frameworks/{framework.id}", f"/frameworks/{framework.id}/edit"):
        page = text_of(client.get(address))
        assert "it ends on 23 February 2029 at the latest. Source: Public Contracts Regulations 2015" in page
        assert "a lawyer decides" in page
    draft = a_draft_round(lead=lead, framework=framework)
    assert "Check with a lawyer" in text_of(client.get(f"/rounds/{draft.id}/publish"))


def test_the_ways_in_which_schools_choose_are_set_on_the_page_and_the_law_is_named(
    client: FlaskClient, lead: Actor
) -> None:
    framework = a_framework(lead=lead)
    address = f"/frameworks/{framework.id}/edit"
    fields = typed_in(client.get(address).get_data(as_text=True))
    none = client.post(address, data={**fields, "call_off_routes": []})
    assert none.status_code == 422 and 'href="#call_off_routes"' in none.get_data(as_text=True)
    assert client.post(address, data={**fields, "call_off_routes": ["user_choice"]}).status_code == 303
    page = text_of(client.get(f"/frameworks/{framework.id}"))
    assert "How schools choose The child&#39;s or the parents&#39; choice" in page
    assert "Schedule 5, paragraph 15" in page


PLAIN = {
    "title": "Vocational Placements", "reference": "TC2209", "buyer_name": "Manchester City Council",
    "legal_regime": "PA2023", "kind": "dynamic_market", "value_amount": "450000",
    "starts_on-day": "1", "starts_on-month": "9", "starts_on-year": "2027",
    "ends_on-day": "31", "ends_on-month": "8", "ends_on-year": "2029",
    "extendable_until-day": "31", "extendable_until-month": "8", "extendable_until-year": "2031",
    "opened_by_two": "y", "needs_certificate": "y", "call_off_routes": ["direct_award"],
    "cpv": "80000000-4, 85300000",
    "lots-0-keep": "y", "lots-0-number": "1", "lots-0-title": "Construction",
    "lots-1-keep": "y", "lots-1-number": "2", "lots-1-title": "Animal care", "lots-1-registered_only": "y",
    "lots-2-keep": "y", "lots-2-number": "", "lots-2-title": "",
}  # fmt: skip


@pytest.mark.usefixtures("lead")
def test_a_framework_is_started_without_a_notice(client: FlaskClient, session: Session) -> None:
    assert "/frameworks/new/without-notice" in client.get("/frameworks/new").text
    empty = typed_in(client.get("/frameworks/new/without-notice").text)
    assert empty["buyer_name"] == "Manchester City Council" and empty["opened_by_two"]
    started = client.post("/frameworks/new/without-notice", data=PLAIN)
    assert started.status_code == 303
    framework = session.scalars(select(Framework).where(Framework.reference == "TC2209")).one()
    assert (framework.kind, framework.notice, framework.cpv_codes) == (
        "dynamic_market", None, ["80000000", "85300000"],
    )  # fmt: skip
    lots = queries.lots_of_framework(framework.id)
    assert [(lot.number, lot.title, lot.registered_only) for lot in lots] == [
        ("1", "Construction", False), ("2", "Animal care", True),
    ]  # fmt: skip
    page = text_of(client.get(started.location))
    assert "1 September 2027 to 31 August 2029, can be extended to 31 August 2031" in page


@pytest.mark.usefixtures("lead")
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": ""}, "Enter the title."),
        ({"cpv": "8000"}, "“8000” is no code"),
        ({"extendable_until-year": "2028"}, "with all extensions it ends on that day or later"),
        (
            {"lots-0-number": "", "lots-0-title": "", "lots-1-number": "", "lots-1-title": ""},
            "at least one lot",
        ),
        ({"lots-1-number": "1"}, "Two lots have the number 1"),
    ],
)
def test_what_is_wrong_with_a_framework_without_a_notice_is_said_and_nothing_typed_is_lost(
    client: FlaskClient, session: Session, wrong: dict[str, str], sentence: str
) -> None:
    answer = client.post("/frameworks/new/without-notice", data=PLAIN | wrong)
    assert answer.status_code == 422 and sentence in text_of(answer)
    assert typed_in(answer.text)["reference"] == "TC2209"
    assert session.scalar(select(func.count()).select_from(Framework)) == 0


@pytest.mark.usefixtures("lead")
def test_a_reference_that_a_framework_has_leads_to_it(client: FlaskClient) -> None:
    there = client.post("/frameworks/new/without-notice", data=PLAIN).location
    again = client.post("/frameworks/new/without-notice", data=PLAIN)
    assert again.status_code == 422 and f'href="{there}"' in again.text


def test_a_highest_price_may_be_left_out_or_be_for_an_hour(client: FlaskClient, lead: Actor) -> None:
    framework = a_framework(2, lead)
    address = f"/frameworks/{framework.id}/rounds/new"
    first, second = lot_ids(framework)
    typed = typed_in(client.get(address).text)
    moments = {
        f"{name}-{part}": value
        for name, year in (("opens_at", "2031"), ("closes_at", "2032"))
        for part, value in (("day", "1"), ("month", "3"), ("year", year), ("time", "12:00"))
    }
    priced = {"lots-0-ceiling": "24.50", "lots-0-unit": "hour", "lots-1-ceiling": ""}
    made = client.post(address, data=typed | moments | priced)
    assert made.status_code == 303, text_of(made)
    lots = queries.lots_of_round(int(made.location.rpartition("/")[2]))
    assert [lot.highest_price for lot in lots] == ["£24.50 an hour", ""]
    page = text_of(client.get(f"{made.location}/publish"))
    assert "At most £24.50 an hour" in page
