"""Setting marks aside whose evaluator found a conflict of interest after they had locked."""

from sqlalchemy import select

from evaluation.assignments.models import ConflictDeclaration
from evaluation.assignments.services import close_to_its_evaluator, locked_round
from evaluation.moderation.models import AgreedMark
from evaluation.moderation.services import take_turns
from evaluation.moderation.set_aside_queries import answers_marked, to_set_aside
from evaluation.moderation.unlock_services import take_back
from evaluation.scoring.return_services import return_mark
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Refusal


def set_marks_aside(*, declaration_id: int, why: str, by: Actor) -> int:
    """The lead sets all marks of a tender aside whose evaluator has a conflict with its provider; returns how
    many there were.

    They stay as they stood, as returned marks with the reason; agreed marks of the same answers are unlocked
    for it; the tender closes to its evaluator and is another's to mark. That marks stand instead is a
    mitigation that somebody else approves (`assignments.waiver_services`). Raises `NotFound`,
    `NotDeclaredYet`, and `Refusal` without a reason.
    """
    why = why.strip()
    if not why:
        raise Refusal("Say why the marks are set aside. It is kept with them.", field="why")
    with transaction() as session:
        locked_round(session, to_set_aside(by, declaration_id)["round_id"])
        found = to_set_aside(by, declaration_id)
        answers = answers_marked(found["application_id"], found["person_id"])
        take_turns(session, answers)
        agreed = select(AgreedMark).where(AgreedMark.answer_id.in_(answers)).order_by(AgreedMark.answer_id)
        for mark in session.scalars(agreed).all():
            take_back(session, mark, found["application_id"], why, by)
        session.flush()
        for answer_id in answers:
            return_mark(assignment_id=found["assignment_id"], answer_id=answer_id, why=why, by=by)
        declaration = session.get_one(ConflictDeclaration, declaration_id)
        close_to_its_evaluator(assignment_id=found["assignment_id"], declaration=declaration, by=by)
        record(
            "conflict.set_aside", "conflict_declaration", declaration_id, by=by,
            application=found["application_id"], marks=len(answers), why=why,
        )  # fmt: skip
    return len(answers)
