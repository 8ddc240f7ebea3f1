"""Saved searches with letters, services side by side, the export, and unmet need."""

import csv
import html
import io
import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.commissioning.answer_services import decline_referral
from portal.directory import search as searching
from portal.directory.postcodes import locate
from portal.directory.queries import numbers_found, search
from portal.directory.search import SearchCriteria
from portal.errors import NotFound, Refusal
from portal.finding import services, views
from portal.finding.criteria import kept, search_from, without_persons
from portal.finding.models import SavedSearch, Told, UnmetNeed
from portal.finding.queries import saved_searches_of, side_by_side
from portal.finding.services import (
    forget_who_searched,
    note_met,
    note_unmet_need,
    remove_search,
    save_search,
    tell_what_is_new,
)
from portal.mail.models import Letter
from tests.counting import counted
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.commissioning import PORTAL_URL, a_referral
from tests.factories.directory import (
    a_service,
    a_service_and_its_person,
    free_in,
    offers,
    services_in,
    some_lots,
    suspend_standing,
)
from tests.web_client import sign_in

PORTAL = "https://portal.example.org"
WHOLE = SearchCriteria(
    clock.today(),
    words="boxing for Sam",
    lot_ids=(3,),
    key_stages=("KS4",),
    needs=("SEMH",),
    tiers=("tier2",),
    modes=("online",),
    subjects=("maths", "gcse"),
    registration=("registered",),
    sessions=("mon_am", "mon_pm"),
    highest_price=Decimal("90.50"),
    places_now=True,
    near=locate("M14 5RQ"),
    within_miles=5,
)


def saved(by: Actor, criteria: SearchCriteria, *, alerts: bool = True) -> SavedSearch:
    """A search saved by somebody."""
    return save_search(name="Engines", address="words=engines", criteria=criteria, alerts=alerts, by=by)


def told(session: Session) -> list[str]:
    """The titles of the letters about saved searches."""
    rows = select(Letter.title).where(Letter.subject_type == "saved_search").order_by(Letter.id)
    return list(session.scalars(rows))


def tell() -> int:
    """Let the worker look once."""
    return tell_what_is_new(portal_url=PORTAL, by=THE_PORTAL)


def test_a_search_is_kept_whole() -> None:
    assert search_from(kept(WHOLE), WHOLE.today) == WHOLE


def test_a_code_that_is_no_more_is_left_out_of_a_kept_search() -> None:
    assert search_from({"needs": ["SEMH", "GONE"]}, clock.today()).needs == ("SEMH",)


def test_a_new_service_that_fits_is_told_once(session: Session) -> None:
    lot, school = some_lots(1)[0], a_school_person()
    a_service(lot)
    saved(school, SearchCriteria(clock.today(), words="engines"))
    assert tell() == 0  # what fitted when it was saved is known
    a_service(lot), a_service(lot, summary="Music alone.", title="Music")
    assert tell() == 1 and tell() == 0
    assert told(session) == ["1 new service for “Engines”"]


def test_a_letter_says_nothing_of_what_was_looked_for_nor_of_what_fits(session: Session) -> None:
    by, lot = a_school_person(), some_lots(1)[0]
    near = SearchCriteria(clock.today(), words="engines", near=locate("M14 5RQ"))
    save_search(
        name="Year 9, spring", address="words=engines&postcode=M14+5RQ", criteria=near, alerts=True, by=by
    )
    a_service(lot, title="Motor workshop")
    assert tell() == 1
    letter = session.scalars(select(Letter).where(Letter.subject_type == "saved_search")).one()
    said = f"{letter.title} {letter.body}".lower()
    for word in ("engine", "m14", "postcode", "motor", "provider", "?"):
        assert word not in said.replace("“year 9, spring”", ""), word
    assert "year 9, spring" in said and f"{PORTAL}/searches" in said


def test_saved_searches_name_what_letters_told_of_lately(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    by, lot = a_school_person(), some_lots(1)[0]
    a_service(lot)  # known when the search was saved
    saved(by, SearchCriteria(clock.today()))
    new, gone = a_service(lot), a_service(lot)
    tell()
    suspend_standing(standing_id=gone.standing_id)
    assert [service for service, *_ in saved_searches_of(by)[0].new] == [new.id]
    later = clock.now() + timedelta(days=15)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert saved_searches_of(by)[0].new == []


@pytest.mark.parametrize(
    ("name", "words", "field"),
    [
        ("Born 3 May 2012", "", "name"),
        ("A123456789012", "", "name"),
        ("Year 9", "sam@example.org", None),
    ],
)
def test_a_saved_search_says_nothing_that_tells_who_a_child_is(
    session: Session, name: str, words: str, field: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        save_search(
            name=name,
            address="",
            criteria=SearchCriteria(clock.today(), words=words),
            alerts=True,
            by=a_school_person(),
        )
    assert refused.value.field == field and "looks like" in refused.value.sentence


def test_a_service_that_fits_again_is_told_again_and_no_more_than_once_a_day(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(a_school_person(), SearchCriteria(clock.today(), places_now=True))
    service = a_service()
    free_in(service, "mon_am")
    assert tell() == 1
    free_in(service)
    assert tell() == 0
    free_in(service, "mon_am")
    assert tell() == 0  # a letter went today
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert (tell(), tell()) == (1, 0) and len(told(session)) == 2


def test_what_fits_all_the_time_is_not_told_again(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    lot, search = some_lots(1)[0], SearchCriteria(clock.today())
    saved(a_school_person(), search)
    a_service(lot), a_service(lot)
    assert tell() == 1
    later = clock.now() + timedelta(days=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    monkeypatch.setattr(services, "MOST_LOOKED_AT", 1)  # one of the two is beyond the bound, whichever it is
    assert (tell(), session.scalar(select(func.count()).select_from(Told))) == (0, 2)


def test_a_search_without_letters_brings_none(session: Session) -> None:
    saved(a_school_person(), SearchCriteria(clock.today()), alerts=False)
    a_service()
    assert tell() == 0


def test_a_person_has_so_many_searches_and_only_their_own(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_SAVED", 1)
    school = a_school_person()
    first = saved(school, WHOLE)
    with pytest.raises(Refusal):
        saved(school, WHOLE)
    other = a_school_person()
    assert saved_searches_of(other) == []
    with pytest.raises(NotFound):
        remove_search(search_id=first.id, by=other)
    remove_search(search_id=first.id, by=school)
    assert session.scalar(select(func.count()).select_from(SavedSearch)) == 0


def test_who_may_not_search_saves_nothing(session: Session) -> None:
    with pytest.raises(NotFound):
        saved(a_provider_person(), WHOLE)


def test_unmet_need_holds_choices_and_an_area_and_nothing_of_a_person(session: Session) -> None:
    said = without_persons(WHOLE)
    assert "Sam" not in str(said) and "words" not in said and "near" not in said
    assert (said["area"], said["with_words"], said["needs"]) == ("M14", True, ["SEMH"])


def test_the_same_search_in_vain_is_counted_once_a_day_for_each_school(session: Session) -> None:
    one, other = (a_school_person().organisation_id or 0 for _ in range(2))
    for day in (0, 1):
        later = WHOLE.but(today=WHOLE.today + timedelta(days=day), page=2 - day)
        for school in (one, one, other, one)[: 4 - 2 * day]:
            note_unmet_need(later, school)
    rows = session.execute(select(UnmetNeed.searches).order_by(UnmetNeed.searched_on)).scalars().all()
    assert rows == [2, 1]


def test_who_searched_in_vain_is_forgotten_when_the_day_is_over(session: Session) -> None:
    school = a_school_person().organisation_id or 0
    note_unmet_need(WHOLE.but(today=WHOLE.today - timedelta(days=1)), school)
    note_unmet_need(WHOLE, school)
    assert (forget_who_searched(), forget_who_searched()) == (1, 0)
    assert session.scalar(select(func.sum(UnmetNeed.searches))) == 2


def test_a_reload_a_second_page_and_the_map_are_no_further_need(client: FlaskClient) -> None:
    sign_in(client, a_school_person().email)
    for more in ("", "", "&page=2", "&view=map"):
        words_of(client, f"/search?needs=PMLD{more}")
    client.post("/sign-out")
    sign_in(client, a_school_person().email)
    words_of(client, "/search?needs=PMLD")
    client.post("/sign-out")
    sign_in(client, a_person(a_council(), "quality_officer").email)
    page = words_of(client, "/unmet-need")
    assert "Profound and multiple learning difficulty 2" in page and "once a day for each school" in page


def test_what_is_no_longer_approved_is_not_compared(session: Session) -> None:
    lot = some_lots(1)[0]
    one, two, gone = a_service(lot), a_service(lot), a_service(lot)
    suspend_standing(standing_id=gone.standing_id, reason="x", by=THE_PORTAL)
    assert [s.id for s in side_by_side([two.id, gone.id, one.id, two.id])] == [two.id, one.id]


@pytest.fixture
def school(client: FlaskClient) -> FlaskClient:
    """A school's commissioner, signed in."""
    return sign_in(client, a_school_person().email)


def words_of(client: FlaskClient, address: str, status: int = 200) -> str:
    """The words of a page."""
    answer = client.get(address)
    assert answer.status_code == status, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_a_search_is_saved_from_its_page_and_removed(school: FlaskClient) -> None:
    a_service()
    page = words_of(school, "/searches/new?words=engines&needs=SEMH")
    assert "“engines”" in page and "1 service fits as at" in page
    answer = school.post(
        "/searches/new", data={"address": "words=engines&needs=SEMH", "name": "", "alerts": "y"}
    )
    assert answer.status_code == 422 and "“engines”" in answer.get_data(as_text=True)
    school.post("/searches/new", data={"address": "words=engines&needs=SEMH", "name": "For year 9"})
    page = school.get("/searches").get_data(as_text=True)
    assert 'href="/search?words=engines&amp;needs=SEMH"' in page and "Without letters" in page
    number = re.search(r"/searches/(\d+)/remove", page)
    assert number and school.post(f"/searches/{number[1]}/remove").status_code == 303
    assert "will be listed here" in words_of(school, "/searches")


def test_saved_searches_say_what_they_look_for_and_find_now(client: FlaskClient, session: Session) -> None:
    by, lot = a_school_person(), some_lots(1)[0]
    a_service(lot), a_service(lot, summary="Music alone.", title="Music")
    whole = WHOLE.but(lot_ids=(lot,))
    for criteria in (whole, SearchCriteria(clock.today(), words="music"), SearchCriteria(clock.today())):
        saved(by, criteria)
    anything, music, narrow = saved_searches_of(by)
    assert [each.found for each in (anything, music, narrow)] == [2, 1, 0]
    assert (anything.choices, music.choices) == ([], ["“music”"])
    assert narrow.choices[:2] == ["“boxing for Sam”", "Lot 1, " + narrow.choices[1].partition(", ")[2]]
    assert "Within 5 miles of M14" in narrow.choices
    page = words_of(sign_in(client, by.email), "/searches")
    assert "Any service. 2 services fit now." in page and "“music”. 1 service fits now." in page


@pytest.mark.parametrize(
    "choices",
    [
        {"words": "engines"},
        {"needs": ("SEMH", "ASD"), "key_stages": ("KS3",)},
        {"near": locate("M14 5RQ"), "within_miles": 3, "highest_price": Decimal(100)},
        {"sessions": ("mon_am",), "places_now": True},
        {"registration": ("registered",), "modes": ("online",)},
        {"words": '100% "engines" -boxing', "tiers": ("tier2",)},
    ],
)
def test_the_number_of_a_saved_search_is_that_of_its_page(
    session: Session, choices: dict[str, object]
) -> None:
    lot = some_lots(1)[0]
    for number in range(4):
        service = a_service(lot, price_per_day=80 + 20 * number, registered_school=number > 2)
        offers(service, sessions=["mon_am"][: number % 2], tiers=["tier2"], modes=["online"][: number // 2])
    free_in(service, "mon_am")
    asked = SearchCriteria(clock.today(), **choices)  # type: ignore[arg-type]
    assert numbers_found([asked, SearchCriteria(clock.today())]) == [search(asked).total, 4]


def test_many_saved_searches_cost_as_many_statements_as_one(session: Session) -> None:
    by = a_school_person()
    saved(by, WHOLE)
    with counted() as one:
        saved_searches_of(by)
    for _ in range(4):
        saved(by, WHOLE)
    with counted() as five:
        saved_searches_of(by)
    assert len(five) == len(one) == 4


def test_up_to_four_services_stand_side_by_side(school: FlaskClient) -> None:
    lot = some_lots(1)[0]
    chosen = [a_service(lot, title=f"Service {n}") for n in range(5)]
    offers(chosen[0], tiers=["tier2"], sessions=["mon_am"])
    query = "&".join(f"service={s.id}" for s in chosen)
    page = words_of(school, f"/compare?{query}")
    assert "Service 3" in page and "Service 4" not in page and "Tier 2" in page
    assert "Choose two to four services" in words_of(school, f"/compare?service={chosen[0].id}&service=x")


def test_services_are_compared_by_what_was_searched(school: FlaskClient) -> None:
    lot = some_lots(1)[0]
    one = a_service(lot, needs=["ASD"], price_per_day=Decimal(80))
    two = a_service(lot, needs=["SEMH"], postcode="SK1 3XE", price_per_day=Decimal(120))
    asked = "words=autism&price=100&postcode=M1&within=3"
    page = school.get(f"/search?{asked}").get_data(as_text=True)
    assert f'<input type="hidden" name="search" value="{asked.replace("&", "&amp;")}">' in page
    compared = f"/compare?service={one.id}&service={two.id}&search={quote(asked)}"
    assert f'href="/search?{asked.replace("&", "&amp;")}"' in school.get(compared).get_data(as_text=True)
    words = words_of(school, compared)
    assert "Fits Caters for autistic spectrum disorder. Costs £80 a day, within your £100." in words
    assert "Costs £120 a day, above your £100. About 6 miles away, beyond your 3." in words
    assert "Distance About 2 miles away About 6 miles away" in words
    plain = words_of(school, f"/compare?service={one.id}&service={two.id}")
    assert "Does not fit" not in plain and "Distance" not in plain


def test_a_filter_on_the_map_leads_to_the_map(school: FlaskClient) -> None:
    a_service()
    hidden = '<input type="hidden" name="view" value="map">'
    assert hidden in school.get("/search?view=map").get_data(as_text=True)
    assert hidden not in school.get("/search").get_data(as_text=True)


def test_an_export_holds_what_was_found_and_no_formula(school: FlaskClient) -> None:
    service = a_service(title="=HYPERLINK(1)", summary="Engines.")
    free_in(service, "mon_am")
    a_service(summary="Music.", title="Music")
    answer = school.get("/search.csv?words=engines&postcode=M1")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert [row["Service"] for row in rows] == ["'=HYPERLINK(1)"]
    assert rows[0]["Free sessions"] == "Monday morning" and rows[0]["Miles"] == "2.2"
    assert rows[0]["Nearest site"] == rows[0]["Postcode"] == "M14 5RQ"
    assert rows[0]["As at"].startswith(clock.today().isoformat())
    assert rows[0]["What being listed means"].startswith("Not a recommendation")


def exported(client: FlaskClient, query: str) -> list[dict[str, str]]:
    """The lines of an exported search."""
    answer = client.get(f"/search.csv?{query}")
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))


def test_an_export_holds_all_that_was_found_or_says_what_it_leaves_out(
    school: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = services_in(some_lots(1)[0], 5)
    monkeypatch.setattr(views, "_AT_ONCE", 2)
    monkeypatch.setattr(searching, "MOST_RANKED", 3)
    lines = exported(school, "words=engines")
    assert {line["Link"].rpartition("/")[2] for line in lines} == {str(service.id) for service in made}
    monkeypatch.setattr(views, "MOST_IN_FILE", 4)
    *lines, last = exported(school, "words=engines")
    assert len(lines) == 4 and last["Provider"].startswith("4 of 5 services are in this file")


def test_the_council_reads_unmet_need_and_schools_do_not(client: FlaskClient) -> None:
    school = a_school_person()
    sign_in(client, school.email)
    words_of(client, "/search?needs=PMLD&postcode=M14&within=3&words=Sam")
    words_of(client, "/unmet-need", 403)
    client.post("/sign-out")
    sign_in(client, a_person(a_council(), "quality_officer").email)
    page = words_of(client, "/unmet-need")
    assert "Profound and multiple learning difficulty; Within 3 miles of M14; Words" in page
    assert "Sam" not in page


def test_a_period_bounds_what_is_shown_and_what_is_downloaded(client: FlaskClient) -> None:
    today = clock.today()
    school = a_school_person().organisation_id or 0
    note_unmet_need(SearchCriteria(today - timedelta(days=40), needs=("PMLD",)), school)
    note_unmet_need(SearchCriteria(today, needs=("VI",)), school)
    sign_in(client, a_person(a_council(), "quality_officer").email)
    month_ago = today - timedelta(days=30)
    before = "&".join(f"until-{part}={getattr(month_ago, part)}" for part in ("day", "month", "year"))
    since = "&".join(f"since-{part}={getattr(month_ago, part)}" for part in ("day", "month", "year"))
    assert "Profound" in (page := words_of(client, f"/unmet-need?{before}")) and "Vision" not in page
    assert "Vision" in (page := words_of(client, f"/unmet-need?{since}")) and "Profound" not in page
    page = client.get(f"/unmet-need?{since}&page=1").text
    address = html.unescape(re.search(r'href="(/unmet-need\.csv[^"]*)"', page)[1])  # type: ignore[index]
    table = client.get(address)
    assert "Vision" in table.text and "Profound" not in table.text and "attachment" in str(table.headers)
    page = words_of(client, f"/unmet-need?{since}&until-day=1&until-month=1&until-year=2026")
    assert "The last day must not be before the first." in page


def test_words_in_vain_are_kept_as_what_they_name(client: FlaskClient) -> None:
    sign_in(client, a_school_person().email)
    for words in ("Sam+autistic+GCSE", "zebra", "zebras", "autism&needs=ASD"):
        words_of(client, f"/search?words={words}")
    client.post("/sign-out")
    sign_in(client, a_person(a_council(), "quality_officer").email)
    page = words_of(client, "/unmet-need")
    assert "Autistic spectrum disorder; GCSE 1" in page and "Autistic spectrum disorder 1" in page
    assert "1 search by words alone found nothing" in page and "Words, which" not in page


def test_what_an_officer_tries_out_is_no_need(client: FlaskClient) -> None:
    sign_in(client, a_person(a_council(), "quality_officer").email)
    words_of(client, "/search?needs=PMLD")
    assert "Profound" not in words_of(client, "/unmet-need")


def test_the_council_reads_what_everybody_has_declined_until_it_is_met(client: FlaskClient) -> None:
    school, (service, provider) = a_school_person(), a_service_and_its_person()
    asked = a_referral(service, school)
    sign_in(client, a_person(a_council(), "quality_officer").email)
    assert "Social, emotional" not in words_of(client, "/unmet-need")
    decline_referral(referral_id=asked.id, reason="We are full.", portal_url=PORTAL_URL, by=provider)
    page = words_of(client, "/unmet-need")
    assert "KS3" in page and "Social, emotional" in page and "We are full" not in page
    rows = list(csv.DictReader(io.StringIO(client.get("/unmet-need.csv").text.removeprefix("\ufeff"))))
    assert [(row["Kind"], row["Key stage"], row["Searches or children"]) for row in rows] == [
        ("Declined by everybody who was asked", "KS3", "1")
    ]
    note_met(asked.request_id)
    assert "Social, emotional" not in words_of(client, "/unmet-need")
