"""Papers of a round that go up in parts while their form is filled in."""

import hashlib
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.errors import Conflict, NotFound
from tender.documents import queries, upload_services
from tender.documents.services import LARGEST, add, replace
from tender.frameworks.models import Round
from tender.frameworks.queries import round_for
from tests.factories.accounts import a_provider_person
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_closed_round, a_procurement_lead, a_published_round
from tests.storage import corpus
from tests.storage.test_uploads import TWO_PARTS, send
from tests.web_client import sign_in

CONTENT = corpus.pdf()


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.fixture
def published(lead: Actor) -> Round:
    return a_published_round(1, lead)


def begun(round: Round, by: Actor, content: bytes) -> UUID:
    said = {"filename": "terms.pdf", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    sending = upload_services.begin(round_id=round.id, by=by, **said)
    send(sending, content)
    return sending.id


def held(round: Round, by: Actor, content: bytes = CONTENT) -> UUID:
    upload_id = begun(round, by, content)
    upload_services.hold(round_id=round.id, upload_id=upload_id, by=by)
    return upload_id


def test_a_file_that_waited_becomes_a_paper_and_its_next_version(published: Round, lead: Actor) -> None:
    told = {"portal_url": PORTAL_URL, "by": lead}
    first = held(published, lead)
    papers = [
        add(round_id=published.id, title="Terms", kind="contract", upload_id=first, **told) for _ in range(2)
    ]
    newer = held(published, lead, TWO_PARTS)
    versions = [
        replace(round_document_id=papers[0], reason="Clause 4.", upload_id=newer, **told) for _ in range(2)
    ]
    (paper,) = queries.papers_of(round_for(lead, published.id))
    assert (papers[0], versions[0]) == (papers[1], versions[1])  # pressed twice, it is there once
    assert (paper.newest.id, paper.newest.size) == (versions[0], len(TWO_PARTS))
    assert upload_services.held_of(round_for(lead, published.id), lead) == []


def test_files_wait_for_their_own_round_and_its_lead_alone(published: Round, lead: Actor) -> None:
    held(published, lead)
    other = a_published_round(1, lead)
    assert upload_services.held_of(round_for(lead, other.id), lead) == []
    for somebody in (a_procurement_lead(), a_provider_person()):
        with pytest.raises(NotFound):
            upload_services.held_of(round_for(lead, published.id), somebody)
        with pytest.raises(NotFound):
            begun(published, somebody, CONTENT)


def test_after_the_close_no_paper_goes_up(lead: Actor) -> None:
    with pytest.raises(Conflict, match="has closed"):
        begun(a_closed_round(1, lead), lead, CONTENT)


def test_the_form_offers_what_waits_and_takes_it(client: FlaskClient, published: Round, lead: Actor) -> None:
    browser = sign_in(client, lead.email)
    address = f"/rounds/{published.id}/documents"
    page = browser.get(address).text
    assert f'data-uploader="{address}/uploads"' in page and f'data-largest="{LARGEST}"' in page
    upload_id = begun(published, lead, CONTENT)
    assert browser.post(f"{address}/uploads/{upload_id}").status_code == 200
    assert str(upload_id) in browser.get(address).text
    form = {"title": "Terms", "kind": "contract", "upload": str(upload_id)}
    assert browser.post(address, data=form).location == address
    assert str(upload_id) not in browser.get(address).text
    given_up = begun(published, lead, TWO_PARTS)
    assert browser.delete(f"{address}/uploads/{given_up}").status_code == 204
