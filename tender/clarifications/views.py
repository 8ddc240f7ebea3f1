"""Pages of questions: a provider asks and reads its own, the council answers."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.lifecycle import MoveRefused
from portal.web.addresses import portal_url
from portal.web.text import id_in
from tender.applications.access import is_opened
from tender.clarifications import corrections, queries, services
from tender.clarifications.access import may_speak, takes_questions
from tender.clarifications.forms import AnswerForm, AskForm, LeaveForm, OwnForm, correct_form
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
        may_speak=may_speak(facts),
        as_at=clock.now(),
    )


@bp.route("/rounds/<int:round_id>/questions/own", methods=["GET", "POST"])
@requires("framework:manage")
def own(round_id: int) -> ResponseReturnValue:
    """Publish something that nobody asked for."""
    facts = queries.speaking_round(actor(), round_id)
    form = OwnForm()
    if form.validate_on_submit():
        with form.refusals():
            number = corrections.publish_own(
                round_id=round_id,
                text=form.text.data or "",
                answer=form.answer.data or "",
                names_nobody=form.names_nobody.data,
                portal_url=portal_url(),
                by=actor(),
            )
            flash(f"Clarification {number} is published, and everyone is told.", "success")
            return redirect(url_for(".index", round_id=round_id), 303)
    page = render_template(
        "clarifications/own.html",
        round=facts,
        form=form,
        closed=None if may_speak(facts) else corrections.CLOSED,
    )
    return page, form.http_status


@bp.route("/clarifications/<int:clarification_id>/correct", methods=["GET", "POST"])
@requires("framework:manage")
def correct(clarification_id: int) -> ResponseReturnValue:
    """Publish a published clarification anew, in other words."""
    asked = queries.published_for(actor(), clarification_id)
    form = correct_form(asked)
    if form.validate_on_submit():
        try:
            number = corrections.correct(
                clarification_id=clarification_id,
                text=form.text.data or "",
                answer=form.answer.data or "",
                reason=form.reason.data or "",
                seen=id_in(form.seen.data, 0),
                names_nobody=form.names_nobody.data,
                portal_url=portal_url(),
                by=actor(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
            form.seen.data = str(asked.standing.version)
        else:
            flash(f"Number {number} is corrected, and everyone is told.", "success")
            return redirect(url_for(".index", round_id=asked.round_id), 303)
    facts = round_for(actor(), asked.round_id)
    page = render_template(
        "clarifications/correct.html",
        round=facts,
        asked=asked,
        form=form,
        closed=None if may_speak(facts) else corrections.CLOSED,
    )
    return page, form.http_status


@bp.post("/clarifications/<int:clarification_id>/leave")
@requires("framework:manage")
def leave(clarification_id: int) -> ResponseReturnValue:
    """Tell the asker why a question was not answered before the close."""
    asked = queries.question_for(actor(), clarification_id)
    form = LeaveForm()
    if form.validate_on_submit():
        try:
            services.leave(
                clarification_id=clarification_id,
                reason=form.reason.data or "",
                portal_url=portal_url(),
                by=actor(),
            )
        except MoveRefused:  # The second press of a double click: the page shows what became of it.
            return redirect(url_for(".answer", clarification_id=clarification_id), 303)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The asker is told why.", "success")
            return redirect(url_for(".index", round_id=asked.round_id), 303)
    return _answer_page(asked, leaving=form), 422


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
    return _answer_page(asked, form), form.http_status


def _answer_page(
    asked: queries.Asked, form: AnswerForm | None = None, leaving: LeaveForm | None = None
) -> str:
    facts = round_for(actor(), asked.round_id)
    return render_template(
        "clarifications/answer.html",
        round=facts,
        asked=asked,
        form=form or AnswerForm(formdata=None, data={"text": asked.text, "how": "publish"}),
        leaving=leaving or LeaveForm(formdata=None),
        may_speak=may_speak(facts),
        box_open=is_opened(facts.state),
    )


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
        number = services.publish(text=form.text.data or "", names_nobody=form.names_nobody.data, **told)
        flash(f"Question {number} and its answer are published, and everyone is told.", "success")
