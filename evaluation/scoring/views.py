"""Pages of marking: my tenders, one tender's answers, one answer to mark."""

from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.conformity.queries import files_of
from evaluation.inquiries.queries import shown_about
from evaluation.scoring import queries, services
from evaluation.scoring.coach_queries import advice_for
from evaluation.scoring.forms import MarkForm, ReportForm
from evaluation.scoring.masked import shown_to_evaluator
from evaluation.scoring.question_queries import along_question, my_questions
from evaluation.scoring.released_queries import released_answers
from portal.accounts.gate import actor, requires
from portal.errors import NotFound, Refusal
from portal.storage.models import Document
from portal.web.filters import uk_time
from portal.web.forms import Form, form_problems
from portal.web.pagination import Page, offset_of, page_number
from portal.web.reading import read_by
from tender.applications.answer_services import open_copy, open_document
from tender.applications.values import grid_of, in_words

bp = Blueprint("scoring", __name__)


@bp.get("/marking")
@requires("tender:mark")
def index() -> ResponseReturnValue:
    """The evaluator's own tenders and how far each is marked."""
    number, size = page_number(request.args.get("page")), queries.TENDERS_A_PAGE
    tenders, total = queries.my_tenders(actor(), skip=offset_of(number, size))
    return render_template("scoring/index.html", page=Page(tenders, number, total, size))


@bp.get("/marking/questions")
@requires("tender:mark")
def questions() -> ResponseReturnValue:
    """The same work question by question: each one's tenders one after another."""
    return render_template("scoring/questions.html", questions=my_questions(actor()))


@bp.get("/marking/<int:assignment_id>")
@requires("tender:mark")
def show(assignment_id: int) -> ResponseReturnValue:
    """One tender's answers with the evaluator's own marks; the declaration comes first."""
    assignment = queries.assignment_to_mark(actor(), assignment_id)
    if assignment["state"] not in ("accepted", "locked"):
        return redirect(url_for("assignments.declaration", assignment_id=assignment_id))
    return _show(assignment, Form())


def _show(assignment: RowMapping, form: Form) -> ResponseReturnValue:
    read_by(actor(), "application", assignment["application_id"], page="marking")
    shown = shown_to_evaluator(assignment)
    page = render_template(
        "scoring/show.html",
        assignment=assignment,
        answers=[
            {**row, "returned_why": row["returned_why"] and shown.words(row["returned_why"])}
            for row in queries.answers_to_mark(assignment)
        ],
        advice=advice_for(assignment, shown),
        released=released_answers(assignment),
        form=form,
    )
    return page, form.http_status


@bp.post("/marking/<int:assignment_id>/lock")
@requires("tender:mark")
def lock(assignment_id: int) -> ResponseReturnValue:
    """Lock the evaluator's marks of one tender."""
    assignment = queries.assignment_to_mark(actor(), assignment_id)
    form = Form()
    try:
        services.lock_marks(assignment_id=assignment_id, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(assignment, form)
    flash(f"Your marks for {assignment['provider_name']} are locked.", "success")
    return redirect(url_for("scoring.index"), 303)


@bp.get("/marking/<int:assignment_id>/answers/<int:answer_id>")
@requires("tender:mark")
def answer(assignment_id: int, answer_id: int) -> ResponseReturnValue:
    """One answer beside the scale, with the evaluator's own mark."""
    assignment = queries.assignment_to_mark(actor(), assignment_id)
    page = _page_of(assignment, answer_id)
    form = MarkForm(formdata=None)
    form.fill(page.answer)
    return _answer_page(assignment, page, form)


@bp.post("/marking/<int:assignment_id>/answers/<int:answer_id>")
@requires("tender:mark")
def mark(assignment_id: int, answer_id: int) -> ResponseReturnValue:
    """Save the mark, and go on to the next answer; with the other button, stay and read the advice on it."""
    assignment = queries.assignment_to_mark(actor(), assignment_id)
    page = _page_of(assignment, answer_id)
    form = MarkForm()
    if form.validate_on_submit():
        try:
            _record(assignment_id, answer_id, form)
        except services.MarkChangedMeanwhile as refusal:
            form.version.data = str(refusal.version)
            form.refuse(refusal)
            return _answer_page(assignment, page, form, stored=refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            stays = "stay" in request.form
            return redirect(request.full_path if stays else _onward(assignment_id, page), 303)
    return _answer_page(assignment, page, form)


def _by_question() -> str | None:
    """'question' where the evaluator goes along one question, from tender to tender."""
    return "question" if request.args.get("by") == "question" else None


def _page_of(assignment: RowMapping, answer_id: int) -> queries.MarkPage:
    page = queries.answer_to_mark(assignment, answer_id)
    return page.along(along_question(actor(), page.answer)) if _by_question() else page


def _onward(assignment_id: int, page: queries.MarkPage) -> str:
    if page.following is None:
        if _by_question():
            return url_for("scoring.questions")
        return url_for("scoring.show", assignment_id=assignment_id)
    onward, answer_id = page.following
    return url_for("scoring.answer", assignment_id=onward, answer_id=answer_id, by=_by_question())


@bp.post("/marking/<int:assignment_id>/answers/<int:answer_id>/autosave")
@requires("tender:mark")
def autosave(assignment_id: int, answer_id: int) -> ResponseReturnValue:
    """Save the mark while it is typed, as soon as it is whole, and advise on its reason; else say what is
    missing."""
    assignment = queries.assignment_to_mark(actor(), assignment_id)
    form = MarkForm()
    if not form.validate_on_submit():
        return jsonify(message=f"Not saved yet. {form_problems(form)[0][1]}"), 422
    try:
        saved = _record(assignment_id, answer_id, form)
    except Refusal as refusal:
        return jsonify(message=f"Not saved yet. {refusal.sentence}"), 422
    advice = advice_for(assignment, shown_to_evaluator(assignment), answer_id).get(answer_id, [])
    return jsonify(message=f"Saved at {uk_time(saved.marked_at)}.", version=saved.version, advice=advice)


def _record(assignment_id: int, answer_id: int, form: MarkForm) -> services.Mark:
    return services.record_mark(
        assignment_id=assignment_id,
        answer_id=answer_id,
        points=form.chosen,
        reason=form.reason.data or "",
        version=form.version.number,
        by=actor(),
    )


def _answer_page(
    assignment: RowMapping,
    page: queries.MarkPage,
    form: MarkForm,
    stored: services.MarkChangedMeanwhile | None = None,
    report: ReportForm | None = None,
) -> ResponseReturnValue:
    form.offer(page.bands)
    answer = page.answer
    read_by(actor(), "application", assignment["application_id"], page="marking", question=answer["title"])
    shown = shown_to_evaluator(assignment)
    page_shown = render_template(
        "scoring/answer.html",
        assignment=assignment,
        page=page,
        answer=answer,
        lines=shown.lines(in_words(answer["kind"], answer["options"], answer["value"], answer["shape"])),
        grid=shown.grid(grid_of(answer["kind"], answer["shape"], answer["value"])),
        files=shown.files(files_of(answer["id"]), answer["code"]),
        inquiries=shown.inquiries(shown_about(answer["id"]), answer["code"]),
        marks=shown.marks(queries.panel_marks(answer["id"])) if assignment["state"] == "locked" else (),
        returned_why=shown.words(answer["returned_why"] or ""),
        report=report or ReportForm(formdata=None),
        by=_by_question(),
        open_to_me=assignment["state"] == "accepted"
        and answer["awaited_until"] is None
        and (
            assignment["returned_at"] is None
            or answer["returned_why"] is not None
            or answer["marked_at"] is None
            or answer["marked_at"] >= assignment["returned_at"]
        ),
        advice=advice_for(assignment, shown, answer["id"]).get(answer["id"], ())
        if answer["points"] is not None
        else (),
        form=form,
        stored=stored,
    )
    return page_shown, (422 if form.errors or (report and report.errors) else 200)


@bp.post("/marking/<int:assignment_id>/answers/<int:answer_id>/report")
@requires("tender:mark")
def report(assignment_id: int, answer_id: int) -> ResponseReturnValue:
    """Report that an answer still tells whose tender it is."""
    assignment = queries.assignment_to_mark(actor(), assignment_id)
    page = _page_of(assignment, answer_id)
    if not assignment["names_hidden"]:
        raise NotFound
    form = ReportForm()
    if form.validate_on_submit():
        with form.refusals():
            services.report_identifying(
                assignment_id=assignment_id, answer_id=answer_id, what=form.what.data or "", by=actor()
            )
            flash("Your report is recorded. The procurement lead reads it.", "success")
            here = url_for(
                "scoring.answer", assignment_id=assignment_id, answer_id=answer_id, by=_by_question()
            )
            return redirect(here, 303)
    marked = MarkForm(formdata=None)
    marked.fill(page.answer)
    return _answer_page(assignment, page, marked, report=form)


@bp.get("/marking/<int:assignment_id>/answers/<int:answer_id>/documents/<uuid:document_id>")
@requires("tender:mark")
def document(assignment_id: int, answer_id: int, document_id: UUID) -> ResponseReturnValue:
    """A document of an answer."""
    assignment = queries.assignment_to_mark(actor(), assignment_id)
    found = queries.document_to_mark(assignment, answer_id, document_id)
    code = queries.answer_to_mark(assignment, answer_id).answer["code"]
    shown = shown_to_evaluator(assignment)
    name = shown.name_of(document_id, files_of(answer_id), code, shown_about(answer_id))
    return given_to_evaluator(assignment, found, name)


def given_to_evaluator(assignment: RowMapping, document: Document, name: str) -> ResponseReturnValue:
    """A file for an evaluator, the reading recorded: where names are hidden a copy without its properties, if
    there can be one; else a short-lived link to it."""
    facts = {"application_id": assignment["application_id"], "document": document, "by": actor()}
    if assignment["names_hidden"] and (copy := open_copy(**facts)) is not None:
        return send_file(copy, "application/octet-stream", as_attachment=True, download_name=name)
    return redirect(open_document(**facts, name=name))
