"""What exclusion checks mean for a recommendation to admit."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evaluation.exclusions.services import Finding, NotClear, record_finding
from evaluation.outcomes.decision_services import approve_decision, recommend_as_suggested
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, an_approver
from tests.factories.exclusions import a_finding, a_ground
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import a_computed_evaluation, a_recommended_evaluation, decisions_of
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """Two tenders with results, one of them below a minimum; nothing was found against either."""
    return build(lambda: a_computed_evaluation([{}, {"safeguarding": 1}]))


@pytest.fixture(scope="module")
def recommended(build: Build) -> Evaluation:
    """Two tenders, both recommended for admission."""
    return build(lambda: a_recommended_evaluation([{}, {}]))


def look_again(evaluation: Evaluation, found: Finding, application: int = 0) -> None:
    record_finding(
        application_id=evaluation.applications[application],
        parts=["mandatory"],
        found=found,
        seen={"mandatory": 1},
        by=evaluation.lead,
    )


def recommend(evaluation: Evaluation) -> int:
    (lot_id,) = lot_ids(evaluation.round)
    return recommend_as_suggested(round_id=evaluation.round_id, lot_id=lot_id, by=evaluation.lead)


def test_who_is_referred_or_excluded_is_not_recommended_for_admission(
    session: Session, computed: Evaluation
) -> None:
    look_again(computed, a_finding("refer", reasons="The register was down."))
    with pytest.raises(NotClear, match="referred"):
        recommend(computed)
    assert decisions_of(computed) == []


def test_whom_the_rules_do_not_admit_needs_no_check(session: Session, computed: Evaluation) -> None:
    look_again(computed, a_ground(ground="pcr_taxes"), application=1)
    assert recommend(computed) == 2


def test_a_ground_found_later_sends_the_recommendation_back(
    session: Session, recommended: Evaluation
) -> None:
    look_again(recommended, a_ground(ground="pcr_taxes"))
    first, second = decisions_of(recommended)
    assert (first.state, second.state) == ("returned", "recommended")
    assert "exclusion check" in (first.return_reason or "")


def test_an_approved_admission_goes_back_too(session: Session, recommended: Evaluation) -> None:
    first, second = decisions_of(recommended)
    approve_decision(decision_id=first.id, version=first.version, by=an_approver(recommended))
    look_again(recommended, a_ground(ground="pcr_taxes"))
    first, second = decisions_of(recommended)
    assert (first.state, first.approved_by_id, second.state) == ("returned", None, "recommended")
    assert recommended.round.state == "marking"


def test_a_finding_that_excludes_nobody_sends_nothing_back(session: Session, recommended: Evaluation) -> None:
    look_again(recommended, a_ground(excludes=False, ground="pcr_taxes"))
    assert [decision.state for decision in decisions_of(recommended)] == ["recommended", "recommended"]


def test_the_recommendation_is_filled_in_from_what_was_found(
    client: FlaskClient, session: Session, computed: Evaluation
) -> None:
    sign_in(client, computed.lead.email)
    lot_id = lot_ids(computed.round)[0]
    look_again(computed, a_ground(ground="pcr_taxes"))
    first, second = (
        client.get(f"/rounds/{computed.round_id}/decisions/{application}/{lot_id}").get_data(as_text=True)
        for application in computed.applications
    )
    assert re.search(r'value="excluded" checked|checked[^>]*value="excluded"', first)
    assert re.search(r'<option (?:selected value="pcr_taxes"|value="pcr_taxes" selected)', first)
    assert not re.search(r'value="excluded" checked|checked[^>]*value="excluded"', second)
