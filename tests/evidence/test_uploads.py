"""Documents of the vault that go up in parts while their form is filled in: the same as with the form."""

import hashlib
import io
import re
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.errors import NotFound
from portal.evidence import upload_services
from portal.evidence.queries import vault_of, versions_for
from portal.evidence.services import LARGEST, add_evidence, replace_evidence
from portal.storage.refusals import NotHere, PartsMissing
from portal.storage.uploads import KEPT_FOR, PART_BYTES, sweep_uploads
from tests.evidence.test_vault import INSURANCE
from tests.factories.accounts import a_provider_person
from tests.storage import corpus
from tests.storage.test_uploads import TWO_PARTS, put, send
from tests.web_client import sign_in

CONTENT = corpus.pdf()


@pytest.fixture
def provider(session: Session) -> Actor:
    return a_provider_person()


def said(content: bytes, name: str = "policy.pdf") -> dict[str, object]:
    return {"filename": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def held(by: Actor, content: bytes = CONTENT, name: str = "policy.pdf") -> UUID:
    """A file that has arrived and waits for its form."""
    sending = upload_services.begin(**said(content, name), by=by)
    send(sending, content)
    upload_services.hold(upload_id=sending.id, by=by)
    return sending.id


def add(by: Actor, **file: object) -> int:
    return add_evidence(type="public_liability", title="Insurance", facts=INSURANCE, by=by, **file)


def digest_of(by: Actor, evidence_id: int) -> tuple[str, int]:
    newest, *_ = versions_for(by, evidence_id)
    return newest.sha256, newest.version


def test_a_file_that_waited_is_the_same_evidence_as_one_that_came_with_the_form(provider: Actor) -> None:
    waited = add(provider, upload_id=held(provider, TWO_PARTS))
    came = add(provider, stream=io.BytesIO(TWO_PARTS), filename="policy.pdf")
    assert digest_of(provider, waited) == digest_of(provider, came)
    assert upload_services.held_by(provider) == []


def test_several_wait_at_once_and_each_is_taken_by_its_own_form(provider: Actor) -> None:
    first, second = (held(provider, content, f"{n}.pdf") for n, content in enumerate((CONTENT, TWO_PARTS)))
    assert {row["id"] for row in upload_services.held_by(provider)} == {first, second}
    add(provider, upload_id=first)
    assert [row["id"] for row in upload_services.held_by(provider)] == [second]


def test_pressed_twice_it_is_there_once(provider: Actor) -> None:
    upload_id = held(provider)
    first = add(provider, upload_id=upload_id)
    assert add(provider, upload_id=upload_id) == first
    newer = held(provider, TWO_PARTS)
    for _ in range(2):
        assert replace_evidence(evidence_id=first, facts=INSURANCE, upload_id=newer, by=provider) == 2
    assert vault_of(provider)[1] == 1


def test_a_broken_line_sends_only_what_is_missing(provider: Actor) -> None:
    sending = upload_services.begin(**said(TWO_PARTS), by=provider)
    put(sending.addresses[1], TWO_PARTS[:PART_BYTES])
    with pytest.raises(PartsMissing):
        upload_services.hold(upload_id=sending.id, by=provider)
    assert [row["filename"] for row in upload_services.unfinished_of(provider)] == ["policy.pdf"]
    again = upload_services.begin(**said(TWO_PARTS), by=provider)
    assert (list(again.addresses), again.arrived) == ([2], PART_BYTES)
    send(again, TWO_PARTS)
    upload_services.hold(upload_id=again.id, by=provider)
    assert upload_services.unfinished_of(provider) == []


def test_a_file_that_nobody_files_is_forgotten_and_its_form_says_so(provider: Actor) -> None:
    upload_id = held(provider)
    with clock.staged_at(clock.now() + KEPT_FOR * 2):
        sweep_uploads()
    with pytest.raises(NotHere, match="Choose it again"):
        add(provider, upload_id=upload_id)


def test_another_providers_files_are_nobodys(provider: Actor) -> None:
    upload_id, stranger = held(provider), a_provider_person()
    assert upload_services.held_by(stranger) == []
    with pytest.raises(NotHere):
        add(stranger, upload_id=upload_id)
    with pytest.raises(NotFound):
        upload_services.hold(upload_id=upload_id, by=stranger)
    with pytest.raises(NotFound):
        upload_services.cancel(upload_id=upload_id, by=stranger)
    assert [row["id"] for row in upload_services.held_by(provider)] == [upload_id]
    upload_services.cancel(upload_id=upload_id, by=provider)
    assert upload_services.held_by(provider) == []


def test_the_form_offers_what_waits_and_takes_it(client: FlaskClient, provider: Actor) -> None:
    browser = sign_in(client, provider.email)
    address = "/organisation/evidence/add"
    empty = browser.get(address).text
    assert 'data-uploader="/organisation/evidence/uploads"' in empty and f'data-largest="{LARGEST}"' in empty
    answer = browser.post("/organisation/evidence/uploads", json=said(CONTENT))
    (part,) = answer.json["parts"]
    put(part["address"], CONTENT)
    upload_id = answer.json["upload"]
    assert browser.post(f"/organisation/evidence/uploads/{upload_id}").status_code == 200
    offered = re.findall(r'name="upload"[^>]*value="([^"]+)"[^>]*checked', browser.get(address).text)
    assert offered == [upload_id]
    typed = {"type": "other", "title": "Our fire log"}
    missing = browser.post(address, data={**typed, "title": "", "upload": upload_id})
    assert missing.status_code == 422 and "checked" in missing.text
    assert browser.post(address, data={**typed, "upload": upload_id}).status_code == 303
    assert "Our fire log" in browser.get("/organisation/evidence").text
    nothing = browser.post(address, data=typed)
    assert nothing.status_code == 422 and "Choose a file." in nothing.text
