"""Pages of answers that others mark apart, once these are released."""

from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from evaluation.conformity.queries import files_of
from evaluation.scoring.masked import shown_to_evaluator
from evaluation.scoring.queries import assignment_to_mark, panel_marks
from evaluation.scoring.released_queries import released_answer, released_document
from evaluation.scoring.views import given_to_evaluator
from portal.accounts.gate import actor, requires
from portal.web.reading import read_by
from tender.applications.values import grid_of, in_words

bp = Blueprint("released", __name__)


@bp.get("/marking/<int:assignment_id>/released/<int:answer_id>")
@requires("tender:mark")
def show(assignment_id: int, answer_id: int) -> ResponseReturnValue:
    """An answer that somebody else marks; with the marks, once everybody has locked."""
    assignment = assignment_to_mark(actor(), assignment_id)
    answer = released_answer(assignment, answer_id)
    read_by(actor(), "application", assignment["application_id"], page="released", question=answer["title"])
    shown = shown_to_evaluator(assignment)
    return render_template(
        "scoring/released.html",
        assignment=assignment,
        answer=answer,
        lines=shown.lines(in_words(answer["kind"], answer["options"], answer["value"], answer["shape"])),
        grid=shown.grid(grid_of(answer["kind"], answer["shape"], answer["value"])),
        files=shown.files(files_of(answer_id), answer["code"]),
        marks=shown.marks(panel_marks(answer_id)) if assignment["state"] == "locked" else (),
    )


@bp.get("/marking/<int:assignment_id>/released/<int:answer_id>/documents/<uuid:document_id>")
@requires("tender:mark")
def document(assignment_id: int, answer_id: int, document_id: UUID) -> ResponseReturnValue:
    """A document of such an answer."""
    assignment = assignment_to_mark(actor(), assignment_id)
    found = released_document(assignment, answer_id, document_id)
    answer = released_answer(assignment, answer_id)
    name = shown_to_evaluator(assignment).name_of(document_id, files_of(answer_id), answer["code"])
    return given_to_evaluator(assignment, found, name)
