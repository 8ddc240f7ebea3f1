"""The search finds exactly what a look at every service would find, in an order that can be repeated."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.database import db
from portal.directory import keeping
from portal.directory import search as searching
from portal.directory.models import Service
from portal.directory.offer import ALSO_CALLED, MODES, NEEDS, SESSIONS, SUBJECTS, TIERS
from portal.directory.postcodes import distance_metres, locate
from portal.directory.queries import SearchCriteria, SearchResult, search
from portal.directory.search import search_statement
from portal.schema import MIGRATIONS
from tender.frameworks.models import KEY_STAGES
from tests.counting import counted
from tests.factories.accounts import an_organisation
from tests.factories.directory import (
    a_service,
    free_in,
    offers,
    remove_standing,
    services_in,
    some_lots,
    suspend_standing,
    teaches_at,
)

TODAY = clock.today()
SQL = MIGRATIONS / "sql"
POSTCODES = ("M14 5RQ", "M1 1AE", "SK1 3XE", "LA9 4DQ", "BT1 1AA")
WORDS = ("boxing", "farm", "pottery")
OFFERED = ("tiers", "modes", "subjects", "sessions")
COUNTED = ("key_stages", "needs", "tiers", "modes", "subjects")


@dataclass(frozen=True)
class Register:
    """Two lots and four providers, for any number of small registers."""

    lots: list[int]
    providers: list[int]


@pytest.fixture
def register(session: Session) -> Register:
    return Register(some_lots(2), [an_organisation("provider").id for _ in range(4)])


def some(values: object, most: int = 3) -> st.SearchStrategy[list]:
    return st.lists(st.sampled_from(list(values)), max_size=most, unique=True)  # type: ignore[call-overload]


services = st.fixed_dictionaries(
    {
        "lot": st.integers(0, 1),
        "provider": st.integers(0, 3),
        "state": st.sampled_from(["admitted", "admitted", "admitted", "suspended", "removed"]),
        "days": st.sampled_from([(-5, 5), (0, 1), (-1, 0), (-9, -1), (1, 9)]),
        "key_stages": some(KEY_STAGES),
        "needs": some(NEEDS),
        "postcode": st.sampled_from(POSTCODES),
        "summary": some(WORDS).map(" ".join),
        "price_per_day": st.sampled_from([None, Decimal(80), Decimal(120)]),
        "tiers": some(TIERS),
        "modes": some(MODES),
        "subjects": some(SUBJECTS),
        "sessions": some(SESSIONS),
        "further": some(POSTCODES, 2),
    }
)
choices = st.fixed_dictionaries(
    {
        "words": st.sampled_from(["", "", *WORDS, "boxing farm"]),
        "lots": some((0, 1), 2),
        "key_stages": some(KEY_STAGES, 2),
        "needs": some(("SEMH", "ASD", "SLCN"), 3),
        "near": st.sampled_from([None, "M1", "SK1"]),
        "within_miles": st.sampled_from([None, 5, 20]),
        "sort": st.sampled_from(["fit", "price", "distance"]),
        "tiers": some(TIERS, 1),
        "modes": some(MODES, 1),
        "subjects": some(SUBJECTS, 1),
        "sessions": some(SESSIONS, 1),
        "price": st.sampled_from([None, None, Decimal(100)]),
    }
)


def build(register: Register, plan: list[dict]) -> list[tuple[dict, Service]]:
    """The planned services, one for each provider and lot."""
    built = {}
    for said in plan:
        spot = (said["lot"], said["provider"])
        if spot in built:
            continue
        facts = {k: said[k] for k in ("key_stages", "needs", "postcode", "summary", "price_per_day")}
        service = a_service(
            register.lots[spot[0]],
            register.providers[spot[1]],
            starts_on=TODAY + timedelta(days=said["days"][0]),
            ends_on=TODAY + timedelta(days=said["days"][1]),
            title="Workshop",
            **facts,
        )
        offers(service, **{name: said[name] for name in OFFERED})
        if said["further"]:
            teaches_at(service, said["postcode"], *said["further"])
        if said["state"] == "suspended":
            suspend_standing(standing_id=service.standing_id, reason="x", by=THE_PORTAL)
        if said["state"] == "removed":
            remove_standing(standing_id=service.standing_id, reason="x", by=THE_PORTAL)
        built[spot] = (said, service)
    return list(built.values())


def nearest(said: dict, chosen: dict) -> float | None:
    """Metres from the postcode asked for to the nearest of a planned service's sites that we can place."""
    near, places = locate(chosen["near"] or ""), map(locate, (said["postcode"], *said["further"]))
    return min((distance_metres(near, place) for place in places if place), default=None) if near else None


def fits(said: dict, chosen: dict, without: str = "") -> bool:
    """Whether one planned service answers the search, leaving one filter out: the rule, without an index."""
    away, radius = nearest(said, chosen), chosen["within_miles"] if chosen["near"] else None
    return (
        said["state"] == "admitted"
        and said["days"][0] <= 0 <= said["days"][1]
        and all(word in said["summary"] for word in chosen["words"].split())
        and (radius is None or (away is not None and away <= radius * 1609.344))
        and (without == "lots" or not chosen["lots"] or said["lot"] in chosen["lots"])
        and all(
            name == without or not chosen[name] or bool(set(said[name]) & set(chosen[name]))
            for name in COUNTED
        )
        and (not chosen["sessions"] or set(chosen["sessions"]) <= set(said["sessions"]))
        and (chosen["price"] is None or (said["price_per_day"] or 999) <= chosen["price"])
    )


def criteria(register: Register, chosen: dict) -> SearchCriteria:
    """What was chosen, as the search takes it."""
    near = locate(chosen["near"] or "")
    return SearchCriteria(
        today=TODAY,
        words=chosen["words"],
        lot_ids=tuple(register.lots[lot] for lot in chosen["lots"]),
        key_stages=tuple(chosen["key_stages"]),
        needs=tuple(chosen["needs"]),
        near=near,
        within_miles=chosen["within_miles"] if near else None,
        sort=chosen["sort"],
        tiers=tuple(chosen["tiers"]),
        modes=tuple(chosen["modes"]),
        subjects=tuple(chosen["subjects"]),
        sessions=tuple(chosen["sessions"]),
        highest_price=chosen["price"],
    )


def ids(result: SearchResult) -> list[int]:
    return [hit.service.id for hit in result.hits]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=st.lists(services, max_size=6), chosen=choices)
def test_the_search_is_a_look_at_every_live_service(
    register: Register, plan: list[dict], chosen: dict
) -> None:
    db.session.close()
    undone = db.engine.begin_nested()  # type: ignore[attr-defined]
    try:
        built = build(register, plan)
        result = search(criteria(register, chosen))
        assert sorted(ids(result)) == sorted(s.id for said, s in built if fits(said, chosen))
        assert result.total == len(result.hits)
        away = {service.id: nearest(said, chosen) for said, service in built}
        assert [hit.metres for hit in result.hits] == pytest.approx([away[id] for id in ids(result)])
        for name in COUNTED:
            counts = result.choices[name]
            left = [said for said, _ in built if fits(said, chosen, without=name)]
            assert counts == {code: sum(code in said[name] for said in left) for code in counts}
        left = [said["lot"] for said, _ in built if fits(said, chosen, without="lots")]
        assert {lot.id: lot.count for lot in result.lots if lot.count} == {
            register.lots[lot]: left.count(lot) for lot in set(left)
        }
    finally:
        db.session.close()
        undone.rollback()


def test_more_needs_met_come_first_and_the_card_says_what_is_missing(session: Session) -> None:
    lot = some_lots(1)[0]
    part, whole = a_service(lot, needs=["ASD"]), a_service(lot, needs=["ASD", "SEMH"])
    result = search(SearchCriteria(TODAY, needs=("SEMH", "ASD"), key_stages=("KS4", "KS1")))
    assert ids(result) == [whole.id, part.id]
    assert "Caters for autistic spectrum disorder" in result.hits[1].fits
    assert result.hits[1].misfits == (
        "Does not take key stage 1",
        "Does not say that it caters for social, emotional and mental health",
    )


def test_words_in_the_name_come_before_words_in_the_summary(session: Session) -> None:
    lot = some_lots(1)[0]
    below = a_service(lot, title="Outdoors", summary="Sometimes boxing.")
    above = a_service(lot, title="Boxing", summary="In a gym.")
    assert ids(search(SearchCriteria(TODAY, words="boxing"))) == [above.id, below.id]


@pytest.mark.parametrize(
    "typed",
    [
        "repairing",
        "engine",
        "eng",
        "calm engi",
        '"calm workshop"',
        "engines -farm",
        "REPAIR",
        "farm or engines",
    ],
)
def test_words_are_found_in_their_forms_and_from_their_beginning(session: Session, typed: str) -> None:
    service = a_service()
    assert ids(search(SearchCriteria(TODAY, words=typed))) == [service.id]


@pytest.mark.parametrize(
    "typed",
    [
        "autism",
        "autistic",
        "ASD",
        "asd",
        "anxiety",
        "SEMH",
        "mental health",
        "behaviour",
        "autism and anxiety",
    ],
)
def test_needs_are_found_by_name_by_code_and_in_everyday_words(session: Session, typed: str) -> None:
    lot = some_lots(1)[0]
    service, _ = a_service(lot, needs=["ASD", "SEMH"]), a_service(lot, needs=["MLD"])
    assert ids(search(SearchCriteria(TODAY, words=typed))) == [service.id]


@pytest.mark.parametrize("code", NEEDS)
def test_every_need_is_found_by_each_of_its_words(session: Session, code: str) -> None:
    service = a_service(needs=[code])
    for word in (code, NEEDS[code], *ALSO_CALLED.get(code, "").split()):
        assert ids(search(SearchCriteria(TODAY, words=word))) == [service.id], word


def test_a_slip_in_a_need_finds_what_was_meant(session: Session) -> None:
    service = a_service(needs=["SPLD"])
    result = search(SearchCriteria(TODAY, words="dyslexai"))
    assert (ids(result), result.instead) == ([service.id], "dyslexia")


@pytest.mark.parametrize(
    "typed", ["M50", "m50", "Eccles", "key stage 3", "KS3", "outreach", "online engines"]
)
def test_places_key_stages_and_ways_of_teaching_are_found_by_words(session: Session, typed: str) -> None:
    lot = some_lots(1)[0]
    service, _ = a_service(lot, postcode="M30 0DF"), a_service(lot, key_stages=["KS1"])
    offers(
        service,
        modes=["at_school", "online"],
        sites=[
            {"address": "4 Church Street, Eccles", "postcode": "M30 0DF", "run_by": ""},
            {"address": "Water Sports Hut, Quayside", "postcode": "M50 2EQ", "run_by": ""},
        ],
    )
    assert ids(search(SearchCriteria(TODAY, words=typed))) == [service.id]


def test_a_word_with_a_figure_is_no_beginning_of_another(session: Session) -> None:
    a_service(postcode="M14 5RQ", key_stages=["KS4"])
    assert [search(SearchCriteria(TODAY, words=typed)).total for typed in ("M1", "Y1", "M14", "Y10")] == [
        0,
        0,
        1,
        1,
    ]


def test_a_need_counts_more_than_the_summary_and_less_than_the_title(session: Session) -> None:
    lot = some_lots(1)[0]
    third = a_service(lot, needs=["MLD"], summary="For children with autism.")
    second = a_service(lot, needs=["ASD"])
    first = a_service(lot, needs=["MLD"], title="The autism centre")
    assert ids(search(SearchCriteria(TODAY, words="autism"))) == [first.id, second.id, third.id]


def test_rows_of_before_are_brought_into_line_by_the_migration(session: Session) -> None:
    service = a_service(needs=["ASD"], postcode="M50 2EQ")
    session.execute(text("UPDATE search_row SET words = to_tsvector('portal_english', 'Engines')"))
    session.execute(text("DELETE FROM search_word"))
    session.execute(text((SQL / "0046_words.sql").read_text(encoding="utf-8")))
    for typed in ("autism", "M50", "engines", "autsim"):
        assert ids(search(SearchCriteria(TODAY, words=typed))) == [service.id]


def test_accents_do_not_matter(session: Session) -> None:
    service = a_service(title="Café Zoë")
    assert ids(search(SearchCriteria(TODAY, words="cafe zoe"))) == [service.id]
    assert ids(search(SearchCriteria(TODAY, words="ZOË"))) == [service.id]


@pytest.mark.parametrize(
    "typed", ["zebra", "engines -calm", '"workshop calm"', "the", "' OR 1=1 --", "!&|():*<->\\"]
)
def test_what_is_not_said_is_not_found_and_signs_do_no_harm(session: Session, typed: str) -> None:
    a_service()
    assert search(SearchCriteria(TODAY, words=typed)).total == 0


def test_the_provider_and_the_lot_are_found_by_name(session: Session) -> None:
    provider = an_organisation("provider", name="Heron House")
    service = a_service(provider=provider)
    assert ids(search(SearchCriteria(TODAY, words="heron"))) == [service.id]
    assert ids(search(SearchCriteria(TODAY, words="full-time provision"))) == [service.id]


def test_nearest_and_cheapest_first_with_what_is_unknown_last(session: Session) -> None:
    lot = some_lots(1)[0]
    far = a_service(lot, postcode="SK1 3XE", price_per_day=Decimal(50))
    near = a_service(lot, postcode="M1 1AE", price_per_day=Decimal(90))
    nowhere = a_service(lot, postcode="BT1 1AA", price_per_day=None)
    here = SearchCriteria(TODAY, near=locate("M1"), sort="distance")
    assert ids(search(here)) == [near.id, far.id, nowhere.id]
    assert ids(search(here.but(sort="price"))) == [far.id, near.id, nowhere.id]
    assert ids(search(here.but(within_miles=3))) == [near.id]
    assert search(here).hits[0].metres == 0


def test_equal_services_stand_in_an_order_of_the_day_that_pages_do_not_shake(session: Session) -> None:
    lot = some_lots(1)[0]
    made = [service.id for service in services_in(lot, 12)]
    day = SearchCriteria(TODAY, size=5)
    pages = [id for number in (1, 2, 3) for id in ids(search(day.but(page=number)))]
    assert sorted(pages) == made
    assert pages == ids(search(day.but(size=12)))
    orders = {tuple(ids(search(day.but(size=12, today=TODAY + timedelta(days=n))))) for n in range(4)}
    assert len(orders) > 1 and tuple(made) not in orders


def test_only_free_places_are_found_when_asked_for(session: Session) -> None:
    lot = some_lots(1)[0]
    provider = an_organisation("provider")
    open_one, _ = a_service(lot, provider), a_service(lot)
    free_in(open_one, "tue_am", "tue_pm")
    assert ids(search(SearchCriteria(TODAY, places_now=True))) == [open_one.id]
    later = SearchCriteria(TODAY + timedelta(days=31), places_now=True)
    assert ids(search(later)) == []  # nobody can rely on it any more


def test_a_place_must_be_free_in_every_session_that_is_wanted(session: Session) -> None:
    lot = some_lots(1)[0]
    tuesdays, mornings = a_service(lot), a_service(lot)
    offers(tuesdays, sessions=["tue_am", "tue_pm"])
    offers(mornings, sessions=["mon_am", "tue_am"])
    free_in(tuesdays, "tue_am")
    free_in(mornings, "tue_am")
    day = SearchCriteria(TODAY, sessions=("tue_am", "tue_pm"))
    assert ids(search(day)) == [tuesdays.id]
    assert ids(search(day.but(places_now=True))) == []
    assert len(ids(search(day.but(places_now=True, sessions=("tue_am",))))) == 2
    assert search(day).hits[0].misfits[-1].startswith("Had no place free on Tuesday afternoon")


def test_no_place_is_free_where_a_service_is_closed(session: Session) -> None:
    service = a_service()
    free_in(service, "mon_am", "tue_am")
    tuesday = SearchCriteria(TODAY, sessions=("tue_am",), places_now=True)
    assert ids(search(tuesday)) == [service.id]
    offers(service, sessions=["mon_am", "wed_am"])
    assert ids(search(tuesday)) == []
    monday = search(tuesday.but(sessions=("mon_am",)))
    assert ids(monday) == [service.id] and monday.hits[0].service.free_sessions == ["mon_am"]
    offers(service, sessions=["wed_am"])
    assert ids(search(SearchCriteria(TODAY, places_now=True))) == []
    assert search(SearchCriteria(TODAY)).hits[0].service.places_free == 0


def test_services_with_a_free_place_are_counted_under_all_the_filters(session: Session) -> None:
    lot = some_lots(1)[0]
    free, full, other = a_service(lot), a_service(lot), a_service(lot, needs=["ASD"])
    free_in(free, "mon_am")
    free_in(other, "mon_am", "tue_am")
    free_in(full)
    day = SearchCriteria(TODAY)
    for asked, number in (
        (day, 2),
        (day.but(places_now=True), 2),
        (day.but(needs=("ASD",)), 1),
        (day.but(needs=("ASD",), key_stages=("KS4",)), 1),
        (day.but(sessions=("tue_am",)), 1),
        (day.but(words="engines", near=locate("M14")), 2),
        (day.but(today=TODAY + timedelta(days=31)), 0),
    ):
        assert search(asked).free == number, asked
        assert search(asked.but(places_now=True)).total == number, asked


def test_half_days_and_hours_are_compared_as_days(session: Session) -> None:
    lot = some_lots(1)[0]
    by_hour, by_half, by_day = (a_service(lot, price_per_day=None) for _ in range(3))
    offers(by_hour, price_hour=Decimal(30))
    offers(by_half, price_half_day=Decimal(40))
    offers(by_day, price_per_day=Decimal(100))
    cheap = SearchCriteria(TODAY, sort="price", highest_price=Decimal(120))
    assert ids(search(cheap)) == [by_half.id, by_day.id]
    assert "Costs £80 a day, within your £120" in search(cheap).hits[0].fits


def test_registered_schools_and_others_are_found_apart_and_counted(session: Session) -> None:
    lot = some_lots(1)[0]
    school, other = a_service(lot, registered_school=True, urn="123456"), a_service(lot)
    for choice, found in (("registered", [school.id]), ("not_registered", [other.id])):
        result = search(SearchCriteria(TODAY, registration=(choice,)))
        assert ids(result) == found
        assert result.choices["registration"] == {"registered": 1, "not_registered": 1}


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("enignes", "engines"), ("wrokshop", "workshop"), ("calm moter", "calm motor"), ("reppaair", "repair")],
)
def test_a_slip_of_the_keyboard_finds_what_was_meant(session: Session, typed: str, meant: str) -> None:
    service = a_service()
    result = search(SearchCriteria(TODAY, words=typed))
    assert ids(result) == [service.id]
    assert meant in result.instead


def test_a_slip_is_put_right_where_it_is_a_filter_that_leaves_nothing(session: Session) -> None:
    a_service(key_stages=["KS3", "KS4"])
    result = search(SearchCriteria(TODAY, words="enignes", key_stages=("KS1",)))
    assert (result.total, result.instead) == (0, "engines")
    assert result.choices["key_stages"] == {"KS1": 0, "KS2": 0, "KS3": 1, "KS4": 1, "KS5": 0}


def test_a_word_that_nobody_uses_is_not_bent_into_another(session: Session) -> None:
    a_service()
    result = search(SearchCriteria(TODAY, words="zebra"))
    assert (result.total, result.instead) == (0, "")


def test_what_was_spelt_by_a_suspended_service_finds_nothing(session: Session) -> None:
    service = a_service(title="Quokka keeping")
    suspend_standing(standing_id=service.standing_id, reason="x", by=THE_PORTAL)
    assert search(SearchCriteria(TODAY, words="quoka")) == search(SearchCriteria(TODAY, words="zzzz"))


def test_beyond_the_bound_the_total_is_still_exact(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_RANKED", 3)
    services_in(some_lots(1)[0], 5)
    result = search(SearchCriteria(TODAY, words="engines"))
    assert (result.total, len(result.hits)) == (5, 3)


def test_a_search_takes_two_statements_for_3_and_for_30_services_and_one_the_next_time(
    session: Session,
) -> None:
    lot = some_lots(1)[0]
    taken = []
    for more in (3, 27):
        services_in(lot, more)
        for _ in range(2):
            with counted() as statements:
                search(SearchCriteria(TODAY, words="workshop", key_stages=("KS4",)))
            taken.append(len(statements))
    assert taken == [2, 1, 2, 1]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ("UPDATE service SET summary = summary || ' And boxing.'", "summary"),
        ("UPDATE standing SET admitted_at = admitted_at - interval '1 day'", "admitted_at"),
        ("UPDATE organisation SET website = website || '/'", "provider_website"),
        ("UPDATE lot SET title = title || '!'", "lot_title"),
        ("UPDATE framework SET reference = reference || '!'", "framework_reference"),
    ],
)
def test_what_changed_of_a_service_that_was_found_before_is_read_anew(
    session: Session, change: str, shown: str
) -> None:
    a_service(some_lots(1)[0])

    def found() -> object:
        return getattr(search(SearchCriteria(TODAY)).hits[0].service, shown)

    before = found()
    session.execute(text(change))
    once = found()
    session.execute(text(change))  # in the same transaction
    assert len({before, once, found()}) == 3
    session.rollback()
    assert found() == before


def test_what_a_connection_keeps_is_bounded(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST_KEPT", 4)
    services_in(some_lots(1)[0], 6)
    for page in (1, 2, 3, 1):
        hits = search(SearchCriteria(TODAY, size=2, page=page)).hits
        assert len({hit.service.id for hit in hits}) == 2
        assert len(session.connection().info[keeping.__name__]) <= 4


def test_words_and_distance_are_found_through_their_indexes(session: Session) -> None:
    fill(session, 10_000)
    words = plan_of(session, SearchCriteria(TODAY, words="word77", needs=("MSI",), key_stages=("KS1",)))
    near = plan_of(session, SearchCriteria(TODAY, near=locate("M1"), within_miles=3))
    assert "ix_search_row_words" in words and "Seq Scan on search_row" not in words
    assert "ix_search_row_reach" in near and "Seq Scan on search_row" not in near


def fill(session: Session, number: int) -> None:
    """So many search rows of no service, for the planner."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("SET LOCAL statement_timeout = 0"))  # many rows at once, on whatever machine
    session.execute(
        text(
            "INSERT INTO search_row (service_id, lot_id, starts_on, ends_on, traits, price_per_day,"
            " free_until, location, reach, words) SELECT n, n % 10, DATE '2020-01-01', DATE '2099-01-01', 1,"
            " n % 200, DATE '2099-01-01', place, box(place, place),"
            " array_to_tsvector(ARRAY(SELECT 'word' || n * i % 5000 FROM generate_series(1, 60) AS i))"
            " FROM generate_series(1000000, 999999 + :number) AS n"
            " CROSS JOIN LATERAL point(300000 + n * 37 % 300000, 200000 + n * 53 % 300000) AS place"
        ),
        {"number": number},
    )
    session.execute(text("ANALYZE search_row"))


def plan_of(session: Session, asked: SearchCriteria) -> str:
    """The plan of a search."""
    sql, values = search_statement(asked)
    return "\n".join(session.connection().exec_driver_sql(f"EXPLAIN {sql}", values).scalars())


def test_a_lot_asked_for_is_shown_even_without_a_hit(session: Session) -> None:
    full, empty, other = some_lots(3)
    a_service(full, key_stages=["KS4"])
    a_service(other, key_stages=["KS1"])
    result = search(SearchCriteria(TODAY, lot_ids=(full, empty), key_stages=("KS4",)))
    assert [(lot.id, lot.count) for lot in result.lots] == [(full, 1), (empty, 0)]
    nothing = search(SearchCriteria(TODAY, words="zebra", lot_ids=(empty,)))
    assert [(lot.id, lot.count) for lot in nothing.lots] == [(empty, 0)]


def test_a_page_past_the_last_one_is_empty_and_still_counts(session: Session) -> None:
    services_in(some_lots(1)[0], 3)
    result = search(SearchCriteria(TODAY, size=2, page=3))
    assert (result.hits, result.total, [lot.count for lot in result.lots]) == ((), 3, [3])


def test_nothing_at_all_is_a_result_too(session: Session) -> None:
    result = search(SearchCriteria(date(2019, 1, 1)))
    assert (result.total, result.hits, result.lots) == (0, (), ())
    assert set(result.choices["needs"].values()) == {0}
