"""What is too large to be sent is refused on the page where it was sent from, with a sentence."""

import io

import pytest

from portal.app import create_app
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_submitted_application
from tests.factories.frameworks import lot_ids
from tests.web_client import sign_in

MEBIBYTE = 1024 * 1024


@pytest.fixture(autouse=True)
def small_requests(app, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 3 * MEBIBYTE)


def uploading(size: int) -> dict:
    return {"data": {"value": (io.BytesIO(b"x" * size), "policy.pdf")}, "content_type": "multipart/form-data"}


def test_files_that_are_too_large_together_are_refused_on_their_question(browser, draft):
    answer = browser.post(f"/applications/{draft}/questions/safeguarding_policy", **uploading(4 * MEBIBYTE))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 413
    assert "so none was uploaded. Upload them one at a time." in page and 'type="file"' in page


def test_a_text_that_is_too_large_is_refused_on_its_question(browser, draft):
    address = f"/applications/{draft}/questions/safeguarding"
    answer = browser.post(address, data={"value": "x" * (2 * MEBIBYTE + 9), "version": "0"})
    assert answer.status_code == 413 and "too long to be kept" in answer.get_data(as_text=True)


def test_ten_thousand_fields_are_refused_on_their_question(browser, draft):
    fields = {f"field{number}": "x" for number in range(10_000)}
    answer = browser.post(
        f"/applications/{draft}/questions/safeguarding_policy",
        data=fields,
        content_type="multipart/form-data",
    )
    assert answer.status_code == 413 and 'type="file"' in answer.get_data(as_text=True)


def test_the_script_of_the_page_is_told_in_its_own_way(browser, draft):
    address = f"/applications/{draft}/questions/safeguarding"
    answer = browser.post(
        address, data={"value": "x" * (2 * MEBIBYTE + 9)}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 413 and answer.json["message"].startswith("Not saved.")


def test_too_large_a_request_shows_nobody_anothers_question(client, draft):
    address = f"/applications/{draft}/questions/safeguarding_policy"
    assert client.post(address, **uploading(4 * MEBIBYTE)).status_code in (302, 404)
    sign_in(client, a_provider_person().email)
    assert client.post(address, **uploading(4 * MEBIBYTE)).status_code == 404


def test_what_is_submitted_shows_no_form_for_it(browser, open_round, provider):
    application_id = a_submitted_application(open_round, lot_ids(open_round)[:1], provider)
    answer = browser.post(
        f"/applications/{application_id}/questions/safeguarding_policy", **uploading(4 * MEBIBYTE)
    )
    assert answer.status_code == 413 and 'type="file"' not in answer.get_data(as_text=True)


def test_elsewhere_there_is_a_page_of_its_own(client, session):
    answer = client.post("/register", **uploading(4 * MEBIBYTE))
    assert answer.status_code == 413 and "too large to send" in answer.get_data(as_text=True)


def test_a_few_megabytes_are_not_parsed_into_a_million_fields(client, session):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (b"a&" * 500_000, b"&" * 1_000_000, b"a=1&" * 10_000):
        assert client.post("/sign-in", data=body, headers=headers).status_code == 413


def test_no_request_is_larger_than_one_file_and_the_rest_of_its_form(settings):
    assert create_app(settings).config["MAX_CONTENT_LENGTH"] == 101 * MEBIBYTE


@pytest.mark.parametrize("size", [4 * MEBIBYTE, 2 * MEBIBYTE + 1])
def test_the_browser_may_finish_sending(app, size):
    body = io.BytesIO(b"x" * size)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(size)}
    app.test_client().post("/sign-in", input_stream=body, headers=headers)
    assert body.read() == b""
