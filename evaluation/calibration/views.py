"""Pages of practice: the lead writes it, evaluators mark it, all of them read how far they lie apart."""

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.calibration import queries, services
from evaluation.calibration.forms import PracticeAnswerForm, PracticeMarkForm
from evaluation.calibration.models import PracticeMark
from evaluation.scoring.access import NotPractised
from evaluation.scoring.queries import bands_of
from evaluation.scoring.services import MarkChangedMeanwhile
from portal.accounts.gate import actor, requires
from portal.errors import NotFound, Refusal
from portal.web.filters import uk_time
from portal.web.forms import Form, form_problems
from portal.web.handling import error_page
from tender.frameworks.queries import round_for

bp = Blueprint("practice", __name__)


@bp.app_errorhandler(NotPractised)
def practise_first(refusal: NotPractised) -> ResponseReturnValue:
    """Whatever leads to an answer of a tender leads to practice first; what is sent before is refused."""
    if request.method != "GET":
        return error_page(409, sentence=refusal.sentence)
    flash(refusal.sentence)
    return redirect(url_for("practice.mine", round_id=refusal.round_id))


@bp.get("/rounds/<int:round_id>/practice")
@requires("panel:manage", "evaluation:read")
def show(round_id: int) -> ResponseReturnValue:
    """The practice answers of a round, who has locked, and the spread once all have."""
    return render_template(
        "calibration/show.html",
        round=round_for(actor(), round_id),
        questions=queries.practice_of(round_id),
        evaluators=queries.evaluators_of(round_id),
        spread=queries.spread_of(round_id),
        may_write=actor().may("panel:manage") and queries.may_write(round_id),
    )


@bp.get("/rounds/<int:round_id>/practice/<code>")
@requires("panel:manage")
def edit(round_id: int, code: str) -> ResponseReturnValue:
    """The practice answer to one question."""
    round_for(actor(), round_id)
    question = queries.practice_answer(round_id, code)
    return _edit_page(
        round_id, question, PracticeAnswerForm(formdata=None, data={"text": question["answer"]})
    )


@bp.post("/rounds/<int:round_id>/practice/<code>")
@requires("panel:manage")
def write(round_id: int, code: str) -> ResponseReturnValue:
    """Set the practice answer to one question."""
    round_for(actor(), round_id)
    question = queries.practice_answer(round_id, code)
    form = PracticeAnswerForm()
    if form.validate_on_submit():
        with form.refusals():
            services.write_practice(round_id=round_id, code=code, text=form.text.data or "", by=actor())
            flash("The practice answer is saved.", "success")
            return redirect(url_for("practice.show", round_id=round_id), 303)
    return _edit_page(round_id, question, form)


def _edit_page(round_id: int, question: RowMapping, form: PracticeAnswerForm) -> ResponseReturnValue:
    page = render_template(
        "calibration/edit.html",
        round=round_for(actor(), round_id),
        question=question,
        may_write=queries.may_write(round_id),
        form=form,
    )
    return page, form.http_status


@bp.get("/marking/practice/<int:round_id>")
@requires("tender:mark")
def mine(round_id: int) -> ResponseReturnValue:
    """The evaluator's own practice, and the spread once everybody has locked."""
    return _mine(round_id, Form(formdata=None))


@bp.post("/marking/practice/<int:round_id>")
@requires("tender:mark")
def lock(round_id: int) -> ResponseReturnValue:
    """Lock the evaluator's practice."""
    form = Form()
    try:
        services.lock_practice(round_id=round_id, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _mine(round_id, form)
    flash("Your practice is locked. You can mark the tenders.", "success")
    return redirect(url_for("practice.mine", round_id=round_id), 303)


def _mine(round_id: int, form: Form) -> ResponseReturnValue:
    round = queries.practising_round(actor(), round_id)
    practice = queries.own_practice(actor(), round_id)
    if not practice:
        raise NotFound
    page = render_template(
        "calibration/mine.html",
        round=round,
        practice=practice,
        spread=queries.spread_of(round_id) if round["locked_at"] else (),
        form=form,
    )
    return page, form.http_status


@bp.get("/marking/practice/<int:round_id>/<code>")
@requires("tender:mark")
def answer(round_id: int, code: str) -> ResponseReturnValue:
    """One practice answer beside the scale."""
    round, question, own = _own(round_id, code)
    form = PracticeMarkForm(formdata=None)
    form.fill(own)
    return _answer_page(round, question, own, form)


@bp.post("/marking/practice/<int:round_id>/<code>")
@requires("tender:mark")
def mark(round_id: int, code: str) -> ResponseReturnValue:
    """Save the mark of a practice answer."""
    round, question, own = _own(round_id, code)
    form = PracticeMarkForm()
    if form.validate_on_submit():
        try:
            _record(round_id, code, form)
        except MarkChangedMeanwhile as refusal:
            form.version.data = str(refusal.version)
            form.refuse(refusal)
            return _answer_page(round, question, own, form, stored=refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("practice.mine", round_id=round_id), 303)
    return _answer_page(round, question, own, form)


@bp.post("/marking/practice/<int:round_id>/<code>/autosave")
@requires("tender:mark")
def autosave(round_id: int, code: str) -> ResponseReturnValue:
    """Save the mark of a practice answer while it is typed, or say what is missing."""
    _own(round_id, code)
    form = PracticeMarkForm()
    if not form.validate_on_submit():
        return jsonify(message=f"Not saved yet. {form_problems(form)[0][1]}"), 422
    try:
        saved = _record(round_id, code, form)
    except Refusal as refusal:
        return jsonify(message=f"Not saved yet. {refusal.sentence}"), 422
    return jsonify(message=f"Saved at {uk_time(saved.marked_at)}.", version=saved.version)


def _record(round_id: int, code: str, form: PracticeMarkForm) -> PracticeMark:
    return services.mark_practice(
        round_id=round_id,
        code=code,
        points=form.chosen,
        reason=form.reason.data or "",
        version=form.version.number,
        by=actor(),
    )


def _own(round_id: int, code: str) -> tuple[RowMapping, RowMapping, RowMapping]:
    round = queries.practising_round(actor(), round_id)
    question = queries.practice_answer(round_id, code)
    for own in queries.own_practice(actor(), round_id):
        if own["code"] == code:
            return round, question, own
    raise NotFound


def _answer_page(
    round: RowMapping,
    question: RowMapping,
    own: RowMapping,
    form: PracticeMarkForm,
    stored: MarkChangedMeanwhile | None = None,
) -> ResponseReturnValue:
    bands = bands_of(question["scale_id"])
    form.offer(bands)
    page = render_template(
        "calibration/answer.html",
        round=round,
        question=question,
        own=own,
        bands=bands,
        form=form,
        stored=stored,
    )
    return page, form.http_status
