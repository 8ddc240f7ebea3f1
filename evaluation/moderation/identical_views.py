"""The page on which marks that are all the same are agreed together."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.assignments.queries import serves
from evaluation.moderation import identical_queries as queries
from evaluation.moderation.forms import IdenticalForm, answers_shown, identical_form
from evaluation.moderation.identical_services import SomeRefused, agree_identical
from evaluation.moderation.meeting_queries import running_now
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.filters import plural
from portal.web.pagination import Page, offset_of, page_number
from tender.applications.closed_queries import round_with_tenderers
from tender.frameworks.facts import RoundFacts

bp = Blueprint("identical", __name__)


@bp.get("/rounds/<int:round_id>/moderation/same-marks")
@requires("tender:moderate")
def show(round_id: int) -> ResponseReturnValue:
    """The answers to which all evaluators gave the same mark."""
    round = round_with_tenderers(actor(), round_id)
    number, size = page_number(request.args.get("page")), queries.IDENTICAL_A_PAGE
    rows, total = queries.identical_marks(actor(), round_id, skip=offset_of(number, size))
    return _page(round, Page(rows, number, total, size), identical_form(rows, formdata=None))


@bp.post("/rounds/<int:round_id>/moderation/same-marks")
@requires("tender:moderate")
def agree(round_id: int) -> ResponseReturnValue:
    """Agree what is ticked, all of it or nothing."""
    round = round_with_tenderers(actor(), round_id)
    shown = answers_shown(request.form.get("shown", ""))[: queries.IDENTICAL_A_PAGE]
    rows = queries.identical_among(actor(), round_id, shown)
    form = identical_form(rows)
    if form.validate_on_submit() and _all_ticked(form):
        try:
            many = agree_identical(round_id=round_id, reasons=form.given(), by=actor())
        except SomeRefused as refusal:
            form.refuse(refusal)
            for answer_id, problem in refusal.problems.items():
                form.refuse(problem, f"reason-{answer_id}")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"{plural(many, 'mark')} agreed.", "success")
            return redirect(url_for("identical.show", round_id=round_id), 303)
    return _page(round, Page(rows, 1, len(rows), queries.IDENTICAL_A_PAGE), form)


def _all_ticked(form: IdenticalForm) -> bool:
    """Whether no reason would be lost because its answer is not ticked."""
    for answer_id in form.not_ticked():
        form.refuse("Tick this answer as well, or take its reason out.", f"reason-{answer_id}")
    return not form.errors


def _page(round: RoundFacts, page: Page[RowMapping], form: IdenticalForm) -> ResponseReturnValue:
    shown = render_template(
        "moderation/identical.html",
        round=round,
        page=page,
        running=running_now(round.id),
        may_agree=round.state == "marking" and serves(actor(), round.id, "moderator"),
        form=form,
    )
    return shown, form.http_status
