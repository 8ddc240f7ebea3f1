"""Practice marks are saved as they are typed, by the same rules as the marks of tenders."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.assignments.services import assign_panel
from evaluation.calibration.models import PracticeMark
from evaluation.calibration.services import write_practice
from evaluation.conformity.services import start_marking
from tests.evaluation.conftest import Build
from tests.factories.evaluation import REASON, Evaluation, an_opened_evaluation, pass_referred, with_panel
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def practising(build: Build) -> Evaluation:
    """A panel that has one practice answer to mark."""

    def made() -> Evaluation:
        evaluation = with_panel(an_opened_evaluation())
        write_practice(
            round_id=evaluation.round_id, code="safeguarding", text="We ring home.", by=evaluation.lead
        )
        pass_referred(evaluation)
        start_marking(round_id=evaluation.round_id, by=evaluation.lead)
        assign_panel(round_id=evaluation.round_id, by=evaluation.lead)
        return evaluation

    return build(made)


def test_a_whole_practice_mark_is_saved_while_it_is_typed(
    client: FlaskClient, session: Session, practising: Evaluation
) -> None:
    sign_in(client, practising.evaluators[0].email)
    page = f"/marking/practice/{practising.round_id}/safeguarding"
    address = f"{page}/autosave"
    assert f'data-autosave="{address}"' in client.get(page).get_data(as_text=True)
    half = client.post(address, data={"points": "3", "reason": "", "version": "0"})
    assert (half.status_code, half.json["message"][:13]) == (422, "Not saved yet")
    saved = client.post(address, data={"points": "3", "reason": REASON, "version": "0"})
    assert saved.json["version"] == 1 and "Saved at" in saved.json["message"]
    assert session.scalars(select(PracticeMark.points)).all() == [3]
    stale = client.post(address, data={"points": "4", "reason": REASON, "version": "0"})
    assert stale.status_code == 422
