"""Pages of assessment summaries: a round's, and one tender's."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.assignments.conflict_queries import conflicts_of
from evaluation.summaries import queries, services
from evaluation.summaries.forms import ApproveForm, ReturnSummaryForm, TextsForm, texts_form
from portal import clock
from portal.accounts.gate import actor, requires
from portal.audit.queries import trail_of
from portal.database import db
from portal.errors import Refusal
from portal.web.filters import plural
from portal.web.forms import Form
from portal.web.pagination import Page, offset_of, page_number
from portal.web.reading import read_by
from portal.web.text import id_in
from tender.frameworks.facts import RoundFacts

bp = Blueprint("summaries", __name__)


@bp.get("/rounds/<int:round_id>/summaries")
@requires("evaluation:read")
def index(round_id: int) -> ResponseReturnValue:
    """A round's summaries, with how much of them is written and approved."""
    return _index(queries.round_for(actor(), round_id), Form())


def _index(facts: RoundFacts, form: Form) -> ResponseReturnValue:
    number = page_number(request.values.get("page"))
    rows, total = queries.summaries_of(facts.id, skip=offset_of(number, queries.PAGE))
    rendered = render_template(
        "summaries/index.html",
        round=facts,
        coverage=queries.coverage_of(facts.id),
        page=Page(rows, number, total, queries.PAGE),
        withheld=frozenset(db.session.scalars(conflicts_of(actor()))),
        as_at=clock.now(),
        form=form,
    )
    return rendered, form.http_status


def _all_at_once(round_id: int, act: Callable[[], int], said: Callable[[int], str]) -> ResponseReturnValue:
    """Do something to all summaries of a round, say to how many, and go back to the list; or say why not."""
    facts, form = queries.round_for(actor(), round_id), Form()
    try:
        count = act()
    except Refusal as refusal:
        form.refuse(refusal)
        return _index(facts, form)
    flash(said(count), "success")
    return redirect(url_for("summaries.index", round_id=round_id), 303)


@bp.post("/rounds/<int:round_id>/summaries/draft")
@requires("summary:write")
def draft(round_id: int) -> ResponseReturnValue:
    """Draft what is missing from the agreed reasons."""
    return _all_at_once(
        round_id,
        lambda: services.draft_summaries(round_id=round_id, by=actor()),
        lambda count: f"{plural(count, 'text')} drafted from the agreed reasons. Read and edit them.",
    )


@bp.post("/rounds/<int:round_id>/summaries/offer")
@requires("summary:write")
def offer_all(round_id: int) -> ResponseReturnValue:
    """Send all that lack nothing for approval."""
    return _all_at_once(
        round_id,
        lambda: services.offer_all(round_id=round_id, by=actor()),
        lambda count: f"{plural(count, 'summary', 'summaries')} sent for approval.",
    )


@bp.post("/rounds/<int:round_id>/summaries/approve")
@requires("outcome:approve")
def approve_all(round_id: int) -> ResponseReturnValue:
    """Approve the summaries that the page showed."""
    seen = {}
    for value in request.form.getlist("seen"):
        application, _, version = value.partition(":")
        application_id, shown = id_in(application, None), id_in(version, None)
        if application_id is not None and shown is not None:
            seen[application_id] = shown
    return _all_at_once(
        round_id,
        lambda: services.approve_summaries(round_id=round_id, seen=seen, by=actor()),
        lambda count: f"{plural(count, 'summary', 'summaries')} approved.",
    )


@bp.get("/rounds/<int:round_id>/summaries/<int:application_id>")
@requires("evaluation:read")
def show(round_id: int, application_id: int) -> ResponseReturnValue:
    """One tender's summary, criterion by criterion."""
    return _show(round_id, application_id)


def _show(
    round_id: int,
    application_id: int,
    typed: TextsForm | None = None,
    returned: ReturnSummaryForm | None = None,
    refusal: Refusal | None = None,
) -> ResponseReturnValue:
    facts = queries.round_for(actor(), round_id)
    summary = queries.summary_for(actor(), round_id, application_id)
    criteria = queries.criteria_of(round_id, application_id)
    form = typed or texts_form(criteria, summary["version"], posted=False)
    form.version.data = str(summary["version"])
    returned = returned or ReturnSummaryForm(formdata=None)
    returned.version.data = str(summary["version"])
    shown = returned if returned.errors else form
    if refusal:
        shown.refuse(refusal)
    read_by(actor(), "application", application_id, page="assessment summary")
    authors = {summary["offered_by_id"], *(each.written_by_id for each in criteria)}
    rendered = render_template(
        "summaries/show.html",
        round=facts,
        summary=summary,
        criteria=criteria,
        history=queries.history_of(application_id),
        trail=trail_of("assessment_summary", application_id),
        own=actor().person_id in authors,
        texts=form,
        returned=returned,
        form=shown,
    )
    return rendered, shown.http_status


@bp.post("/rounds/<int:round_id>/summaries/<int:application_id>")
@requires("summary:write")
def save(round_id: int, application_id: int) -> ResponseReturnValue:
    """Save the texts; with the other button, send the summary for approval as well."""
    summary = _found(round_id, application_id)
    criteria = queries.criteria_of(round_id, application_id)
    form = texts_form(criteria, summary["version"], posted=True)
    if not form.validate_on_submit():
        return _show(round_id, application_id, typed=form)
    version = form.version.number
    try:
        changed = services.write_summary(
            round_id=round_id,
            application_id=application_id,
            said=form.said(criteria),
            version=version,
            by=actor(),
        )
        if "offer" in request.form:
            now = queries.summary_for(actor(), round_id, application_id)["version"]
            services.offer_summary(
                round_id=round_id,
                application_id=application_id,
                version=now if changed else version,
                by=actor(),
            )
    except Refusal as refusal:
        return _show(round_id, application_id, typed=form, refusal=refusal)
    done = "Saved and sent for approval." if "offer" in request.form else "Saved."
    flash(done, "success")
    return redirect(url_for("summaries.show", round_id=round_id, application_id=application_id), 303)


@bp.post("/rounds/<int:round_id>/summaries/<int:application_id>/approve")
@requires("outcome:approve")
def approve(round_id: int, application_id: int) -> ResponseReturnValue:
    """Approve one summary."""
    _found(round_id, application_id)
    try:
        services.approve_summary(
            round_id=round_id,
            application_id=application_id,
            version=ApproveForm().version.number,
            by=actor(),
        )
    except Refusal as refusal:
        return _show(round_id, application_id, refusal=refusal)
    flash("Approved.", "success")
    return redirect(url_for("summaries.index", round_id=round_id), 303)


@bp.post("/rounds/<int:round_id>/summaries/<int:application_id>/return")
@requires("outcome:approve")
def send_back(round_id: int, application_id: int) -> ResponseReturnValue:
    """Return one summary with a reason."""
    _found(round_id, application_id)
    form = ReturnSummaryForm()
    if not form.validate_on_submit():
        return _show(round_id, application_id, returned=form)
    try:
        services.return_summary(
            round_id=round_id,
            application_id=application_id,
            reason=form.reason.data or "",
            version=form.version.number,
            by=actor(),
        )
    except Refusal as refusal:
        return _show(round_id, application_id, returned=form, refusal=refusal)
    flash("Returned with your reason.", "success")
    return redirect(url_for("summaries.index", round_id=round_id), 303)


def _found(round_id: int, application_id: int) -> RowMapping:
    """The summary, of a round that the viewer may read. Raises `NotFound`."""
    queries.round_for(actor(), round_id)
    return queries.summary_for(actor(), round_id, application_id)
