"""A pack leaves as a file and is looked into before a draft takes it over."""

import io
import json
import re
from copy import deepcopy
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.access import Actor
from portal.errors import NotFound
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import pack_of
from tender.frameworks.services import publish_round
from tender.packs.models import StagedPack
from tender.packs.refusals import ChangedMeanwhile
from tender.packs.transfer import exported, waiting_pack
from tender.packs.transfer_services import stage_import, take_over
from tests.factories.accounts import a_council
from tests.factories.frameworks import a_draft_round, a_procurement_lead, a_published_round
from tests.web_client import sign_in


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


@pytest.fixture
def draft(lead: Actor) -> Round:
    return a_draft_round(lead=lead)


def a_document(lead: Actor, of: Round, **changes: Any) -> dict[str, Any]:
    """The document of a round's pack, its question of the curriculum changed so."""
    document = deepcopy(json.loads(exported(lead, of.id)[1]))
    asked = next(q for s in document["sections"] for q in s["questions"] if q["code"] == "curriculum")
    asked.update(changes)
    return document


def stage(lead: Actor, draft: Round, document: Any) -> str:
    """Let it wait; give its fingerprint."""
    stream = io.BytesIO(json.dumps(document).encode())
    stage_import(by=lead, round_id=draft.id, stream=stream, filename="our pack.json")
    return waiting_pack(lead, draft.id).fingerprint


def upload(client: FlaskClient, draft: Round, content: bytes) -> TestResponse:
    return client.post(f"/rounds/{draft.id}/pack/import", data={"file": (io.BytesIO(content), "pack.json")})


def said(answer: TestResponse) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_the_file_is_named_after_its_round(client: FlaskClient, session: Session, lead: Actor) -> None:
    published = a_published_round(lead=lead)
    sign_in(client, lead.email)
    answer = client.get(f"/rounds/{published.id}/pack/file")
    reference = session.get_one(Framework, published.framework_id).reference
    name = f'attachment; filename="{reference} round 1 pack.json"'
    assert answer.headers["Content-Disposition"].startswith(name)
    assert answer.json["from"]["round"] == 1 and len(answer.json["sections"]) == 5


def test_nothing_changes_before_it_is_confirmed(lead: Actor, draft: Round) -> None:
    before = pack_of(draft.id)
    seen = stage(lead, draft, a_document(lead, draft, title="What they learn"))
    assert pack_of(draft.id) == before
    take_over(by=lead, round_id=draft.id, seen=seen)
    assert pack_of(draft.id).question("curriculum").title == "What they learn"
    with pytest.raises(NotFound):
        waiting_pack(lead, draft.id)


def test_lots_that_the_round_lacks_are_said(client: FlaskClient, lead: Actor, draft: Round) -> None:
    sign_in(client, lead.email)
    content = json.dumps(a_document(lead, draft, lots=["9"])).encode()
    assert upload(client, draft, content).status_code == 303
    page = said(client.get(f"/rounds/{draft.id}/pack/import/check"))
    assert "does not offer 1 lot that the file names: 9." in page
    assert "1 question would be left out: Curriculum and quality of education" in page
    assert "The weights of lots 1 and 2 add up to 80%" in page


def test_what_is_wrong_is_said_with_every_place(client: FlaskClient, lead: Actor, draft: Round) -> None:
    sign_in(client, lead.email)
    content = json.dumps(a_document(lead, draft, weight="much", minimum=77)).encode()
    answer = upload(client, draft, content)
    assert answer.status_code == 422
    assert said(answer).count("“curriculum”") == 2
    assert "not text in UTF-8" in said(upload(client, draft, b"\xff\xfe"))


def test_another_upload_meanwhile_is_not_taken_over_unseen(lead: Actor, draft: Round) -> None:
    seen = stage(lead, draft, a_document(lead, draft))
    stage(lead, draft, a_document(lead, draft, title="Another"))
    with pytest.raises(ChangedMeanwhile):
        take_over(by=lead, round_id=draft.id, seen=seen)


def test_the_pages_lead_from_the_file_to_the_pack(client: FlaskClient, lead: Actor, draft: Round) -> None:
    sign_in(client, lead.email)
    upload(client, draft, json.dumps(a_document(lead, draft, title="What they learn")).encode())
    seen = waiting_pack(lead, draft.id).fingerprint
    answer = client.post(f"/rounds/{draft.id}/pack/import/check", data={"seen": seen})
    assert answer.location.endswith(f"/rounds/{draft.id}/pack")
    assert "What they learn" in client.get(answer.location).text


def test_a_file_can_be_forgotten(client: FlaskClient, lead: Actor, draft: Round) -> None:
    sign_in(client, lead.email)
    stage(lead, draft, a_document(lead, draft))
    client.post(f"/rounds/{draft.id}/pack/import/discard")
    assert client.get(f"/rounds/{draft.id}/pack/import/check").status_code == 404


def test_a_published_round_takes_nothing_over_and_forgets_what_waited(
    client: FlaskClient, session: Session, lead: Actor, draft: Round
) -> None:
    stage(lead, draft, a_document(lead, draft))
    publish_round(by=lead, round_id=draft.id)
    assert session.get(StagedPack, draft.id) is None
    sign_in(client, lead.email)
    assert client.get(f"/rounds/{draft.id}/pack/import").status_code == 409


def test_another_council_sees_neither_file_nor_pack(client: FlaskClient, lead: Actor, draft: Round) -> None:
    stage(lead, draft, a_document(lead, draft))
    sign_in(client, a_procurement_lead(a_council("Another Council")).email)
    for page in ("file", "import", "import/check"):
        assert client.get(f"/rounds/{draft.id}/pack/{page}").status_code == 404
