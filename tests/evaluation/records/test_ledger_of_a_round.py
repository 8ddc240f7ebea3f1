"""What a round's ledger says: every mark once, in order, vouched for by the audit trail."""

from collections import Counter
from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from evaluation.records.ledger import Whole, chained, verify
from evaluation.records.ledger_queries import contents_of
from evaluation.records.trail_queries import compared_with_trail
from evaluation.scoring.models import Mark
from portal.audit.models import AuditLine
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation
from tests.factories.outcomes import a_computed_evaluation, agree


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """Two tenders with prices, the first with its marks agreed twice, results computed before that."""

    def made() -> Evaluation:
        evaluation = a_computed_evaluation(({}, {"safeguarding": 4}), prices=["80", "100"])
        agree(evaluation, 0, {"safeguarding": 5})
        return evaluation

    return build(made)


def contents(evaluation: Evaluation) -> list[dict[str, object]]:
    return list(contents_of(evaluation.lead, evaluation.round_id, compared_with_trail(evaluation.round_id)))


def test_it_verifies_and_names_round_pack_and_recipe(session: Session, computed: Evaluation) -> None:
    found = verify(chained(contents(computed)))
    assert isinstance(found, Whole)
    assert (found.about["round_number"], found.about["pack_version"]) == (computed.round.number, 1)
    assert any("weight" in step for step in found.about["recipe"])


def test_every_mark_agreed_mark_unlock_price_and_result_is_a_line(
    session: Session, computed: Evaluation
) -> None:
    counted = Counter(str(content["kind"]) for content in contents(computed))
    answers = len(computed.answers(0))
    assert counted["mark"] == session.query(Mark).count() == 4 * answers
    assert counted["agreed_mark"] == 3 * answers
    assert counted["unlock"] == answers
    assert (counted["lock"], counted["result"], counted["price_mark"]) == (4, 2, 2)


def test_lines_stand_in_the_order_of_their_making(session: Session, computed: Evaluation) -> None:
    moments = [datetime.fromisoformat(str(content["at"])) for content in contents(computed)[1:]]
    assert moments == sorted(moments)


def test_each_event_carries_the_hash_of_its_line_in_the_audit_trail(
    session: Session, computed: Evaluation
) -> None:
    hashes = {line.id: line.hash.hex() for line in session.query(AuditLine)}
    actions = {line.id: line.action for line in session.query(AuditLine)}
    named = {"mark": "mark.save", "lock": "assignment.lock", "agreed_mark": "agreed_mark.save"}
    named |= {"unlock": "agreed_mark.unlock", "price_decision": "price.decide"}
    for content in contents(computed)[1:]:
        if action := named.get(str(content["kind"])):
            audit = content["audit"]
            assert isinstance(audit, dict)
            assert hashes[audit["line"]] == audit["sha256"]
            assert actions[audit["line"]] == action


def test_a_tender_that_is_still_being_marked_has_no_line(session: Session, computed: Evaluation) -> None:
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text(
            "UPDATE assignment SET state = 'accepted', locked_at = NULL, locked_by_id = NULL WHERE id = :id"
        ),
        {"id": computed.assignment(0, 0).id},
    )
    assert len({content["tender"] for content in contents(computed)[1:]}) == 1
