"""What the tests of records share."""

import pytest

from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation
from tests.factories.outcomes import a_decided_evaluation


@pytest.fixture(scope="module")
def decided(build: Build) -> Evaluation:
    """Three tenders for one lot, one of them below a minimum, all decided."""
    return build(lambda: a_decided_evaluation(({}, {"safeguarding": 2}, {})))
