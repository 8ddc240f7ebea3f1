"""An embedded S3 object store: ``rclone serve s3`` on a folder, a child process of ours."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from portal.development.processes import ServiceDidNotStart, free_port, last_words, port_is_taken, spawn, stop

BUCKET = "portal-documents"
_REGION = "eu-west-2"
_START_SECONDS = 30
# Browsers put parts of files here. Whoever may is told by the signature of each address, not by the page that
# asks: a demonstration is visited under several names. Streamed, a part could not be sent a second time.
_FOR_BROWSERS = ("--allow-origin", "*", "--disable-multipart-streaming")
_ATTEMPTS = 3  # somebody else may take the free port between our choosing and rclone's binding it


@contextmanager
def embedded_object_store(folder: Path, *, keys: Path, log: Path, port: int = 0) -> Iterator[dict[str, str]]:
    """Serve *folder* over the S3 protocol and yield the five ``S3_…`` settings that reach it.

    The pair of keys is made once and kept in the file *keys* (mode 0600); the bucket is created when it is
    missing. ``port=0`` chooses a free one. Raises ``ServiceDidNotStart``.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    access_key, secret_key = _kept_keys(keys)
    if port and port_is_taken("127.0.0.1", port):
        raise ServiceDidNotStart(f"Port {port}, wanted for the documents' store, is in use already.")
    server, chosen = _start(folder, log, port, access_key, secret_key)
    try:
        yield {
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{chosen}",
            "S3_BUCKET": BUCKET,
            "S3_ACCESS_KEY": access_key,
            "S3_SECRET_KEY": secret_key,
            "S3_REGION": _REGION,
        }
    finally:
        stop(server)


def _start(
    folder: Path, log: Path, port: int, access_key: str, secret_key: str
) -> tuple[subprocess.Popen[bytes], int]:
    # The keys travel in the environment: a command line is readable by every user of the machine.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RCLONE_")}
    environment["RCLONE_AUTH_KEY"] = f'"{access_key},{secret_key}"'
    log.unlink(missing_ok=True)
    for attempt in range(1, _ATTEMPTS + 1):
        chosen = port or free_port()
        command = [_program(), "serve", "s3", "--addr", f"127.0.0.1:{chosen}", *_FOR_BROWSERS]
        command += ["--config", "", str(folder)]
        server = spawn(command, log=log, environment=environment)
        try:
            _wait_until_ready(server, chosen, access_key, secret_key, log)
            return server, chosen
        except ServiceDidNotStart:
            stop(server)
            if attempt == _ATTEMPTS or port:
                raise
    raise AssertionError("unreachable")


def _program() -> str:
    beside_python = Path(sys.executable).parent / "rclone"
    found = str(beside_python) if beside_python.exists() else shutil.which("rclone")
    if found is None:
        raise ServiceDidNotStart(
            "rclone, the embedded documents' store, is not installed; "
            "install the demonstration's requirements or set S3_ENDPOINT_URL."
        )
    return found


def _kept_keys(path: Path) -> tuple[str, str]:
    if not path.exists():
        made = {"access_key": secrets.token_hex(10), "secret_key": secrets.token_hex(20)}
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(made, file)
    try:
        kept = json.loads(path.read_text())
        return kept["access_key"], kept["secret_key"]
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceDidNotStart(f"{path} is not a pair of keys: delete it and try again.") from error


def _wait_until_ready(
    server: subprocess.Popen[bytes], port: int, access_key: str, secret_key: str, log: Path
) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        region_name=_REGION,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            retries={"total_max_attempts": 1},
            proxies={},
            connect_timeout=2,
            read_timeout=5,
        ),
    )
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            if BUCKET not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
                client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": _REGION})
            if server.poll() is None:
                return
        except (BotoCoreError, ClientError):
            pass
        if server.poll() is not None:
            raise ServiceDidNotStart(f"The documents' store stopped while starting: {last_words(log)}")
        if time.monotonic() > deadline:
            raise ServiceDidNotStart(
                f"The documents' store did not answer within {_START_SECONDS} s; see {log}."
            )
        time.sleep(0.05)
