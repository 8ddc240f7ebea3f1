"""A total that a lot asks for: published with the round, exact, and said wherever it decides."""

from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evaluation.outcomes.decision_services import MayNotBeAdmitted, Proposal, recommend
from evaluation.outcomes.letter_queries import letter_text, letters_of
from evaluation.outcomes.python_totals import inputs_of, totals_in_python
from evaluation.outcomes.queries import outcome_of
from evaluation.outcomes.sensitivity import shifts_of
from evaluation.outcomes.sensitivity_queries import bands_of
from evaluation.outcomes.services import compute_results
from tender.frameworks.models import RoundLot
from tender.frameworks.queries import lots_of_round, pack_of
from tender.frameworks.recipe import least_totals, minimums_of
from tests.factories.evaluation import Evaluation
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import an_agreed_evaluation, approve_all
from tests.web_client import sign_in


def asking(session: Session, total: str) -> Evaluation:
    """Results of a round whose one lot asks for this total: every mark is 3 of 5, so the total is 60."""
    agreed = an_agreed_evaluation()
    # Published without one: what a round asks for is frozen, so it is put beneath the guard.
    session.execute(text("SET LOCAL session_replication_role = replica"))
    of_round = update(RoundLot).where(RoundLot.round_id == agreed.round_id)
    session.execute(of_round.values(minimum_total=Decimal(total)))
    session.execute(text("SET LOCAL session_replication_role = origin"))
    compute_results(round_id=agreed.round_id, by=agreed.lead)
    return agreed


def outcome(asked: Evaluation):
    return outcome_of(asked.applications[0], lot_ids(asked.round)[0], asked.round_id)


def test_a_tender_at_the_minimum_is_ranked_and_one_below_by_a_hundredth_is_not(session: Session) -> None:
    at, below = outcome(asking(session, "60")), outcome(asking(session, "60.01"))
    assert (at.total, at.rank) == (below.total, 1) == (60, 1)
    assert below.rank is None and not below.may_be_admitted
    assert at.suggestion.outcome == "admit" and "the total reached their minimums" in at.suggestion.reason
    said = "The total is below the minimum of 60.01 for this lot. The total is 60 out of 100."
    assert (below.suggestion.outcome, below.suggestion.reason) == ("not_admit", said)


def test_nobody_is_admitted_below_it_and_the_letter_says_why(session: Session) -> None:
    asked = asking(session, "75")
    said = {"application_id": asked.applications[0], "lot_id": lot_ids(asked.round)[0], "version": 0}
    with pytest.raises(MayNotBeAdmitted, match="below the minimum of 75"):
        recommend(**said, proposal=Proposal("admit", "It is good all the same."), by=asked.lead)
    recommend(**said, proposal=Proposal("not_admit", "It is not there yet."), by=asked.lead)
    approve_all(asked)
    letter = letter_text(letters_of(asked.round_id)[0]["id"])["body"]
    assert "The total is below the minimum of 75 for this lot." in letter
    assert "You also need a total of at least 75, in each lot." in letter


def test_results_name_it(client: FlaskClient, session: Session) -> None:
    asked = asking(session, "75")
    sign_in(client, asked.lead.email)
    page = client.get(f"/rounds/{asked.round_id}/results").text
    assert "The total is below the minimum of 75 for this lot." in page
    assert "You also need a total of at least 75" in page


def test_which_marks_would_lift_a_tender_above_it(session: Session) -> None:
    asked = asking(session, "61")
    inputs, lot = inputs_of(asked.round_id), lot_ids(asked.round)[0]
    assert totals_in_python(*inputs)[asked.applications[0], lot].rank is None
    lifting = [each for each in shifts_of(inputs, bands_of(asked.round_id)[0], lot) if each.admission]
    weights = {q: asked_of.weight for q, asked_of in inputs.questions.items()}
    assert {each.question_id for each in lifting} == {q for q, weight in weights.items() if weight / 5 >= 1}
    assert {each.instead - each.points for each in lifting} == {1}


def test_the_recipe_says_it_lot_by_lot(session: Session) -> None:
    assert least_totals({"1": None, "2": None}) == []
    (same,) = least_totals({"1": Decimal(60), "2": Decimal("60.00")})
    assert same.startswith("You also need a total of at least 60, in each lot.")
    (some,) = least_totals({"1": Decimal("62.5"), "2": None, "3": Decimal(50)})
    assert "at least 62.5 in lot 1 and at least 50 in lot 3" in some


def test_what_a_published_round_asks_for_is_frozen(session: Session) -> None:
    agreed = an_agreed_evaluation()
    assert minimums_of(lots_of_round(agreed.round_id)) == {"1": None} and pack_of(agreed.round_id).scored
    change = text("UPDATE round_lot SET minimum_total = 90 WHERE round_id = :round")
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(change, {"round": agreed.round_id})
