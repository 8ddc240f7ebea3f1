"""What the tests of applying again share: a provider that was refused, and a round that is open."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.access import Actor
from portal.database import db
from tender.frameworks.models import Framework, Round
from tests.factories.evaluation import Evaluation
from tests.factories.frameworks import a_published_round
from tests.factories.outcomes import a_released_evaluation, provider_of
from tests.web_client import sign_in

BELOW = {"safeguarding": 1}


def the_next_round(evaluation: Evaluation, **how: object) -> Round:
    """A round of the same framework that is open now."""
    framework = db.session.get_one(Framework, evaluation.round.framework_id)
    return a_published_round(framework=framework, lead=evaluation.lead, **how)


@pytest.fixture
def judged(session: Session) -> Evaluation:
    """A released round whose one provider was refused: its answer on safeguarding is below the minimum."""
    return a_released_evaluation([BELOW])


@pytest.fixture
def refused(judged: Evaluation) -> Actor:
    """The person of the provider that was refused."""
    return provider_of(judged)


@pytest.fixture
def before(judged: Evaluation) -> int:
    """The application that was refused; its id."""
    return judged.applications[0]


@pytest.fixture
def following(judged: Evaluation) -> Round:
    """The round that is open now."""
    return the_next_round(judged)


@pytest.fixture
def browser(client: FlaskClient, refused: Actor) -> FlaskClient:
    """The refused provider's person, signed in."""
    return sign_in(client, refused.email)
