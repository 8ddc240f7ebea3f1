"""Files in parts, straight to a real S3: sent, gone on with, joined, looked into, filed once."""

import hashlib
import io
import urllib.request
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pikepdf
import pytest
from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from portal.database import db, transaction
from portal.errors import NotFound
from portal.storage import refusals, uploads
from portal.storage.bucket import bucket
from portal.storage.models import Document, Upload
from portal.storage.services import document_link, remove_document, store_document
from portal.storage.uploads import PART_BYTES, Sending
from tests.storage import corpus

KINDS = frozenset({"pdf", "docx"})
MEBIBYTE = 1024 * 1024


def a_pdf_of(size: int) -> bytes:
    """A real PDF of about this size: one page, and bytes that no page shows."""

    def fill(document: pikepdf.Pdf) -> None:
        document.Root.Filling = pikepdf.Stream(document, b"\x00\xa7" * (size // 2))

    return corpus.changed_pdf(fill, compress_streams=False)


TWO_PARTS = a_pdf_of(PART_BYTES + 300_000)


def begin(by: Actor, content: bytes, name: str = "plan.pdf", **more: object) -> Sending:
    said = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "filename": name, **more}
    where = {"organisation_id": by.organisation_id, "accepted": KINDS, "limit": 200 * MEBIBYTE}
    return uploads.begin_upload(place="a drawer", by=by, **where, **said)


def put(address: str, content: bytes) -> int:
    with urllib.request.urlopen(urllib.request.Request(address, data=content, method="PUT")) as answer:
        return answer.status


def send(sending: Sending, content: bytes) -> None:
    for number, address in sending.addresses.items():
        put(address, content[(number - 1) * PART_BYTES : number * PART_BYTES])


def receive(by: Actor, sending: Sending, place: str = "a drawer") -> object:
    where = {"organisation_id": by.organisation_id, "accepted": KINDS, "limit": 200 * MEBIBYTE}
    return uploads.receive_upload(upload_id=sending.id, place=place, **where)


def uploaded(by: Actor, content: bytes, name: str = "plan.pdf") -> Document:
    sending = begin(by, content, name)
    send(sending, content)
    return uploads.file_upload(upload_id=sending.id, kept=receive(by, sending), by=by)[0]


def key_of(sending: Sending) -> str:
    return db.session.scalars(select(Upload.key).where(Upload.id == sending.id)).one()


def test_a_file_in_parts_becomes_the_same_document_as_one_by_the_form(manager):
    by_parts = uploaded(manager, TWO_PARTS, "folder\\plan.pdf")
    by_form = store_document(
        stream=io.BytesIO(TWO_PARTS),
        filename="folder\\plan.pdf",
        organisation_id=manager.organisation_id,
        accepted=KINDS,
        limit=200 * MEBIBYTE,
        by=manager,
    )
    same = ("filename", "media_type", "size", "sha256", "scan_state", "scan_detail", "organisation_id")
    assert [getattr(by_parts, name) for name in same] == [getattr(by_form, name) for name in same]
    with urllib.request.urlopen(document_link(by_parts)) as answer:
        assert answer.read() == TWO_PARTS


def test_after_a_broken_line_only_the_missing_parts_are_asked_for(manager):
    begun = begin(manager, TWO_PARTS)
    put(begun.addresses[1], TWO_PARTS[:PART_BYTES])
    again = begin(manager, TWO_PARTS)
    assert (again.id, list(again.addresses), again.arrived) == (begun.id, [2], PART_BYTES)


def test_another_file_of_the_same_name_is_an_upload_of_its_own(manager):
    first, other = begin(manager, TWO_PARTS), begin(manager, corpus.pdf())
    assert first.id != other.id and list(other.addresses) == [1]


def test_a_part_of_another_length_is_refused_by_the_store(manager):
    sending = begin(manager, TWO_PARTS)
    with pytest.raises(OSError):
        put(sending.addresses[2], TWO_PARTS[:PART_BYTES])
    assert list(begin(manager, TWO_PARTS).addresses) == [1, 2]


def test_a_file_with_a_part_missing_is_not_received(manager):
    sending = begin(manager, TWO_PARTS)
    put(sending.addresses[2], TWO_PARTS[PART_BYTES:])
    with pytest.raises(refusals.PartsMissing):
        receive(manager, sending)
    assert not bucket().exists(key_of(sending))


def test_what_arrives_changed_is_refused_and_deleted(manager):
    content = corpus.pdf()
    sending = begin(manager, content)
    key = key_of(sending)
    put(sending.addresses[1], content[:-9] + b"\n%%EOF   ")
    with pytest.raises(refusals.ArrivedChanged, match="plan.pdf"):
        receive(manager, sending)
    assert not bucket().exists(key) and db.session.get(Upload, sending.id) is None


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (corpus.locked_pdf(user="x", owner="y"), "plan.pdf", refusals.PasswordProtected),
        (corpus.macro_workbook(), "plan.docx", refusals.Macros),
        (corpus.png(), "plan.pdf", refusals.Disguised),
    ],
)
def test_a_file_in_parts_is_looked_into_as_any_other(manager, content, name, refusal):
    sending = begin(manager, content, name)
    send(sending, content)
    with pytest.raises(refusal):
        receive(manager, sending)
    assert db.session.scalars(select(Document)).all() == []


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"name": "plan.exe"}, refusals.TypeNotAccepted),
        ({"size": 0}, refusals.EmptyFile),
        ({"size": 100 * MEBIBYTE + 1}, refusals.TooLarge),
        ({"sha256": "A" * 64}, ValueError),
    ],
)
def test_what_can_be_known_before_is_refused_before_a_byte_is_sent(manager, said, refusal):
    with pytest.raises(refusal):
        begin(manager, corpus.pdf(), **said)
    assert db.session.scalars(select(Upload)).all() == []


def test_a_second_press_files_the_same_document(manager):
    content = corpus.pdf()
    sending = begin(manager, content)
    send(sending, content)
    kept, also = receive(manager, sending), receive(manager, sending)
    first, made = uploads.file_upload(upload_id=sending.id, kept=kept, by=manager)
    assert made and uploads.file_upload(upload_id=sending.id, kept=also, by=manager) == (first, False)
    assert receive(manager, sending).id == first.id


def test_the_same_file_sent_again_to_the_same_place_is_the_same_document(manager):
    content = corpus.pdf()
    first = uploaded(manager, content)
    assert uploaded(manager, content).id == first.id != uploaded(manager, content, "other.pdf").id


def test_the_same_file_may_be_uploaded_again_once_it_was_removed(manager):
    content = corpus.pdf()
    first = uploaded(manager, content)
    remove_document(first)
    assert uploaded(manager, content).id != first.id


def test_nobody_else_goes_on_with_an_upload(manager):
    sending = begin(manager, TWO_PARTS)
    for who, place in ((999, "a drawer"), (manager.organisation_id, "another")):
        stranger = Actor(manager.person_id, "Somebody", organisation_id=who)
        with pytest.raises(NotFound):
            receive(stranger, sending, place)
        uploads.cancel_upload(upload_id=sending.id, place=place, organisation_id=who)
    assert db.session.get(Upload, sending.id) is not None


def test_a_row_that_is_rolled_back_leaves_neither_document_nor_object(manager):
    content = corpus.pdf()
    sending = begin(manager, content)
    send(sending, content)
    key, kept = key_of(sending), receive(manager, sending)
    with pytest.raises(RuntimeError), transaction():
        uploads.file_upload(upload_id=sending.id, kept=kept, by=manager)
        raise RuntimeError
    assert not bucket().exists(key)
    assert list(begin(manager, content).addresses) == [1]


def test_a_cancelled_upload_leaves_nothing(manager):
    sending = begin(manager, TWO_PARTS)
    key = key_of(sending)
    put(sending.addresses[1], TWO_PARTS[:PART_BYTES])
    uploads.cancel_upload(upload_id=sending.id, place="a drawer", organisation_id=manager.organisation_id)
    assert key not in {each for each, *_ in bucket().unjoined("documents/")}
    with pytest.raises(NotFound):
        receive(manager, sending)


def test_abandoned_parts_are_swept_and_younger_ones_stay(manager):
    with clock.staged_at(clock.now() - timedelta(days=4)):
        old = begin(manager, TWO_PARTS)
        filed = uploaded(manager, corpus.word(), "plan.docx")
    young, old_key = begin(manager, corpus.pdf()), key_of(old)
    assert old_key in uploads.sweep_uploads()
    assert old_key not in {each for each, *_ in bucket().unjoined("documents/")}
    assert db.session.scalars(select(Upload.id)).all() == [young.id]
    assert bucket().exists(filed.key)


def test_parts_without_a_row_are_swept(manager):
    key = f"documents/00/{uuid4().hex}"
    bucket().begin_parts(key, "application/pdf")
    assert key in uploads.sweep_uploads(older_than=timedelta(seconds=-5))
    assert key not in {each for each, *_ in bucket().unjoined("documents/")}


def test_a_hundred_megabytes_are_looked_into_in_little_memory(manager):
    content = a_pdf_of(99 * MEBIBYTE)
    sending = begin(manager, content)
    send(sending, content)
    before = most_memory(anew=True)
    assert receive(manager, sending).found.size == len(content)
    assert most_memory() - before < 40 * MEBIBYTE


def most_memory(*, anew: bool = False) -> int:
    """The most bytes of memory that this process has held; `anew` forgets what it held before."""
    if anew:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
