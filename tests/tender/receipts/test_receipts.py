"""Receipts on paper, and checking whether one is genuine."""

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from portal.web.filters import plural
from tender.applications.queries import own_application_for, receipts_of
from tender.applications.receipts import exact_moment
from tender.applications.services import submit_application, withdraw_application
from tender.receipts.paper import code_in, receipt_pdf
from tender.receipts.services import GUESSES
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft
from tests.factories.frameworks import a_framework, a_published_round, lot_ids
from tests.storage import corpus
from tests.tender.applications.test_pages import page
from tests.web_client import sign_in

VERIFY = "/receipts/verify"


@pytest.fixture
def provider(session):
    return a_provider_person("Brookside Youth Trust")


@pytest.fixture
def submitted(session, provider):
    """A certified and submitted application; its id."""
    subject = a_published_round(1, framework=a_framework(1, needs_certificate=True))
    draft = a_complete_draft(subject, provider, lot_ids(subject))
    submit_application(application_id=draft, declared=True, certified=True, by=provider)
    return draft


@pytest.fixture
def receipt(submitted, provider):
    return receipts_of(own_application_for(provider, submitted))[0]


def ask(client, receipt, **more):
    return client.post(VERIFY, data={"number": receipt["number"], "sha256": receipt["sha256"], **more})


def words_of(pdf):
    document = pikepdf.open(BytesIO(pdf))
    return document, str(document.Root.Metadata.read_bytes())


def test_the_paper_is_tagged_and_carries_its_code(receipt):
    written = receipt_pdf(receipt, council="Invented Council")
    document, metadata = words_of(written)
    assert document.Root.MarkInfo.Marked and "/StructTreeRoot" in document.Root and "pdfuaid:part" in metadata
    assert str(document.Root.Lang) == "en-GB" and receipt["number"] in metadata
    assert code_in(BytesIO(written)) == (receipt["number"], receipt["sha256"])


def test_the_paper_is_the_same_each_time(receipt):
    assert receipt_pdf(receipt, council="C") == receipt_pdf(receipt, council="C")


def test_promised_files_are_on_the_paper_too(receipt):
    promised = {"promised": receipt["manifest"]["files"]}
    with_promises = {**receipt, "manifest": {**receipt["manifest"], **promised}}
    assert len(receipt_pdf(with_promises, council="C")) > len(receipt_pdf(receipt, council="C"))


def test_the_time_is_told_to_the_millisecond_with_its_zone():
    said = exact_moment(datetime(2026, 7, 3, 10, 59, 58, 417_900, UTC))
    assert said == "11:59:58.417am on Friday 3 July 2026, UK time (BST, UTC+1)"


def test_the_provider_downloads_it_and_nobody_else(client, submitted, provider, app):
    sign_in(client, provider.email)
    answer = client.get(f"/applications/{submitted}/receipt.pdf")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF")
    stranger = sign_in(app.test_client(), a_provider_person().email)
    assert stranger.get(f"/applications/{submitted}/receipt.pdf").status_code == 404


def test_whoever_holds_a_receipt_learns_that_it_is_genuine_and_no_more(client, receipt):
    text = page(ask(client, receipt))
    manifest = receipt["manifest"]
    assert "This receipt is genuine" in text and "Standing" in text
    assert (
        plural(len(manifest["answers"]), "answer") in text and plural(len(manifest["files"]), "file") in text
    )
    assert manifest["provider"] not in text and manifest["files"][0]["name"] not in text


def test_it_is_found_however_it_is_typed(client, receipt):
    spaced = " ".join(receipt["sha256"][at : at + 8].upper() for at in range(0, 64, 8))
    answer = client.post(VERIFY, data={"number": receipt["number"].lower(), "sha256": spaced})
    assert "This receipt is genuine" in page(answer)


def test_a_withdrawn_one_is_genuine_and_no_longer_stands(client, receipt, submitted, provider):
    withdraw_application(application_id=submitted, by=provider)
    assert "This receipt no longer stands." in page(ask(client, receipt))


def test_unknown_and_wrong_get_the_same_answer(client, receipt):
    unknown = page(
        client.post(VERIFY, data={"number": "AP-2026-2222-2222", "sha256": receipt["sha256"]}), 422
    )
    wrong = page(client.post(VERIFY, data={"number": receipt["number"], "sha256": "0" * 64}), 422)
    nothing = page(client.post(VERIFY, data={}), 422)
    sentence = "We have no receipt with this number and this SHA-256."
    assert all(sentence in text for text in (unknown, wrong, nothing))


def test_the_paper_alone_is_enough(client, receipt):
    written = receipt_pdf(receipt, council="C")
    answer = client.post(VERIFY, data={"pdf": (BytesIO(written), "receipt.pdf")})
    assert "This receipt is genuine" in page(answer)


@pytest.mark.parametrize("content", [corpus.pdf(), b"no PDF at all", b""])
def test_another_file_is_no_receipt(client, receipt, content):
    page(client.post(VERIFY, data={"pdf": (BytesIO(content), "receipt.pdf")}), 422)


def test_a_file_is_looked_for_on_a_receipt(client, receipt):
    given = receipt["manifest"]["files"][0]["sha256"]
    assert "SHA-256 of a file on this receipt" in page(ask(client, receipt, further=f" {given.upper()} "))
    assert "No file and no answer" in page(ask(client, receipt, further="0" * 64))
    assert "No file and no answer" not in page(ask(client, receipt))


def test_guessing_is_slowed_down_and_right_answers_are_not_counted(client, receipt):
    for _ in range(GUESSES.free + 2):
        page(ask(client, receipt))
    for _ in range(GUESSES.free):
        client.post(VERIFY, data={"number": receipt["number"], "sha256": "0" * 64})
    assert "Too many attempts." in page(ask(client, receipt), 422)
