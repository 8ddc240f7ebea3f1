"""Documents: object and row together, through commit and rollback, and who is given what."""

import hashlib
import io
import urllib.request
from datetime import timedelta
from typing import BinaryIO
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.database import transaction
from portal.storage import bucket, refusals
from portal.storage.models import Document
from portal.storage.services import (
    document_link,
    orphans,
    read_document,
    remove_document,
    restore_from_trash,
    store_document,
    sweep_orphans,
)
from tests.storage import corpus
from tests.storage.test_bucket import Settings

KINDS = frozenset({"pdf", "docx"})


def store(
    by: Actor, content: bytes | None = None, filename: str = "Polisi, diogelu 🚲.pdf", **more: int
) -> Document:
    return store_document(
        stream=io.BytesIO(corpus.pdf() if content is None else content),
        filename=filename,
        accepted=KINDS,
        limit=10_000_000,
        by=by,
        **{"organisation_id": by.organisation_id, **more},
    )


def keys() -> set[str]:
    return {key for key, _ in bucket.bucket().stored("documents/")}


class ChangedOurMind(Exception):
    pass


def test_a_document_is_kept_with_everything_known_of_it(session: Session, manager: Actor) -> None:
    document = store(manager)
    session.expire_all()
    kept = session.get_one(Document, document.id)
    assert (kept.filename, kept.media_type) == ("Polisi, diogelu 🚲.pdf", "application/pdf")
    assert (kept.size, kept.sha256) == (len(corpus.pdf()), hashlib.sha256(corpus.pdf()).hexdigest())
    assert (kept.organisation_id, kept.uploaded_by_id) == (manager.organisation_id, manager.person_id)
    assert kept.scan_state == "not_scanned"
    assert kept.removed_at is None


def test_what_is_read_back_is_what_was_uploaded(manager: Actor) -> None:
    with read_document(store(manager)) as body:
        assert body.read() == corpus.pdf()


def test_a_key_says_nothing_of_name_owner_or_row(manager: Actor) -> None:
    first, second = store(manager), store(manager)
    assert first.key != second.key
    assert first.id.hex not in first.key
    assert first.key.isascii() and "olisi" not in first.key


def test_a_link_gives_the_file_under_its_own_name(manager: Actor) -> None:
    with urllib.request.urlopen(document_link(store(manager))) as answer:
        assert answer.read() == corpus.pdf()
        assert "Polisi%2C%20diogelu%20%F0%9F%9A%B2.pdf" in answer.headers["Content-Disposition"]


def test_a_link_is_good_for_a_minute(manager: Actor) -> None:
    assert "X-Amz-Expires=60&" in document_link(store(manager))


def test_a_link_gives_bytes_to_be_saved_and_nothing_to_be_shown(manager: Actor) -> None:
    with urllib.request.urlopen(document_link(store(manager))) as answer:
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_a_refused_file_leaves_neither_row_nor_object(session: Session, manager: Actor) -> None:
    before = keys()
    with pytest.raises(refusals.Disguised):
        store(manager, corpus.png())
    assert keys() == before
    assert session.scalars(select(Document)).all() == []


def test_a_rollback_takes_the_object_along(session: Session, manager: Actor) -> None:
    before = keys()
    with pytest.raises(ChangedOurMind), transaction():
        document = store(manager)
        assert bucket.bucket().exists(document.key)
        raise ChangedOurMind
    assert keys() == before
    assert session.scalars(select(Document)).all() == []


def test_a_savepoint_that_is_rolled_back_takes_only_its_own_object(session: Session, manager: Actor) -> None:
    with transaction():
        kept = store(manager)
        with pytest.raises(ChangedOurMind), session.begin_nested():
            lost_key = store(manager).key
            raise ChangedOurMind
    assert bucket.bucket().exists(kept.key)
    assert not bucket.bucket().exists(lost_key)


def test_a_released_savepoint_does_not_make_the_object_safe_too_early(
    session: Session, manager: Actor
) -> None:
    with pytest.raises(ChangedOurMind), transaction():
        with session.begin_nested():
            key = store(manager).key
        raise ChangedOurMind
    assert not bucket.bucket().exists(key)


def test_a_later_rollback_leaves_committed_documents_alone(session: Session, manager: Actor) -> None:
    document = store(manager)
    with pytest.raises(ChangedOurMind), transaction():
        raise ChangedOurMind
    assert bucket.bucket().exists(document.key)


def test_a_row_that_the_database_refuses_leaves_no_object(manager: Actor) -> None:
    before = keys()
    with pytest.raises(IntegrityError):
        store(manager, organisation_id=0)
    assert keys() == before


def test_a_line_that_breaks_before_the_commit_is_answered_leaves_the_object(manager: Actor) -> None:
    with pytest.raises(OperationalError), transaction():
        key = store(manager).key
        raise OperationalError("COMMIT", None, Exception("server closed the connection unexpectedly"))
    assert bucket.bucket().exists(key)


def test_a_dead_store_leaves_no_row(
    session: Session, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "_configured", bucket.Bucket(Settings("http://127.0.0.1:9")))
    with transaction(), pytest.raises(refusals.NotUploaded, match="your answers are safe"):
        store(manager)
    assert session.scalars(select(Document)).all() == []


class Forgetful(bucket.Bucket):
    """A store that keeps only the beginning and says that all is well."""

    def put(self, key: str, stream: BinaryIO, media_type: str, sha256: str) -> None:
        super().put(key, io.BytesIO(stream.read(100)), media_type, sha256)


def test_a_store_that_lost_a_part_is_found_out(
    app: Flask, session: Session, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "_configured", Forgetful(app.config["PORTAL"]))
    with pytest.raises(refusals.NotUploaded):
        store(manager)
    assert session.scalars(select(Document)).all() == []


def test_a_rollback_while_the_store_is_dead_leaves_the_object_to_the_sweep(
    manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ChangedOurMind), transaction():
        key = store(manager).key
        monkeypatch.setattr(bucket, "_configured", bucket.Bucket(Settings("http://127.0.0.1:9")))
        raise ChangedOurMind
    monkeypatch.undo()
    assert key in sweep_orphans(timedelta(0))


@pytest.mark.parametrize("give", [document_link, read_document])
@pytest.mark.parametrize(
    ("state", "refusal"), [("infected", refusals.Infected), ("waiting", refusals.BeingScanned)]
)
def test_an_unsafe_or_unscanned_document_is_given_to_nobody(
    manager: Actor, give, state: str, refusal
) -> None:
    document = store(manager)
    document.scan_state = state
    document.next_scan_at = clock.now() if state == "waiting" else None
    with pytest.raises(refusal):
        give(document)


def test_a_removed_document_is_given_to_nobody_and_stays_kept(session: Session, manager: Actor) -> None:
    document = store(manager)
    remove_document(document)
    removed_at = document.removed_at
    remove_document(document)
    assert document.removed_at == removed_at
    with pytest.raises(refusals.DocumentWithheld):
        document_link(document)
    assert bucket.bucket().exists(document.key)


def test_a_lost_object_is_told_as_lost(manager: Actor) -> None:
    document = store(manager)
    bucket.bucket().delete(document.key)
    with pytest.raises(refusals.DocumentLost, match="missing from our store"):
        read_document(document)


def orphaned() -> str:
    key = f"documents/zz/{uuid4().hex}"
    bucket.bucket().put(key, io.BytesIO(b"left behind"), "application/pdf", "0" * 64)
    return key


def test_the_sweep_takes_old_objects_without_a_row_and_nothing_else(manager: Actor) -> None:
    document, orphan = store(manager), orphaned()
    assert orphan not in sweep_orphans()
    assert orphan in list(orphans(timedelta(0)))
    assert orphan in sweep_orphans(timedelta(0))
    assert bucket.bucket().exists(document.key)
    assert not bucket.bucket().exists(orphan)


def test_the_sweep_beside_an_older_database_can_be_undone(session: Session, manager: Actor) -> None:
    document, orphan = store(manager), orphaned()
    key, document.key = document.key, "documents/not-yet-in-the-restored-copy"
    session.commit()
    assert key in sweep_orphans(timedelta(0))
    document.key = key
    session.commit()
    assert restore_from_trash() == [document.key]
    with read_document(document) as body:
        assert body.read() == corpus.pdf()
    assert bucket.bucket().exists(orphan.replace("documents/", "trash/"))


def test_nobody_in_particular_uploads_nothing(manager: Actor) -> None:
    with pytest.raises(ValueError, match="by a person"):
        store(THE_PORTAL, organisation_id=manager.organisation_id or 0)


@pytest.mark.parametrize(
    "column", [{"size": 0}, {"sha256": "A" * 64}, {"scan_state": "fine"}, {"removed_at": "1999-01-01"}]
)
def test_the_database_itself_refuses_an_impossible_row(
    session: Session, manager: Actor, column: dict
) -> None:
    document = store(manager)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(Document.__table__.update().where(Document.id == document.id).values(column))
