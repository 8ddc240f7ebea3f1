"""Documents of a round: added, replaced, never lost, read by anyone, counted, told to everyone."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.database import db
from portal.errors import Conflict, NotFound, Refusal
from portal.mail.models import Letter
from portal.storage.refusals import FileRefused
from tender.documents import queries, services
from tender.documents.models import RoundDocumentDownload
from tender.frameworks.opening_services import open_box
from tender.frameworks.queries import round_for
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft, a_file
from tests.factories.documents import a_new_version, a_round_document
from tests.factories.frameworks import a_closed_round, a_draft_round, a_procurement_lead, a_published_round
from tests.storage import corpus
from tests.web_client import sign_in


def words_of(answer):  # type: ignore[no-untyped-def]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def told(address):  # type: ignore[no-untyped-def]
    return db.session.scalars(select(Letter.body).where(Letter.to_address == address)).all()


@pytest.fixture
def lead(session):
    return a_procurement_lead()


@pytest.fixture
def published(lead):
    return a_published_round(1, lead)


def test_a_document_of_a_published_round_is_told_to_whoever_applies(published, lead):
    provider, stranger = a_provider_person(), a_provider_person()
    a_draft(published, provider)
    first = a_round_document(published, lead)
    a_new_version(first, lead)
    new, changed = told(provider.email)
    assert "added a document" in new and "now version 2" in changed and "hours of lot 2" in changed
    assert told(stranger.email) == []


def test_a_document_of_a_draft_round_is_told_to_nobody_and_can_be_removed(lead):
    draft = a_draft_round(1, lead)
    first = a_round_document(draft, lead)
    services.remove(round_document_id=first, by=lead)
    assert queries.papers_of(round_for(lead, draft.id)) == []
    assert db.session.scalar(select(func.count()).select_from(Letter)) == 0


def test_a_document_of_a_draft_that_the_lead_looked_at_can_be_removed(lead):
    draft = a_draft_round(1, lead)
    first = a_round_document(draft, lead)
    services.download(round_id=draft.id, round_document_id=first, by=lead)
    services.remove(round_document_id=first, by=lead)
    assert queries.papers_of(round_for(lead, draft.id)) == []


def test_nothing_of_a_published_round_is_removed(published, lead):
    first = a_round_document(published, lead)
    with pytest.raises(Conflict, match="new version"):
        services.remove(round_document_id=first, by=lead)


def test_a_new_version_needs_a_reason_and_the_old_one_stays(published, lead):
    first = a_round_document(published, lead)
    with pytest.raises(Refusal) as refused:
        a_new_version(first, lead, reason=" ")
    assert refused.value.field == "reason"
    second = a_new_version(first, lead)
    (paper,) = queries.papers_of(round_for(lead, published.id))
    assert (paper.newest.id, [each.id for each in paper.earlier]) == (second, [first])
    assert a_new_version(first, lead) == second  # the second press of a double click
    with pytest.raises(NotFound):  # somebody was first, with another file
        a_new_version(first, lead, file=a_file("docx"))


def test_after_the_close_the_documents_stay_as_they_are(lead):
    with pytest.raises(Conflict, match="has closed"):
        a_round_document(a_closed_round(1, lead), lead)


@pytest.mark.parametrize("change", ["UPDATE round_document SET title = 'x'", "DELETE FROM round_document"])
def test_the_database_keeps_the_documents_of_a_published_round(session, published, lead, change):
    a_round_document(published, lead)
    with pytest.raises(IntegrityError, match="part of a published round"), session.begin_nested():
        session.execute(text(f"{change} WHERE round_id = {published.id}"))


def test_other_councils_and_providers_add_replace_and_remove_nothing(published, lead):
    first = a_round_document(published, lead)
    for somebody in (a_procurement_lead(), a_provider_person()):
        with pytest.raises(NotFound):
            a_round_document(published, somebody)
        with pytest.raises(NotFound):
            a_new_version(first, somebody)
        with pytest.raises(NotFound):
            services.remove(round_document_id=first, by=somebody)


def test_a_file_that_is_not_what_it_says_is_refused_by_a_sentence(client, published, lead):
    with pytest.raises(FileRefused):
        a_round_document(published, lead, stream=io.BytesIO(corpus.png()), filename="specification.pdf")
    sign_in(client, lead.email)
    form = {"title": "Terms", "kind": "contract", "file": (io.BytesIO(corpus.png()), "terms.pdf")}
    answer = client.post(f"/rounds/{published.id}/documents", data=form)
    assert answer.status_code == 422 and 'value="Terms"' in answer.get_data(as_text=True)


def test_anyone_downloads_and_each_download_is_counted(client, published, lead):
    first = a_round_document(published, lead)
    link = f"/opportunities/{published.id}/documents/{first}"
    page = client.get(f"/opportunities/{published.id}")
    assert f'href="{link}"' in page.get_data(as_text=True)
    assert client.head(link).status_code == 200
    assert "X-Amz-Signature" in client.get(link).location
    provider = a_provider_person()
    sign_in(client, provider.email)
    client.get(link)
    kept = db.session.scalars(select(RoundDocumentDownload.person_id).order_by(RoundDocumentDownload.id))
    assert kept.all() == [None, provider.person_id]
    (paper,) = queries.papers_of(round_for(lead, published.id))
    assert (paper.newest.downloads, paper.newest.signed_in) == (2, 1)


def read_by_a_studio(lead, round):  # type: ignore[no-untyped-def]
    """A round with a paper that somebody at Quiet Reader Studio had twice, and its lead once."""
    first = a_round_document(round, lead)
    provider = a_provider_person("Quiet Reader Studio")
    for reader in (provider, provider, lead):
        services.download(round_id=round.id, round_document_id=first, by=reader)
    return provider


def test_while_the_box_is_shut_the_lead_reads_counts_and_times_and_no_names(client, published, lead):
    provider = read_by_a_studio(lead, published)
    sign_in(client, lead.email)
    page = words_of(client.get(f"/rounds/{published.id}/documents"))
    assert "3 downloads, 3 by people who were signed in, the last at" in page
    assert provider.name not in page and "Quiet Reader" not in page
    assert "once the tender box is open you read here which organisations had what" in page
    assert queries.readers_of(round_for(lead, published.id)) == ([], 0)


def test_once_the_box_is_open_organisations_are_named_and_persons_never(client, lead):
    with clock.staged_at(clock.now() - timedelta(days=2)):
        round = a_published_round(1, lead, open_for=timedelta(days=8))
        provider = read_by_a_studio(lead, round)
    open_box(by=lead, round_id=round.id)
    (reader,), total = queries.readers_of(round_for(lead, round.id))
    assert (reader.name, reader.downloads, reader.papers) == (
        "Quiet Reader Studio", 2, "Specification, version 1",
    )  # fmt: skip
    assert total == 1
    sign_in(client, lead.email)
    page = words_of(client.get(f"/rounds/{round.id}/documents"))
    assert "Quiet Reader Studio" in page and provider.name not in page


def test_a_tenderer_reads_nothing_of_others_who_had_a_paper(client, lead):
    with clock.staged_at(clock.now() - timedelta(days=2)):
        round = a_published_round(1, lead, open_for=timedelta(days=8))
        read_by_a_studio(lead, round)
    open_box(by=lead, round_id=round.id)
    sign_in(client, a_provider_person().email)
    page = words_of(client.get(f"/opportunities/{round.id}"))
    assert "other tenderers never do" in page and "Quiet Reader" not in page


def test_a_draft_rounds_document_is_its_leads_alone(app, lead):
    draft = a_draft_round(1, lead)
    link = f"/opportunities/{draft.id}/documents/{a_round_document(draft, lead)}"
    visitors = {
        person.email: sign_in(app.test_client(), person.email).get(link).status_code
        for person in (lead, a_procurement_lead(), a_provider_person())
    }
    assert list(visitors.values()) == [303, 404, 404]
    assert app.test_client().get(link).status_code == 404


def test_a_document_is_found_under_its_own_round_alone(session, published, lead):
    first = a_round_document(published, lead)
    with pytest.raises(NotFound):
        queries.file_of(lead, a_published_round(1).id, first)


def test_the_lead_adds_replaces_and_removes_by_the_pages(client, lead):
    draft = a_draft_round(1, lead)
    sign_in(client, lead.email)
    file = a_file(name="Terms")
    form = {"title": "Terms", "kind": "contract", "file": (file["stream"], file["filename"])}
    address = f"/rounds/{draft.id}/documents"
    assert client.post(address, data=form).location == address
    (paper,) = queries.papers_of(round_for(lead, draft.id))
    file = a_file(name="Terms 2")
    form = {"reason": "", "file": (file["stream"], file["filename"])}
    assert client.post(f"/round-documents/{paper.newest.id}/replace", data=form).location == address
    (paper,) = queries.papers_of(round_for(lead, draft.id))
    assert paper.newest.version == 2
    assert client.post(f"/round-documents/{paper.newest.id}/remove").location == address
    (paper,) = queries.papers_of(round_for(lead, draft.id))
    assert paper.newest.version == 1


def test_other_roles_do_not_reach_the_leads_pages(app, published, lead):
    first = a_round_document(published, lead)
    visitor = sign_in(app.test_client(), a_provider_person().email)
    assert visitor.get(f"/rounds/{published.id}/documents").status_code == 403
    assert visitor.get(f"/round-documents/{first}/replace").status_code == 403
    assert visitor.post(f"/round-documents/{first}/remove").status_code == 403
