"""What a provider says at once, what waits for the council's check, and the places that are free."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.audit.queries import trail_of
from portal.database import db
from portal.directory.indexing import refresh_all_search_rows
from portal.directory.models import Service, Site
from portal.directory.offer import SESSIONS
from portal.directory.queries import SearchCriteria, search, service_named
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from portal.provision.facts import facts_of
from portal.provision.models import Proposal
from portal.provision.queries import check_for, numbers_waiting, own_words_for, own_words_waiting, page_of
from portal.provision.reminders import ask_which_places_are_free
from portal.provision.services import (
    BeingChecked,
    ChangedAgain,
    StalePage,
    confirm_places,
    note_as_read,
    publish,
    save_part,
    send_back,
    send_for_check,
    take_back,
)
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.directory import a_service_and_its_person, offers, suspend_standing
from tests.factories.provision import PORTAL, SAID, a_checker, a_page_sent, save


def seen_by_schools(service: Service) -> Any:
    """The service as schools read it now."""
    return service_named(service.id)


def published(service: Service, proposal_id: int, how: str = "Visited on 3 May.") -> None:
    """Let the council publish it."""
    version = db.session.get_one(Proposal, proposal_id).version
    publish(proposal_id=proposal_id, version=version, how=how, portal_url=PORTAL, by=a_checker(service))


def letters(session: Session) -> list[tuple[str, str]]:
    """(to, title) of the letters about service pages and places."""
    rows = session.execute(
        select(Letter.to_address, Letter.title)
        .where(Letter.subject_type.in_(["service_page", "service"]))
        .order_by(Letter.id)
    )
    return [tuple(row) for row in rows]


def test_a_providers_own_words_are_seen_and_found_at_once(session: Session) -> None:
    service, person = a_service_and_its_person()
    assert save(person, service, "about")
    assert seen_by_schools(service).title == "Bike workshop"
    for words in ("bicycle", "motor vehicles"):
        assert search(SearchCriteria(clock.today(), words=words)).total == 1
    assert search(SearchCriteria(clock.today(), words="engines")).total == 0
    details = trail_of("standing", service.standing_id)[0]["details"]
    assert "summary" in details["changed"] and "bicycles" not in str(details)


def test_what_the_council_checks_waits_and_schools_read_what_stood_before(session: Session) -> None:
    service, person = a_service_and_its_person()
    for part in ("children", "where", "prices", "registration"):
        assert not save(person, service, part)
    seen = seen_by_schools(service)
    assert (seen.key_stages, seen.postcode, seen.price_per_day) == (
        ["KS3", "KS4"],
        "M14 5RQ",
        Decimal("95.00"),
    )
    assert page_of(person, service.id).parts["prices"].values["price_per_day"] == Decimal("80.50")


def test_published_facts_are_read_found_and_bear_the_day_of_the_check(session: Session) -> None:
    service, person, proposal_id = a_page_sent()
    published(service, proposal_id)
    seen = seen_by_schools(service)
    assert (seen.postcode, seen.tiers, seen.price_half_day) == ("M1 1AE", ["tier2"], Decimal("45.00"))
    assert seen.verified_on("prices") == clock.today()
    assert search(SearchCriteria(clock.today(), tiers=("tier2",), modes=("at_site",))).total == 1
    assert [(site.kind, site.run_by) for site in session.scalars(select(Site).order_by(Site.position))] == [
        ("main", ""),
        ("subcontracted", "Depot Trust"),
    ]
    page = page_of(person, service.id)
    assert page.to_send == [] and page.state == "none"


def test_a_change_of_what_was_verified_goes_back_to_check_and_the_rest_does_not(session: Session) -> None:
    service, person, proposal_id = a_page_sent()
    published(service, proposal_id)
    save(person, service, "prices", price_per_day=Decimal("90.00"))
    send_for_check(service_id=service.id, portal_url=PORTAL, by=person)
    page = page_of(person, service.id)
    assert [part.code for part in page.to_send] == ["prices"]
    assert seen_by_schools(service).price_per_day == Decimal("80.50")
    assert page.proposal_id
    check = check_for(a_checker(service), page.proposal_id)
    assert ("A day", "£80.50", "£90") in check.rows["Prices"]


def test_putting_back_what_is_verified_leaves_nothing_to_send(session: Session) -> None:
    service, person, proposal_id = a_page_sent()
    published(service, proposal_id)
    save(person, service, "prices", price_per_day=Decimal("90.00"))
    save(person, service, "prices")
    assert page_of(person, service.id).to_send == []
    with pytest.raises(Refusal):
        send_for_check(service_id=service.id, portal_url=PORTAL, by=person)


def test_the_first_check_covers_what_the_tender_said_too(session: Session) -> None:
    service, person = a_service_and_its_person()
    save(person, service, "where")
    with pytest.raises(Refusal, match="Whom it is for"):  # no tier is named yet
        send_for_check(service_id=service.id, portal_url=PORTAL, by=person)
    save(person, service, "children")
    send_for_check(service_id=service.id, portal_url=PORTAL, by=person)
    kept = session.scalars(select(Proposal)).one()
    assert set(kept.facts) == {"children", "where", "prices", "registration"}
    assert kept.facts["prices"]["price_per_day"] == "95.00"


def test_what_is_being_checked_does_not_change_until_it_is_taken_back(session: Session) -> None:
    service, person, _ = a_page_sent()
    with pytest.raises(BeingChecked):
        save(person, service, "prices", price_per_day=Decimal(1))
    with pytest.raises(MoveRefused):
        send_for_check(service_id=service.id, portal_url=PORTAL, by=person)
    assert save(person, service, "about", title="Still my own words")
    take_back(service_id=service.id, by=person)
    assert not save(person, service, "prices", price_per_day=Decimal(1))


def test_what_is_sent_back_says_why_and_can_be_sent_again(session: Session) -> None:
    service, person, proposal_id = a_page_sent()
    checker = a_checker(service)
    with pytest.raises(Refusal):
        send_back(proposal_id=proposal_id, reason=" ", portal_url=PORTAL, by=checker)
    send_back(proposal_id=proposal_id, reason="The URN is missing.", portal_url=PORTAL, by=checker)
    assert page_of(person, service.id).reason == "The URN is missing."
    assert letters(session)[-1] == (person.email, "Your page “Bike workshop” needs a change")
    send_for_check(service_id=service.id, portal_url=PORTAL, by=person)
    assert page_of(person, service.id).reason == ""


def test_both_sides_are_written_to(session: Session) -> None:
    service, person = a_service_and_its_person()
    checker = a_checker(service)
    for part in SAID:
        save(person, service, part)
    send_for_check(service_id=service.id, portal_url=PORTAL, by=person)
    assert letters(session)[0][0] == checker.email
    kept = session.scalars(select(Proposal)).one()
    published(service, kept.id)
    assert letters(session)[-1] == (person.email, "Your page “Bike workshop” is published")


def test_a_check_says_how_and_only_the_frameworks_council_makes_it(session: Session) -> None:
    service, _, proposal_id = a_page_sent()
    with pytest.raises(Refusal):
        published(service, proposal_id, how=" ")
    for stranger in (a_person(a_council(), "quality_officer"), a_provider_person()):
        with pytest.raises(NotFound):
            publish(proposal_id=proposal_id, version=1, how="Read it.", portal_url=PORTAL, by=stranger)
        with pytest.raises(NotFound):
            check_for(stranger, proposal_id)


def test_what_was_not_shown_is_not_published(session: Session) -> None:
    service, person, proposal_id = a_page_sent()
    shown = db.session.get_one(Proposal, proposal_id).version
    take_back(service_id=service.id, by=person)
    save(person, service, "prices", price_per_day=Decimal("500.00"))
    send_for_check(service_id=service.id, portal_url=PORTAL, by=person)
    with pytest.raises(StalePage):
        publish(
            proposal_id=proposal_id, version=shown, how="Read it.", portal_url=PORTAL, by=a_checker(service)
        )


def test_a_draft_is_the_providers_alone(session: Session) -> None:
    service, person = a_service_and_its_person()
    save(person, service, "prices")
    proposal_id = page_of(person, service.id).proposal_id
    with pytest.raises(NotFound):
        check_for(a_checker(service), proposal_id or 0)


def test_nobody_changes_another_providers_page(session: Session) -> None:
    service, _ = a_service_and_its_person()
    other = a_provider_person()
    for do in (
        lambda: save_part(service_id=service.id, part="about", values=SAID["about"], seen="1.0", by=other),
        lambda: send_for_check(service_id=service.id, portal_url=PORTAL, by=other),
        lambda: take_back(service_id=service.id, by=other),
        lambda: confirm_places(service_id=service.id, free=[1] * 10, by=other),
        lambda: page_of(other, service.id),
    ):
        with pytest.raises(NotFound):
            do()


def test_a_stale_save_is_refused_and_leaves_the_colleagues_words(session: Session) -> None:
    service, person = a_service_and_its_person()
    seen = page_of(person, service.id).seen
    save(person, service, "about")
    with pytest.raises(StalePage):
        save_part(
            service_id=service.id,
            part="about",
            values=SAID["about"] | {"title": "Mine"},
            seen=seen,
            by=person,
        )
    assert seen_by_schools(service).title == "Bike workshop"


@pytest.mark.parametrize(
    ("part", "field", "wrong"),
    [
        ("about", "title", {"title": " "}),
        ("about", "summary", {"summary": "word " * 61}),
        ("about", "subjects", {"subjects": ["alchemy"]}),
        ("children", "key_stages", {"key_stages": []}),
        ("children", "tiers", {"tiers": []}),
        ("where", "modes", {"modes": ["by post"]}),
        ("where", "sites", {"sites": []}),
        ("where", "sites", {"sites": [{"address": "", "postcode": "M1 1AE", "run_by": ""}]}),
        ("where", "sites", {"sites": [{"address": "A", "postcode": "BT1 1AA", "run_by": ""}]}),
        ("when", "places", {"places": -1}),
        ("when", "sessions", {"sessions": []}),
        ("prices", "price_per_day", {"price_per_day": Decimal(-1)}),
        ("prices", "price_per_day", {"price_per_day": None, "price_half_day": None}),
        ("registration", "urn", {"registered_school": True, "urn": "12"}),
        ("registration", "inspection", {"inspection": "Good, Ofsted"}),
        (
            "registration",
            "inspected_on",
            {"inspection": "Good", "inspected_on": clock.today() + timedelta(days=2)},
        ),
    ],
)
def test_what_schools_could_not_use_is_refused_at_its_field(
    session: Session, part: str, field: str, wrong: dict
) -> None:
    service, person = a_service_and_its_person()
    with pytest.raises(Refusal) as refused:
        save(person, service, part, **wrong)
    assert refused.value.field == field


def test_free_places_are_confirmed_by_session_as_of_now(session: Session) -> None:
    service, person = a_service_and_its_person()
    offers(service, sessions=list(SESSIONS))
    confirm_places(service_id=service.id, free=[2, 0, 3, *[0] * 7], by=person)
    seen = seen_by_schools(service)
    assert (seen.places_free, seen.free_sessions) == (3, ["mon_am", "tue_am"])
    assert seen.places_confirmed_at and not seen.places_stale
    with clock.staged_at(clock.now() + timedelta(days=31)):
        assert seen_by_schools(service).places_stale


@pytest.mark.parametrize("free", [[1] * 9, [-1] * 10, [1000] * 10, [13, *[0] * 9]])
def test_free_places_that_cannot_be_are_refused(session: Session, free: list[int]) -> None:
    service, person = a_service_and_its_person(places=12)
    offers(service, sessions=list(SESSIONS))
    with pytest.raises(Refusal):
        confirm_places(service_id=service.id, free=free, by=person)


def test_fewer_places_than_are_confirmed_free_are_refused(session: Session) -> None:
    service, person = a_service_and_its_person(places=12)
    offers(service, sessions=list(SESSIONS))
    confirm_places(service_id=service.id, free=[9] * 10, by=person)
    with pytest.raises(Refusal, match="9 free places"):
        save(person, service, "when")


def test_places_in_a_session_that_is_closed_are_refused_at_its_field(session: Session) -> None:
    service, person = a_service_and_its_person()
    offers(service, sessions=["mon_am"])
    with pytest.raises(Refusal) as refused:
        confirm_places(service_id=service.id, free=[1, 1, *[0] * 8], by=person)
    assert refused.value.field == "mon_pm"


def test_fewer_places_are_fine_where_the_free_ones_go_with_their_session(session: Session) -> None:
    service, person = a_service_and_its_person(places=12)
    offers(service, sessions=["mon_am", "tue_am"])
    confirm_places(service_id=service.id, free=[2, 0, 9, *[0] * 7], by=person)
    with pytest.raises(Refusal, match="9 free places"):
        save(person, service, "when", places=4, sessions=["mon_am", "tue_am"])
    save(person, service, "when", places=4, sessions=["mon_am"])
    seen = seen_by_schools(service)
    assert (seen.places_free, seen.free_sessions) == (2, ["mon_am"])


def test_what_changed_without_a_check_waits_for_an_officer(session: Session) -> None:
    service, person = a_service_and_its_person()
    officer, stranger = a_checker(service), a_person(a_council(), "quality_officer")
    save(person, service, "about", title="Bikes")
    save(person, service, "about", title="Bikes and boats")
    save(person, service, "when")
    rows, total = own_words_waiting(officer, size=20)
    assert [row["part"] for row in rows] == ["about", "when"] and total == 2
    assert own_words_waiting(stranger, size=20) == ([], 0)
    changed = own_words_for(officer, rows[0]["id"])
    assert changed.rows[0] == ("Name", "Motor workshop", "Bikes and boats")
    with pytest.raises(NotFound):
        own_words_for(stranger, rows[0]["id"])
    with pytest.raises(ChangedAgain):
        note_as_read(own_words_id=changed.id, version=changed.version - 1, by=officer)
    with pytest.raises(NotFound):
        note_as_read(own_words_id=changed.id, version=changed.version, by=stranger)
    note_as_read(own_words_id=changed.id, version=changed.version, by=officer)
    assert numbers_waiting(officer) == (0, 1)


def test_what_is_again_as_it_was_read_needs_no_reading(session: Session) -> None:
    service, person = a_service_and_its_person()
    officer = a_checker(service)
    save(person, service, "about", **facts_of(service_named(service.id), (), "about"))
    assert numbers_waiting(officer) == (0, 0)
    before = facts_of(service_named(service.id), (), "about")
    save(person, service, "about", title="Bikes")
    assert numbers_waiting(officer) == (0, 1)
    save(person, service, "about", **before)
    assert numbers_waiting(officer) == (0, 0)


def test_a_change_of_a_suspended_service_does_not_bring_it_back(session: Session) -> None:
    service, person, proposal_id = a_page_sent()
    suspend_standing(standing_id=service.standing_id, reason="Concern", by=THE_PORTAL)
    published(service, proposal_id)
    save(person, service, "about", title="New words")
    offers(service, sessions=list(SESSIONS))
    confirm_places(service_id=service.id, free=[1] * 10, by=person)
    refresh_all_search_rows()
    assert search(SearchCriteria(clock.today())).total == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE service SET free_by_session = '{1,2}'",
        "UPDATE service SET free_by_session = '{9,0,0,0,0,0,0,0,0,0}', places_free = 1, "
        "places_confirmed_at = now()",
        "UPDATE service SET sessions = '{mon_am}', free_by_session = '{0,1,0,0,0,0,0,0,0,0}', "
        "places_free = 1, places_confirmed_at = now()",
        "UPDATE service SET tiers = '{tier9}'",
        "UPDATE service SET sessions = '{sun_am}'",
        "INSERT INTO service_site (service_id, position, kind, address, postcode) "
        "SELECT id, 1, 'main', 'A', 'M1 1AE' FROM service",
        "UPDATE service_proposal SET state = 'published'",
    ],
)
def test_the_database_refuses_what_cannot_be(session: Session, statement: str) -> None:
    a_page_sent()
    with pytest.raises(DBAPIError):
        session.execute(text(statement))


def test_providers_are_asked_for_their_places_once_a_week(session: Session) -> None:
    _, person = a_service_and_its_person()
    assert ask_which_places_are_free(portal_url=PORTAL, by=THE_PORTAL) == 1
    assert ask_which_places_are_free(portal_url=PORTAL, by=THE_PORTAL) == 0
    assert letters(session) == [(person.email, "Which places are free in “Motor workshop” this week?")]
    with clock.staged_at(clock.now() + timedelta(days=7)):
        assert ask_which_places_are_free(portal_url=PORTAL, by=THE_PORTAL) == 1


def test_nobody_is_asked_who_has_just_confirmed_or_is_suspended(session: Session) -> None:
    service, person = a_service_and_its_person()
    suspended, _ = a_service_and_its_person()
    confirm_places(service_id=service.id, free=[0] * len(SESSIONS), by=person)
    suspend_standing(standing_id=suspended.standing_id, reason="Concern", by=THE_PORTAL)
    assert ask_which_places_are_free(portal_url=PORTAL, by=THE_PORTAL) == 0
