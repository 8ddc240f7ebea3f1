"""The play of the main job: the whole of it once, and that a check which does not hold ends it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask

from portal.cli import SERVICES
from portal.development.headless import STEPS, perform
from portal.development.headless.checks import Failed, Story, check_equal
from portal.development.headless.client import Upload, Visitor
from portal.development.headless.stage import Stage

PROJECT = Path(__file__).parents[2]
PAGE = b"""<!DOCTYPE html><title>A form</title><main><h1>A form</h1>
<div data-module="govuk-error-summary"><ul><li>Enter your name.</li></ul></div>
<form method="post" action="/sent" enctype="multipart/form-data">
<input type="hidden" name="csrf_token" value="t1"><input name="person" value="before">
<input type="radio" name="mark" value="3" id="m3"><label for="m3">3: Good</label>
<input type="checkbox" name="kept" value="y" checked><select name="size"><option value="s">Small
<option value="l">Large</select><textarea name="words">
old</textarea><input type="file" name="paper">
<button name="then" value="next">Save and continue</button></form></main>"""


def _play(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(SERVICES)}
    command = [sys.executable, "-m", "portal.cli", "demo", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=900)


def test_the_main_job_holds_from_the_notice_to_the_referral(tmp_path: Path) -> None:
    played = _play("--headless", "--data", str(tmp_path / "data"))
    assert played.returncode == 0, played.stdout + played.stderr
    for number, (title, _) in enumerate(STEPS, start=1):
        assert f"\n{number}  {title}\n✓ {number}.1  " in played.stdout
    assert "✗" not in played.stdout
    assert "\nAll six steps hold after " in played.stdout


def test_a_folder_that_holds_something_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "accounts.txt").write_text("kept")
    refused = _play("--headless", "--data", str(tmp_path))
    assert refused.returncode == 1
    assert "is not empty" in refused.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["accounts.txt"]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage("http://127.0.0.1", tmp_path, Flask("nobody"), Story([].append), "three random words")


def test_the_first_check_that_fails_ends_the_play_and_says_what_was_seen(stage: Stage) -> None:
    def act(stage: Stage) -> None:
        stage.story.checked("one thing holds")
        check_equal("the total", "79.1", "80")

    assert perform([("First", act), ("Second", act)], stage) == 1
    assert stage.story.told == [
        "\n1  First",
        "✓ 1.1  one thing holds",
        "✗ 1.2  expected the total to be 80",
        "       saw 79.1",
    ]


def test_a_play_in_which_all_holds_ends_well(stage: Stage) -> None:
    assert perform([("First", lambda stage: None), ("Second", lambda stage: None)], stage) == 0
    assert stage.story.told == ["\n1  First", "\n2  Second"]


class _Portal(BaseHTTPRequestHandler):
    """Shows the form with 422 at /refused and 200 elsewhere, and gives back what is posted."""

    def do_GET(self) -> None:
        self._answer(422 if self.path == "/refused" else 200, PAGE)

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(200, b"<main><h1>Sent</h1><pre>" + sent + b"</pre></main>")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Portal) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_page_with_another_status_fails_with_its_error_summary(address: str) -> None:
    with pytest.raises(Failed, match=r"answered with 200; saw 422 “A form” at /refused. It says: Enter your"):
        Visitor("Dana", address).open("/refused")


def test_what_was_filled_is_sent_as_a_browser_sends_it(address: str) -> None:
    visitor = Visitor("Dana", address)
    visitor.open("/")
    paper = Upload("plan.pdf", "application/pdf", b"%PDF-1.7")
    fields = {
        "person": "Dana",
        "mark": "3: Good",
        "kept": False,
        "size": "Large",
        "words": "new",
        "paper": paper,
    }
    sent = visitor.press("Save", fields).text
    for name, value in (
        ("csrf_token", "t1"),
        ("person", "Dana"),
        ("mark", "3"),
        ("size", "l"),
        ("words", "new"),
    ):
        assert f'name="{name}" {value} ' in sent
    assert 'name="paper"; filename="plan.pdf" Content-Type: application/pdf %PDF-1.7 ' in sent
    assert 'name="then" next ' in sent
    assert 'name="kept"' not in sent


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({"nickname": "D"}, "a field named nickname"), ({"mark": "6"}, "the choice 6 among .'3'.")],
)
def test_nothing_is_sent_that_the_page_does_not_offer(address: str, fields: dict, missing: str) -> None:
    visitor = Visitor("Dana", address)
    visitor.open("/")
    with pytest.raises(Failed, match=f"expected {missing} beside “Save” for Dana"):
        visitor.press("Save", fields)


def test_a_button_that_is_not_there_ends_the_play(address: str) -> None:
    visitor = Visitor("Dana", address)
    visitor.open("/")
    with pytest.raises(Failed, match="expected a button “Publish the round” for Dana"):
        visitor.press("Publish the round")
