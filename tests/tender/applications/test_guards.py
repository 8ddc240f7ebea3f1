"""The database itself refuses what the services refuse."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tender.applications.services import withdraw_application
from tests.factories.applications import a_complete_draft, a_submitted_application, an_opened_round_with
from tests.factories.frameworks import lot_ids

ANSWER = "(SELECT min(id) FROM answer)"
CHANGES = {
    "answer": [
        "UPDATE answer SET value = '\"changed\"', version = version + 1",
        "DELETE FROM answer",
        "INSERT INTO answer (application_id, question_id, value, saved_by_id)"
        " SELECT application_id, question_id, '1', saved_by_id FROM answer LIMIT 1",
    ],
    "answer_version": [
        "UPDATE answer_version SET value = '\"changed\"'",
        "DELETE FROM answer_version",
        "INSERT INTO answer_version (answer_id, version, value, saved_at, saved_by_id)"
        " SELECT answer_id, version + 1, value, saved_at, saved_by_id FROM answer_version LIMIT 1",
    ],
    "answer_file": [
        "DELETE FROM answer_file",
        f"UPDATE answer_file SET answer_id = {ANSWER}",
        f"INSERT INTO answer_file SELECT {ANSWER}, id FROM document LIMIT 1",
    ],
    "application_lot": [
        "DELETE FROM application_lot",
        "INSERT INTO application_lot SELECT a.id, l.id FROM application a, lot l"
        " WHERE l.id NOT IN (SELECT lot_id FROM application_lot)",
        "UPDATE application_lot SET lot_id = (SELECT max(id) FROM lot)",
    ],
    "application": [
        "DELETE FROM application",
        "UPDATE application SET submitted_at = now() - interval '1 hour'",
        "UPDATE application SET provider_id = (SELECT min(id) FROM organisation)",
    ],
    "receipt": [
        "DELETE FROM receipt",
        "UPDATE receipt SET number = 'AP-2026-MINE-MINE'",
        "UPDATE receipt SET withdrawn_at = now(), sha256 = repeat('0', 64)",
    ],
}


def refused(session, statement):
    with pytest.raises(DBAPIError) as error, session.begin_nested():
        session.execute(text(statement))
    return str(error.value.orig)


@pytest.fixture
def sealed(open_round, provider, session):
    """A submitted application."""
    return a_submitted_application(open_round, lot_ids(open_round)[:1], provider)


@pytest.mark.parametrize(("table", "statement"), [(t, s) for t, changes in CHANGES.items() for s in changes])
def test_a_submitted_application_cannot_be_changed_by_any_road(sealed, session, table, statement):
    said = refused(session, statement)
    assert table in said and ("submitted" in said or "refuses" in said), said


@pytest.mark.parametrize("table", sorted(CHANGES))
def test_no_table_of_applications_can_be_emptied_at_once(sealed, session, table):
    assert "refuses TRUNCATE" in refused(session, f"TRUNCATE {table} CASCADE")


def test_a_draft_can_be_changed(open_round, provider, session):
    a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    session.execute(text("UPDATE answer SET value = '\"changed\"', version = version + 1"))
    session.execute(text("DELETE FROM answer_file"))
    session.execute(text("DELETE FROM application_lot"))


@pytest.mark.parametrize("statement", CHANGES["answer_version"])
def test_versions_of_a_draft_are_written_by_saving_alone(open_round, provider, session, statement):
    a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    assert "answer_version refuses" in refused(session, statement)


def test_a_receipt_is_withdrawn_once(sealed, provider, session):
    withdraw_application(application_id=sealed, by=provider)
    session.flush()
    for statement in ("UPDATE receipt SET withdrawn_at = NULL", "UPDATE receipt SET withdrawn_at = now()"):
        assert "refuses UPDATE" in refused(session, statement)


def test_an_application_stays_in_an_opened_box(session, provider):
    _, [sealed] = an_opened_round_with(provider)
    said = refused(
        session, f"UPDATE application SET state = 'draft', submitted_at = NULL WHERE id = {sealed}"
    )
    assert "cannot be changed so" in said
