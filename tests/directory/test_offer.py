"""The words of an offer, what a service fits, the counts, and the map."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.directory.card import free_words
from portal.directory.counting import FACETS, read_counts
from portal.directory.fitting import fit_of
from portal.directory.mapping import WIDTH, map_of
from portal.directory.naming import codes_named
from portal.directory.offer import SESSIONS, TRAITS, session_names, trait_bit
from portal.directory.postcodes import METRES_A_MILE, locate
from portal.directory.queries import Hit, SearchCriteria, search, service_named
from portal.web.filters import uk_date
from tests.factories.accounts import an_organisation
from tests.factories.directory import a_service, free_in, offers, some_lots

TODAY = clock.today()


def test_every_code_has_a_bit_of_its_own_and_all_fit_into_a_row() -> None:
    assert len(set(TRAITS)) == len(TRAITS) <= 63


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        (["fri_pm", "mon_am", "mon_pm"], "Monday, Friday afternoon"),
        (list(SESSIONS), "Every day, Monday to Friday"),
        ([code for code in SESSIONS if code.endswith("am")], "Every morning, Monday to Friday"),
        ([], ""),
    ],
)
def test_sessions_are_said_as_people_say_them(codes: list[str], words: str) -> None:
    assert session_names(codes) == words


def test_counts_are_read_from_the_bits_of_hits_and_of_those_that_fail_one_filter() -> None:
    held = [
        trait_bit("KS4") | trait_bit("SEMH"),
        trait_bit("KS4") | trait_bit("registered"),
        trait_bit("KS1"),
    ]
    bits = b"".join(each.to_bytes(8, "big") for each in held)
    row = ([[7, 0, 2], [8, 1, 1]], bits, [[7, "1", "A", "F"], [8, "2", "B", "F"]])
    counts = read_counts(row, ["key_stages"], ())
    assert counts.total == 2
    assert (counts.choices["key_stages"]["KS4"], counts.choices["key_stages"]["KS1"]) == (2, 1)
    assert (counts.choices["needs"]["SEMH"], counts.choices["needs"]["ASD"]) == (1, 0)
    assert counts.choices["registration"] == {"registered": 1, "not_registered": 1}
    assert [lot.id for lot in counts.lots] == [7]


def test_no_rows_count_as_nothing() -> None:
    counts = read_counts((None, None, None), [], ())
    assert counts.total == 0 and set(counts.choices) == set(FACETS)
    assert all(number == 0 for codes in counts.choices.values() for number in codes.values())


def test_a_card_says_what_fits_and_what_does_not_as_plainly(session: Session) -> None:
    service = a_service(needs=["ASD"], price_per_day=Decimal(80))
    offers(service, tiers=["tier2"], modes=["at_home"], subjects=["maths"], qualifications=["gcse"])
    asked = SearchCriteria(
        TODAY,
        needs=("SEMH",),
        tiers=("tier2", "tier3"),
        modes=("online",),
        subjects=("gcse", "english"),
        highest_price=Decimal(90),
    )
    fits, misfits = fit_of(asked, service_named(service.id))
    assert fits == (
        "Offers tier 2: a time-limited placement",
        "Offers GCSE",
        "Costs £80 a day, within your £90",
    )
    assert misfits == (
        "Does not say that it caters for social, emotional and mental health",
        "Does not say that it offers tier 3: a longer placement before a new school or post-16",
        "Does not say that it teaches online",
        "Does not say that it offers English",
    )


def test_places_nobody_confirmed_lately_do_not_count_as_a_fit(session: Session) -> None:
    service = a_service()
    free_in(service, "mon_am")
    entry = service_named(service.id)
    on = uk_date(TODAY)
    assert f"Had 2 free places on {on}" in fit_of(SearchCriteria(TODAY), entry)[0]
    placed = replace(entry, placed_since=1)
    assert (
        f"Had 2 free places on {on}, and 1 agreement signed since" in fit_of(SearchCriteria(TODAY), placed)[0]
    )
    old = replace(entry, places_confirmed_at=clock.now().replace(year=2020))
    fits, misfits = fit_of(SearchCriteria(TODAY), old)
    assert fits == () and misfits[0].startswith("Has not confirmed its places since")


def found(criteria: SearchCriteria) -> tuple[Hit, ...]:
    """The first page of a search."""
    return search(criteria).hits


def test_the_map_holds_what_the_list_holds_with_its_numbers(session: Session) -> None:
    lot = some_lots(1)[0]
    for postcode in ("M14 5RQ", "SK1 3XE", "BT1 1AA"):
        a_service(lot, postcode=postcode)
    asked = SearchCriteria(TODAY, near=locate("M1"), sort="distance")
    drawn = map_of(found(asked), asked)
    assert [mark.number for mark in drawn.marks] == [1, 2] and drawn.elsewhere == 1
    assert drawn.here == (WIDTH / 2, WIDTH / 2)
    away = [abs(mark.x - WIDTH / 2) + abs(mark.y - WIDTH / 2) for mark in drawn.marks]
    assert away[0] < away[1]
    assert all(mark.y > WIDTH / 2 for mark in drawn.marks)  # both lie south of the city


def test_the_map_goes_on_with_the_numbers_of_its_page(session: Session) -> None:
    lot = some_lots(1)[0]
    for _ in range(3):
        a_service(lot)
    asked = SearchCriteria(TODAY, size=2, page=2)
    assert [mark.number for mark in map_of(found(asked), asked).marks] == [3]


def test_marks_in_one_place_stand_apart_and_inside(session: Session) -> None:
    lot = some_lots(1)[0]
    for _ in range(20):
        a_service(lot)
    asked = SearchCriteria(TODAY)
    marks = map_of(found(asked), asked).marks
    assert len({(mark.x, mark.y) for mark in marks}) == 20
    assert all(0 < mark.x < WIDTH and 0 < mark.y < WIDTH for mark in marks)


def test_a_map_of_nothing_is_a_map() -> None:
    assert map_of((), SearchCriteria(TODAY)).marks == ()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("engine", "Says “engines” in its summary"),
        ("motor workshops", "Says “Motor” and “workshop” in its title"),
        ("heron repairing", "Says “Heron” in its name. Says “repair” in its summary"),
        ("autism", "Caters for autistic spectrum disorder"),
        ("GCSE maths for autistic boys", "Caters for autistic spectrum disorder. Offers maths; GCSE"),
        ("M14", "Is in M14"),
        # What it cannot place, it does not speak of; nor of what was excluded, or is the half of a word.
        ("calmest -engines the eng dyslexia", ""),
    ],
)
def test_a_card_says_where_the_page_has_the_words(session: Session, typed: str, said: str) -> None:
    provider = an_organisation("provider", name="Heron House")
    service = a_service(provider=provider, needs=["ASD"])
    offers(service, subjects=["maths"], qualifications=["gcse"])
    fits, misfits = fit_of(SearchCriteria(TODAY, words=typed), service_named(service.id))
    assert (". ".join(fits), misfits) == (said, ())


def test_a_need_that_is_chosen_and_typed_is_said_once(session: Session) -> None:
    entry = service_named(a_service(needs=["ASD", "SEMH"]).id)
    asked = SearchCriteria(TODAY, words="autism anxiety", needs=("ASD",))
    said = "Caters for autistic spectrum disorder; social, emotional and mental health"
    assert fit_of(asked, entry) == ((said,), ())


def test_a_card_speaks_of_lot_registration_days_price_and_distance(session: Session) -> None:
    service = a_service(price_per_day=Decimal(80))
    offers(service, sessions=["mon_am"])
    entry = service_named(service.id)
    asked = SearchCriteria(
        TODAY,
        lot_ids=(entry.lot_id,),
        registration=("not_registered",),
        sessions=("mon_am",),
        highest_price=Decimal(90),
        near=locate("M1"),
        within_miles=10,
    )
    assert fit_of(asked, entry, 3.2 * METRES_A_MILE)[0] == (
        "In lot 1, as you asked",
        "Is not a registered school, as you asked",
        "Is open on Monday morning",
        "Costs £80 a day, within your £90",
        "About 3 miles away, within your 10",
    )
    other = replace(entry, lot_id=0, registered_school=True, sessions=[], price_per_day=Decimal(95))
    assert fit_of(asked, other, 12 * METRES_A_MILE) == (
        (),
        (
            "In lot 1, for which you did not ask",
            "Is a registered school",
            "Does not say that it is open on Monday morning",
            "Costs £95 a day, above your £90",
            "About 12 miles away, beyond your 10",
            "Has not said in which sessions it has a place: ask",
        ),
    )


def test_a_result_says_how_far_it_is(session: Session) -> None:
    a_service(postcode="M14 5RQ")
    hit = search(SearchCriteria(TODAY, near=locate("M1"), within_miles=5)).hits[0]
    assert hit.fits == ("About 2 miles away, within your 5",)


def test_words_name_choices_and_nothing_else() -> None:
    assert codes_named("Anxieties, autistic: GCSE maths in Y9 -dyslexia") == (
        *("KS3", "SEMH", "ASD", "maths", "gcse"),
    )
    assert codes_named("boxing for Sam") == ()


def test_free_places_are_told_session_by_session(session: Session) -> None:
    service = a_service()
    assert free_words(service_named(service.id)) == "Not confirmed yet: ask"
    free_in(service, "mon_am", "mon_pm", "wed_am", "fri_pm")
    entry = service_named(service.id)
    assert free_words(entry) == "Mon 2, Wed am 2, Fri pm 2"
    assert [numbers for _, numbers in entry.free_by_day] == [[2, 2], [0, 0], [2, 0], [0, 0], [0, 2]]
    free_in(service)
    assert free_words(service_named(service.id)) == "None"
