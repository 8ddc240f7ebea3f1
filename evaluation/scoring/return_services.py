"""Returning a locked mark to its evaluator."""

from sqlalchemy import select

from evaluation.assignments.services import reopen_assignment
from evaluation.scoring.models import Mark, ReturnedMark
from evaluation.scoring.services import digest_of
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import NotFound, Refusal
from tender.applications.models import Answer
from tender.frameworks.models import Question


class ReturnRefused(Refusal):
    """The mark cannot be returned, or no reason is given."""


def return_mark(*, assignment_id: int, answer_id: int, why: str, by: Actor) -> None:
    """Open one locked mark to its evaluator again, and keep it as it stood; asked twice, it is done once.

    The tender is not complete until its evaluator locks anew: until then nobody but its author reads a mark
    of it. Raises `ReturnRefused` with the sentence for the page, `NotFound`. Who may do it, and that the
    answer has no agreed mark, is the caller's to check; the database refuses the latter.
    """
    why = why.strip()
    if not why:
        raise ReturnRefused("Say why the mark is returned. It is kept with the old mark.", field="why")
    with transaction() as session:
        # First the assignment's row: whoever returns another mark of it at the same moment waits here.
        assignment = reopen_assignment(assignment_id=assignment_id, by=by)
        mark = session.execute(
            select(Mark)
            .join(Answer, Answer.id == Mark.answer_id)
            .where(
                Mark.answer_id == answer_id,
                Mark.evaluator_id == assignment.evaluator_id,
                Answer.application_id == assignment.application_id,
            )
        ).scalar_one_or_none()
        if mark is None:
            raise NotFound
        if session.get(ReturnedMark, (answer_id, mark.evaluator_id, mark.version)) is not None:
            return
        session.add(
            ReturnedMark(
                answer_id=answer_id,
                evaluator_id=mark.evaluator_id,
                version=mark.version,
                points=mark.points,
                reason=mark.reason,
                marked_at=mark.marked_at,
                answer_version=mark.answer_version,
                pack_version=mark.pack_version,
                why=why,
                returned_at=clock.now(),
                returned_by_id=by.person_id,
            )
        )
        code = session.scalar(select(Question.code).where(Question.id == mark.question_id))
        # As with every mark: neither its points nor its reason stand in the trail.
        record(
            "mark.return", "assignment", assignment_id, by=by, question=code, version=mark.version, why=why,
            sha256=digest_of(mark, assignment.application_id),
        )  # fmt: skip
