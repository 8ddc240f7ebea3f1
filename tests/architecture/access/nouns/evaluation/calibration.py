"""Practice: written by who runs the round, done by each evaluator."""

from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import assignment, council_round
from tests.architecture.access.things import (
    ASSIGNED,
    ASSIGNMENTS,
    COUNCIL,
    PHASE,
    ROUND_STATES,
    ROUNDS,
    thing,
)

PRACTICE = f"""
  {ASSIGNMENTS} AND assignment.state IN ('assigned', 'accepted', 'locked')
  JOIN question ON question.round_id = round.id
  JOIN practice_answer ON practice_answer.question_id = question.id
"""


NOUN = Noun(
    things=(
        thing(
            "scored question",
            f"{ROUNDS} JOIN question ON question.round_id = round.id AND question.judged_as = 'scored'",
            ROUND_STATES,
            state=PHASE,
            owners=COUNCIL,
            round_id="round.id",
            code="question.code",
        ),
        thing("practice", PRACTICE, ("",), state="''", owners=ASSIGNED, round_id="round.id"),
        thing(
            "answer to practise on",
            PRACTICE,
            ("",),
            state="''",
            owners=ASSIGNED,
            round_id="round.id",
            code="question.code",
        ),
    ),
    named_by={
        **dict.fromkeys(("practice.edit", "practice.write"), ("scored question",)),
        **dict.fromkeys(("practice.mine", "practice.lock"), ("practice",)),
        **dict.fromkeys(
            ("practice.answer", "practice.mark", "practice.autosave"), ("answer to practise on",)
        ),
    },
    of_things={"scored question": council_round, "practice": assignment, "answer to practise on": assignment},
)
