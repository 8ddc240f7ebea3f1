"""The trail: complete, ordered, and not to be changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.accounts.access import THE_PORTAL
from portal.audit.queries import trail_of
from portal.audit.services import first_broken_line, newest_line, record
from portal.database import transaction


def lines(count: int, subject: str = "1") -> None:
    with transaction():
        for number in range(count):
            record("thing.happen", "thing", subject, by=THE_PORTAL, number=number)


def test_lines_come_back_newest_first(session):
    lines(3)
    assert [line["details"]["number"] for line in trail_of("thing", "1")] == [2, 1, 0]


def test_a_rolled_back_transaction_leaves_no_line(session):
    with pytest.raises(RuntimeError), transaction():
        record("thing.happen", "thing", "7", by=THE_PORTAL)
        raise RuntimeError
    assert not trail_of("thing", "7")


def test_nothing_is_recorded_outside_a_transaction(session):
    with pytest.raises(RuntimeError, match="Outside a transaction"):
        record("thing.happen", "thing", "1", by=THE_PORTAL)


def test_a_whole_chain_has_no_broken_line(session):
    lines(3)
    assert first_broken_line() is None


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_line SET action = 'x'", "DELETE FROM audit_line", "TRUNCATE audit_line"]
)
def test_the_database_refuses_to_change_a_line(session, statement):
    lines(1)
    with pytest.raises(DBAPIError, match="refuses"), session.begin_nested():
        session.execute(text(statement))


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE audit_line SET actor_name = 'Somebody else' WHERE id = (SELECT max(id) - 1 FROM audit_line)",
        "UPDATE audit_line SET details = '{}' WHERE id = (SELECT max(id) - 1 FROM audit_line)",
        "DELETE FROM audit_line WHERE id = (SELECT max(id) - 1 FROM audit_line)",
    ],
)
def test_a_change_made_behind_the_triggers_breaks_the_chain(session, forgery):
    lines(3)
    session.execute(text("ALTER TABLE audit_line DISABLE TRIGGER audit_line_append_only"))
    session.execute(text(forgery))
    assert first_broken_line() is not None


@pytest.mark.parametrize("stretch", [2, 3, 100])
def test_the_first_broken_line_is_named_whichever_stretch_it_is_read_in(session, stretch):
    lines(9)
    first = session.scalar(text("SELECT min(id) FROM audit_line WHERE subject_type = 'thing'"))
    session.execute(text("ALTER TABLE audit_line DISABLE TRIGGER audit_line_append_only"))
    flipped = "UPDATE audit_line SET hash = set_byte(hash, 7, get_byte(hash, 7) # 1) WHERE id IN (:a, :b)"
    session.execute(text(flipped), {"a": first + 5, "b": first + 7})
    assert first_broken_line(stretch) == first + 5


def test_the_newest_line_is_told_so_that_a_missing_end_is_noticed(session):
    lines(2)
    line_id, sha256 = newest_line()
    assert session.scalar(text("SELECT max(id) FROM audit_line")) == line_id and len(sha256) == 32


def test_what_is_rolled_back_leaves_no_line_and_keeps_no_later_one_back(session):
    with pytest.raises(ValueError, match="refused"), transaction():
        record("referral.send", "rolled back", 1, by=THE_PORTAL)
        raise ValueError("refused")
    with transaction():
        record("referral.send", "kept", 1, by=THE_PORTAL)
    assert trail_of("rolled back", 1) == []
    assert len(trail_of("kept", 1)) == 1
