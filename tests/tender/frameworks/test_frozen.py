"""The database itself refuses to change a published round, whoever asks and by whatever road."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories.frameworks import a_draft_round, a_published_round

ADD_QUESTION = """
    INSERT INTO question (round_id, position, section, code, title, text, kind, required, per_lot, judged_as)
    VALUES (:round, 999, 'listing', 'late', 'Late', 'Late?', 'date', true, false, 'information')
"""
OF_SCALE = "scale.id = scale_id AND round_id = :round"
CHANGES = {
    "question changed": "UPDATE question SET weight = 50 WHERE round_id = :round AND code = 'outcomes'",
    "question removed": "DELETE FROM question WHERE round_id = :round AND code = 'urn'",
    "question added": ADD_QUESTION,
    "scale renamed": "UPDATE scale SET name = 'Other' WHERE round_id = :round",
    "scale added": "INSERT INTO scale (round_id, name, highest) VALUES (:round, 'Another', 10)",
    "band reworded": f"UPDATE scale_band SET descriptor = 'Other' FROM scale WHERE {OF_SCALE}",
    "band added": "INSERT INTO scale_band SELECT id, 6, 'Six', 'Six' FROM scale WHERE round_id = :round",
    "band removed": f"DELETE FROM scale_band USING scale WHERE {OF_SCALE} AND points = 1",
    "price raised": "UPDATE round_lot SET price_ceiling = 999 WHERE round_id = :round",
    "lot taken out": "DELETE FROM round_lot WHERE round_id = :round",
    "closing time moved": "UPDATE round SET closes_at = closes_at + interval '1 hour' WHERE id = :round",
    "back to draft": "UPDATE round SET state = 'draft' WHERE id = :round",
}


@pytest.fixture
def published(session: Session) -> Iterator[int]:
    yield a_published_round().id


@pytest.mark.parametrize("change", CHANGES)
def test_a_published_round_is_frozen_in_the_database(session: Session, published: int, change: str) -> None:
    with pytest.raises(IntegrityError, match="published"), session.begin_nested():
        session.execute(text(CHANGES[change]), {"round": published})


@pytest.mark.parametrize("change", [name for name in CHANGES if name != "back to draft"])
def test_a_draft_can_be_changed(session: Session, change: str) -> None:
    changed = session.execute(text(CHANGES[change]), {"round": a_draft_round().id})
    assert changed.rowcount > 0  # type: ignore[attr-defined]


def test_a_question_cannot_be_carried_into_a_published_round(session: Session, published: int) -> None:
    draft = a_draft_round().id
    move = text(
        "UPDATE question SET round_id = :to, code = 'late', position = 999"
        " WHERE round_id = :of AND code = 'urn'"
    )
    with pytest.raises(IntegrityError, match="published"), session.begin_nested():
        session.execute(move, {"to": published, "of": draft})
