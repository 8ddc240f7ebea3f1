"""Pages on personal data: periods, holds, what is due, and subject access."""

import json
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.personal_data import queries, services
from portal.personal_data.forms import AccessForm, HoldForm, LiftForm, PeriodForm
from portal.personal_data.kinds import KINDS
from portal.web.pagination import Page, offset_of, page_number

bp = Blueprint("personal_data", __name__)
A_PAGE = 50
_NOBODY = (
    "Nobody here has this address or name, and no referral this reference. Check it. A child is found with "
    "the school that named it."
)


@bp.get("/administration/retention")
@requires("personal_data:manage", "audit:read")
def retention() -> ResponseReturnValue:
    """How long each kind of record is kept."""
    return _retention(PeriodForm(data={"applies_from": clock.today()}))


@bp.post("/administration/retention")
@requires("personal_data:manage")
def set_period() -> ResponseReturnValue:
    """Set a period from a day on."""
    form = PeriodForm()
    if form.validate_on_submit():
        with form.refusals():
            services.set_period(
                kind=form.kind.data,
                months=form.months.data,
                applies_from=form.applies_from.data,
                source=form.source.data,
                by=actor(),
            )
            flash(f"Saved: {KINDS[form.kind.data].title}.", "success")
            return redirect(url_for("personal_data.retention"), 303)
    return _retention(form)


def _retention(form: PeriodForm) -> ResponseReturnValue:
    page = render_template(
        "personal_data/retention.html", kinds=KINDS.values(), policies=queries.policies(), form=form
    )
    return page, form.http_status


@bp.get("/administration/retention/due")
@requires("personal_data:manage", "audit:read")
def due() -> ResponseReturnValue:
    """What the next run erases."""
    number = page_number(request.args.get("page"))
    found, total = queries.due(most=A_PAGE, skip=offset_of(number, A_PAGE))
    return render_template(
        "personal_data/due.html",
        page=Page(found, number, total, A_PAGE),
        kinds=KINDS,
        as_at=clock.now(),
    )


@bp.get("/administration/holds")
@requires("personal_data:manage", "audit:read")
def holds() -> ResponseReturnValue:
    """Legal holds, and a new one."""
    return _holds(HoldForm())


@bp.post("/administration/holds")
@requires("personal_data:manage")
def place_hold() -> ResponseReturnValue:
    """Keep everything of a subject."""
    form = HoldForm()
    if form.validate_on_submit():
        with form.refusals():
            services.place_hold(
                subject_type=form.subject_type.data,
                named=form.named.data,
                reason=form.reason.data,
                by=actor(),
            )
            flash("The hold is in force. Nothing of it is erased until the hold is lifted.", "success")
            return redirect(url_for("personal_data.holds"), 303)
    return _holds(form)


def _holds(form: HoldForm) -> ResponseReturnValue:
    number = page_number(request.args.get("page"))
    found, total = queries.holds(most=A_PAGE, skip=offset_of(number, A_PAGE))
    page = render_template("personal_data/holds.html", page=Page(found, number, total, A_PAGE), form=form)
    return page, form.http_status


@bp.route("/administration/holds/<int:hold_id>/lift", methods=["GET", "POST"])
@requires("personal_data:manage")
def lift_hold(hold_id: int) -> ResponseReturnValue:
    """Let the periods count again."""
    hold = queries.hold(hold_id)
    form = LiftForm()
    if form.validate_on_submit():
        with form.refusals():
            services.lift_hold(hold_id=hold_id, reason=form.reason.data, by=actor())
            flash(f"The hold on {hold['subject_title']} is lifted.", "success")
            return redirect(url_for("personal_data.holds"), 303)
    page = render_template("personal_data/lift.html", hold=hold, form=form)
    return page, form.http_status


@bp.route("/administration/subject-access", methods=["GET", "POST"])
@requires("personal_data:manage")
def access() -> ResponseReturnValue:
    """Put together what the portal holds on somebody."""
    form = AccessForm()
    if form.validate_on_submit():
        try:
            held = services.export(about=form.about.data, school=form.school.data or "", by=actor())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if held is not None:
                return _file(held)
            form.refuse(_NOBODY, "about")
    page = render_template("personal_data/access.html", form=form)
    return page, form.http_status


access.never_kept = True  # a child's name must not lie in clear until somebody signs in again


def _file(held: dict[str, Any]) -> Response:
    """The file, to be saved and read through before it is handed over."""
    what = next(each for each in services.KINDS_OF_FILES if each in held)
    return Response(
        json.dumps(held, ensure_ascii=False, indent=2) + "\n",
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{what}-{held[what]["id"]}.json"'},
    )
