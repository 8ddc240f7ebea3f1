"""Pages of one declared conflict: its mitigation, and whether it is waived."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.assignments import declaration_services, waiver_services
from evaluation.assignments.conflict_queries import conflict_for, waivers_of
from evaluation.assignments.declaration_queries import declaration_for
from evaluation.assignments.forms import MitigationForm, WaiverForm
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.forms import Form

bp = Blueprint("waivers", __name__)


@bp.get("/waivers/<int:assignment_id>")
@requires("panel:manage", "outcome:approve", "audit:read")
def show(assignment_id: int) -> ResponseReturnValue:
    """A declared conflict, what was proposed and decided, and what this person may do."""
    form = MitigationForm if actor().may("panel:manage") else WaiverForm
    return _page(assignment_id, form(formdata=None))


@bp.post("/waivers/<int:assignment_id>/mitigation")
@requires("panel:manage")
def propose(assignment_id: int) -> ResponseReturnValue:
    """Propose how the conflict is mitigated, so that somebody else may waive it."""
    conflict_for(actor(), assignment_id)
    form = MitigationForm()
    if form.validate_on_submit():
        try:
            waiver_services.propose_mitigation(
                assignment_id=assignment_id, mitigation=form.mitigation.data or "", by=actor()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The mitigation is proposed. The approver decides.", "success")
            return redirect(url_for("waivers.show", assignment_id=assignment_id), 303)
    return _page(assignment_id, form)


@bp.post("/waivers/<int:assignment_id>/waiver")
@requires("outcome:approve")
def decide(assignment_id: int) -> ResponseReturnValue:
    """Waive the conflict, or refuse to."""
    conflict_for(actor(), assignment_id)
    form = WaiverForm()
    if form.validate_on_submit():
        try:
            waiver_services.decide_waiver(
                assignment_id=assignment_id,
                granted=form.decision.data == "yes",
                reason=form.reason.data or "",
                by=actor(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your decision is recorded.", "success")
            return redirect(url_for("waivers.show", assignment_id=assignment_id), 303)
    return _page(assignment_id, form)


@bp.get("/waivers/declarations/<int:declaration_id>")
@requires("panel:manage", "outcome:approve", "audit:read")
def declared(declaration_id: int) -> ResponseReturnValue:
    """As `show`, of a conflict that was declared on the list of all tenderers."""
    form = MitigationForm if actor().may("panel:manage") else WaiverForm
    return _declared_page(declaration_id, form(formdata=None))


@bp.post("/waivers/declarations/<int:declaration_id>/mitigation")
@requires("panel:manage")
def propose_declared(declaration_id: int) -> ResponseReturnValue:
    """As `propose`, of such a conflict."""
    declaration_for(actor(), declaration_id)
    form = MitigationForm()
    if form.validate_on_submit():
        try:
            declaration_services.propose_for_declaration(
                declaration_id=declaration_id, mitigation=form.mitigation.data or "", by=actor()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The mitigation is proposed. The approver decides.", "success")
            return redirect(url_for("waivers.declared", declaration_id=declaration_id), 303)
    return _declared_page(declaration_id, form)


@bp.post("/waivers/declarations/<int:declaration_id>/waiver")
@requires("outcome:approve")
def decide_declared(declaration_id: int) -> ResponseReturnValue:
    """As `decide`, of such a conflict."""
    declaration_for(actor(), declaration_id)
    form = WaiverForm()
    if form.validate_on_submit():
        try:
            declaration_services.decide_declaration(
                declaration_id=declaration_id,
                granted=form.decision.data == "yes",
                reason=form.reason.data or "",
                by=actor(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your decision is recorded.", "success")
            return redirect(url_for("waivers.declared", declaration_id=declaration_id), 303)
    return _declared_page(declaration_id, form)


def _page(assignment_id: int, form: Form) -> ResponseReturnValue:
    conflict = conflict_for(actor(), assignment_id)
    named = {"assignment_id": assignment_id}
    steps = url_for("waivers.propose", **named), url_for("waivers.decide", **named)
    return _waiver_page(conflict, waivers_of(assignment_id=assignment_id), form, steps)


def _declared_page(declaration_id: int, form: Form) -> ResponseReturnValue:
    conflict = declaration_for(actor(), declaration_id)
    named = {"declaration_id": declaration_id}
    steps = url_for("waivers.propose_declared", **named), url_for("waivers.decide_declared", **named)
    return _waiver_page(conflict, waivers_of(declaration_id=declaration_id), form, steps)


def _waiver_page(
    conflict: RowMapping, waivers: Sequence[RowMapping], form: Form, steps: tuple[str, str]
) -> ResponseReturnValue:
    waiting = bool(waivers) and waivers[0]["granted"] is None
    page = render_template(
        "waivers/show.html",
        conflict=conflict,
        waivers=waivers,
        propose_at=steps[0],
        decide_at=steps[1],
        may_propose=actor().may("panel:manage") and conflict["state"] == "conflicted" and not waiting,
        may_decide=actor().may("outcome:approve")
        and waiting
        and waivers[0]["proposed_by_id"] != actor().person_id,
        form=form,
    )
    return page, (422 if form.errors else 200)
