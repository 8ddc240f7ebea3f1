"""The database itself lets a published pack change by the next version alone, and only as versions may."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from tender.frameworks.opening_services import open_box
from tender.frameworks.queries import lots_of_round, pack_of
from tender.packs.models import PackVersion
from tender.packs.portable import from_document, pack_of_round
from tests.factories.accounts import a_council
from tests.factories.frameworks import (
    a_closed_round,
    a_draft_round,
    a_procurement_lead,
    a_published_round,
)

FIRST = Path(__file__).parents[3] / "migrations" / "sql" / "0016_first_versions.sql"
OF_URN = "WHERE round_id = :round AND code = 'urn'"
ADD = """
    INSERT INTO question
        (round_id, position, section, code, title, text, kind, required, per_lot, judged_as, changed_in)
    VALUES (:round, 999, 'listing', 'late', 'Late', 'Late?', 'date', true, false, 'information', {version})
"""
ALLOWED = {
    "question reworded": f"UPDATE question SET text = 'Other', word_limit = 7, changed_in = 2 {OF_URN}",
    "weight moved": "UPDATE question SET weight = 50, minimum = 1, changed_in = 2"
    " WHERE round_id = :round AND code = 'outcomes'",
    "question withdrawn": f"UPDATE question SET withdrawn_in = 2 {OF_URN}",
    "question added": ADD.format(version=2),
}
REFUSED = {
    "reworded without the number": f"UPDATE question SET text = 'Other' {OF_URN}",
    "reworded under another number": f"UPDATE question SET text = 'Other', changed_in = 3 {OF_URN}",
    "withdrawn with other words": f"UPDATE question SET text = 'Other', withdrawn_in = 2 {OF_URN}",
    "withdrawn in another version": f"UPDATE question SET withdrawn_in = 1 {OF_URN}",
    "kind changed": f"UPDATE question SET kind = 'date', changed_in = 2 {OF_URN}",
    "code changed": f"UPDATE question SET code = 'other', changed_in = 2 {OF_URN}",
    "asked for each lot": f"UPDATE question SET per_lot = NOT per_lot, changed_in = 2 {OF_URN}",
    "judged otherwise": "UPDATE question SET judged_as = 'condition', rule = 'must_be_provided',"
    f" changed_in = 2 {OF_URN}",
    "moved to another place": f"UPDATE question SET position = 998, changed_in = 2 {OF_URN}",
    "question removed": f"DELETE FROM question {OF_URN}",
    "added under the first number": ADD.format(version=1),
    "scale renamed": "UPDATE scale SET name = 'Other' WHERE round_id = :round",
    "lot taken out": "DELETE FROM round_lot WHERE round_id = :round",
    "closing time moved": "UPDATE round SET closes_at = closes_at + interval '1 hour' WHERE id = :round",
}


def a_version(session: Session, round_id: int, number: int = 2) -> None:
    version = PackVersion(
        round_id=round_id,
        number=number,
        content={},
        reason="A mistake.",
        published_at=clock.now(),
        published_by_id=a_procurement_lead(a_council()).person_id,
    )
    with session.begin_nested():
        session.add(version)
        session.flush()


def change(session: Session, statement: str, round_id: int) -> int:
    with session.begin_nested():
        return session.execute(text(statement), {"round": round_id}).rowcount  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ALLOWED)
def test_a_question_changes_with_the_next_version(session: Session, name: str) -> None:
    published = a_published_round().id
    with pytest.raises(IntegrityError, match="published"):
        change(session, ALLOWED[name], published)
    a_version(session, published)
    assert change(session, ALLOWED[name], published) == 1


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_else_slips_through_with_a_version(session: Session, name: str) -> None:
    published = a_published_round().id
    a_version(session, published)
    with pytest.raises(IntegrityError, match="published"):
        change(session, REFUSED[name], published)


def test_a_question_changes_once_a_version(session: Session) -> None:
    published = a_published_round().id
    a_version(session, published)
    change(session, ALLOWED["question reworded"], published)
    with pytest.raises(IntegrityError, match="published"):
        change(session, ALLOWED["question reworded"], published)


def test_a_withdrawn_question_stays_withdrawn_as_it_was(session: Session) -> None:
    published = a_published_round().id
    a_version(session, published)
    change(session, ALLOWED["question withdrawn"], published)
    a_version(session, published, 3)
    with pytest.raises(IntegrityError, match="published"):
        change(session, f"UPDATE question SET withdrawn_in = NULL, changed_in = 3 {OF_URN}", published)


def test_the_version_of_another_transaction_opens_nothing(session: Session) -> None:
    published = a_published_round().id
    a_version(session, published)
    session.execute(text("ALTER TABLE pack_version DISABLE TRIGGER pack_version_append_only"))
    session.execute(text("UPDATE pack_version SET transaction_id = transaction_id - 1"))
    with pytest.raises(IntegrityError, match="published"):
        change(session, ALLOWED["question reworded"], published)


def test_the_version_of_one_round_opens_no_other(session: Session) -> None:
    one, other = a_published_round().id, a_published_round().id
    a_version(session, one)
    with pytest.raises(IntegrityError, match="published"):
        change(session, ALLOWED["question reworded"], other)


def test_an_opened_round_gets_no_version(session: Session) -> None:
    closed = a_closed_round()
    a_version(session, closed.id)
    open_box(by=a_procurement_lead(closed), round_id=closed.id)
    with pytest.raises(IntegrityError, match="published"):
        change(session, ALLOWED["question reworded"], closed.id)
    with pytest.raises(IntegrityError, match="opened"):
        a_version(session, closed.id, 3)


@pytest.mark.parametrize("number", [1, 3])
def test_a_version_follows_the_newest(session: Session, number: int) -> None:
    published = a_published_round().id
    with pytest.raises(IntegrityError, match="its newest version is 1"):
        a_version(session, published, number)


def test_a_draft_has_no_version(session: Session) -> None:
    with pytest.raises(IntegrityError, match="its newest version is 0"):
        a_version(session, a_draft_round().id, 1)


@pytest.mark.parametrize(
    "statement", ["UPDATE pack_version SET reason = 'Other'", "DELETE FROM pack_version"]
)
def test_a_version_is_never_changed(session: Session, statement: str) -> None:
    published = a_published_round().id
    with pytest.raises(DBAPIError, match="its rows are a record"):
        change(session, statement, published)


def test_publication_keeps_the_pack_as_version_one(session: Session) -> None:
    published = a_published_round()
    version = session.get_one(PackVersion, (published.id, 1))
    numbers = {lot.id: lot.number for lot in lots_of_round(published.id)}
    assert from_document(version.content) == pack_of_round(pack_of(published.id), numbers)
    assert (version.published_at, version.published_by_id) == (
        published.published_at,
        published.published_by_id,
    )


def test_what_was_published_before_there_were_versions_becomes_version_one(session: Session) -> None:
    draft = a_draft_round(lots=3)
    lots = lots_of_round(draft.id)
    session.execute(
        text(
            "UPDATE question SET lots = :lots, ask_if = CAST(:ask_if AS jsonb)"
            " WHERE round_id = :round AND code = 'places'"
        ),
        {
            "round": draft.id,
            "lots": [lots[2].id, lots[0].id],
            "ask_if": json.dumps({"question": "insurance", "answers": ["yes"]}),
        },
    )
    session.execute(
        text("UPDATE round SET state = 'published', published_at = now() WHERE id = :round"),
        {"round": draft.id},
    )
    session.execute(text("ALTER TABLE pack_version DISABLE TRIGGER USER"))
    session.execute(text("DELETE FROM pack_version"))
    session.execute(text(FIRST.read_text(encoding="utf-8")))
    content = session.get_one(PackVersion, (draft.id, 1)).content
    expected = pack_of_round(pack_of(draft.id), {lot.id: lot.number for lot in lots})
    assert from_document(content) == expected
