"""The vault: documents with facts, in versions, for their own provider alone."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.accounts.models import Organisation
from portal.accounts.queries import actor_by_email
from portal.database import db
from portal.errors import NotFound, Refusal
from portal.evidence.facts import Facts
from portal.evidence.models import Evidence, EvidenceReminder, EvidenceVersion
from portal.evidence.queries import choices_for, hold_own, vault_of, version_for, versions_for, waiting_for
from portal.evidence.reminders import remind
from portal.evidence.services import (
    CorrectedMeanwhile,
    correct_evidence,
    keep_document,
    open_version,
    remove_evidence,
    replace_evidence,
)
from portal.mail.models import Letter
from portal.storage.models import Document
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.applications import a_file
from tests.factories.evidence import INSURANCE, an_evidence
from tests.web_client import sign_in


def valid_for(days: int) -> Facts:
    return replace(INSURANCE, expires_on=clock.today() + timedelta(days=days))


@pytest.fixture
def provider(session):
    return a_provider_person()


def newest(by, evidence_id):
    return versions_for(by, evidence_id)[0]


def test_a_document_is_kept_with_its_facts(provider):
    kept = newest(provider, an_evidence(provider))
    assert (kept.facts, kept.version, kept.added_by) == (INSURANCE, 1, provider.name)


def test_what_runs_out_first_stands_first(provider):
    for days in (90, 10, 40):
        an_evidence(provider, facts=valid_for(days), title=f"In {days} days")
    an_evidence(provider, type="risk_assessment", facts=Facts(), title="For ever")
    found, total = vault_of(provider)
    assert [each.title for each in found] == ["In 10 days", "In 40 days", "In 90 days", "For ever"]
    assert total == 4


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (replace(INSURANCE, expires_on=None), "expires_on"),
        (replace(INSURANCE, cover=None), "cover"),
        (replace(INSURANCE, cover=Decimal(-1)), "cover"),
        (replace(INSURANCE, valid_from=date(2099, 1, 1), expires_on=date(2098, 1, 1)), "expires_on"),
    ],
)
def test_insurance_without_its_cover_or_its_last_day_is_refused(provider, facts, field):
    with pytest.raises(Refusal) as refused:
        an_evidence(provider, facts=facts)
    assert refused.value.field == field


def test_a_newer_version_takes_the_place_and_the_old_one_stays(provider):
    evidence_id = an_evidence(provider, facts=valid_for(5))
    replace_evidence(evidence_id=evidence_id, facts=valid_for(370), by=provider, **a_file())
    new, old = versions_for(provider, evidence_id)
    assert (new.version, old.version) == (2, 1) and new.document_id != old.document_id
    assert [each.id for each in vault_of(provider)[0]] == [new.id]
    assert open_version(evidence_id=evidence_id, version=1, by=provider).startswith("http")


def test_facts_are_corrected_on_the_version_that_was_read(provider):
    evidence_id = an_evidence(provider)
    seen = newest(provider, evidence_id)
    change = {"evidence_id": evidence_id, "version_id": seen.id, "title": "Ours", "by": provider}
    correct_evidence(revision=seen.revision, facts=valid_for(9), **change)
    assert newest(provider, evidence_id).facts == valid_for(9)
    with pytest.raises(CorrectedMeanwhile):
        correct_evidence(revision=seen.revision, facts=INSURANCE, **change)


def test_removing_takes_the_document_from_everyone(provider, session):
    evidence_id = an_evidence(provider)
    document_id = newest(provider, evidence_id).document_id
    remove_evidence(evidence_id=evidence_id, by=provider)
    assert session.get_one(Document, document_id).removed_at
    with pytest.raises(NotFound):
        versions_for(provider, evidence_id)


def test_a_second_press_on_remove_is_calm_and_a_stranger_s_finds_nothing(client, app, provider):
    evidence_id = an_evidence(provider)
    address = f"/organisation/evidence/{evidence_id}/remove"
    browser, stranger = sign_in(client, provider.email), sign_in(app.test_client(), a_provider_person().email)
    assert [browser.post(address).status_code for _ in range(2)] == [303, 303]
    assert stranger.post(address).status_code == 404


@pytest.mark.parametrize(
    "reader", [lambda: a_provider_person(), lambda: a_person(a_council(), "procurement_lead")]
)
def test_nobody_else_reads_it(provider, reader):
    evidence_id, stranger = an_evidence(provider), reader()
    for read in (
        lambda: versions_for(stranger, evidence_id),
        lambda: open_version(evidence_id=evidence_id, version=1, by=stranger),
        lambda: remove_evidence(evidence_id=evidence_id, by=stranger),
        lambda: replace_evidence(evidence_id=evidence_id, facts=INSURANCE, by=stranger, **a_file()),
    ):
        with pytest.raises(NotFound):
            read()
    assert choices_for(stranger, None) == []


def test_nobody_else_gives_it_for_an_answer_or_keeps_it_as_theirs(provider, session):
    version, other = newest(provider, an_evidence(provider)), a_provider_person()
    document = session.get_one(Document, version.document_id)
    said = {"document": document, "type": "public_liability", "title": "Ours", "facts": INSURANCE}
    assert version_for(provider, version.id).document_id == document.id
    for taking in (
        lambda: version_for(other, version.id),
        lambda: hold_own(other, document.id),
        lambda: keep_document(**said, by=other),
    ):
        with pytest.raises(NotFound):
            taking()


def test_a_full_vault_is_full_for_its_own_provider_alone(provider, monkeypatch):
    monkeypatch.setattr("portal.evidence.services.MOST", 1)
    an_evidence(provider)
    with pytest.raises(Refusal, match="which is the most"):
        an_evidence(provider, title="One more")
    assert an_evidence(a_provider_person())


def letters() -> list[Letter]:
    return list(db.session.scalars(select(Letter).where(Letter.subject_type == "evidence")))


def remind_in(days: int) -> int:
    with clock.staged_at(clock.now() + timedelta(days=days)):
        return remind(portal_url="https://portal.example.org", by=THE_PORTAL)


def test_letters_go_at_thirty_seven_and_nought_days_once_each(provider):
    an_evidence(provider, facts=valid_for(40))
    assert [remind_in(day) for day in (5, 10, 11, 32, 33, 34, 40, 41, 60)] == [0, 1, 0, 0, 1, 0, 1, 0, 0]
    rules = db.session.scalars(select(EvidenceReminder.rule).order_by(EvidenceReminder.sent_at)).all()
    assert rules == [30, 7, 0]
    assert len(letters()) == 3


def test_a_replaced_document_is_not_written_about(provider):
    evidence_id = an_evidence(provider, facts=valid_for(5))
    replace_evidence(evidence_id=evidence_id, facts=valid_for(370), by=provider, **a_file())
    assert remind_in(0) == 0


def test_a_day_that_was_corrected_is_written_about_anew(provider):
    evidence_id = an_evidence(provider, facts=valid_for(5))
    assert remind_in(0) == 1
    seen = newest(provider, evidence_id)
    correct_evidence(
        evidence_id=evidence_id, version_id=seen.id, revision=1, title="Ours", facts=valid_for(6), by=provider
    )
    assert remind_in(0) == 1


def test_every_person_who_keeps_the_vault_is_written_to(provider, session):
    a_person(session.get_one(Organisation, provider.organisation_id), "editor")
    an_evidence(provider, facts=valid_for(3))
    assert remind_in(0) == 2


def test_the_home_page_says_what_runs_out_and_what_has_expired(provider):
    for days, title in ((-3, "Gone"), (20, "Soon"), (40, "Later"), (-100, "Long gone")):
        an_evidence(provider, facts=replace(valid_for(days), valid_from=None), title=title)
    sentences = [task.sentence for task in waiting_for(actor_by_email(provider.email)).now]
    assert [sentence.split("”")[0] for sentence in sentences] == ["“Gone", "“Soon"]


@pytest.mark.parametrize(
    ("facts", "shape", "words"),
    [
        ({"expires_on": date(2020, 1, 1)}, {}, "expired on"),
        ({"expires_on": date(2098, 1, 1)}, {}, "before the framework starts"),
        ({}, {"needs_expiry": True}, "does not say until when"),
        ({"cover": Decimal(1)}, {"least_cover": "5000000"}, "less than the £5,000,000"),
        ({}, {"least_cover": "5000000"}, "cover is not recorded"),
    ],
)
def test_what_speaks_against_a_document_is_said_in_words(facts, shape, words):
    (warning,) = Facts(**facts).warnings(shape, date(2099, 1, 1))
    assert words in warning


def test_what_is_asked_for_and_given_raises_no_warning():
    facts = Facts(cover=Decimal(5_000_000), expires_on=date(2099, 1, 1))
    assert facts.warnings({"needs_expiry": True, "least_cover": "5000000"}, date(2099, 1, 1)) == ()


def test_a_vault_is_empty_again_in_the_database(provider, session):
    remove_evidence(evidence_id=an_evidence(provider), by=provider)
    assert not session.scalars(select(Evidence.id)).all() + session.scalars(select(EvidenceVersion.id)).all()
