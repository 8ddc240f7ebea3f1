"""A virus in a tender: the provider hears of it at once, nobody can open it, and it cannot be submitted."""

import pytest
from sqlalchemy import select

from portal.accounts.access import THE_PORTAL
from portal.audit.queries import trail_of
from portal.mail.models import Letter
from portal.storage import scanning
from portal.storage.models import Document
from portal.storage.scanning import scan_waiting
from tender.applications.infections import waiting_for
from tender.applications.services import Incomplete, submit_application
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_submitted_application
from tests.factories.frameworks import lot_ids
from tests.storage import scanners
from tests.storage.test_scanning import AWAY, ILL
from tests.web_client import sign_in


@pytest.fixture(autouse=True)
def scanner_away(monkeypatch):
    monkeypatch.setattr(scanning, "_scanner", AWAY)


@pytest.fixture
def draft(open_round, provider):
    return a_complete_draft(open_round, provider, lot_ids(open_round)[:1])


def find_viruses(monkeypatch) -> None:
    with scanners.peer(ILL) as peer:
        monkeypatch.setattr(scanning, "_scanner", peer)
        assert scan_waiting(by=THE_PORTAL)


def test_a_scan_under_way_keeps_nobody_from_submitting(provider, draft, session):
    assert set(session.scalars(select(Document.scan_state))) == {"waiting"}
    assert submit_application(application_id=draft, declared=True, by=provider)


def test_an_infected_document_keeps_a_draft_from_being_submitted(provider, draft, monkeypatch):
    find_viruses(monkeypatch)
    with pytest.raises(Incomplete) as refused:
        submit_application(application_id=draft, declared=True, by=provider)
    assert any("we found a virus in “policy.pdf”" in each.sentence for each in refused.value.problems)


def test_the_provider_is_told_by_letter_and_once(provider, draft, session, monkeypatch):
    find_viruses(monkeypatch)
    documents = session.scalars(select(Document)).all()
    letters = session.scalars(select(Letter).where(Letter.title.startswith("We found a virus"))).all()
    assert len(letters) == len(documents)
    assert {letter.to_address for letter in letters} == {provider.email}
    assert "Remove it and upload a clean copy." in letters[0].body


def test_it_waits_for_its_own_provider_and_nobody_else(provider, draft, monkeypatch):
    find_viruses(monkeypatch)
    assert waiting_for(provider).now and not waiting_for(a_provider_person()).now


def test_it_is_in_the_trail_of_the_application(draft, monkeypatch):
    find_viruses(monkeypatch)
    line = trail_of("application", draft)[0]
    assert (line["action"], line["details"]["found"]) == ("application.find_virus", "Eicar-Test-Signature")


def test_the_home_page_leads_to_the_question(client, provider, draft, monkeypatch):
    find_viruses(monkeypatch)
    page = sign_in(client, provider.email).get("/").get_data(as_text=True)
    assert "We found a virus in “policy.pdf”" in page
    assert f"/applications/{draft}/questions/" in page


def test_a_submitted_application_can_be_withdrawn_for_it(client, provider, open_round, monkeypatch):
    application_id = a_submitted_application(open_round, lot_ids(open_round)[:1], provider)
    find_viruses(monkeypatch)
    page = sign_in(client, provider.email).get("/").get_data(as_text=True)
    assert f"/applications/{application_id}/withdraw" in page


def test_a_document_is_no_link_until_it_is_clean(client, provider, draft, session, monkeypatch):
    address = f"/applications/{draft}/check"
    page = sign_in(client, provider.email).get(address).get_data(as_text=True)
    assert "being checked for viruses" in page and "/documents/" not in page
    find_viruses(monkeypatch)
    page = client.get(address).get_data(as_text=True)
    assert "remove it and upload a clean copy" in page and "/documents/" not in page


def test_the_address_of_an_infected_document_leads_nowhere(client, provider, draft, session, monkeypatch):
    find_viruses(monkeypatch)
    document_id = session.scalars(select(Document.id)).first()
    answer = sign_in(client, provider.email).get(f"/applications/{draft}/documents/{document_id}")
    assert answer.status_code == 409 and "We found a virus in this file" in answer.get_data(as_text=True)
