"""What is handed over on request: all of it, no secret, nobody else's."""

import json
from datetime import date

from sqlalchemy.orm import Session

from portal.accounts.access import THE_PORTAL
from portal.audit.queries import trail_of
from portal.personal_data.services import export
from portal.personal_data.subject_access import about_person, about_referral
from portal.profiles.services import Connection, add_connected_person
from tests.factories.accounts import a_provider_person, a_school_person
from tests.factories.commissioning import a_referral
from tests.factories.directory import a_service_and_its_person


def test_a_persons_file_holds_who_they_are_and_every_record_that_names_them(session: Session) -> None:
    school = a_school_person()
    referral = a_referral(a_service_and_its_person()[0], school)
    held = about_person(school.email.upper())
    assert held is not None
    assert held["person"]["name"] == school.name and held["organisations"][0]["roles"] == ["commissioner"]
    assert {"record": "referral", "part": "sent by", "id": str(referral.id)}.items() <= {
        key: value for row in held["records"] for key, value in row.items() if row["record"] == "referral"
    }.items()
    assert "referral.send" in {line["action"] for line in held["trail"]}


def test_a_persons_file_holds_no_secret_and_no_child(session: Session) -> None:
    school = a_school_person()
    a_referral(a_service_and_its_person()[0], school)
    written = json.dumps(about_person(school.email))
    for secret in ("argon2", "fs_uniquifier", "password", "engines"):
        assert secret not in written


def test_a_childs_file_is_found_by_the_schools_reference(session: Session) -> None:
    referral = a_referral(a_service_and_its_person()[0], a_school_person())
    held = about_referral(f" {referral.reference.lower()} ")
    assert held is not None and held["referral"]["need_summary"] == referral.need_summary
    assert len(held["letters"]) == 1 and "referral.send" in {line["action"] for line in held["trail"]}
    assert json.loads(json.dumps(held)) == held


def test_nobody_is_found_by_what_nobody_has(session: Session) -> None:
    assert export(about="nobody@example.org", by=THE_PORTAL) is None
    assert export(about="R-AAAAA", by=THE_PORTAL) is None


def test_making_the_file_leaves_a_line(session: Session) -> None:
    school = a_school_person()
    export(about=school.email, by=THE_PORTAL)
    actions = {line["action"] for line in trail_of("person", school.person_id)}
    assert "personal_data.export" in actions


def test_somebody_whom_a_profile_names_is_found_by_name_without_an_account(session: Session) -> None:
    provider = a_provider_person()
    said = Connection("director", "Ada Invented", "trustee", until=date(2026, 1, 1))
    add_connected_person(said=said, by=provider)
    held = export(about=" ada invented ", by=THE_PORTAL)
    assert held is not None and json.loads(json.dumps(held)) == held
    (row,) = held["profiles"]
    assert (row["provider"], row["until"]) == (provider.organisation_name, "2026-01-01")


def test_a_persons_file_says_which_profiles_name_them(session: Session) -> None:
    provider = a_provider_person()
    add_connected_person(said=Connection("psc", provider.name), by=provider)
    held = about_person(provider.email)
    assert held is not None and [row["kind"] for row in held["profiles"]] == ["psc"]
