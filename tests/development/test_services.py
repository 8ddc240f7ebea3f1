"""The embedded services are the real programs: started, used, stopped and started again here."""

from __future__ import annotations

import json
import os
import signal
import smtplib
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage
from mailbox import Maildir
from pathlib import Path

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from sqlalchemy import create_engine, text

from portal.development.processes import free_port
from portal.development.services import ServiceDidNotStart, Services, embedded_services

_SETTINGS = {
    "DATABASE_URL",
    "S3_ENDPOINT_URL",
    "S3_BUCKET",
    "S3_ACCESS_KEY",
    "S3_SECRET_KEY",
    "S3_REGION",
    "SMTP_HOST",
    "SMTP_PORT",
    "MAILBOX_FOLDER",
}


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with (
        pytest.MonkeyPatch.context() as environment,
        _started(tmp_path_factory.mktemp("data"), environment) as started,
    ):
        yield started


def _started(folder: Path, environment: pytest.MonkeyPatch):
    for name in _SETTINGS:
        environment.delenv(name, raising=False)
    return embedded_services(folder, durable=False)


def _sql(services: Services, *statements: str) -> object:
    engine = create_engine(services.environment["DATABASE_URL"])
    with engine.begin() as connection:
        results = [connection.execute(text(statement)) for statement in statements]
        value = results[-1].scalar() if results[-1].returns_rows else None
    engine.dispose()
    return value


def _s3(services: Services, **keys: str):
    given = services.environment
    return boto3.client(
        "s3",
        endpoint_url=given["S3_ENDPOINT_URL"],
        aws_access_key_id=keys.get("access", given["S3_ACCESS_KEY"]),
        aws_secret_access_key=keys.get("secret", given["S3_SECRET_KEY"]),
        region_name=given["S3_REGION"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )


def test_every_setting_of_a_real_deployment_is_given(services: Services) -> None:
    assert set(services.environment) == _SETTINGS


def test_the_database_speaks_unicode_and_utc(services: Services) -> None:
    assert _sql(services, "SELECT lower('ÉCOLE') || current_setting('timezone')") == "écoleUTC"


def test_the_store_keeps_a_document_in_its_bucket(services: Services) -> None:
    bucket = services.environment["S3_BUCKET"]
    _s3(services).put_object(Bucket=bucket, Key="documents/0001", Body=b"policy")
    assert _s3(services).get_object(Bucket=bucket, Key="documents/0001")["Body"].read() == b"policy"


def test_the_store_refuses_a_wrong_key(services: Services) -> None:
    with pytest.raises(ClientError):
        _s3(services, secret="0" * 40).list_objects_v2(Bucket=services.environment["S3_BUCKET"])


def test_a_letter_arrives_in_the_mailbox(services: Services) -> None:
    given = services.environment
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@example.org", "b@example.org", "Café"
    letter.set_content("Dear provider")
    with smtplib.SMTP(given["SMTP_HOST"], int(given["SMTP_PORT"])) as server:
        server.send_message(letter)
    (kept,) = Maildir(given["MAILBOX_FOLDER"]).values()
    assert kept["Delivered-To"] == "b@example.org"
    assert kept.get_payload().strip() == "Dear provider"


def test_only_this_user_can_read_keys_documents_and_letters(services: Services) -> None:
    folder = Path(services.environment["MAILBOX_FOLDER"]).parent
    private = ["s3-keys.json", "running.json", "documents", "mailbox", "postgres"]
    assert [stat.S_IMODE((folder / name).stat().st_mode) & 0o077 for name in private] == [0] * 5


def test_a_second_start_on_the_same_folder_joins_the_first(services: Services) -> None:
    folder = Path(services.environment["MAILBOX_FOLDER"]).parent
    with embedded_services(folder) as joined:
        assert joined == services
    assert _sql(services, "SELECT 1") == 1


def test_starting_again_finds_the_same_data_and_keys(tmp_path: Path) -> None:
    with embedded_services(tmp_path) as first:
        _sql(first, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('still here')")
        _s3(first).put_object(Bucket=first.environment["S3_BUCKET"], Key="document-1", Body=b"x")
    with embedded_services(tmp_path) as second:
        assert _sql(second, "SELECT word FROM kept") == "still here"
        assert _s3(second).head_object(Bucket=second.environment["S3_BUCKET"], Key="document-1")
        assert second.environment["S3_SECRET_KEY"] == first.environment["S3_SECRET_KEY"]


def test_a_deep_folder_with_spaces_will_do(tmp_path: Path) -> None:
    folder = tmp_path / "a folder, with spaces" / ("deep" * 25)
    with embedded_services(folder, durable=False) as services:
        assert _sql(services, "SELECT 1") == 1
        socket_folder = Path(services.environment["DATABASE_URL"].partition("host=")[2])
    assert not socket_folder.exists()


def test_nothing_runs_after_the_end(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    with embedded_services(tmp_path, durable=False):
        children = set(psutil.Process().children(recursive=True)) - before
        assert {"postgres", "rclone"} <= {child.name() for child in children}
    assert not [child for child in children if child.is_running()]


def test_a_killed_portal_leaves_no_service_behind(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from portal.development.services import embedded_services\n"
        "with embedded_services(Path(sys.argv[1]), durable=False): print('up', flush=True); time.sleep(60)"
    )
    portal = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert portal.stdout is not None and portal.stdout.readline() == b"up\n"
    children = psutil.Process(portal.pid).children(recursive=True)
    os.kill(portal.pid, signal.SIGKILL)
    portal.wait()
    portal.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert children and not alive
    with embedded_services(tmp_path, durable=False) as services:
        assert _sql(services, "SELECT 1") == 1


def test_what_the_environment_names_is_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "DATABASE_URL": "postgresql+psycopg://db.example.org/portal",
        "S3_ENDPOINT_URL": "https://s3.example.org",
        "S3_BUCKET": "bucket",
        "S3_ACCESS_KEY": "access",
        "S3_SECRET_KEY": "secret",
        "SMTP_HOST": "mail.example.org",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    before = len(psutil.Process().children())
    with embedded_services(tmp_path) as services:
        assert services.environment == given
        assert len(psutil.Process().children()) == before


def test_a_half_configured_store_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_ENDPOINT_URL", "https://s3.example.org")
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://db.example.org/portal")
    with pytest.raises(ServiceDidNotStart, match="so set S3_BUCKET and S3_ACCESS_KEY and S3_SECRET_KEY"):
        embedded_services(tmp_path).__enter__()


def test_a_taken_port_is_refused_in_a_sentence(tmp_path: Path, services: Services) -> None:
    taken = int(services.environment["SMTP_PORT"])
    with pytest.raises(ServiceDidNotStart, match=f"Port {taken}, wanted for the mail server"):
        embedded_services(tmp_path, smtp_port=taken, durable=False).__enter__()


def test_a_chosen_port_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://db.example.org/portal")
    port = free_port()
    with embedded_services(tmp_path, s3_port=port) as services:
        assert services.environment["S3_ENDPOINT_URL"] == f"http://127.0.0.1:{port}"


def test_data_of_another_postgresql_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9\n")
    with pytest.raises(ServiceDidNotStart, match="was written by PostgreSQL 9"):
        embedded_services(tmp_path).__enter__()


def test_a_pid_file_whose_number_was_reused_does_not_stop_the_start(tmp_path: Path) -> None:
    with embedded_services(tmp_path, durable=False):
        pid_file = (tmp_path / "postgres" / "postmaster.pid").read_text()
    stale = [str(os.getpid()), *pid_file.splitlines()[1:]]
    (tmp_path / "postgres" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    started = time.monotonic()
    with embedded_services(tmp_path, durable=False) as services:
        assert _sql(services, "SELECT 1") == 1
    assert time.monotonic() - started < 20


def test_broken_keys_are_said_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://db.example.org/portal")
    (tmp_path / "s3-keys.json").write_text(json.dumps({"access_key": "only half"}))
    with pytest.raises(ServiceDidNotStart, match="delete it and try again"):
        embedded_services(tmp_path).__enter__()
