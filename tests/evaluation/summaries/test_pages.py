"""The pages on which assessment summaries are written and approved."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from evaluation.summaries.queries import coverage_of, summary_for
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.accounts import a_council, a_person
from tests.factories.evaluation import Evaluation, an_approver
from tests.factories.outcomes import a_computed_evaluation, confirm_drafts
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    return build(lambda: a_computed_evaluation([{"outcomes": 5}, {}]))


@pytest.fixture
def lead(app: Flask, session: Session, computed: Evaluation) -> FlaskClient:
    return sign_in(app.test_client(), computed.lead.email)


def under(computed: Evaluation, rest: str = "") -> str:
    return f"/rounds/{computed.round_id}/summaries{rest}"


def one(computed: Evaluation) -> str:
    return under(computed, f"/{computed.applications[0]}")


def boxes(page: str, computed: Evaluation) -> dict[str, str]:
    """Every box of the page, filled."""
    names = [f"{box}_{answer}" for answer in computed.answers() for box in ("explanation", "not_higher")]
    return {name: f"Words about {name}." for name in names if f'name="{name}"' in page}


def version(computed: Evaluation) -> str:
    return str(summary_for(computed.lead, computed.round_id, computed.applications[0])["version"])


def test_summaries_are_drafted_sent_and_approved_in_three_steps(
    lead: FlaskClient, app: Flask, session: Session, computed: Evaluation
) -> None:
    page = lead.get(under(computed)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "lacking" in page
    assert lead.post(under(computed, "/draft")).status_code == 303
    page = lead.get(under(computed)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "as the portal drafted them" in page
    assert "Drafted: edit or confirm it" in (own := lead.get(one(computed)).get_data(as_text=True))
    assert faults(own, app) == []
    confirm_drafts(computed)
    assert lead.post(under(computed, "/offer")).status_code == 303
    approver = sign_in(app.test_client(), an_approver(computed).email)
    page = approver.get(under(computed)).get_data(as_text=True)
    assert faults(page, app) == [] and "Approve all 2" in page
    seen = [f"{application}:3" for application in computed.applications]
    assert approver.post(under(computed, "/approve"), data={"seen": seen}).status_code == 303
    assert coverage_of(computed.round_id).complete


def test_a_tenders_texts_are_written_and_sent_on_one_page(
    lead: FlaskClient, app: Flask, session: Session, computed: Evaluation
) -> None:
    page = lead.get(one(computed)).get_data(as_text=True)
    assert faults(page, app) == []
    told = {**boxes(page, computed), "version": version(computed), "offer": "yes"}
    assert lead.post(one(computed), data=told).status_code == 303
    row = summary_for(computed.lead, computed.round_id, computed.applications[0])
    assert (row["state"], row["offered_by"]) == ("offered", computed.lead.name)
    assert "1 version" in lead.get(one(computed)).get_data(as_text=True)


def test_nothing_typed_is_lost_when_a_box_is_empty_or_a_colleague_was_faster(
    lead: FlaskClient, app: Flask, session: Session, computed: Evaluation
) -> None:
    page = lead.get(one(computed)).get_data(as_text=True)
    typed = boxes(page, computed)
    first = next(iter(typed))
    for wrong in ({"version": version(computed), first: ""}, {"version": "99"}):
        answer = lead.post(one(computed), data={**typed, **wrong})
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert faults(shown, app) == []
        assert list(typed.values())[1] in shown


def test_an_approver_reads_approves_and_returns(
    lead: FlaskClient, app: Flask, session: Session, computed: Evaluation
) -> None:
    lead.post(under(computed, "/draft"))
    confirm_drafts(computed)
    lead.post(under(computed, "/offer"))
    approver = sign_in(app.test_client(), an_approver(computed).email)
    page = approver.get(one(computed)).get_data(as_text=True)
    assert faults(page, app) == []
    assert "<textarea" not in page.partition("Return it instead")[0]
    silent = approver.post(one(computed) + "/return", data={"version": version(computed)})
    assert silent.status_code == 422
    assert faults(silent.get_data(as_text=True), app) == []
    told = {"version": version(computed), "reason": "Say which visit."}
    assert approver.post(one(computed) + "/return", data=told).status_code == 303
    assert "Say which visit." in lead.get(one(computed)).get_data(as_text=True)
    refused = approver.post(one(computed) + "/approve", data={"version": version(computed)})
    assert refused.status_code == 422
    assert faults(refused.get_data(as_text=True), app) == []


def test_who_may_not_does_not(lead: FlaskClient, app: Flask, session: Session, computed: Evaluation) -> None:
    approver = sign_in(app.test_client(), computed.person("approver").email)
    assert approver.post(under(computed, "/draft")).status_code == 403
    assert lead.post(under(computed, "/approve")).status_code == 403
    stranger = sign_in(app.test_client(), a_person(a_council("Elsewhere"), "procurement_lead").email)
    assert stranger.get(under(computed)).status_code == 404
    assert stranger.get(one(computed)).status_code == 404
