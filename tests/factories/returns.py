"""A round in which marks were returned to an evaluator, built through the services."""

from evaluation.moderation.return_services import return_to_evaluator
from evaluation.outcomes.decision_services import recommend_as_suggested
from evaluation.outcomes.services import compute_results
from evaluation.scoring.services import lock_marks, record_mark
from tests.factories.evaluation import Evaluation, a_locked_evaluation, agree_all
from tests.factories.exclusions import clear
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import approve_all

WHY = "The reason speaks of another provider."
BETTER = "Names the lead and her deputy, and when both were trained."
CHANGED, UNCHANGED = 0, 1
"""The places of the two answers whose marks were returned, and what became of them."""


def return_two(evaluation: Evaluation) -> None:
    """Return two of the first evaluator's marks of 3: one is changed to 5, both are locked again."""
    assignment_id, answers = evaluation.assignment().id, evaluation.answers()
    for place in (CHANGED, UNCHANGED):
        return_to_evaluator(
            assignment_id=assignment_id, answer_id=answers[place], why=WHY, by=evaluation.lead
        )
    record_mark(
        assignment_id=assignment_id, answer_id=answers[CHANGED], points=5, reason=BETTER, version=1,
        by=evaluation.evaluators[0],
    )  # fmt: skip
    lock_marks(assignment_id=assignment_id, by=evaluation.evaluators[0])


def a_decided_evaluation_with_returns() -> Evaluation:
    """One tender, two of whose marks were returned before all was agreed, computed and decided."""
    evaluation = a_locked_evaluation()
    return_two(evaluation)
    agree_all(evaluation)
    clear(evaluation)
    compute_results(round_id=evaluation.round_id, by=evaluation.lead)
    for lot_id in lot_ids(evaluation.round):
        recommend_as_suggested(round_id=evaluation.round_id, lot_id=lot_id, by=evaluation.lead)
    approve_all(evaluation)
    return evaluation
