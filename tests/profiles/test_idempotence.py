"""What a provider sends twice of itself and of its documents is done once: every route, and why."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from portal import clock
from portal.audit.models import AuditLine
from portal.database import Base
from portal.evidence.models import Evidence, EvidenceVersion
from portal.evidence.queries import versions_for
from portal.evidence.services import replace_evidence
from portal.profiles.exclusion_services import declare, fingerprint, record_ground
from portal.profiles.models import ConnectedPerson, ExclusionDeclaration
from portal.profiles.queries import grounds_of
from portal.profiles.services import add_connected_person
from portal.storage.bucket import bucket
from portal.storage.models import Document
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_file
from tests.factories.evidence import INSURANCE, a_profile, an_evidence
from tests.profiles.test_exclusion import GROUND
from tests.profiles.test_profile import DIRECTOR
from tests.web_client import sign_in

MECHANISMS = {
    "evidence.add": "the same file that says the same is not added again",
    "evidence.replace": "the newest version does not follow itself",
    "evidence.correct": "what is recorded so already is not corrected again",
    "evidence.remove": "takes away what may be gone",
    "evidence_uploads.begin": "an upload of the same file is gone on with",
    "evidence_uploads.finish": "what waits is not made to wait again",
    "evidence_uploads.cancel": "takes away what may be gone",
    "profiles.edit": "what is so already is not saved again",
    "profiles.add_connected": "of whom the same is said is not named again",
    "profiles.connected": "what is so already is not changed",
    "profiles.remove_connected": "takes away what may be gone",
    "profiles.share_code": "the newest code is not recorded again",
    "exclusion.declare": "one declaration a person, day and what is declared",
    "exclusion.add": "a ground that says the same is not recorded again",
    "exclusion.ground": "what is so already is not changed",
    "exclusion.remove": "takes away what may be gone",
}
FACTS = {
    "type": "public_liability", "title": "Public liability insurance", "issuer": "Invented Mutual",
    "number": "PL-1", "cover": "5000000",
    "expires_on-day": "1", "expires_on-month": "9", "expires_on-year": "2099",
}  # fmt: skip


def test_every_route_of_vault_and_profile_names_what_makes_it_so(app):
    changing = {"POST", "DELETE"}
    posted = {rule.endpoint for rule in app.url_map.iter_rules() if changing & (rule.methods or set())}
    rooms = ("portal.evidence.", "portal.profiles.")
    assert {name for name in posted if app.view_functions[name].__module__.startswith(rooms)} == set(
        MECHANISMS
    )


@pytest.fixture
def provider(session):
    return a_provider_person()


@pytest.fixture
def browser(client, provider):
    return sign_in(client, provider.email)


def kept(session):
    """Every row of every table, the trail included, but for what counts attempts."""
    tables = [table.name for table in Base.metadata.sorted_tables if table.name != "attempt_count"]
    return {
        name: session.scalar(text(f'SELECT jsonb_agg(t ORDER BY t::text) FROM "{name}" AS t'))
        for name in tables
    }


def filled(browser, address):
    """What the form at an address would send as it stands."""
    page = browser.get(address).text
    fields = {}
    for tag in re.findall(r"<(?:input|textarea)[^>]*>", page):
        said = dict(re.findall(r'(\w[\w-]*)="([^"]*)"', tag))
        if said.get("type") not in ("file", "submit", "radio", "checkbox") and "name" in said:
            fields[said["name"]] = said.get("value", "")
    return fields


def press_twice(browser, session, address, sent):
    """The two answers; what the first left stays as it is."""
    first = browser.post(address, data=sent())
    once = kept(session)
    second = browser.post(address, data=sent())
    assert kept(session) == once
    assert (second.status_code, second.location) == (first.status_code, first.location) and second.location
    return once


def test_a_document_is_in_the_vault_once_and_its_object_in_the_store_once(browser, session):
    before = {key for key, _ in bucket().stored("")}
    add = "/organisation/evidence/add"
    press_twice(browser, session, add, lambda: {**FACTS, "file": (a_file()["stream"], "a.pdf")})
    assert len(session.scalars(select(Evidence.id)).all()) == 1
    assert len({key for key, _ in bucket().stored("")} - before) == 1


def test_what_says_something_else_of_the_same_file_is_another_document(browser, session):
    for said in ({}, {"title": "Its schedule"}, {"number": "PL-2"}):
        sent = {**FACTS, **said, "file": (a_file()["stream"], "a.pdf")}
        assert browser.post("/organisation/evidence/add", data=sent).status_code == 303
    assert len(session.scalars(select(Evidence.id)).all()) == 3


def test_the_same_certificate_of_another_provider_is_its_own(provider, session):
    assert an_evidence(provider) == an_evidence(provider)
    assert an_evidence(a_provider_person()) != an_evidence(provider)


def test_a_newer_version_follows_once(browser, provider, session):
    evidence_id = an_evidence(provider)
    facts = {name: value for name, value in FACTS.items() if name not in ("type", "title")}
    address = f"/organisation/evidence/{evidence_id}/replace"
    press_twice(browser, session, address, lambda: {**facts, "file": (a_file()["stream"], "b.pdf")})
    assert [each.version for each in versions_for(provider, evidence_id)] == [2, 1]


def test_the_version_before_the_newest_can_come_again(provider):
    evidence_id = an_evidence(provider)
    replace_evidence(evidence_id=evidence_id, facts=INSURANCE, by=provider, **a_file("png"))
    assert replace_evidence(evidence_id=evidence_id, facts=INSURANCE, by=provider, **a_file()) == 3


def test_facts_are_corrected_once_and_a_second_press_is_no_clash(browser, provider, session):
    evidence_id = an_evidence(provider)
    address = f"/organisation/evidence/{evidence_id}/correct"
    sent = {**filled(browser, address), "number": "PL-77"}
    press_twice(browser, session, address, lambda: sent)
    (version,) = session.scalars(select(EvidenceVersion))
    assert (version.number, version.revision) == ("PL-77", 2)


PERSON = {"kind": "director", "name": "Ada Invented", "nature": "trustee", "since-day": "", "since-month": "",
          "since-year": "", "until-day": "", "until-month": "", "until-year": ""}  # fmt: skip
SAID = {"ground": "poor_performance", "applies_to": "supplier", "detail": "A contract ended early.",
        "managed": "New management.", "in_uk": "yes", "document": ""}  # fmt: skip


def test_a_connected_person_is_named_once(browser, session):
    press_twice(browser, session, "/organisation/profile/connected/add", lambda: PERSON)
    assert session.scalars(select(ConnectedPerson.name)).all() == ["Ada Invented"]
    browser.post("/organisation/profile/connected/add", data={**PERSON, "kind": "psc"})
    assert len(session.scalars(select(ConnectedPerson.id)).all()) == 2, "one may be two things"


def test_what_is_said_of_a_connected_person_is_changed_once(browser, provider, session):
    person_id = add_connected_person(said=DIRECTOR, by=provider)
    press_twice(browser, session, f"/organisation/profile/connected/{person_id}", lambda: PERSON)


def test_the_profile_and_the_share_code_are_saved_once(browser, provider, session):
    a_profile(provider)
    address = "/organisation/profile/edit"
    sent = {**filled(browser, address), "trading_name": "The Kitchen", "legal_form": "cio"}
    press_twice(browser, session, address, lambda: sent)
    press_twice(browser, session, "/organisation/profile/share-code", lambda: {"code": "ABCD-2345"})


def test_a_ground_is_recorded_once_and_a_declaration_stands_meanwhile(browser, provider, session):
    press_twice(browser, session, "/organisation/profile/exclusion/add", lambda: SAID)
    (ground,) = grounds_of(provider.organisation_id)
    address = f"/organisation/profile/exclusion/{ground.id}"
    press_twice(browser, session, address, lambda: {**SAID, "detail": "Other words."})
    session.expire_all()
    seen = fingerprint(grounds_of(provider.organisation_id), "PA2023")
    sent = {"law": "PA2023", "confirmed": "y", "seen": seen}
    press_twice(browser, session, "/organisation/profile/exclusion", lambda: sent)
    press_twice(browser, session, address, lambda: {**SAID, "detail": "Other words."})
    standing = select(ExclusionDeclaration.id).where(ExclusionDeclaration.superseded_at.is_(None))
    assert len(session.scalars(standing).all()) == 1, "nothing else is said: the declaration stands"


def test_a_declaration_is_made_anew_on_another_day_and_by_somebody_else(provider, session):
    record_ground(said=GROUND, by=provider)
    seen = fingerprint(grounds_of(provider.organisation_id), "PA2023")
    for day in (0, 0, 1):
        with clock.staged_at(clock.now() + timedelta(days=day)):
            declare(law="PA2023", confirmed=True, seen=seen, by=provider)
    assert len(session.scalars(select(ExclusionDeclaration.id)).all()) == 2
    made = select(AuditLine.id).where(AuditLine.action == "exclusion.declare")
    assert len(session.scalars(made).all()) == 2


def test_pressed_twice_no_file_is_kept_for_nothing(provider, session):
    before = len(session.scalars(select(Document.id)).all())
    for _ in range(2):
        an_evidence(provider)
    assert len(session.scalars(select(Document.id)).all()) == before + 1
