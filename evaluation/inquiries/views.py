"""Pages of inquiries: the lead asks one tenderer and reads the answers, the tenderer answers."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.inquiries import queries, services
from evaluation.inquiries.forms import AnswerForm, AskForm, WithdrawForm
from evaluation.inquiries.waiting_queries import READ_ON
from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.lifecycle import MoveRefused
from portal.storage.inspection import endings_for
from portal.storage.refusals import FileRefused
from portal.web.addresses import portal_url
from portal.web.reading import read_by
from tender.applications.closed_queries import round_with_tenderers
from tender.frameworks.facts import RoundFacts

bp = Blueprint("inquiries", __name__)
TENDER = "/rounds/<int:round_id>/tenders/<int:application_id>/questions"


@bp.get(TENDER)
@requires("conformity:decide", "evaluation:read")
def index(round_id: int, application_id: int) -> ResponseReturnValue:
    """What a tenderer was asked, its answers, and the form for another question."""
    form = AskForm(formdata=None, data={"days": 3, "point": request.args.get("about", "")})
    return _page(round_with_tenderers(actor(), round_id), application_id, form)


@bp.post(TENDER)
@requires("conformity:decide")
def ask(round_id: int, application_id: int) -> ResponseReturnValue:
    """Ask the tenderer."""
    round = round_with_tenderers(actor(), round_id)
    name = queries.tenderer_of(actor(), round_id, application_id)
    form = AskForm()
    form.offer(queries.points_of(application_id))
    if form.validate_on_submit():
        with form.refusals():
            services.ask(
                application_id=application_id,
                about=form.about,
                text=form.text.data or "",
                days=form.days.data,
                portal_url=portal_url(),
                by=actor(),
            )
            flash(f"{name} is asked, and nobody else is told.", "success")
            return redirect(url_for(".index", round_id=round_id, application_id=application_id), 303)
    return _page(round, application_id, form)


def _page(
    round: RoundFacts, application_id: int, form: AskForm, withdrawing: tuple[int, WithdrawForm] | None = None
) -> ResponseReturnValue:
    name = queries.tenderer_of(actor(), round.id, application_id)
    form.offer(queries.points_of(application_id))
    read_by(actor(), "application", application_id, page=READ_ON)
    withdrawn_id, withdraw_form = withdrawing or (0, WithdrawForm(formdata=None))
    page = render_template(
        "inquiries/index.html",
        round=round,
        application_id=application_id,
        provider_name=name,
        inquiries=queries.inquiries_of(actor(), round.id, application_id),
        form=withdraw_form if withdrawn_id else form,
        ask_form=form,
        withdraw_form=withdraw_form,
        withdrawn_id=withdrawn_id,
        may_ask=round.state in queries.ASKED_IN and actor().may("conformity:decide"),
        as_at=clock.now(),
    )
    return page, (422 if form.errors or withdraw_form.errors else 200)


@bp.post("/inquiries/<int:inquiry_id>/withdraw")
@requires("conformity:decide")
def withdraw(inquiry_id: int) -> ResponseReturnValue:
    """Take a question back that has no answer."""
    inquiry = queries.inquiry_for(actor(), inquiry_id)
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            services.withdraw(inquiry_id=inquiry_id, because=form.because.data or "", by=actor())
        except MoveRefused:  # It was answered or withdrawn meanwhile: the page shows which.
            flash("It was answered or withdrawn meanwhile. See below which.")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The question is withdrawn, and the tenderer is told.", "success")
    if form.errors:
        asking = AskForm(formdata=None, data={"days": 3})
        round = round_with_tenderers(actor(), inquiry.round_id)
        return _page(round, inquiry.application_id, asking, (inquiry_id, form))
    return _back(inquiry)


@bp.post("/inquiries/<int:inquiry_id>/show")
@requires("conformity:decide")
def show(inquiry_id: int) -> ResponseReturnValue:
    """Let the evaluators of that question read the answer."""
    inquiry = services.show(inquiry_id=inquiry_id, by=actor())
    flash("The evaluators of this question can read it now.", "success")
    return _back(inquiry)


def _back(inquiry: queries.Asked) -> ResponseReturnValue:
    values = {"round_id": inquiry.round_id, "application_id": inquiry.application_id}
    return redirect(url_for(".index", **values, _anchor=f"inquiry-{inquiry.id}"), 303)


@bp.route("/inquiries/<int:inquiry_id>", methods=["GET", "POST"])
@requires("application:edit")
def answer(inquiry_id: int) -> ResponseReturnValue:
    """What the council asks one's own organisation, and the answer."""
    inquiry = queries.own_inquiry(actor(), inquiry_id)
    form = AnswerForm()
    if form.validate_on_submit():
        try:
            _answer(inquiry_id, form)
        except MoveRefused:  # The second press of a double click, or a colleague was first: it is shown.
            return redirect(url_for(".answer", inquiry_id=inquiry_id), 303)
        except FileRefused as refusal:
            form.refuse(refusal, "files")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your answer is with the council.", "success")
            return redirect(url_for(".answer", inquiry_id=inquiry_id), 303)
    page = render_template(
        "inquiries/answer.html",
        inquiry=queries.own_inquiry(actor(), inquiry_id) if form.errors else inquiry,
        form=form,
        accept=endings_for(services.ACCEPTED),
    )
    return page, form.http_status


def _answer(inquiry_id: int, form: AnswerForm) -> None:
    given = [file for file in form.files.data or () if getattr(file, "filename", "")]
    services.answer(
        inquiry_id=inquiry_id,
        text=form.text.data or "",
        files=[(file.stream, file.filename) for file in given],
        arrived=clock.arrived(),
        portal_url=portal_url(),
        by=actor(),
    )


@bp.get("/inquiries/<int:inquiry_id>/documents/<uuid:document_id>")
@requires("application:edit", "conformity:decide", "evaluation:read")
def document(inquiry_id: int, document_id: UUID) -> ResponseReturnValue:
    """Go to a file of an answer by a short-lived link; the reading is recorded."""
    reader = queries.own_inquiry if actor().organisation_kind == "provider" else queries.inquiry_for
    inquiry = reader(actor(), inquiry_id)
    return redirect(services.open_file(inquiry=inquiry, document_id=document_id, by=actor()))
