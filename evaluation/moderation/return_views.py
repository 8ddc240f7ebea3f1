"""The page on which a locked mark is returned to its evaluator, and what was returned is read."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.moderation.return_forms import ReturnForm
from evaluation.moderation.return_queries import (
    marked_answers,
    returnable_for,
    returned_before,
    returns_for,
)
from evaluation.moderation.return_services import return_to_evaluator
from portal.accounts.gate import actor, requires
from portal.errors import Refusal

bp = Blueprint("returns", __name__)


@bp.get("/returns/<int:assignment_id>")
@requires("evaluation:read")
def show(assignment_id: int) -> ResponseReturnValue:
    """Which of an evaluator's locked marks of a tender may be returned, and which were."""
    return _page(assignment_id, ReturnForm(formdata=None, data={"answer": request.args.get("answer")}))


@bp.post("/returns/<int:assignment_id>")
@requires("panel:manage", "tender:moderate")
def send_back(assignment_id: int) -> ResponseReturnValue:
    """Return one mark."""
    found = returnable_for(actor(), assignment_id)
    form = ReturnForm()
    if form.validate_on_submit():
        try:
            return_to_evaluator(
                assignment_id=assignment_id, answer_id=form.chosen, why=form.why.data or "", by=actor()
            )
        except Refusal as refusal:  # also for an answer that is not there: it was chosen in the form
            form.refuse(refusal)
        else:
            flash(f"The mark is returned to {found['evaluator_name']}.", "success")
            return redirect(url_for("returns.show", assignment_id=assignment_id), 303)
    return _page(assignment_id, form)


def _page(assignment_id: int, form: ReturnForm) -> ResponseReturnValue:
    found = returns_for(actor(), assignment_id)
    answers = marked_answers(assignment_id) if found["returnable"] else ()
    form.answer.choices = {
        str(row["answer_id"]): f"{row['title']}, lot {row['lot_number']}"
        if row["lot_number"]
        else row["title"]
        for row in answers
        if not row["agreed"] and not row["returned"]
    }
    page = render_template(
        "returns/show.html",
        assignment=found,
        answers=answers,
        before=returned_before(assignment_id),
        form=form,
    )
    return page, form.http_status
