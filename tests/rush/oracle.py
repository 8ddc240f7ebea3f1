"""What must be true afterwards, of everything that anybody was told: present exactly once; of what nobody was
told: present at most once; and of nothing only half.

Each check returns sentences about what is wrong; none is the only right answer.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Row, select

from portal.audit.models import AuditLine
from portal.audit.services import first_broken_line
from portal.database import db
from portal.mail.models import Letter
from portal.storage.bucket import Bucket
from portal.storage.models import Document
from tender.applications.models import Answer, AnswerFile, AnswerVersion, Application, Receipt
from tender.applications.values import sha256_of
from tender.frameworks.closing import closed_for_all_at
from tender.frameworks.models import Question
from tests.rush.journal import SUBMITTED, Journal, Operation


def differences(round_id: int, journal: Journal, bucket: Bucket, *, since: int) -> list[str]:
    """All that is wrong with a round whose applicants kept this journal, as sentences.

    `since` is the id of the newest audit line before they began.
    """
    return [
        *_saves(round_id, journal),
        *_files(round_id, journal, bucket),
        *_receipts(round_id, journal),
        *_trail(round_id, journal, since),
    ]


def _told_once(operation: Operation, found: int, what: str) -> Iterator[str]:
    if operation.acknowledged and found != 1:
        yield f"{what} was acknowledged and is there {found} times"
    elif operation.refused and found:
        yield f"{what} was refused and is there {found} times"
    elif found > 1:
        yield f"{what} is there {found} times"


def _saves(round_id: int, journal: Journal) -> Iterator[str]:
    """Every text that was acknowledged is a version of its answer, under the number that was told."""
    kept = db.session.execute(
        select(
            Answer.application_id, Question.code, Answer.lot_id, AnswerVersion.version, AnswerVersion.value
        )
        .join(AnswerVersion, AnswerVersion.answer_id == Answer.id)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.round_id == round_id, Question.kind == "long_text")
    ).all()
    places = Counter((row.application_id, row.code, row.lot_id, row.value) for row in kept)
    numbers = {(row.application_id, row.code, row.lot_id, row.value): str(row.version) for row in kept}
    for operation in journal.of("save"):
        place = (operation.application_id, operation.code, operation.lot_id, operation.said)
        what = f"the text “{operation.said[:16]}…” of application {operation.application_id}"
        yield from _told_once(operation, places[place], what)
        if operation.acknowledged and numbers.get(place) != operation.told:
            yield f"{what} was told to be version {operation.told} and is {numbers.get(place)}"


def _files(round_id: int, journal: Journal, bucket: Bucket) -> Iterator[str]:
    """Every file that was acknowledged hangs on its question once, and every row's object is whole."""
    rows = db.session.execute(
        select(Answer.application_id, Question.code, Document.key, Document.sha256)
        .join(AnswerFile, AnswerFile.answer_id == Answer.id)
        .join(Document, Document.id == AnswerFile.document_id)
        .join(Question, Question.id == Answer.question_id)
        .where(Question.round_id == round_id)
    ).all()
    found = Counter((row.application_id, row.code, row.sha256) for row in rows)
    for operation in journal.of("attach"):
        place = (operation.application_id, operation.code, operation.said)
        yield from _told_once(operation, found[place], f"the file {operation.said[:12]} {operation.code}")
    for row in rows:
        if not bucket.exists(row.key):
            yield f"a row names the object {row.key}, which is not in the store"
        elif _sha256_in(bucket, row.key) != row.sha256:
            yield f"the object {row.key} differs from the file that was sent"


def _sha256_in(bucket: Bucket, key: str) -> str:
    digest = hashlib.sha256()
    for block in bucket.blocks(key):
        digest.update(block)
    return digest.hexdigest()


def _receipts(round_id: int, journal: Journal) -> Iterator[str]:
    """Every receipt that was shown is there once, of before the close, told in a letter, and says what is
    kept."""
    rows = db.session.execute(
        select(Receipt, Application.state, Application.submitted_at.label("at"))
        .join(Application, Application.id == Receipt.application_id)
        .where(Application.round_id == round_id)
    ).all()
    found = Counter(row.Receipt.application_id for row in rows)
    numbers = {row.Receipt.application_id: row.Receipt.number for row in rows}
    for operation in journal.of("submit"):
        what = f"the submission of application {operation.application_id}"
        number = numbers.get(operation.application_id)
        if operation.acknowledged and operation.told not in (number, SUBMITTED):
            yield f"{what} was told receipt {operation.told}, and there is {number}"
        yield from _told_once(operation, found[operation.application_id], what)
    closes_at = closed_for_all_at(round_id)
    assert closes_at is not None
    for row in rows:
        receipt: Receipt = row.Receipt
        if receipt.submitted_at >= closes_at:
            yield f"receipt {receipt.number} is of {receipt.submitted_at}; the close was {closes_at}"
        if row.state != "submitted" or row.at != receipt.submitted_at:
            yield f"receipt {receipt.number} stands beside an application that is {row.state}, {row.at}"
        if sha256_of(receipt.manifest) != receipt.sha256:
            yield f"receipt {receipt.number} has another SHA-256 than its manifest"
        yield from _manifest(receipt)
        letters = db.session.scalars(
            select(Letter.id).where(Letter.key.like(f"receipt:{receipt.number}:%"))
        ).all()
        if len(letters) != 1:
            yield f"receipt {receipt.number} went out in {len(letters)} letters"


def _manifest(receipt: Receipt) -> Iterator[str]:
    """The sealed answers and files are those of the manifest, no more and no fewer."""
    answers: Sequence[Row] = db.session.execute(
        select(Question.code, Answer.value, Answer.version)
        .join(Question, Question.id == Answer.question_id)
        .where(Answer.application_id == receipt.application_id, Question.kind != "file")
    ).all()
    kept = {(row.code, row.version, sha256_of(row.value)) for row in answers}
    told = {(each["question"], each["version"], each["sha256"]) for each in receipt.manifest["answers"]}
    if not told <= kept:
        yield f"receipt {receipt.number} names answers that are not kept so: {sorted(told - kept)}"
    files = db.session.scalars(
        select(Document.sha256)
        .join(AnswerFile, AnswerFile.document_id == Document.id)
        .join(Answer, Answer.id == AnswerFile.answer_id)
        .where(Answer.application_id == receipt.application_id)
    ).all()
    if sorted(files) != sorted(each["sha256"] for each in receipt.manifest["files"]):
        yield f"receipt {receipt.number} names other files than are kept"


_ACTIONS = {
    "save": "application.save_answer",
    "attach": "application.attach_document",
    "submit": "application.submit",
}


def _trail(round_id: int, journal: Journal, since: int) -> Iterator[str]:
    """One line for each thing done, of which the receipts follow; a chain without a gap."""
    own = select(Application.id).where(Application.round_id == round_id)
    ids = {str(each) for each in db.session.scalars(own)}
    lines = db.session.scalars(
        select(AuditLine).where(AuditLine.id > since, AuditLine.subject_type == "application")
    ).all()
    made = Counter(line.action for line in lines if line.subject_id in ids)
    for kind, action in _ACTIONS.items():
        done = [each for each in journal.of(kind) if each.acknowledged]  # type: ignore[arg-type]
        # Pressed by two, one submission; and not all of those to whom it was acknowledged saw the receipt.
        least = len({each.application_id for each in done}) if kind == "submit" else len(done)
        unsure = sum(not each.acknowledged and not each.refused for each in journal.of(kind))  # type: ignore[arg-type]
        if not least <= made[action] <= least + unsure:
            yield f"the trail has {made[action]} lines {action}; {least} were acknowledged, {unsure} unsure"
    told = {
        (line.details["receipt"], line.details["sha256"], datetime.fromisoformat(line.details["arrived"]))
        for line in lines
        if line.action == "application.submit" and line.subject_id in ids
    }
    receipts = db.session.scalars(select(Receipt).where(Receipt.application_id.in_(own))).all()
    if told != {(each.number, each.sha256, each.submitted_at) for each in receipts}:
        yield "the receipts do not follow from the trail"
    if (broken := first_broken_line()) is not None:
        yield f"the chain of the trail is broken at line {broken}"
