"""The bucket, against a real S3."""

import io
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest

from portal.development.services import Services
from portal.storage import refusals
from portal.storage.bucket import Bucket
from portal.storage.filenames import attachment

NAMES = [
    "policy.pdf",
    "Prices, lots 1, 2 & 3; final.xlsx",
    'the "real" one\'s 100%.docx',
    "Polisi Diogelu Tŷ Gŵyr.pdf",
    "bikes 🚲 + 50€.png",
    "سياسة الحماية.pdf",
    "a\\b?c#d=e&f.pdf",
]


@dataclass(frozen=True)
class Settings:
    s3_endpoint_url: str
    s3_bucket: str = "portal-documents"
    s3_access_key: str = "key"
    s3_secret_key: str = "secret"
    s3_region: str = "eu-west-2"


@pytest.fixture
def real(services: Services) -> Bucket:
    given = services.environment
    return Bucket(
        Settings(
            given["S3_ENDPOINT_URL"],
            given["S3_BUCKET"],
            given["S3_ACCESS_KEY"],
            given["S3_SECRET_KEY"],
            given["S3_REGION"],
        )
    )


@pytest.fixture
def unused(real: Bucket) -> Iterator[Bucket]:
    """A bucket to which nothing ever came in parts."""
    name, used = f"unused-{uuid4().hex[:8]}", real.name
    real._client.create_bucket(Bucket=name)
    real.name = name
    yield real
    real._client.delete_bucket(Bucket=name)
    real.name = used


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts and then never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        for connection in held:
            connection.close()


def _put(bucket: Bucket, content: bytes = b"%PDF-1.7 our policy") -> str:
    key = f"bucket-tests/{uuid4().hex}"
    bucket.put(key, io.BytesIO(content), "application/pdf", "0" * 64)
    return key


def test_a_bucket_to_which_nothing_came_in_parts_waits_for_none(unused: Bucket) -> None:
    assert list(unused.unjoined("documents/")) == []


def test_what_is_put_is_there_whole_until_it_is_deleted(real: Bucket) -> None:
    content = b"x" * 7_000_000
    key = _put(real, content)
    assert real.size(key) == len(content)
    with real.open(key) as body:
        assert body.read() == content
    real.delete(key)
    assert not real.exists(key)


def test_a_stream_is_put_from_its_beginning_wherever_it_stands(real: Bucket) -> None:
    stream = io.BytesIO(b"abcdef")
    stream.seek(4)
    key = f"bucket-tests/{uuid4().hex}"
    real.put(key, stream, "application/pdf", "0" * 64)
    assert real.size(key) == 6


class Changing(io.BytesIO):
    """A file that somebody still writes to: every reading from the start finds something else."""

    def seek(self, place: int, whence: int = 0) -> int:
        if place == 0 and whence == 0:
            self.getbuffer()[0] += 1
        return super().seek(place, whence)


def test_a_body_that_changes_on_its_way_is_refused_by_the_store(real: Bucket) -> None:
    key = f"bucket-tests/{uuid4().hex}"
    with pytest.raises(refusals.NotUploaded):
        real.put(key, Changing(b"abcdef"), "application/pdf", "0" * 64)
    assert not real.exists(key)


@pytest.mark.parametrize("name", NAMES)
def test_a_signed_link_gives_the_file_under_its_own_name(real: Bucket, name: str) -> None:
    link = real.presigned_get(_put(real), name, expires=60, media_type="application/pdf")
    with urllib.request.urlopen(link) as answer:
        assert answer.read() == b"%PDF-1.7 our policy"
        assert answer.headers["Content-Disposition"] == attachment(name)
        assert answer.headers["Content-Type"] == "application/pdf"


def test_a_link_ends_when_its_time_is_over(real: Bucket) -> None:
    link = real.presigned_get(_put(real), "policy.pdf", expires=1)
    time.sleep(2.1)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(link)
    assert refused.value.code in (400, 403)


@pytest.mark.parametrize("spoil", ["without a signature", "for another object"])
def test_nothing_is_given_without_a_signature_for_it(real: Bucket, spoil: str) -> None:
    key, other = _put(real), _put(real)
    link = real.presigned_get(key, "policy.pdf", expires=60)
    spoilt = link.partition("?")[0] if spoil == "without a signature" else link.replace(key, other)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(spoilt)
    assert refused.value.code in (400, 403)


def test_a_missing_object_is_told_apart_from_a_dead_store(real: Bucket) -> None:
    assert real.size("bucket-tests/nothing-here") is None
    with pytest.raises(refusals.DocumentLost):
        real.open("bucket-tests/nothing-here")


def test_keys_are_listed_with_the_time_they_were_stored(real: Bucket) -> None:
    key = _put(real)
    listed = dict(real.stored("bucket-tests/"))
    assert listed[key].tzinfo is not None


def test_the_check_passes_on_a_bucket_and_fails_on_none(real: Bucket, services: Services) -> None:
    real.check()
    given = services.environment
    nowhere = Settings(
        given["S3_ENDPOINT_URL"], "no-such-bucket", given["S3_ACCESS_KEY"], given["S3_SECRET_KEY"]
    )
    with pytest.raises(refusals.StorageUnavailable):
        Bucket(nowhere).check()


def test_a_wrong_secret_is_a_store_that_cannot_be_used(services: Services) -> None:
    given = services.environment
    wrong = Settings(given["S3_ENDPOINT_URL"], given["S3_BUCKET"], given["S3_ACCESS_KEY"], "wrong")
    with pytest.raises(refusals.NotUploaded, match="your answers are safe"):
        _put(Bucket(wrong))


def test_a_dead_store_is_told_within_seconds() -> None:
    started = time.monotonic()
    with pytest.raises(refusals.NotUploaded, match="was not uploaded. Try again in a few minutes"):
        _put(Bucket(Settings("http://127.0.0.1:9")))
    assert time.monotonic() - started < 5


def test_a_silent_store_is_told_within_seconds(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.storage.bucket.ANSWER_SECONDS", 1)
    started = time.monotonic()
    with pytest.raises(refusals.NotUploaded):
        _put(Bucket(Settings(f"http://127.0.0.1:{silent_port}")))
    assert time.monotonic() - started < 6
