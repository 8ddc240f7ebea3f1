"""Which single mark would change an outcome: against adding up everything anew, and on its page."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from evaluation.outcomes.prices import Price, Pricing
from evaluation.outcomes.python_totals import Agreed, Inputs, ScoredQuestion, totals_in_python
from evaluation.outcomes.sensitivity import Shift, marks_of, shifts_of
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.evaluation import Evaluation
from tests.factories.outcomes import a_computed_evaluation
from tests.web_client import sign_in

LOT, OTHER = 7, 8
BANDS = {question: (0, 1, 2, 3) for question in range(3)}
POINTS = st.integers(0, 3)


@st.composite
def rounds(draw: st.DrawFn) -> Inputs:
    """Three questions, one of them for each lot; up to five tenders; now and then a price and a tie rule."""
    questions = {
        number: ScoredQuestion(
            weight, draw(st.integers(0, 2)), 3, number == 2, breaks_ties=draw(st.booleans())
        )
        for number, weight in enumerate((Decimal(30), Decimal("30.5"), Decimal("39.5")))
    }
    tenders = range(draw(st.integers(0, 5)))
    standing = [(tender, lot) for tender in tenders for lot in (LOT, OTHER)]
    marks = {
        (tender, number, lot): Agreed(draw(POINTS), 1)
        for tender in tenders
        for number in questions
        for lot in ((LOT, OTHER) if number == 2 else (None,))
    }
    prices = {tender: Price(Decimal(draw(st.sampled_from([80, 100, 120])))) for tender in tenders}
    formula = draw(st.sampled_from([None, "lowest_price", "up_to_ceiling"]))
    pricing = {LOT: Pricing(Decimal(20), formula, Decimal(110), None, prices)} if formula else {}
    minimum = draw(st.sampled_from([None, Fraction(50), Fraction(200, 3)]))
    return Inputs(questions, standing, marks, pricing, {LOT: minimum} if minimum else {})


@given(rounds())
def test_what_is_found_is_what_adding_up_anew_finds(invented: Inputs) -> None:
    before = ranks(invented)
    expected = set()
    for (tender, question, lot), mark in invented.marks.items():
        for instead in (mark.points - 1, mark.points + 1):
            if lot == OTHER or instead not in BANDS[question]:
                continue
            other = {**invented.marks, (tender, question, lot): Agreed(instead, 1)}
            after = ranks(invented._replace(marks=other))
            others = sum(after[each] != before[each] for each in before if each != tender)
            if after != before:
                expected.add(
                    Shift(tender, question, mark.points, instead, before[tender], after[tender], others)
                )
    assert set(shifts_of(invented, BANDS, LOT)) == expected


def ranks(invented: Inputs) -> Mapping[int, int | None]:
    totals = totals_in_python(*invented)
    return {tender: total.rank for (tender, lot), total in totals.items() if lot == LOT}


def test_what_decides_an_admission_comes_first() -> None:
    questions = {0: ScoredQuestion(Decimal(60), 0, 3, False), 1: ScoredQuestion(Decimal(40), 2, 3, False)}
    marks = {(1, 0, None): 3, (1, 1, None): 3, (2, 0, None): 3, (2, 1, None): 2}
    agreed = {place: Agreed(points, 1) for place, points in marks.items()}
    found = shifts_of(Inputs(questions, [(1, LOT), (2, LOT)], agreed), BANDS, LOT)
    assert found[0] == Shift(2, 1, 2, 1, 2, None, 0)
    assert found[0].admission and not any(each.admission for each in found[1:])
    assert marks_of(Inputs(questions, [(1, LOT), (2, LOT)], agreed), LOT) == 4


def test_a_lot_with_a_mark_missing_has_no_outcome_to_change() -> None:
    questions = {0: ScoredQuestion(Decimal(100), 0, 3, False)}
    assert shifts_of(Inputs(questions, [(1, LOT), (2, LOT)], {(1, 0, None): Agreed(3, 1)}), BANDS, LOT) == []


def test_a_price_becomes_the_lowest_when_its_tender_reaches_the_minimum() -> None:
    questions = {0: ScoredQuestion(Decimal(80), 1, 3, False)}
    pricing = {
        LOT: Pricing(Decimal(20), "lowest_price", None, None, {1: Price(Decimal(50)), 2: Price(Decimal(100))})
    }
    agreed = {(1, 0, None): Agreed(0, 1), (2, 0, None): Agreed(1, 1)}
    inputs = Inputs(questions, [(1, LOT), (2, LOT)], agreed, pricing)
    assert totals_in_python(*inputs)[2, LOT].exact == Fraction(80, 3) + 20
    assert Shift(1, 0, 0, 1, None, 1, 1) in shifts_of(inputs, BANDS, LOT)


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """One lot, two tenders: one just at the minimum for safeguarding, one well above."""
    return build(lambda: a_computed_evaluation([{"outcomes": 4}, {"safeguarding": 4}], prices=["100", "100"]))


def test_the_page_says_what_one_mark_would_change(
    app: Flask, client: FlaskClient, computed: Evaluation
) -> None:
    lead = sign_in(client, computed.lead.email)
    page = lead.get(f"/rounds/{computed.round_id}/results/sensitivity").get_data(as_text=True)
    assert not faults(page, app)
    assert "1 would decide whether a provider may be admitted" in page
    assert "below the minimum, so not ranked" in page


@pytest.mark.parametrize("page", ["results", "results/sensitivity", "prices"])
def test_pages_of_a_lot_with_a_price_stay_within_their_statements(
    connection: Connection, client: FlaskClient, computed: Evaluation, page: str
) -> None:
    lead = sign_in(client, computed.lead.email)
    assert statements_of(connection, lambda: lead.get(f"/rounds/{computed.round_id}/{page}")) <= 12


def test_the_page_waits_for_results_that_are_current(
    session: Session, client: FlaskClient, computed: Evaluation
) -> None:
    session.execute(text("DELETE FROM computation"))
    session.commit()
    lead = sign_in(client, computed.lead.email)
    page = lead.get(f"/rounds/{computed.round_id}/results/sensitivity").get_data(as_text=True)
    assert "up to date with the agreed marks" in page and "below the minimum" not in page


@pytest.mark.parametrize("role", ["evaluator", "moderator", "approver"])
def test_only_who_recommends_reads_it(
    session: Session, client: FlaskClient, computed: Evaluation, role: str
) -> None:
    visitor = sign_in(client, computed.person(role).email)
    assert visitor.get(f"/rounds/{computed.round_id}/results/sensitivity").status_code in (403, 404)
