"""Pages of questions: a provider asks and reads its own, the council answers."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.lifecycle import MoveRefused
from portal.web.addresses import portal_url
from tender.clarifications import queries, services
from tender.clarifications.access import takes_questions
from tender.clarifications.forms import AnswerForm, AskForm
from tender.frameworks.queries import published_round, round_for

bp = Blueprint("clarifications", __name__)


@bp.route("/opportunities/<int:round_id>/questions", methods=["GET", "POST"])
@requires("application:edit")
def ask(round_id: int) -> ResponseReturnValue:
    """Ask a question about a round, and see what one's own organisation asked."""
    facts = published_round(round_id)
    form = AskForm()
    if form.validate_on_submit():
        with form.refusals():
            services.ask(round_id=round_id, text=form.text.data or "", by=actor())
            flash("Your question is sent. We will write to you when it is answered.", "success")
            return redirect(url_for(".ask", round_id=round_id), 303)
    page = render_template(
        "clarifications/ask.html",
        round=facts,
        form=form,
        asking=takes_questions(facts, clock.now()),
        questions=queries.own_questions(actor(), round_id),
    )
    return page, form.http_status


@bp.post("/clarifications/<int:clarification_id>/withdraw")
@requires("application:edit")
def withdraw(clarification_id: int) -> ResponseReturnValue:
    """Take a question back."""
    round_id = services.withdraw(clarification_id=clarification_id, by=actor())
    flash("Your question is withdrawn.")
    return redirect(url_for(".ask", round_id=round_id), 303)


@bp.get("/rounds/<int:round_id>/questions")
@requires("framework:manage")
def index(round_id: int) -> ResponseReturnValue:
    """Every question about a round, those that wait first."""
    facts = round_for(actor(), round_id)
    return render_template(
        "clarifications/index.html",
        round=facts,
        questions=queries.questions_of(actor(), facts),
        as_at=clock.now(),
    )


@bp.route("/clarifications/<int:clarification_id>", methods=["GET", "POST"])
@requires("framework:manage")
def answer(clarification_id: int) -> ResponseReturnValue:
    """Answer a question; where it has been answered, show that."""
    asked = queries.question_for(actor(), clarification_id)
    form = AnswerForm(data={"text": asked.text, "how": "publish"})
    if form.validate_on_submit():
        try:
            _answer(form, clarification_id)
        except MoveRefused:  # The second press of a double click, or somebody was first: the page shows it.
            return redirect(url_for(".answer", clarification_id=clarification_id), 303)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for(".index", round_id=asked.round_id), 303)
    facts = round_for(actor(), asked.round_id)
    page = render_template("clarifications/answer.html", round=facts, asked=asked, form=form)
    return page, form.http_status


def _answer(form: AnswerForm, clarification_id: int) -> None:
    told = {
        "clarification_id": clarification_id,
        "answer": form.answer.data or "",
        "portal_url": portal_url(),
        "by": actor(),
    }
    if form.how.data == "private":
        services.answer_privately(reason=form.reason.data or "", **told)
        flash("The asker alone is told.", "success")
    else:
        number = services.publish(text=form.text.data or "", **told)
        flash(f"Question {number} and its answer are published, and everyone is told.", "success")
