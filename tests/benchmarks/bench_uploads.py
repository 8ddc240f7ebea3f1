"""Files on their way: by the form and in parts beside what bare boto3 takes, and what slow lines cost others.

The portal's part is measured as a browser finds it: a request through WSGI for the form; for parts the two
requests of the script and its PUTs to the store. Slow lines are sockets that feed a form to gunicorn (in
threads, as `portal run` starts it) a little at a time, while somebody else reads a page.
"""

import hashlib
import io
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import boto3
from botocore.config import Config
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.database import db, transaction
from portal.development.processes import free_port, spawn, stop
from portal.development.running import APP, threads
from portal.storage.uploads import PART_BYTES
from tender.applications import answer_services
from tests.benchmarks.measuring import Timing, show_table, side_by_side
from tests.conftest import Visitor
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft
from tests.factories.frameworks import a_published_round, lot_ids
from tests.storage.test_uploads import a_pdf_of
from tests.web_client import sign_in

CODE = "safeguarding_policy"
MEGABYTES = 20
SLOW_LINES, SECONDS = 4, 8
MOST_SLOWER = 1.10
Environment = Mapping[str, str]


def run(app: Flask, environment: Environment, quick: bool = False) -> None:
    """Print how long 20 MB take by each road, and the p95 of a page beside four slow lines."""
    answer_services.MOST_DOCUMENTS = answer_services.MOST_BYTES = 10**12
    provider, round_ = a_provider_person(), a_published_round(lots=1)
    application_id = a_draft(round_, provider, lot_ids(round_))
    with transaction() as session:  # the default pack takes 10 MB, and a published pack is frozen
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE question SET max_bytes = NULL"))
    app.config["WTF_CSRF_ENABLED"] = False
    address = f"/applications/{application_id}/questions/{CODE}"
    browser = _signed_in(app, provider.email)
    _roads(browser, address, environment, 3 if quick else 9)
    _slow_lines(browser, address, environment, 2 if quick else 4)


def _signed_in(app: Flask, email: str) -> FlaskClient:
    app.test_client_class = Visitor
    db.session.remove()
    return sign_in(app.test_client(), email)


def _roads(browser: FlaskClient, address: str, environment: Environment, repeats: int) -> None:
    content = a_pdf_of(MEGABYTES * 1024 * 1024)
    floor = _bare_put(content, environment)
    actions = {
        "floor: boto3 put_object": floor,
        "by the form": lambda: _by_form(browser, address, content),
        "in parts": lambda: _in_parts(browser, address, content),
    }
    timings = side_by_side(actions, repeats=repeats, warm_up=1)
    base = timings["floor: boto3 put_object"].median
    rows = [(name, took.median, took.p95, took.median / base) for name, took in timings.items()]
    show_table(f"A PDF of {MEGABYTES} MB into the store", ("road", "p50 ms", "p95 ms", "of the floor"), rows)


def _bare_put(content: bytes, environment: Environment) -> Callable[[], Any]:
    client = boto3.client(
        "s3",
        endpoint_url=environment["S3_ENDPOINT_URL"],
        aws_access_key_id=environment["S3_ACCESS_KEY"],
        aws_secret_access_key=environment["S3_SECRET_KEY"],
        region_name=environment["S3_REGION"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    bucket = environment["S3_BUCKET"]
    return lambda: client.put_object(Bucket=bucket, Key=f"bench/{uuid4().hex}", Body=io.BytesIO(content))


def _by_form(browser: FlaskClient, address: str, content: bytes) -> None:
    data = {"value": (io.BytesIO(content), "plan.pdf"), "then": "stay"}
    said = browser.post(address, data=data, content_type="multipart/form-data")
    assert said.status_code == 303, said.get_data(as_text=True)[:2000]


def _in_parts(browser: FlaskClient, address: str, content: bytes) -> None:
    said = {"filename": "plan.pdf", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    told = browser.post(f"{address}/uploads", json=said).json

    def put(part: dict[str, Any]) -> None:
        start = (part["number"] - 1) * PART_BYTES
        piece = content[start : start + PART_BYTES]
        urllib.request.urlopen(urllib.request.Request(part["address"], data=piece, method="PUT")).close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(put, told["parts"]))
    done = browser.post(f"{address}/uploads/{told['upload']}")
    assert done.status_code == 200, done.get_data(as_text=True)


def _slow_lines(browser: FlaskClient, address: str, environment: Environment, rounds: int) -> None:
    cookie = browser.get_cookie("portal")
    assert cookie is not None
    alone, beside = Timing(), Timing()
    with _gunicorn(environment) as port:
        _read("127.0.0.1", port, Timing(), 2)
        for _ in range(rounds):
            _read("127.0.0.1", port, alone, SECONDS)
            with _uploading(port, address, cookie.value):
                _read("127.0.0.1", port, beside, SECONDS)
    ratio = beside.p95 / alone.p95
    rows = [
        ("alone", alone.median, alone.p95, 1.0),
        (f"{SLOW_LINES} slow lines", beside.median, beside.p95, ratio),
    ]
    title = f"Reading the list of opportunities (aim: p95 at most {MOST_SLOWER:.2f} times as long)"
    show_table(title, ("beside", "p50 ms", "p95 ms", "p95 of alone"), rows)


@contextmanager
def _gunicorn(environment: Environment) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", APP, "--bind", f"127.0.0.1:{port}", *threads()]
    with TemporaryDirectory() as folder:
        process = spawn(command, log=Path(folder) / "web.log", environment=dict(environment))
        try:
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                try:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield port
        finally:
            stop(process)


def _read(host: str, port: int, timing: Timing, seconds: float) -> None:
    """Read a page again and again, with a short pause as a person makes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        connection = HTTPConnection(host, port, timeout=30)
        began = time.perf_counter()
        connection.request("GET", "/opportunities")
        answer = connection.getresponse()
        answer.read()
        timing.wall.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, answer.status
        connection.close()
        time.sleep(0.02)


@contextmanager
def _uploading(port: int, address: str, cookie: str) -> Iterator[None]:
    over = Event()
    lines = [Thread(target=_slow_line, args=(port, address, cookie, over)) for _ in range(SLOW_LINES)]
    for line in lines:
        line.start()
    time.sleep(0.5)
    try:
        yield
    finally:
        over.set()
        for line in lines:
            line.join()


def _slow_line(port: int, address: str, cookie: str, over: Event) -> None:
    """A form with a file of 10 MB that comes at a megabyte a second, and breaks off when it is `over`."""
    head = (
        f"POST {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: portal={cookie}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {10 * 1024 * 1024}\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="value"; filename="plan.pdf"\r\n\r\n'
    )
    with suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(head.encode())
        while not over.is_set():
            line.sendall(b"x" * 64 * 1024)
            over.wait(1 / 16)
