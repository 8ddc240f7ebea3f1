"""Conditions that were passed in an earlier round and stand, where the framework says so.

What a rule can tell it tells anew. Only what a person would have to decide again (a referral) is passed by
the earlier decision, and only for an answer that was carried over and left as it is, to a condition with the
same words and the same rule.
"""

from collections.abc import Mapping

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from evaluation.conformity.models import ConformityCheck
from evaluation.conformity.rules import Judgement
from portal.database import db
from tender.applications.models import Answer, Application, CarriedAnswer
from tender.frameworks.models import Framework, Question, Round

Place = tuple[int, int, int | None]
"""The ids of an application, a question and, where it is asked per lot, a lot."""


def passed_before(round_id: int) -> Mapping[Place, int]:
    """By place, the number of the round in which a condition of this round was passed and stands; one
    statement, and nothing where the framework has every condition decided anew."""
    asked, before, source, then = (
        aliased(Question), aliased(Question), aliased(Application), aliased(Round),
    )  # fmt: skip
    same = [
        getattr(before, name).is_not_distinct_from(getattr(asked, name))
        for name in ("code", "text", "options", "shape", "rule", "rule_value")
    ]
    rows = db.session.execute(
        select(Answer.application_id, asked.id, Answer.lot_id, then.number)
        .select_from(CarriedAnswer)
        .join(Answer, and_(Answer.id == CarriedAnswer.answer_id, Answer.version == 1))
        .join(asked, and_(asked.id == Answer.question_id, asked.judged_as == "condition"))
        .join(Round, Round.id == asked.round_id)
        .join(Framework, and_(Framework.id == Round.framework_id, Framework.passed_conditions_stand))
        .join(source, source.id == CarriedAnswer.from_application_id)
        .join(then, and_(then.id == source.round_id, then.state == "released"))
        .join(before, and_(before.round_id == then.id, *same))
        .join(
            ConformityCheck,
            and_(
                ConformityCheck.application_id == source.id,
                ConformityCheck.question_id == before.id,
                ConformityCheck.lot_id.is_not_distinct_from(Answer.lot_id),
                ConformityCheck.result == "pass",
            ),
        )
        .where(Round.id == round_id, CarriedAnswer.ran_out_on.is_(None))
    )
    return {
        (application_id, question_id, lot_id): number for application_id, question_id, lot_id, number in rows
    }


def unless_passed(judgement: Judgement, number: int | None) -> Judgement:
    """What a rule says, except that a referral is a pass where it was passed in the round of this number."""
    if judgement.result != "refer" or number is None:
        return judgement
    return Judgement("pass", f"Passed in round {number}, and the answer is the same. Such passes stand.")
