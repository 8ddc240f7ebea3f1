"""Pages of conformity: the tenders against the conditions, and one condition to decide."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.conformity import check_queries, dry_run, queries, services
from evaluation.conformity.forms import ChecksFilter, DecideForm
from evaluation.inquiries.queries import Point, inquiries_about
from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.forms import Form
from portal.web.pagination import Page, offset_of, page_number
from portal.web.reading import read_by
from tender.applications.access import withheld
from tender.applications.closed_queries import closed_in, refuse_barred, round_with_tenderers
from tender.applications.values import grid_of, in_words
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import lots_of_round

bp = Blueprint("conformity", __name__)
LINES_A_PAGE = 50


@bp.get("/rounds/<int:round_id>/conformity")
@requires("conformity:decide", "evaluation:read")
def show(round_id: int) -> ResponseReturnValue:
    """The round's tenders against its conditions, what is to decide first."""
    return _show(round_id, Form())


def _show(round_id: int, form: Form) -> ResponseReturnValue:
    round = round_with_tenderers(actor(), round_id)
    number = page_number(request.args.get("page"))
    size = queries.TENDERS_A_PAGE
    shown = ChecksFilter(lots_of_round(round_id))
    closed = closed_in(actor(), round_id)
    tenders, total = queries.tenders_of(
        round_id, lot_id=shown.lot_id, only=shown.chosen, skip=offset_of(number, size)
    )
    page = render_template(
        "conformity/show.html",
        round=round,
        conditions=queries.conditions_of(round_id),
        to_decide=queries.to_decide(round_id, last=closed),
        closed=closed,
        page=Page(tenders, number, total, size),
        shown=shown,
        as_at=clock.now(),
        form=form,
    )
    return page, form.http_status


@bp.get("/rounds/<int:round_id>/conformity/dry-run")
@requires("conformity:decide", "evaluation:read")
def rehearse(round_id: int) -> ResponseReturnValue:
    """What the rules say now, what a run would change, and what it leaves."""
    round = round_with_tenderers(actor(), round_id)
    shown = ChecksFilter(lots_of_round(round_id), dry_run=True)
    lines = dry_run.dry_run(round_id) if round.state == "opened" else []
    found = dry_run.chosen(lines, lot_id=shown.lot_id, only=shown.chosen)
    number = page_number(request.args.get("page"))
    first = offset_of(number, LINES_A_PAGE)
    return render_template(
        "conformity/dry_run.html",
        round=round,
        effects=dry_run.effects(lines),
        closed=closed_in(actor(), round_id),
        page=Page(found[first : first + LINES_A_PAGE], number, len(found), LINES_A_PAGE),
        shown=shown,
        as_at=clock.now(),
    )


@bp.post("/rounds/<int:round_id>/conformity/run")
@requires("conformity:decide")
def run(round_id: int) -> ResponseReturnValue:
    """Run the rules again."""
    round_with_tenderers(actor(), round_id)
    form = Form()
    try:
        checks = services.run_rules(round_id=round_id, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(round_id, form)
    flash(f"{checks:,} conditions were checked again. What people decided has not changed.", "success")
    return redirect(url_for("conformity.show", round_id=round_id), 303)


@bp.post("/rounds/<int:round_id>/start-marking")
@requires("conformity:decide")
def start_marking(round_id: int) -> ResponseReturnValue:
    """End conformity and go on to the panel, or to the outcomes where conditions alone decide."""
    facts = round_with_tenderers(actor(), round_id)
    form = Form()
    try:
        services.start_marking(round_id=round_id, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(round_id, form)
    if facts.by_conditions:
        flash("The conditions are decided. Recommend an outcome for each tender.", "success")
        return redirect(url_for("outcomes.decisions", round_id=round_id), 303)
    flash("Marking has started. Hand the tenders out to the panel.", "success")
    return redirect(url_for("assignments.panel", round_id=round_id), 303)


@bp.get("/rounds/<int:round_id>/conformity/<int:check_id>")
@requires("conformity:decide", "evaluation:read")
def check(round_id: int, check_id: int) -> ResponseReturnValue:
    """One condition of one tender: the answer, what the rule says, and who decided what."""
    round = round_with_tenderers(actor(), round_id)
    found = _open_check(round_id, check_id)
    decided = found["decided_at"] is not None
    form = DecideForm(
        data={
            "version": found["version"],
            "result": found["result"] if decided else None,
            "reason": found["reason"] if decided else "",
        }
    )
    return _check_page(round, found, form)


def _open_check(round_id: int, check_id: int) -> RowMapping:
    """A check of a tender that is not closed to the viewer, who has declared on the round's tenderers. Raises
    `NotFound`."""
    found = check_queries.check_for(round_id, check_id)
    refuse_barred(actor(), found["application_id"])
    return found


@bp.post("/rounds/<int:round_id>/conformity/<int:check_id>")
@requires("conformity:decide")
def decide(round_id: int, check_id: int) -> ResponseReturnValue:
    """Pass or fail one condition, and go on to the next that is referred."""
    round = round_with_tenderers(actor(), round_id)
    found = _open_check(round_id, check_id)
    form = DecideForm()
    if form.validate_on_submit():
        try:
            services.decide_check(
                check_id=check_id,
                result=form.result.data,
                reason=form.reason.data or "",
                version=form.version.number,
                by=actor(),
            )
        except services.DecidedMeanwhile as refusal:
            found = check_queries.check_for(round_id, check_id)
            form.version.data = str(found["version"])
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Saved: {found['title']}, {found['provider_name']}.", "success")
            return redirect(_next_page(round_id, found["question_id"]), 303)
    return _check_page(round, found, form)


def _next_page(round_id: int, question_id: int) -> str:
    closed = closed_in(actor(), round_id)
    following = queries.to_decide(round_id, first=question_id, last=closed, most=1)
    if not following or following[0]["application_id"] in closed:
        return url_for("conformity.show", round_id=round_id)
    return url_for("conformity.check", round_id=round_id, check_id=following[0]["id"])


def _check_page(round: RoundFacts, found: Mapping[Any, Any], form: DecideForm) -> ResponseReturnValue:
    read_by(actor(), "application", found["application_id"], page="condition", question=found["title"])
    shut = found["tells_price"] and found["code"] in withheld(actor(), round.id, found["application_id"])
    asked = () if shut else inquiries_about(found["application_id"], found["question_id"], found["lot_id"])
    page = render_template(
        "conformity/check.html",
        round=round,
        check=found,
        shut=shut,
        lines=in_words(found["kind"], found["options"], found["value"], found["shape"]),
        grid=grid_of(found["kind"], found["shape"], found["value"]),
        files=queries.files_of(found["answer_id"]) if found["kind"] == "file" else (),
        decisions=check_queries.decisions_on(found["id"]),
        lots=check_queries.lots_of_tender(found["application_id"]),
        inquiries=asked,
        about=Point(found["question_id"], found["lot_id"], found["title"], found["lot_number"]).key,
        form=form,
    )
    return page, form.http_status
