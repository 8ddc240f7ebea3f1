"""Pages of moderation meetings: those of a round, and one with who was there and what was agreed."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.assignments.queries import serves
from evaluation.moderation import meeting_queries as queries
from evaluation.moderation import meeting_services as services
from evaluation.moderation.meeting_forms import BeginForm, MeetingForm
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.pagination import Page, offset_of, page_number
from tender.applications.closed_queries import round_with_tenderers
from tender.frameworks.facts import RoundFacts

bp = Blueprint("meetings", __name__)


@bp.get("/rounds/<int:round_id>/moderation/meetings")
@requires("tender:moderate", "evaluation:read")
def index(round_id: int) -> ResponseReturnValue:
    """The meetings of a round's panel, and the way to begin one."""
    return _index(round_with_tenderers(actor(), round_id), BeginForm(formdata=None))


@bp.post("/rounds/<int:round_id>/moderation/meetings")
@requires("tender:moderate")
def begin(round_id: int) -> ResponseReturnValue:
    """Begin a meeting, and go to it."""
    round, form = round_with_tenderers(actor(), round_id), BeginForm()
    if form.validate_on_submit():
        try:
            meeting_id = services.begin_meeting(
                round_id=round_id,
                present=form.present.data or [],
                observers=form.observers.data or "",
                by=actor(),
            )
        except services.MeetingRuns as refusal:
            flash(refusal.sentence)
            running = queries.running_meeting(round_id)
            return redirect(url_for("meetings.show", meeting_id=running), 303)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The meeting has begun. Marks agreed from now on belong to it.", "success")
            return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)
    return _index(round, form)


def _index(round: RoundFacts, form: BeginForm) -> ResponseReturnValue:
    number, size = page_number(request.args.get("page")), queries.MEETINGS_A_PAGE
    rows, total = queries.meetings_of(round.id, skip=offset_of(number, size))
    running = queries.running_now(round.id)
    may_hold = round.state == "marking" and serves(actor(), round.id, "moderator")
    form.offer(queries.panel_members(round.id) if may_hold else ())
    page = render_template(
        "moderation/meetings.html",
        round=round,
        page=Page(rows, number, total, size),
        running=running,
        may_begin=may_hold and running is None,
        form=form,
    )
    return page, form.http_status


@bp.get("/meetings/<int:meeting_id>")
@requires("tender:moderate", "evaluation:read")
def show(meeting_id: int) -> ResponseReturnValue:
    """One meeting: when, who, and what was agreed in it."""
    form = MeetingForm(formdata=None)
    form.fill(queries.meeting_for(actor(), meeting_id), queries.attendance_of(meeting_id))
    return _show(meeting_id, form)


@bp.post("/meetings/<int:meeting_id>")
@requires("tender:moderate")
def save(meeting_id: int) -> ResponseReturnValue:
    """Note who is there and, by the second button, end the meeting."""
    queries.meeting_for(actor(), meeting_id)
    form, ends = MeetingForm(), "end" in request.form
    if form.validate_on_submit():
        try:
            services.save_meeting(
                meeting_id=meeting_id,
                present=form.present.data or [],
                observers=form.observers.data or "",
                absent_views=form.absent_views.data or "",
                version=form.version.number,
                end=ends,
                by=actor(),
            )
        except services.MeetingChanged as refusal:
            form.version.data = str(refusal.version)
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The meeting has ended, and is a record now." if ends else "Saved.", "success")
            return redirect(url_for("meetings.show", meeting_id=meeting_id), 303)
    return _show(meeting_id, form)


def _show(meeting_id: int, form: MeetingForm) -> ResponseReturnValue:
    meeting, attendance = queries.meeting_for(actor(), meeting_id), queries.attendance_of(meeting_id)
    number, size = page_number(request.args.get("page")), queries.MARKS_A_PAGE
    rows, total = queries.agreed_in(actor(), meeting_id, skip=offset_of(number, size))
    form.offer(attendance)
    page = render_template(
        "moderation/meeting.html",
        meeting=meeting,
        attendance=attendance,
        page=Page(rows, number, total, size),
        may_change=meeting["ended_at"] is None and serves(actor(), meeting["round_id"], "moderator"),
        form=form,
    )
    return page, form.http_status
