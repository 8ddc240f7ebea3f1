"""What people send is answered before what others read, by the web server's own worker; and nobody waits for
one who is slow."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from socket import create_connection
from types import SimpleNamespace

import pytest

from portal.development.processes import free_port, spawn, stop
from portal.development.running import threads
from portal.web.edge import PATIENCE
from portal.web.queueing import Queue

ORDER = [
    ("GET", "/hold"),
    ("GET", "/opportunities"),
    ("GET", "/opportunities"),
    ("POST", "/applications/1/answers/a"),
    ("GET", "/applications/1/check"),
    ("GET", "/opportunities"),
]


@pytest.fixture
def port(tmp_path):
    """Of a server with one thread."""
    port = free_port()
    options = [*threads(), "--workers", "1", "--threads", "1", "--bind", f"127.0.0.1:{port}"]
    command = [sys.executable, "-m", "gunicorn", *options, "tests.web.slow_application:application"]
    server = spawn(command, log=tmp_path / "log")
    for _ in range(200):
        try:
            assert number(port, "GET", "/") == 1
            break
        except OSError:
            time.sleep(0.05)
    yield port
    stop(server)


def number(port, method, path):
    """Send a request and return what number the answer has."""
    line = HTTPConnection("127.0.0.1", port, timeout=20)
    line.request(method, path)
    return int(line.getresponse().read())


def test_what_is_sent_goes_before_what_is_read_and_each_in_the_order_of_its_coming(port):
    with ThreadPoolExecutor(len(ORDER)) as pool:
        answers = []
        for method, path in ORDER:
            answers.append(pool.submit(number, port, method, path))
            time.sleep(0.1)
        assert [answer.result() for answer in answers] == [2, 5, 6, 3, 4, 7]


def test_nobody_waits_for_those_who_do_not_hang_up_after_their_answer(port):
    began = time.monotonic()
    lines = [create_connection(("127.0.0.1", port), timeout=20) for _ in range(10)]
    for line in lines:
        line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 200")
    assert number(port, "GET", "/") == 12
    assert time.monotonic() < began + 1.5  # gunicorn alone gives each of them up to two seconds
    for line in lines:
        while line.recv(1000):
            pass
        line.close()


def a_line(came):
    """A line whose request came so many seconds ago."""
    return SimpleNamespace(came_at=time.monotonic() - came)


def test_a_reader_whose_patience_is_over_is_told_at_once():
    over = PATIENCE.total_seconds() + 1
    queue, given_up, patient, sender = Queue(), a_line(over), a_line(1), a_line(0)
    for line, reads in ((given_up, True), (patient, True), (sender, False)):
        queue.put(line, reads)
    assert [queue.get() for _ in range(3)] == [given_up, sender, patient]
    with pytest.raises(IndexError):
        queue.get()
