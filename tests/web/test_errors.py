"""Error pages say what happened, what was kept and whom to ask, with a reference."""

from datetime import timedelta

import html5lib
import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from jinja2 import UndefinedError

from portal import clock
from portal.web.edge import PATIENCE

CODES = [400, 403, 404, 409, 413, 429, 500, 503]


@pytest.mark.parametrize("code", CODES)
def test_an_error_page_tells_all_it_must(edge: Flask, code: int) -> None:
    with edge.test_request_context("/"):
        page = render_template(f"errors/{code}.html", reference="4f1c9e2ab07d", sentence="", kind="")
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    heading = tree.findall(".//h1")
    assert (
        len(heading) == 1
        and tree.find(".//title").text == f"{heading[0].text} – Alternative provision portal"
    )
    words = " ".join("".join(tree.find(".//main").itertext()).split())
    assert "4f1c9e2ab07d" in words and "@council.example.org" in words
    assert "saved" in words or "changed" in words


@pytest.mark.parametrize("code", CODES)
def test_an_error_page_stands_without_anything_given(edge: Flask, code: int) -> None:
    with edge.test_request_context("/"):
        assert "<h1" in render_template(f"errors/{code}.html")


def test_readers_are_sent_away_from_a_long_queue_and_nobody_who_sends_something(client: FlaskClient) -> None:
    with clock.after_waiting(PATIENCE + timedelta(seconds=1)):
        page = client.get("/opportunities")
        assert page.status_code == 503 and page.headers["Retry-After"] == "10"
        assert "Very many people" in page.text and "not kept" not in page.text
        assert client.post("/sign-in", data={}).status_code == 422
        assert client.get("/healthz").status_code == 200
        for told in ("check", "receipt"):
            assert client.get(f"/applications/1/{told}").status_code != 503
    with clock.after_waiting(PATIENCE):
        assert client.get("/opportunities").status_code == 200


def test_a_refusals_sentence_is_shown_and_escaped(edge: Flask) -> None:
    with edge.test_request_context("/"):
        page = render_template("errors/409.html", sentence="The round <b>has</b> closed.")
    assert "The round &lt;b&gt;has&lt;/b&gt; closed." in page


def test_a_name_that_nobody_gave_is_an_error_and_not_an_empty_space(edge: Flask) -> None:
    with edge.test_request_context("/"), pytest.raises(UndefinedError):
        edge.jinja_env.from_string("{{ providers_name }}").render()
