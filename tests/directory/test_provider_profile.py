"""What the council reads of a provider: nothing before the opening, then what stood then."""

import pytest
from sqlalchemy import select

from evaluation.conformity.models import ConformityCheck
from portal import clock
from portal.accounts.models import Organisation
from portal.database import db
from portal.directory.provider_queries import (
    declarations_for,
    documents_for,
    provider_for,
    share_codes_for,
)
from portal.errors import NotFound
from portal.evidence.queries import vault_of
from portal.profiles.exclusion_services import declare, fingerprint
from portal.profiles.queries import share_codes_of
from portal.profiles.services import record_share_code
from tender.applications.services import submit_application
from tender.applications.vault_services import use_from_vault
from tender.frameworks.models import Question
from tender.frameworks.opening_services import open_box
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.applications import a_complete_draft
from tests.factories.directory import a_service
from tests.factories.evaluation import Evaluation, declare_none
from tests.factories.evidence import a_profile, an_evidence
from tests.factories.frameworks import a_closed_round, a_framework, a_procurement_lead, lot_ids, while_open
from tests.web_client import sign_in


@pytest.fixture
def provider(session):
    """A provider with a vault, a share code and a declaration."""
    person = a_provider_person()
    an_evidence(person, title="Ours")
    return person


@pytest.fixture
def applied(provider):
    """A closed round with its submitted application, made with the vault's document."""
    closed = a_closed_round(1)
    application_id = a_complete_draft(closed, provider, lot_ids(closed))
    with clock.staged_at(while_open(closed)):
        record_share_code(code="hdj2123f", by=provider)
        declare(law="PA2023", confirmed=True, seen=fingerprint([], "PA2023"), by=provider)
        use(application_id, provider)
        submit(application_id, provider)
    return closed


def use(application_id, provider):
    version = vault_of(provider)[0][0]
    use_from_vault(application_id=application_id, code="finance", version_id=version.id, by=provider)


def submit(application_id, provider):
    submit_application(application_id=application_id, declared=True, by=provider)


def test_before_the_opening_nobody_at_the_council_finds_the_provider(provider, applied):
    with pytest.raises(NotFound):
        provider_for(a_procurement_lead(applied), provider.organisation_id)


def test_after_the_opening_the_facts_of_what_was_submitted_are_read(provider, applied):
    lead = a_procurement_lead(applied)
    open_box(by=lead, round_id=applied.id)
    an_evidence(provider, title="Kept after")
    read = provider_for(lead, provider.organisation_id)
    (document,), total = documents_for(lead, read)
    assert (read.admitted, total) == (False, 1)
    assert "number PL-1" in document.words


def test_what_was_recorded_after_the_submission_is_not_read(provider, applied):
    lead = a_procurement_lead(applied)
    open_box(by=lead, round_id=applied.id)
    record_share_code(code="newercod", by=provider)
    declare(law="PCR2015", confirmed=True, seen=fingerprint([], "PCR2015"), by=provider)
    read = provider_for(lead, provider.organisation_id)
    assert [code["code"] for code in share_codes_for(read)] == ["hdj2123f"]
    assert [each["law"] for each in declarations_for(read)] == ["PA2023"]


def test_another_council_finds_nothing(provider, applied):
    open_box(by=a_procurement_lead(applied), round_id=applied.id)
    for role in ("procurement_lead", "quality_officer"):
        with pytest.raises(NotFound):
            provider_for(a_person(a_council("Other"), role), provider.organisation_id)


@pytest.fixture
def admitted(provider):
    """The provider on a lot of a framework, and that framework's council's people by role."""
    framework = a_framework(1)
    a_service(lot_ids(framework)[0], provider.organisation_id)
    council = db.session.get_one(Organisation, framework.council_id)
    return {role: a_person(council, role) for role in ("procurement_lead", "quality_officer", "evaluator")}


@pytest.mark.parametrize("role", ["procurement_lead", "quality_officer"])
def test_of_an_admitted_provider_the_facts_of_the_vault_are_read(provider, admitted, role):
    read = provider_for(admitted[role], provider.organisation_id)
    assert [each.title for each in documents_for(admitted[role], read)[0]] == ["Ours"]
    assert (read.admitted, share_codes_for(read), declarations_for(read)) == (True, (), ())


def test_a_role_that_does_not_read_evidence_finds_nothing(provider, admitted, client):
    with pytest.raises(NotFound):
        provider_for(admitted["evaluator"], provider.organisation_id)
    browser = sign_in(client, admitted["evaluator"].email)
    assert browser.get(f"/providers/{provider.organisation_id}").status_code == 403


def test_what_an_admitted_provider_does_for_a_shut_round_tells_nothing(provider, admitted, applied, client):
    a_profile(provider)
    browser = sign_in(client, admitted["procurement_lead"].email)
    page = browser.get(f"/providers/{provider.organisation_id}").get_data(as_text=True)
    assert "Ours" in page and "hdj2123f" not in page and "declared on" not in page


def test_the_lead_notes_what_the_platform_said(provider, applied, client):
    lead = a_procurement_lead(applied)
    place = f"/providers/{provider.organisation_id}"
    code = share_codes_of(provider.organisation_id)[0]["id"]
    browser = sign_in(client, lead.email)
    verify = f"{place}/share-codes/{code}/verify"
    assert browser.post(verify, data={"is_latest": "yes"}).status_code == 404
    open_box(by=lead, round_id=applied.id)
    assert browser.post(verify, data={}).status_code == 422
    assert browser.post(verify, data={"is_latest": "yes"}).status_code == 303
    assert "it is the latest" in browser.get(place).get_data(as_text=True)


def test_the_condition_page_shows_the_facts_beside_the_file(provider, applied, client):
    lead = a_procurement_lead(applied)
    open_box(by=lead, round_id=applied.id)
    check = db.session.scalars(
        select(ConformityCheck.id).join(Question).where(Question.code == "finance")
    ).one()
    declare_none(Evaluation(lead, applied.id, []), lead)
    browser = sign_in(client, lead.email)
    page = browser.get(f"/rounds/{applied.id}/conformity/{check}").get_data(as_text=True)
    assert "Invented Mutual, number PL-1, cover £5,000,000" in page
