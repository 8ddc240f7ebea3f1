"""Attacks by HTTP: each test fails when the guard it is about is taken away.

What is not here is elsewhere: the host that a request names in tests/web/test_hosts, every kind of harmful
file in tests/storage (inspection, office, pdf, images), names of files in tests/storage/test_filenames, too
much at once in tests/tender/applications/test_too_large, formulas in files in tests/web/test_spreadsheets,
sessions planted by others in tests/sign_in/test_sessions, nonsense in every form of every page in
tests/architecture/test_pages, the virus in tests/storage/test_clamd and test_scanning, and who reaches what,
route by route, in tests/architecture/access.
"""

import io
import mailbox
import time
import zipfile
from dataclasses import replace

import pikepdf
import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from portal.accounts.access import THE_PORTAL
from portal.app import create_app
from portal.mail.services import deliver_waiting, write_letter
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft
from tests.factories.frameworks import a_published_round, lot_ids
from tests.storage import corpus
from tests.web_client import PASSWORD, sign_in

QUICKLY = 5  # seconds
READS = {"GET", "HEAD", "OPTIONS"}


def address_of(app, rule: Rule, method: str) -> str:
    """An address of this rule: numbers are 1, documents and tokens are nobody's."""
    kinds = {name: type(converter).__name__ for name, converter in rule._converters.items()}
    nobodys = "00000000-0000-4000-8000-000000000000"
    given = {name: nobodys if kind == "UUIDConverter" else 1 for name, kind in kinds.items()}
    return app.url_map.bind("localhost").build(rule.endpoint, given, method=method)


def changing(app) -> list[tuple[str, str]]:
    """Every method and address by which something can be changed."""
    rules = [
        (rule, method) for rule in app.url_map.iter_rules() for method in (rule.methods or set()) - READS
    ]
    return sorted({(method, address_of(app, rule, method)) for rule, method in rules})


@pytest.fixture
def guarded(app, session, monkeypatch) -> FlaskClient:
    """A browser of somebody signed in; the application wants the token, as it does outside of tests."""
    client = sign_in(app.test_client(), a_provider_person().email)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    return client


@pytest.mark.parametrize("token", [None, "", "made-up", "foreign"])
def test_nothing_is_changed_without_the_forms_own_token(guarded, app, token):
    if token == "foreign":
        page = app.test_client().get("/sign-in").get_data(as_text=True)
        token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
        assert len(token) > 20
    data = {} if token is None else {"csrf_token": token}
    roads = changing(app)
    assert len(roads) > 30 and {"POST", "DELETE"} <= {method for method, _ in roads}
    answers = {guarded.open(address, method=method, data=data).status_code for method, address in roads}
    assert answers == {400}


def test_a_token_in_the_address_or_a_header_of_the_wrong_name_does_not_help(guarded, app):
    page = guarded.get("/").get_data(as_text=True)
    token = page.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    assert guarded.post(f"/sign-out?csrf_token={token}").status_code == 400
    assert guarded.post("/sign-out", data={"csrf_token": token}).status_code == 303


@pytest.mark.parametrize("how", ["query", "header"])
def test_a_method_named_elsewhere_than_in_the_request_is_ignored(guarded, how):
    headers = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "POST"} if how == "header" else {}
    answer = guarded.get("/sign-out?_method=POST", headers=headers)
    assert answer.status_code == 405 or answer.status_code == 400
    assert "What needs you now" in guarded.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example.org/",
        "//evil.example.org/",
        "///evil.example.org/",
        "/\\evil.example.org/",
        "\\\\evil.example.org",
        "/\t/evil.example.org",
        "http:evil.example.org",
        "javascript:alert(1)",
        " //evil.example.org",
        "/%09/evil.example.org",
        "@evil.example.org",
    ],
)
def test_signing_in_leads_to_no_other_site(client, target):
    data = {"email": a_provider_person().email, "password": PASSWORD}
    answer = client.post("/sign-in", query_string={"next": target}, data=data)
    where = answer.location or "/"
    assert where.startswith("/") and not where.startswith(("//", "/\\"))
    assert (
        "\t" not in where and "evil.example.org" not in where.partition("?")[0].lstrip("/").partition("/")[0]
    )


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../config.py",
        "/assets/..%2f..%2fconfig.py",
        "/assets/%2e%2e/%2e%2e/config.py",
        "/assets/....//config.py",
        "/assets//etc/passwd",
        "/assets/..\\config.py",
        "/static/../config.py",
        "/../../etc/passwd",
    ],
)
def test_no_path_leads_out_of_the_assets(client, path):
    answer = client.get(path)
    assert answer.status_code in (302, 404) and b"DEVELOPMENT_SECRET" not in answer.data


@pytest.mark.parametrize("what", ["to_name", "to_address", "title"])
def test_a_line_break_adds_no_header_to_a_letter(session, settings, what):
    facts = {"to_name": "Robin", "to_address": "robin@example.org", "title": f"Injected by {what}"}
    facts[what] += "\r\nBcc: everyone@example.org\r\n\r\nA body of another's"
    write_letter(key=what, **facts, body="Words.", subject_type="thing", subject_id=1, by=THE_PORTAL)
    deliver_waiting(settings, by=THE_PORTAL)
    kept = list(mailbox.Maildir(settings.mailbox_folder))
    assert all(message["Bcc"] is None for message in kept)
    assert not any(str(message["Delivered-To"]) == "everyone@example.org" for message in kept)


def zip_bomb() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bomb:
        for number in range(4):
            bomb.writestr(f"word/part{number}.xml", b"\0" * 60_000_000)
    return archive.getvalue()


def add_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


HARMFUL = {
    "zip bomb": ("policy.docx", zip_bomb),
    "script": ("policy.pdf", lambda: corpus.changed_pdf(add_script)),
    "nothing": ("policy.pdf", lambda: b""),
    "two endings": ("policy.pdf.exe", corpus.pdf),
    "ending turned round": ("policy\u202efdp.exe", corpus.pdf),
    "disguised": ("policy.pdf", corpus.word),
    "html": ("policy.pdf", lambda: b"<html><script>alert(1)</script>"),
    "macros": ("policy.docx", corpus.macro_workbook),
    "21 MB": ("policy.pdf", lambda: corpus.pdf() + b"%" * 21_000_000),
}


@pytest.fixture
def drawing(client):
    provider, round = a_provider_person(), a_published_round(2)
    draft = a_draft(round, provider, lot_ids(round)[:1])
    return sign_in(client, provider.email), f"/applications/{draft}/questions/safeguarding_policy"


@pytest.mark.parametrize("what", HARMFUL)
def test_a_harmful_file_is_refused_at_once_on_its_page_with_a_sentence(drawing, what):
    browser, address = drawing
    name, make = HARMFUL[what]
    sent = {"value": (io.BytesIO(make()), name)}
    begun = time.monotonic()
    answer = browser.post(address, data=sent, content_type="multipart/form-data")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and time.monotonic() - begun < QUICKLY
    assert "govuk-error-message" in page and "/documents/" not in page
    assert "\u202e" not in page


@pytest.mark.parametrize("name", ["../../../etc/passwd.pdf", "a\u202eb.pdf", "x" * 600 + ".pdf"])
def test_a_name_that_points_elsewhere_is_only_a_name(drawing, name):
    browser, address = drawing
    sent = {"value": (io.BytesIO(corpus.pdf()), name), "then": "stay"}
    answer = browser.post(address, data=sent, content_type="multipart/form-data", follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and "/documents/" in page
    assert "etc/" not in page and "\u202e" not in page


TEXTS = {
    "nul": "a\x00b",
    "surrogate": "a\ud800b".encode("utf-8", "surrogatepass"),
    "broken": b"\xff\xfe\xc3",
    "emoji": "🙂" * 500,
    "turned round": "a\u202eb\u2066c",
    "markup": "<script>alert(1)</script>{{ 7 * 7 }}{% raw %}",
    "quotes": "'; DROP TABLE person; --",
    "long": "x" * 1_500_000,
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("field", ["value", "version", "then", "csrf_token"])
def test_no_text_breaks_an_answer(drawing, text, field):
    browser, address = drawing
    address = address.replace("safeguarding_policy", "safeguarding")
    typed = {"value": "As before.", "version": "0", "then": "stay", field: TEXTS[text]}
    answer = browser.post(address, data=typed, follow_redirects=True)
    assert answer.status_code < 500
    assert b"<script>alert(1)" not in answer.data and b"\x00" not in answer.data


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("address", ["/sign-in", "/register", "/opportunities"])
def test_no_text_breaks_what_anyone_can_reach(client, text, address):
    value = TEXTS[text]
    names = ("email", "password", "name", "organisation_name", "postcode", "number", "page", "next")
    assert client.post(address, data=dict.fromkeys(names, value)).status_code < 500
    short = value[:2000]
    assert client.get(address, query_string={name: short for name in names}).status_code < 500


def test_the_session_of_production_is_bound_to_this_host_and_to_https(settings, session):
    real = create_app(
        replace(settings, environment="production", mailbox_folder=None, public_url="https://ap.example.org")
    )
    answer = real.test_client().get("/sign-in", base_url="https://ap.example.org")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portal=") and "Domain" not in cookie
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
