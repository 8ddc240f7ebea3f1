"""From waiting to a verdict: after the commit, by the worker, and never "clean" without one."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.development.processes import free_port
from portal.storage import bucket, scanning
from portal.storage.clamd import Scanner
from portal.storage.models import Document
from portal.storage.refusals import BeingScanned, Infected, NotScanned
from portal.storage.scanning import MOST_ATTEMPTS, scan_again, scan_waiting
from portal.storage.services import document_link
from tests.storage import corpus, scanners
from tests.storage.test_bucket import Settings
from tests.storage.test_clamd import WITH_CLAMD
from tests.storage.test_services import store

INFECTED_PDF = corpus.pdf() + b"\n% " + scanners.EICAR + b"\n%%EOF\n"
AWAY = Scanner("127.0.0.1", free_port(), "", scanners.LARGEST)
FINE = scanners.answering(b"stream: OK\0")
ILL = scanners.answering(b"stream: Eicar-Test-Signature FOUND\0")


@pytest.fixture(autouse=True)
def waiting_for_nobody_else(session: Session, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scanning, "_scanner", AWAY)
    yield


def uploaded(by: Actor, content: bytes | None = None) -> Document:
    return store(by, content)


def use(monkeypatch: pytest.MonkeyPatch, scanner: Scanner | None) -> None:
    monkeypatch.setattr(scanning, "_scanner", scanner)


def due(session: Session) -> None:
    """Let every pause be over."""
    session.execute(
        update(Document).where(Document.next_scan_at.is_not(None)).values(next_scan_at=clock.now())
    )


def test_a_new_document_waits_and_is_given_to_nobody(manager: Actor) -> None:
    document = uploaded(manager)
    assert document.scan_state == "waiting"
    with pytest.raises(BeingScanned):
        document_link(document)


def test_a_clean_document_may_be_read(manager: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    document = uploaded(manager)
    with scanners.peer(FINE) as peer:
        use(monkeypatch, peer)
        assert scan_waiting(by=THE_PORTAL) == 1
    assert (document.scan_state, document.next_scan_at) == ("clean", None)
    assert document.scanned_at and document_link(document)


def test_an_infected_document_is_given_to_nobody_ever(
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = uploaded(manager)
    with scanners.peer(ILL) as peer:
        use(monkeypatch, peer)
        scan_waiting(by=THE_PORTAL)
        assert scan_again() == 0
    assert (document.scan_state, document.scan_detail) == ("infected", "Eicar-Test-Signature")
    with pytest.raises(Infected):
        document_link(document)


@WITH_CLAMD
def test_the_real_scanner_judges_what_the_store_holds(
    session: Session,
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    harmless, ill = uploaded(manager), uploaded(manager, INFECTED_PDF)
    with scanners.clamd() as real:
        use(monkeypatch, real)
        assert scan_waiting(by=THE_PORTAL) == 2
    assert (harmless.scan_state, ill.scan_state) == ("clean", "infected")


def test_a_document_waits_while_the_scanner_is_away_however_long_that_is(
    session: Session,
    manager: Actor,
) -> None:
    document = uploaded(manager)
    for _ in range(3 * MOST_ATTEMPTS):
        assert scan_waiting(by=THE_PORTAL) == 0
        due(session)
    session.refresh(document)
    assert document.scan_state == "waiting"


def test_pauses_grow_while_the_scanner_is_away_and_have_an_end(
    session: Session,
    manager: Actor,
) -> None:
    document, pauses = uploaded(manager), []
    for _ in range(12):
        scan_waiting(by=THE_PORTAL)
        session.refresh(document)
        pauses.append(document.next_scan_at - clock.now())
        due(session)
    assert timedelta(seconds=1) < pauses[0] < pauses[3] < pauses[-1] <= scanning.LONGEST_PAUSE


@pytest.mark.parametrize("behave", [scanners.breaking, scanners.answering(b"stream: broken ERROR\0")])
def test_a_scanner_that_never_gives_a_verdict_leaves_a_document_not_scanned(
    session: Session,
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
    behave,
) -> None:
    document = uploaded(manager)
    with scanners.peer(behave) as peer:
        use(monkeypatch, peer)
        for attempt in range(MOST_ATTEMPTS):
            assert document.scan_state == "waiting", attempt
            scan_waiting(by=THE_PORTAL)
            due(session)
    session.refresh(document)
    assert (document.scan_state, document.scanned_at) == ("not_scanned", None)
    assert document.scan_detail and document_link(document)


def test_a_document_that_is_too_large_to_scan_is_said_to_be_not_scanned(
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = uploaded(manager)
    with scanners.peer(FINE, largest=100) as peer:
        use(monkeypatch, peer)
        assert scan_waiting(by=THE_PORTAL) == 1
    assert (document.scan_state, document.scan_detail) == (
        "not_scanned",
        "larger than the 100 bytes that are scanned",
    )


def test_where_a_scan_is_required_nothing_without_a_verdict_leaves(
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(monkeypatch, None)
    document = uploaded(manager)
    assert document.scan_state == "not_scanned" and document_link(document)
    monkeypatch.setattr(scanning, "_required", True)
    with pytest.raises(NotScanned):
        document_link(document)


def test_a_scanner_that_is_taken_away_leaves_nothing_waiting(
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = uploaded(manager)
    use(monkeypatch, None)
    assert scan_waiting(by=THE_PORTAL) == 1
    assert document.scan_state == "not_scanned"


def test_a_scanner_that_comes_later_scans_what_was_not(
    session: Session,
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use(monkeypatch, None)
    document = uploaded(manager)
    with scanners.peer(FINE) as peer:
        use(monkeypatch, peer)
        assert scan_again() == 1
        scan_waiting(by=THE_PORTAL)
    session.refresh(document)
    assert document.scan_state == "clean"


def test_a_document_under_scan_is_not_scanned_twice(
    session: Session,
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uploaded(manager)
    assert scanning._claim() is not None
    assert scanning._claim() is None
    with clock.staged_at(clock.now() + scanning.CLAIM + timedelta(seconds=1)):  # its worker was killed
        assert scanning._claim() is not None


def test_a_file_that_the_store_lost_is_not_called_clean(
    session: Session,
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = uploaded(manager)
    bucket.bucket().delete(document.key)
    with scanners.peer(FINE) as peer:
        use(monkeypatch, peer)
        scan_waiting(by=THE_PORTAL)
    assert session.scalar(select(Document.scan_state).where(Document.id == document.id)) == "not_scanned"


def test_a_store_that_is_away_costs_a_document_nothing(
    session: Session,
    manager: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    document = uploaded(manager)
    monkeypatch.setattr(bucket, "_configured", bucket.Bucket(Settings("http://127.0.0.1:9")))
    with scanners.peer(FINE) as peer:
        use(monkeypatch, peer)
        assert scan_waiting(by=THE_PORTAL) == 0
    assert document.scan_state == "waiting"
