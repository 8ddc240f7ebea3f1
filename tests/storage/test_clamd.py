"""Only a plain "OK" is a clean file: what a scanner says, does not say, and does instead of saying it."""

import io
from collections.abc import Iterator

import pytest

from portal.development.processes import free_port
from portal.storage import clamd
from portal.storage.clamd import NoVerdict, Scanner, ScannerAway
from tests.storage import scanners

WITH_CLAMD = pytest.mark.skipif(
    scanners.clamd_program() is None, reason="no clamd on this machine (Debian: apt install clamav-daemon)"
)


def scan(scanner: Scanner, content: bytes) -> str:
    return scanner.scan(io.BytesIO(content), len(content))


@pytest.fixture(scope="module")
def real() -> Iterator[Scanner]:
    with scanners.clamd() as running:
        yield running


@WITH_CLAMD
def test_clamd_finds_the_test_virus_wherever_it_sits(real: Scanner) -> None:
    assert "Eicar" in scan(real, b"%PDF-1.7\n% " + scanners.EICAR + b"\n" + b"x" * 200_000)


@WITH_CLAMD
def test_clamd_finds_nothing_in_a_harmless_file(real: Scanner) -> None:
    assert scan(real, b"Nothing to see here. " * 10_000) == ""


@WITH_CLAMD
def test_a_file_above_clamds_own_limit_has_no_verdict() -> None:
    with scanners.clamd(largest=100 * scanners.LARGEST) as boastful, pytest.raises(NoVerdict) as refused:
        scan(boastful, b"x" * (5 * scanners.LARGEST))
    assert "OK" not in str(refused.value)


def test_a_file_above_the_limit_is_not_even_sent() -> None:
    with pytest.raises(NoVerdict, match="larger than the 4 MB") as refused:
        Scanner("127.0.0.1", free_port(), "", scanners.LARGEST).scan(io.BytesIO(), scanners.LARGEST + 1)
    assert refused.value.final


@pytest.mark.parametrize(
    ("answer", "final"),
    [
        (b"INSTREAM size limit exceeded. ERROR\0", True),
        (b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0", True),
        (b"stream: Can't allocate memory ERROR\0", False),
        (b"UNKNOWN COMMAND\0", False),
        (b"stream: OK ERROR\0", False),
        (b"OK\0", False),
        (b"stream: OK", False),  # cut off: what would have followed?
        (b"\0", False),
        (b"", False),
        (b"x" * 10_000, False),
    ],
)
def test_whatever_is_not_a_plain_ok_is_no_verdict(answer: bytes, final: bool) -> None:
    with scanners.peer(scanners.answering(answer)) as peer, pytest.raises(NoVerdict) as refused:
        scan(peer, b"some file")
    assert refused.value.final is final


def test_a_stream_refused_for_its_length_half_way_has_no_verdict() -> None:
    with scanners.peer(scanners.refusing_length) as peer, pytest.raises(NoVerdict):
        scan(peer, b"x" * scanners.LARGEST)


def test_a_broken_pipe_is_no_verdict() -> None:
    with scanners.peer(scanners.breaking) as peer, pytest.raises(NoVerdict):
        scan(peer, b"x" * scanners.LARGEST)


def test_a_scanner_that_hangs_is_left_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clamd, "SCAN_SECONDS", 0.3)
    with scanners.peer(scanners.hanging) as peer, pytest.raises(NoVerdict, match="too long"):
        scan(peer, b"some file")


@pytest.mark.parametrize("path", ["", "/nonexistent/clamd.sock"])
def test_a_scanner_that_is_not_there_is_told_apart_from_one_without_a_verdict(path: str) -> None:
    nowhere = Scanner("127.0.0.1", free_port(), path, scanners.LARGEST)
    assert not nowhere.answers()
    with pytest.raises(ScannerAway):
        scan(nowhere, b"some file")
