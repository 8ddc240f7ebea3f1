"""The `portal run` command as an operator meets it: a real process, real signals, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from portal.cli import SERVICES
from portal.development.processes import free_port

PROJECT = Path(__file__).parents[2]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(SERVICES)}


def _portal(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "portal.cli", *arguments]
    return subprocess.run(
        command, cwd=PROJECT, env=_environment(), capture_output=True, text=True, timeout=120
    )


@dataclass
class Running:
    """A portal that a test started; `said` is what it had printed when it was up."""

    process: subprocess.Popen[str]
    port: int
    data: Path
    said: str

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def _running(data: Path) -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, "-m", "portal.cli", "run", "--no-demonstration"]
    command += ["--port", str(port), "--data", str(data)]
    with subprocess.Popen(
        command, cwd=PROJECT, env=_environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "The portal is at" in line:
                break
        try:
            assert "The portal is at" in said
            yield Running(process, port, data, said)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A portal for tests that leave it as it is."""
    with _running(tmp_path_factory.mktemp("data")) as portal:
        yield portal


def test_the_portal_shows_progress_and_answers_at_the_printed_address(running: Running) -> None:
    address = f"http://127.0.0.1:{running.port}"
    assert running.said.startswith("Starting PostgreSQL\n")
    assert running.said.endswith(f"The portal is at {address}   (Ctrl-C stops it)\n")
    with urllib.request.urlopen(f"{address}/healthz") as answer:
        assert answer.status == 200


def test_a_taken_port_is_said_before_anything_is_set_up(running: Running, tmp_path: Path) -> None:
    other = tmp_path / "other"
    refused = _portal("run", "--port", str(running.port), "--data", str(other))
    assert refused.returncode == 1
    assert refused.stderr.startswith(
        f"Port {running.port} is in use by another program. Stop that, or try --port"
    )
    assert refused.stdout == "" and not other.exists()


def test_a_second_portal_on_the_same_data_is_refused(running: Running) -> None:
    refused = _portal("run", "--port", str(free_port()), "--data", str(running.data))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"Another portal runs on the data folder {running.data}")


def test_another_command_joins_the_running_portal(running: Running) -> None:
    verified = _portal("audit", "verify", "--data", str(running.data))
    assert (verified.returncode, verified.stdout) == (0, "The audit trail is whole.\n")
    assert running.process.poll() is None


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_cleanly(tmp_path: Path, sent: signal.Signals) -> None:
    with _running(tmp_path) as portal:
        children = portal.children()
        portal.process.send_signal(sent)
        assert portal.process.wait(60) == 0
    assert len(children) > 4 and not [child for child in children if child.is_running()]


def test_a_killed_portal_leaves_no_process_behind(tmp_path: Path) -> None:
    with _running(tmp_path) as portal:
        children = portal.children()
        portal.process.kill()
        _, alive = psutil.wait_procs(children, timeout=60)
        assert len(children) > 4 and not alive


def test_a_dead_web_server_is_said_and_ends_the_portal(tmp_path: Path) -> None:
    with _running(tmp_path) as portal:
        (web,) = [
            child for child in psutil.Process(portal.process.pid).children() if "gunicorn" in child.cmdline()
        ]
        web.kill()
        assert portal.process.wait(60) == 1


def test_an_unknown_command_is_answered_with_those_there_are() -> None:
    answered = _portal("rnu")
    assert answered.returncode == 2
    assert answered.stderr == "There is no command 'rnu'.\n" and "portal run" in answered.stdout


def test_an_impossible_host_is_refused_in_a_sentence(tmp_path: Path) -> None:
    refused = _portal("run", "--host", "no-such-host.invalid", "--data", str(tmp_path / "data"))
    assert refused.returncode == 1
    assert refused.stderr.startswith("The portal cannot listen on no-such-host.invalid, port 8000: ")


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "portal.cli", "run", "--port", str(free_port()), "--data", str(tmp_path)]
    given = {**_environment(), "DATABASE_URL": "postgresql+psycopg://portal@127.0.0.1:9/portal"}
    refused = subprocess.run(command, cwd=PROJECT, env=given, capture_output=True, text=True, timeout=120)
    assert refused.returncode == 1
    assert refused.stderr.startswith("The database does not answer: ")
