"""A profile: facts, connected persons, share codes, for their own provider alone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditLine
from portal.errors import NotFound, Refusal
from portal.profiles.models import ConnectedPerson
from portal.profiles.queries import connected_persons_of, own_profile, share_codes_of
from portal.profiles.services import (
    ChangedMeanwhile,
    Connection,
    add_connected_person,
    change_connected_person,
    record_share_code,
    remove_connected_person,
    save_profile,
    verify_share_code,
)
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.evidence import a_profile
from tests.web_client import sign_in

DIRECTOR = Connection("director", "Ada Invented", "trustee", since=date(2020, 1, 1))


@pytest.fixture
def provider(session):
    return a_provider_person()


def test_a_profile_is_kept_with_who_saved_it(provider):
    a_profile(provider, trading_name="The Kitchen")
    kept = own_profile(provider)
    assert (kept.values["trading_name"], kept.version, kept.saved_by) == ("The Kitchen", 1, provider.name)


def test_the_trail_names_what_changed_and_not_its_words(provider, session):
    a_profile(provider)
    a_profile(provider, dsl_name="Ada Invented")
    line = session.scalars(select(AuditLine).order_by(AuditLine.id.desc()).limit(1)).one()
    assert line.action == "profile.save" and line.details["fields"] == ["dsl_name"]
    assert "Ada" not in str(line.details)


def test_two_editors_overwrite_nothing(provider):
    a_profile(provider)
    values = dict(own_profile(provider).values)
    save_profile(values={**values, "website": "https://one.example.org"}, version=1, by=provider)
    with pytest.raises(ChangedMeanwhile, match=provider.name):
        save_profile(values={**values, "website": "https://two.example.org"}, version=1, by=provider)
    assert own_profile(provider).values["website"] == "https://one.example.org"


def test_a_connected_person_is_named_changed_and_forgotten(provider, session):
    person_id = add_connected_person(said=DIRECTOR, by=provider)
    change_connected_person(person_id=person_id, said=Connection("psc", "Ada Invented"), by=provider)
    (kept,) = connected_persons_of(provider.organisation_id)
    assert (kept["kind"], kept["name"], kept["since"]) == ("psc", "Ada Invented", None)
    for _ in range(2):
        remove_connected_person(person_id=person_id, by=provider)
    with pytest.raises(NotFound):
        remove_connected_person(person_id=person_id, by=a_provider_person())
    assert session.scalars(select(ConnectedPerson.id)).all() == []


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Connection("friend", "Ada"), "kind"),
        (Connection("psc", " "), "name"),
        (Connection("psc", "Ada", since=date(2026, 1, 2), until=date(2026, 1, 1)), "until"),
    ],
)
def test_what_is_no_connected_person_is_refused(provider, said, field):
    with pytest.raises(Refusal) as refused:
        add_connected_person(said=said, by=provider)
    assert refused.value.field == field


def test_a_share_code_is_recorded_once_with_its_day(provider):
    first = record_share_code(code=" hdj2 123f ", by=provider)
    assert record_share_code(code="hdj2123f", by=provider) == first
    (kept,) = share_codes_of(provider.organisation_id)
    assert (kept["code"], kept["recorded_by"], kept["verified_at"]) == ("hdj2123f", provider.name, None)


@pytest.mark.parametrize("code", ["", "1234567", "123456789", "abcd!efg"])
def test_what_has_not_eight_letters_and_digits_is_no_share_code(provider, code):
    with pytest.raises(Refusal) as refused:
        record_share_code(code=code, by=provider)
    assert refused.value.field == "code"


def test_a_council_that_may_notes_what_the_platform_said(provider):
    code = record_share_code(code="hdj2123f", by=provider)
    with pytest.raises(NotFound):
        verify_share_code(share_code_id=code, is_latest=True, by=provider)
    lead = a_person(a_council(), "procurement_lead")
    verify_share_code(share_code_id=code, is_latest=False, by=lead)
    (kept,) = share_codes_of(provider.organisation_id)
    assert (kept["is_latest"], kept["verified_by"]) == (False, lead.name)


def test_what_the_platform_said_is_noted_once_a_day_and_anew_when_it_says_something_else(session, provider):
    code = record_share_code(code="hdj2123f", by=provider)
    lead = a_person(a_council(), "procurement_lead")
    said = select(AuditLine.details["is_latest"]).where(AuditLine.action == "share_code.verify")
    for is_latest in (True, True, False):
        verify_share_code(share_code_id=code, is_latest=is_latest, by=lead)
    assert session.scalars(said.order_by(AuditLine.id)).all() == [True, False]
    with clock.staged_at(clock.now() + timedelta(days=1)):
        verify_share_code(share_code_id=code, is_latest=False, by=lead)
    assert len(session.scalars(said).all()) == 3


@pytest.mark.parametrize("kind", ["provider", "council"])
def test_nobody_else_reads_or_changes_it(provider, kind):
    stranger = a_provider_person() if kind == "provider" else a_person(a_council(), "procurement_lead")
    person_id = add_connected_person(said=DIRECTOR, by=provider)
    for tried in (
        lambda: change_connected_person(person_id=person_id, said=DIRECTOR, by=stranger),
        lambda: remove_connected_person(person_id=person_id, by=stranger),
    ):
        with pytest.raises(NotFound):
            tried()
    if kind == "council":
        with pytest.raises(NotFound):
            own_profile(stranger)


def test_the_pages_take_what_is_typed(provider, client):
    browser = sign_in(client, provider.email)
    typed = {
        "version": "0",
        "legal_form": "cio",
        "trading_name": "The Kitchen",
        "operation_types": ["sme", "vcse"],
    }
    assert browser.post("/organisation/profile/edit", data=typed).status_code == 303
    since = {"since-day": "1", "since-month": "1", "since-year": "2020"}
    person = {"kind": "director", "name": "Ada Invented", **since}
    assert browser.post("/organisation/profile/connected/add", data=person).status_code == 303
    assert browser.post("/organisation/profile/share-code", data={"code": "hdj2123f"}).status_code == 303
    page = browser.get("/organisation/profile").get_data(as_text=True)
    for words in ("Charitable incorporated organisation", "The Kitchen", "Ada Invented", "hdj2123f"):
        assert words in page


def test_a_stale_page_comes_back_with_what_was_typed(provider, client):
    a_profile(provider)
    browser = sign_in(client, provider.email)
    typed = {"version": "0", "trading_name": "Mine"}
    answer = browser.post("/organisation/profile/edit", data=typed)
    assert answer.status_code == 422 and 'value="Mine"' in answer.get_data(as_text=True)
    again = browser.post("/organisation/profile/edit", data={**typed, "version": "1"})
    assert again.status_code == 303 and own_profile(provider).values["trading_name"] == "Mine"
