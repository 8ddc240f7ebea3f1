"""What is handed over on request: all of it, no secret, nobody else's."""

import json
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.audit.queries import trail_of
from portal.database import transaction
from portal.personal_data.services import export
from portal.personal_data.subject_access import about_person, about_referral
from portal.profiles.services import Connection, add_connected_person
from tender.applications.certifying import ask_to_certify
from tender.applications.services import submit_application
from tender.followers.services import follow
from tender.frameworks.models import Round
from tender.frameworks.opening_services import open_box
from tests.factories.accounts import a_provider_person, a_school_person
from tests.factories.applications import a_complete_draft
from tests.factories.clarifications import a_question
from tests.factories.commissioning import a_referral
from tests.factories.directory import a_service_and_its_person
from tests.factories.frameworks import a_framework, a_procurement_lead, a_published_round, lot_ids


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


def test_a_persons_file_tells_nothing_of_a_tender_before_its_box_is_open(session: Session) -> None:
    lead, provider = a_procurement_lead(), a_provider_person()
    framework = a_framework(2, lead=lead, needs_certificate=True)
    tomorrow = clock.now() + timedelta(days=1)
    subject = a_published_round(2, lead, framework, questions_until=tomorrow)
    before = about_person(provider.email)
    _work_on_a_tender(subject, provider)
    assert before and {**(about_person(provider.email) or {}), "made_at": before["made_at"]} == before
    with clock.staged_at(clock.now() + timedelta(days=30)):
        open_box(by=lead, round_id=subject.id)
    held = about_person(provider.email)
    assert held and {"application", "certificate", "answer", "document", "receipt", "clarification"} <= {
        row["record"] for row in held["records"]
    }
    assert held["letters"] and "application.submit" in {line["action"] for line in held["trail"]}


def _work_on_a_tender(subject: Round, provider: Actor) -> None:
    """Everything that one does about a tender until it is submitted, and the letters of it delivered."""
    a_question(subject, provider)
    follow(round_id=subject.id, by=provider)
    application_id = a_complete_draft(subject, provider, lot_ids(subject)[:1])
    ask_to_certify(application_id=application_id, by=provider)
    submit_application(application_id=application_id, declared=True, certified=True, by=provider)
    with transaction() as session:
        session.execute(text("UPDATE letter SET state = 'delivered', delivered_at = now()"))
