"""What people send is answered before what others read, by the web server's own worker."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest

from portal.development.processes import free_port, spawn, stop
from portal.development.running import threads

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
    yield port
    stop(server)


def test_what_is_sent_goes_before_what_is_read_and_each_in_the_order_of_its_coming(port):
    def ask(method, path):
        line = HTTPConnection("127.0.0.1", port, timeout=20)
        line.request(method, path)
        return int(line.getresponse().read())

    for _ in range(200):
        try:
            assert ask("GET", "/") == 1
            break
        except OSError:
            time.sleep(0.05)
    with ThreadPoolExecutor(len(ORDER)) as pool:
        answers = []
        for method, path in ORDER:
            answers.append(pool.submit(ask, method, path))
            time.sleep(0.1)
        assert [answer.result() for answer in answers] == [2, 5, 6, 3, 4, 7]
