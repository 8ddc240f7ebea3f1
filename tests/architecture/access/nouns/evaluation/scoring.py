"""Marks: of that evaluator, once they have declared that they have no conflict."""

from tests.architecture.access.cast import PERSON
from tests.architecture.access.noun import Noun
from tests.architecture.access.rules import NOT_FOUND, Case, assignment, shown
from tests.architecture.access.things import ASSIGNED, ASSIGNMENTS, thing

MARKED = f"""
  {ASSIGNMENTS} JOIN answer ON answer.application_id = application.id
  JOIN question ON question.id = answer.question_id AND question.judged_as = 'scored'
"""


def answer_to_mark(case: Case) -> str:
    """That evaluator, once they have declared that they have no conflict."""
    return shown(case.viewer is PERSON and case.state in ("accepted", "locked"))


def identifying_report(case: Case) -> str:
    """That evaluator, where names are hidden; here no round hides them."""
    return NOT_FOUND


def released_section(case: Case) -> str:
    """That evaluator, where the section was released to them; here none was."""
    return NOT_FOUND


NOUN = Noun(
    things=(
        thing(
            "answer to mark",
            MARKED,
            ("assigned", "accepted", "conflicted", "locked"),
            state="assignment.state",
            owners=ASSIGNED,
            assignment_id="assignment.id",
            answer_id="answer.id",
        ),
        thing(
            "document to mark",
            f"{MARKED} JOIN answer_file ON answer_file.answer_id = answer.id",
            ("accepted",),
            state="assignment.state",
            owners=ASSIGNED,
            assignment_id="assignment.id",
            answer_id="answer.id",
            document_id="answer_file.document_id",
        ),
    ),
    of_things={"answer to mark": answer_to_mark, "document to mark": answer_to_mark},
    of_routes={
        **dict.fromkeys(("released.show", "released.document"), released_section),
        "scoring.autosave": assignment,
        "scoring.report": identifying_report,
    },
    only_while={
        **dict.fromkeys(("scoring.mark", "scoring.autosave", "scoring.lock"), frozenset({"accepted"}))
    },
)
