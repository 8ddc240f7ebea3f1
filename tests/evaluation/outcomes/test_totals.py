"""Totals, thresholds and ranks: a worked example by hand, ties, failed lots and missing marks."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.moderation.unlock_services import unlock_mark
from evaluation.outcomes.decision_services import recommend_as_suggested
from evaluation.outcomes.mark_queries import evaluators_totals
from evaluation.outcomes.models import Result
from evaluation.outcomes.python_totals import Agreed, ScoredQuestion, inputs_of, totals_in_python
from evaluation.outcomes.queries import lots_of, outcomes_of
from evaluation.outcomes.services import (
    MarksIncomplete,
    NotAsChecked,
    NotBeingMarked,
    ResultsStale,
    TotalsDiffer,
    check_totals,
    compute_results,
    differences,
    recompute,
    refuse_unless_as_checked,
)
from portal.audit.models import AuditLine
from portal.errors import NotFound
from portal.web.filters import points
from tender.frameworks.models import Question
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.factories.outcomes import a_computed_evaluation, agree
from tests.sql_totals import totals_in_sql

# Weights of the default pack: safeguarding 25, curriculum 20 and needs 20 (asked for each lot), attendance
# 15, outcomes 10, partnership 10; the scale goes to 5; the minimum is 3 for safeguarding and 2 for the rest.
BY_HAND = {
    "safeguarding": 4,  # 25 x 4/5 = 20
    "attendance": 3,  # 15 x 3/5 = 9
    "outcomes": 2,  # 10 x 2/5 = 4
    "partnership": 5,  # 10 x 5/5 = 10   in common: 43
    ("curriculum", 0): 3,  # 20 x 3/5 = 12
    ("needs", 0): 4,  # 20 x 4/5 = 16   first lot: 28
    ("curriculum", 1): 2,  # 20 x 2/5 = 8
    ("needs", 1): 1,  # 20 x 1/5 = 4    second lot: 12, and below the minimum of 2
}
# As BY_HAND in the first lot by another road: 16 + 12 instead of 12 + 16.
SAME_TOTAL = {**BY_HAND, ("curriculum", 0): 4, ("needs", 0): 3, ("needs", 1): 5}
BETTER = {**BY_HAND, "safeguarding": 5}


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """Four tenders for two lots: by hand, the same total, a better one failing lot 2, one failing both."""
    marks = [BY_HAND, SAME_TOTAL, BETTER, BETTER]
    return build(lambda: a_computed_evaluation(marks, lots=2, failed={2: [1], 3: [0, 1]}, evaluators=3))


def results(computed: Evaluation, lot: int) -> dict[int, tuple[Fraction, int | None]]:
    """Total and rank by the place of the tender."""
    lot_id = lot_ids(computed.round)[lot]
    return {
        computed.applications.index(each.application_id): (each.total, each.rank)
        for each in outcomes_of(computed.round_id, lot_id=lot_id)[0]
        if each.total is not None
    }


def test_totals_are_what_comes_out_by_hand(session: Session, computed: Evaluation) -> None:
    assert results(computed, 0)[0][0] == Fraction(43 + 28)
    assert results(computed, 1)[0][0] == Fraction(43 + 12)


def test_equal_totals_share_a_rank_and_the_next_one_is_free(session: Session, computed: Evaluation) -> None:
    assert results(computed, 0) == {2: (Fraction(76), 1), 0: (Fraction(71), 2), 1: (Fraction(71), 2)}


def test_shared_ranks_are_shown_with_an_equals_sign(session: Session, computed: Evaluation) -> None:
    outcomes, _ = outcomes_of(computed.round_id, lot_id=lot_ids(computed.round)[0])
    assert [each.ranked for each in outcomes] == ["1", "2=", "2=", ""]


def test_equal_totals_are_told_apart_by_the_questions_that_the_pack_names(
    session: Session, computed: Evaluation
) -> None:
    # 20 x 3/5 and 20 x 4/5 for the curriculum of lot 1: the totals are equal, the second comes first.
    session.execute(text("SET LOCAL session_replication_role = replica"))
    named = Question.round_id == computed.round_id, Question.code == "curriculum"
    session.execute(update(Question).where(*named).values(breaks_ties=True))
    session.execute(text("SET LOCAL session_replication_role = DEFAULT"))
    compute_results(round_id=computed.round_id, by=computed.lead)
    assert results(computed, 0) == {2: (Fraction(76), 1), 1: (Fraction(71), 2), 0: (Fraction(71), 3)}


def test_a_tender_below_a_minimum_has_a_total_but_no_rank(session: Session, computed: Evaluation) -> None:
    outcomes, _ = outcomes_of(computed.round_id, application_id=computed.applications[0])
    below = outcomes[1]
    assert (below.total, below.rank) == (Fraction(55), None)
    assert [(each.title, each.points, each.minimum) for each in below.missed] == [
        ("Meeting needs and the personalised plan", 1, 2)
    ]


def test_a_failed_lot_is_left_out_and_the_other_lot_is_not(session: Session, computed: Evaluation) -> None:
    assert set(results(computed, 0)) == {0, 1, 2}
    assert set(results(computed, 1)) == {0, 1}


def test_each_evaluators_own_total_stands_beside_the_agreed_one(
    session: Session, computed: Evaluation
) -> None:
    totals = evaluators_totals(lot_ids(computed.round)[0], computed.applications)
    # The three evaluators gave every answer of a tender 3, 4 and 5 of 5.
    assert [total for _, total in totals[computed.applications[0]]] == [60, 80, 100]


def test_half_a_hundredth_is_rounded_up_only_where_it_is_shown(session: Session) -> None:
    assert points(Fraction(71125, 1000)) == "71.13"
    assert points(Fraction(71124999, 1000000)) == "71.12"


def test_halves_are_rounded_up_where_a_decimal_made_of_a_float_goes_down() -> None:
    # 23 of 160 is 14.375%; the funding service's Decimal(float) quantized half up gives 14.37.
    assert Decimal(23 / 160 * 100).quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("14.37")
    assert points(Fraction(100 * 23, 160)) == "14.38"


def test_the_order_is_that_of_the_totals_that_are_shown() -> None:
    # Price 30, the rest 70, marks to 5. The NHS Buying Catalogue took the price's mark without its weight to
    # find its winner, and named the first of these two, whose total is the lower.
    price, rest = ScoredQuestion(Decimal(30), 0, 5, False), ScoredQuestion(Decimal(70), 0, 5, False)
    marks = {(1, 1): 5, (1, 2): 3, (2, 1): 2, (2, 2): 5}
    agreed = {(tender, asked, None): Agreed(given, 1) for (tender, asked), given in marks.items()}
    totals = totals_in_python({1: price, 2: rest}, [(1, 9), (2, 9)], agreed)
    assert {tender: (total.exact, total.rank) for (tender, _), total in totals.items()} == {
        1: (72, 2),
        2: (82, 1),
    }


def test_there_is_no_total_until_every_answer_has_an_agreed_mark(
    session: Session, computed: Evaluation
) -> None:
    missing = computed.answers(0)[0]
    unlock_mark(answer_id=missing, why="Looked at again.", version=1, by=computed.moderator)
    with pytest.raises(MarksIncomplete, match="1 answer still without an agreed mark"):
        compute_results(round_id=computed.round_id, by=computed.lead)


def test_a_computation_that_goes_wrong_is_found_out_by_the_other(
    session: Session, computed: Evaluation
) -> None:
    # A database in which "every mark reaches its minimum" means that any does.
    session.execute(
        text(
            "CREATE AGGREGATE public.bool_and(boolean) (sfunc = pg_catalog.boolor_statefunc, stype = boolean)"
        )
    )
    session.execute(text("SET LOCAL search_path = public, pg_catalog"))
    with pytest.raises(TotalsDiffer):
        compute_results(round_id=computed.round_id, by=computed.lead)
    assert not any(lot["current"] for lot in lots_of(computed.round_id))
    refused_everywhere(computed)
    check = last_line(session, "round.check_totals")
    assert (check.details["differing"], check.details["digest"]) == (1, None)


def refused_everywhere(computed: Evaluation) -> None:
    with pytest.raises(ResultsStale):
        recommend_as_suggested(
            round_id=computed.round_id, lot_id=lot_ids(computed.round)[0], by=computed.lead
        )


def last_line(session: Session, action: str) -> AuditLine:
    return session.scalars(
        select(AuditLine).where(AuditLine.action == action).order_by(AuditLine.id.desc()).limit(1)
    ).one()


def test_nothing_is_decided_on_totals_that_the_second_computation_has_not_confirmed(
    session: Session, computed: Evaluation
) -> None:
    recompute(round_id=computed.round_id, by=computed.lead)
    assert [lot["newest"] for lot in lots_of(computed.round_id)] == [True, True]
    assert not any(lot["current"] for lot in lots_of(computed.round_id))
    refused_everywhere(computed)
    check_totals(round_id=computed.round_id, by=computed.lead)
    assert all(lot["current"] for lot in lots_of(computed.round_id))


def test_what_is_kept_is_checked_not_what_was_computed(session: Session, computed: Evaluation) -> None:
    session.execute(
        update(Result)
        .where(Result.application_id == computed.applications[0], Result.rank.is_not(None))
        .values(rank=1)
    )
    with pytest.raises(TotalsDiffer):
        check_totals(round_id=computed.round_id, by=computed.lead)


def test_a_check_says_to_compute_first_where_a_mark_has_changed(
    session: Session, computed: Evaluation
) -> None:
    agree(computed, 0, {**BY_HAND, "outcomes": 5})
    with pytest.raises(ResultsStale):
        check_totals(round_id=computed.round_id, by=computed.lead)


def test_a_recomputation_writes_the_totals_and_ranks_that_have_changed_and_no_others(
    session: Session, computed: Evaluation
) -> None:
    def rows() -> dict[tuple[int, int], str]:
        read = text("SELECT application_id, lot_id, xmin::text || ctid::text FROM result")
        return {(application, lot): version for application, lot, version in session.execute(read)}

    before = rows()
    agree(computed, 0, {**BY_HAND, ("curriculum", 0): 4})  # 75 in the first lot, where 76 and 71 stay
    recompute(round_id=computed.round_id, by=computed.lead)
    after, first = rows(), computed.applications
    lot = lot_ids(computed.round)[0]
    # The one behind goes from a shared second place to the third.
    assert {pair for pair in after if after[pair] != before[pair]} == {
        (first[0], lot), (first[0], lot_ids(computed.round)[1]), (first[1], lot)
    }  # fmt: skip


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE result SET rank = rank + 1 WHERE rank = 1",
        "UPDATE agreed_mark SET points = points - 1 WHERE points = 5",
        "UPDATE computation SET checked_at = NULL, checked_digest = NULL",
    ],
)
def test_a_digest_is_of_totals_and_marks_to_the_last_digit(
    session: Session, computed: Evaluation, tampering: str
) -> None:
    refuse_unless_as_checked(computed.round_id)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(tampering))
    with pytest.raises(NotAsChecked):
        refuse_unless_as_checked(computed.round_id)


@pytest.mark.parametrize(
    "change",
    [
        {"exact": Fraction(1)},
        {"quality": Fraction(1)},
        {"deciding": Fraction(1)},
        {"meets_thresholds": False},
        {"rank": 9},
        {"marks_version": 0},
    ],
)
def test_any_difference_between_the_two_is_seen(
    session: Session, computed: Evaluation, change: dict[str, object]
) -> None:
    in_sql = totals_in_sql(computed.round_id)
    in_python = totals_in_python(*inputs_of(computed.round_id))
    assert differences(in_sql, in_python) == set()
    pair = (in_sql[0].application_id, in_sql[0].lot_id)
    in_python[pair] = replace(in_python[pair], **change)
    assert differences(in_sql, in_python) == {pair}
    del in_python[pair]
    assert differences(in_sql, in_python) == {pair}


def test_results_are_stale_once_a_mark_is_agreed_anew(session: Session, computed: Evaluation) -> None:
    assert all(lot["current"] for lot in lots_of(computed.round_id))
    agree(computed, 0, {**BY_HAND, "outcomes": 5})
    assert not any(lot["current"] for lot in lots_of(computed.round_id))
    assert results(computed, 0)[0] == (Fraction(71), 2)
    compute_results(round_id=computed.round_id, by=computed.lead)
    assert results(computed, 0)[0] == (Fraction(77), 1)
    assert all(lot["current"] for lot in lots_of(computed.round_id))


def test_results_of_another_council_cannot_be_computed(session: Session, computed: Evaluation) -> None:
    with pytest.raises(NotFound):
        compute_results(round_id=computed.round_id, by=a_procurement_lead())


def test_the_database_keeps_results_as_they_are_after_the_decision(
    session: Session, computed: Evaluation
) -> None:
    session.execute(text("UPDATE round SET state = 'decided' WHERE id = :id"), {"id": computed.round_id})
    session.commit()
    with pytest.raises(NotBeingMarked):
        compute_results(round_id=computed.round_id, by=computed.lead)
    with pytest.raises(IntegrityError, match="result refuses UPDATE"):
        session.execute(update(Result).values(rank=None, meets_thresholds=False))


def test_a_rank_needs_every_minimum_in_the_database_too(session: Session, computed: Evaluation) -> None:
    below = session.scalars(select(Result).where(Result.rank.is_(None))).first()
    with pytest.raises(IntegrityError, match="ck_result_rank"):
        session.execute(
            update(Result)
            .where(Result.application_id == below.application_id)
            .values(meets_thresholds=False, rank=1)
        )
