"""Prices that a formula scores: worked examples, the cases that wait for a person, and their pages."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from evaluation.moderation.unlock_services import unlock_mark
from evaluation.outcomes.mark_queries import evaluators_totals
from evaluation.outcomes.price_queries import decided_before, prices_of, prices_waiting
from evaluation.outcomes.price_services import PricesShut, decide_price
from evaluation.outcomes.prices import Price, Pricing, pounds_in
from evaluation.outcomes.queries import lots_of, outcomes_of
from evaluation.outcomes.services import ChangedMeanwhile, PricesUndecided, compute_results
from evaluation.records.ledger_queries import contents_of
from evaluation.records.tables import PRICES as PRICES_TABLE
from evaluation.records.trail_queries import compared_with_trail
from portal.errors import NotFound, Refusal
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import Evaluation, declare_none
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.factories.outcomes import an_agreed_evaluation, provider_of
from tests.web_client import sign_in

WHY = "It gives the building free of charge, and showed us the lease."
LOW, USUAL, DEAR, WEAK = range(4)


@pytest.fixture(scope="module")
def agreed(build: Build) -> Evaluation:
    """One lot, every mark agreed as 3: prices of £40, £100, £120 and, below a minimum, £90."""
    marks = ({}, {}, {}, {"safeguarding": 2})
    return build(lambda: an_agreed_evaluation(marks, prices=["40", "100", "120", "90"]))


def lot(agreed: Evaluation) -> int:
    return lot_ids(agreed.round)[0]


def decide(agreed: Evaluation, counts: bool, version: int = 0, tender: int = LOW) -> None:
    decide_price(
        round_id=agreed.round_id, application_id=agreed.applications[tender], lot_id=lot(agreed),
        counts=counts, reason=WHY, version=version, by=agreed.lead,
    )  # fmt: skip


def unlock(agreed: Evaluation) -> None:
    """Let a mark be looked at again."""
    answer_id = agreed.answers(USUAL)[0]
    unlock_mark(answer_id=answer_id, why="Looked at again.", version=1, by=agreed.moderator)


def computed(agreed: Evaluation) -> dict[int, tuple[Fraction | None, int | None]]:
    """Total and rank by the place of the tender."""
    compute_results(round_id=agreed.round_id, by=agreed.lead)
    found, _ = outcomes_of(agreed.round_id)
    return {agreed.applications.index(each.application_id): (each.total, each.rank) for each in found}


def test_there_are_no_ranks_while_a_price_waits_for_a_person(session: Session, agreed: Evaluation) -> None:
    assert prices_waiting(agreed.round_id) == 1
    with pytest.raises(PricesUndecided, match="1 price is missing, nothing or low"):
        compute_results(round_id=agreed.round_id, by=agreed.lead)


def test_a_low_price_that_counts_is_the_lowest(session: Session, agreed: Evaluation) -> None:
    decide(agreed, counts=True)
    # 90 x 3/5 for the marks; the price adds 10, 10 x 40/100 and 10 x 40/120; below a minimum it adds nothing.
    assert computed(agreed) == {
        LOW: (Fraction(64), 1),
        USUAL: (Fraction(58), 2),
        DEAR: (54 + Fraction(10, 3), 3),
        WEAK: (54 - 5, None),
    }


def test_a_low_price_that_does_not_count_is_neither_ranked_nor_the_lowest(
    session: Session, agreed: Evaluation
) -> None:
    decide(agreed, counts=False)
    totals = computed(agreed)
    assert (totals[LOW], totals[USUAL]) == ((Fraction(54), None), (Fraction(64), 1))
    (refused,), _ = outcomes_of(agreed.round_id, application_id=agreed.applications[LOW])
    assert refused.suggestion.reason == f"The price does not count. {WHY} The total is 54 out of 100."


def test_an_evaluators_own_total_takes_the_price_as_it_is(session: Session, agreed: Evaluation) -> None:
    decide(agreed, counts=True)
    computed(agreed)
    (own,) = evaluators_totals(lot(agreed), [agreed.applications[USUAL]]).values()
    assert [total for _, total in own] == [54 + 4, 72 + 4]


def test_another_word_makes_the_results_stale(session: Session, agreed: Evaluation) -> None:
    decide(agreed, counts=True)
    computed(agreed)
    decide(agreed, counts=False, version=1)
    assert not any(row["current"] for row in lots_of(agreed.round_id))
    with pytest.raises(ChangedMeanwhile):
        decide(agreed, counts=True, version=1)


def test_only_prices_that_the_recipe_refers_are_decided(session: Session, agreed: Evaluation) -> None:
    with pytest.raises(Refusal, match="counts by the published rules"):
        decide(agreed, counts=False, tender=USUAL)
    with pytest.raises(NotFound):
        decide_price(
            round_id=agreed.round_id, application_id=agreed.applications[LOW], lot_id=lot(agreed),
            counts=True, reason=WHY, version=0, by=a_procurement_lead(),
        )  # fmt: skip


def test_nobody_decides_on_a_price_before_every_mark_is_agreed(session: Session, agreed: Evaluation) -> None:
    unlock(agreed)
    with pytest.raises(PricesShut):
        decide(agreed, counts=True)


def test_the_database_keeps_the_word_once_the_round_is_decided(session: Session, agreed: Evaluation) -> None:
    decide(agreed, counts=True)
    session.execute(text("UPDATE round SET state = 'decided' WHERE id = :id"), {"id": agreed.round_id})
    with pytest.raises(IntegrityError, match="price_check refuses UPDATE"):
        session.execute(text("UPDATE price_check SET counts = false, version = version + 1"))


def test_what_was_decided_before_is_kept_and_shown(
    session: Session, app: Flask, client: FlaskClient, agreed: Evaluation
) -> None:
    decide(agreed, counts=True)
    decide(agreed, counts=False, version=1)
    decide(agreed, counts=True, version=2)
    session.flush()
    kept = decided_before(agreed.applications[LOW], lot(agreed))
    assert [(row["version"], row["counts"], row["decided_by"]) for row in kept] == [
        (2, False, agreed.lead.name),
        (1, True, agreed.lead.name),
    ]
    lead = sign_in(client, agreed.lead.email)
    page = lead.get(f"/rounds/{agreed.round_id}/prices/{agreed.applications[LOW]}/{lot(agreed)}").text
    assert faults(page, app) == []
    assert "Earlier decisions (2)" in page and "It did not count" in page
    rows = [dict(zip(PRICES_TABLE.head, row, strict=True)) for row in PRICES_TABLE.read(agreed.round_id)]
    assert [(row["Version"], row["Counts"], row["Stands"]) for row in rows] == [
        (1, "yes", "no"),
        (2, "no", "no"),
        (3, "yes", "yes"),
    ]
    ledger = contents_of(agreed.lead, agreed.round_id, compared_with_trail(agreed.round_id))
    decisions = [each for each in ledger if each["kind"] == "price_decision"]
    assert [each["version"] for each in decisions] == [1, 2, 3]
    assert len({each["audit"]["line"] for each in decisions}) == 3


def test_the_database_keeps_what_was_decided_before(session: Session, agreed: Evaluation) -> None:
    decide(agreed, counts=True)
    decide(agreed, counts=False, version=1)
    session.flush()
    for change in (
        "UPDATE price_check SET reason = 'Another.'",
        "UPDATE former_price_check SET counts = false",
        "DELETE FROM former_price_check",
    ):
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text(change))


def test_the_lead_decides_on_the_page_and_nothing_typed_is_lost(
    app: Flask, client: FlaskClient, agreed: Evaluation
) -> None:
    lead = sign_in(client, agreed.lead.email)
    address = f"/rounds/{agreed.round_id}/prices"
    page = lead.get(address).get_data(as_text=True)
    assert "£40.00" in page and "To decide" in page and not faults(page, app)
    one = f"{address}/{agreed.applications[LOW]}/{lot(agreed)}"
    refused = lead.post(one, data={"version": "0", "reason": WHY})
    assert refused.status_code == 422 and WHY in refused.get_data(as_text=True)
    assert lead.post(one, data={"version": "0", "counts": "yes", "reason": WHY}).status_code == 303
    assert [row["counts"] for row in prices_of(agreed.round_id, lot(agreed))[0]].count(True) == 1
    results = lead.get(f"/rounds/{agreed.round_id}/results").get_data(as_text=True)
    assert "is scored by a formula, not by evaluators" in results


def test_prices_stay_shut_on_the_page_while_a_mark_is_missing(
    session: Session, client: FlaskClient, agreed: Evaluation
) -> None:
    lead = sign_in(client, agreed.lead.email)
    unlock(agreed)
    session.commit()
    page = lead.get(f"/rounds/{agreed.round_id}/prices").get_data(as_text=True)
    assert "once every answer has its agreed mark" in page and "£40" not in page


PRICES = {1: Price(Decimal(80)), 2: Price(Decimal(100)), 3: Price(Decimal(120)), 4: Price(None)}
LINEAR = Pricing(Decimal(20), "up_to_ceiling", Decimal(120), None, PRICES)


@pytest.mark.parametrize(("pounds", "adds"), [(80, 20), (100, 10), (120, 0), (121, 0), (90, 15)])
def test_a_price_between_the_lowest_and_the_ceiling_earns_its_part_of_the_way(pounds: int, adds: int) -> None:
    assert LINEAR.share(Fraction(pounds), Fraction(80)) == adds


def test_a_lowest_price_at_the_ceiling_earns_all() -> None:
    assert LINEAR.share(Fraction(120), Fraction(120)) == 20


@pytest.mark.parametrize(("low", "referred"), [(None, {4}), (20, {4}), (19, {1, 4})])
def test_a_price_is_low_when_it_is_more_than_so_much_below_the_average(
    low: int | None, referred: set[int]
) -> None:
    # The average of 80, 100 and 120 is 100; a price that is exactly 20% below it is not more than that.
    pricing = replace(LINEAR, low=None if low is None else Decimal(low))
    assert pricing.referred() == referred


@pytest.mark.parametrize(
    ("value", "pounds"),
    [({"day": "80", "half_day": "45.50"}, Decimal("125.50")), ({"day": "80"}, None), (None, None)],
)
def test_a_card_of_prices_is_their_sum_and_none_where_one_is_missing(
    value: dict[str, str] | None, pounds: Decimal | None
) -> None:
    assert pounds_in("rate_card", {"units": ["day", "half_day"]}, value) == pounds


def test_bands_of_price_do_not_decide_over_a_penny() -> None:
    # The NHS Buying Catalogue gives £125.00 four points and £125.01 three (of five) where the lowest is £100.
    by_lowest = replace(LINEAR, formula="lowest_price")
    dear, dearer = (by_lowest.share(Fraction(pounds), Fraction(100)) for pounds in ("125", "125.01"))
    assert 0 < dear - dearer < Fraction(1, 100) * 20 / 100


@pytest.mark.parametrize("role", ["procurement_lead", "moderator", "approver", "auditor"])
def test_a_price_is_left_out_of_the_tender_until_every_mark_is_agreed(
    client: FlaskClient, app: Flask, session: Session, agreed: Evaluation, role: str
) -> None:
    person = agreed.person(role)
    if role != "auditor":
        declare_none(agreed, person)
    sign_in(client, person.email)
    tender = f"/applications/{agreed.applications[LOW]}/tender"
    assert "£40" in client.get(tender).text
    unlock(agreed)
    page = client.get(tender).text
    assert faults(page, app) == []
    assert "£40" not in page and "Not shown here yet: Your price" in page


def test_its_own_provider_reads_its_price_at_any_time(
    client: FlaskClient, session: Session, agreed: Evaluation
) -> None:
    unlock(agreed)
    sign_in(client, provider_of(agreed, LOW).email)
    assert "£40" in client.get(f"/applications/{agreed.applications[LOW]}/check").text
