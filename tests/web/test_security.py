"""Every answer tells the browser to trust nothing that is not the portal's own."""

import re
from pathlib import Path

import pytest
from flask import Flask, session

from portal.web.security import csp_nonce
from tests.web.conftest import make_edge


def answering(environment: str) -> Flask:
    """An edge with a page for anyone and one that signs in."""
    edge = make_edge(environment)
    edge.add_url_rule("/", "anyone", csp_nonce)
    edge.add_url_rule("/in", "signed_in", lambda: session.setdefault("_user_id", "1"))
    return edge


def test_scripts_run_only_from_the_portal_or_with_this_answers_word() -> None:
    client = answering("testing").test_client()
    first, second = client.get("/"), client.get("/")
    policy = first.headers["Content-Security-Policy"]
    assert f"script-src 'self' 'nonce-{first.text}'" in policy and first.text != second.text
    assert "unsafe" not in policy and "default-src 'none'" in policy and "frame-ancestors 'none'" in policy


def test_nothing_but_the_portals_own_is_loaded_sent_to_or_framed() -> None:
    edge = answering("testing")
    answer = edge.test_client().get("/")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    own = dict.fromkeys(("style-src", "font-src", "form-action"), "'self'")
    none = dict.fromkeys(("default-src", "object-src", "base-uri", "frame-ancestors"), "'none'")
    assert policy == {
        **own,
        **none,
        "script-src": f"'self' 'nonce-{answer.text}'",
        "img-src": "'self' data:",
        "connect-src": f"'self' {edge.config['PORTAL'].s3_origin}",
    }


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"),
    ],
)
def test_every_answer_carries_the_header(header: str, value: str) -> None:
    assert answering("testing").test_client().get("/nowhere").headers[header] == value


def test_pages_of_somebody_signed_in_are_not_kept_by_the_browser() -> None:
    client = answering("testing").test_client()
    assert client.get("/in").headers["Cache-Control"] == "no-store"
    assert client.get("/").headers["Cache-Control"] == "no-store"


def test_https_is_promised_in_production_alone() -> None:
    promised = answering("production").test_client().get("/").headers["Strict-Transport-Security"]
    assert promised == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in answering("testing").test_client().get("/").headers


def test_no_template_has_inline_styles_or_scripts() -> None:
    templates = sorted((Path(__file__).parents[2] / "templates").rglob("*.*"))
    assert templates
    for template in templates:
        text = template.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)|<style", text), template.name
