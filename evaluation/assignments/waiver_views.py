"""Pages of one declared conflict: its mitigation, and whether it is waived."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.assignments.forms import MitigationForm, WaiverForm
from evaluation.assignments.proposal_queries import sections_of
from evaluation.assignments.waiver_queries import conflict_for, marked_sections, waivers_of
from evaluation.assignments.waiver_services import WaiverTells, decide_waiver, propose_mitigation
from portal.accounts.gate import actor, requires
from portal.web.forms import Form

bp = Blueprint("waivers", __name__)


@dataclass(frozen=True)
class Declared:
    """Where a conflict was declared: what its address, queries and services call it, and its endpoints."""

    named: str
    shown_at: str
    proposed_at: str
    decided_at: str


WITH_A_TENDER = Declared("assignment_id", "waivers.show", "waivers.propose", "waivers.decide")
ON_THE_LIST = Declared(
    "declaration_id", "waivers.declared", "waivers.propose_declared", "waivers.decide_declared"
)


@bp.get("/waivers/<int:assignment_id>")
@requires("panel:manage", "outcome:approve", "audit:read")
def show(assignment_id: int) -> ResponseReturnValue:
    """A declared conflict, what was proposed and decided, and what this person may do."""
    return _show(WITH_A_TENDER, assignment_id)


@bp.post("/waivers/<int:assignment_id>/mitigation")
@requires("panel:manage")
def propose(assignment_id: int) -> ResponseReturnValue:
    """Propose how the conflict is mitigated, so that somebody else may waive it."""
    return _propose(WITH_A_TENDER, assignment_id)


@bp.post("/waivers/<int:assignment_id>/waiver")
@requires("outcome:approve")
def decide(assignment_id: int) -> ResponseReturnValue:
    """Waive the conflict, or refuse to."""
    return _decide(WITH_A_TENDER, assignment_id)


@bp.get("/waivers/declarations/<int:declaration_id>")
@requires("panel:manage", "outcome:approve", "audit:read")
def declared(declaration_id: int) -> ResponseReturnValue:
    """As `show`, of a conflict that was declared on the list of all tenderers."""
    return _show(ON_THE_LIST, declaration_id)


@bp.post("/waivers/declarations/<int:declaration_id>/mitigation")
@requires("panel:manage")
def propose_declared(declaration_id: int) -> ResponseReturnValue:
    """As `propose`, of such a conflict."""
    return _propose(ON_THE_LIST, declaration_id)


@bp.post("/waivers/declarations/<int:declaration_id>/waiver")
@requires("outcome:approve")
def decide_declared(declaration_id: int) -> ResponseReturnValue:
    """As `decide`, of such a conflict."""
    return _decide(ON_THE_LIST, declaration_id)


def _show(where: Declared, conflict_id: int) -> ResponseReturnValue:
    form = MitigationForm if actor().may("panel:manage") else WaiverForm
    return _page(where, conflict_id, form(formdata=None))


def _sections(conflict: RowMapping) -> dict[str, str]:
    """The sections that may be left out: of a tender that was given to whoever declared the conflict."""
    return marked_sections(conflict) if "sections" in conflict else {}


def _propose(where: Declared, conflict_id: int) -> ResponseReturnValue:
    this = {where.named: conflict_id}
    form = MitigationForm()
    form.offer(_sections(conflict_for(actor(), **this)))
    if form.validate_on_submit():
        with form.refusals():
            propose_mitigation(
                **this, mitigation=form.mitigation.data or "", left_out=form.sections, by=actor()
            )
            flash("The mitigation is proposed. The approver decides.", "success")
            return redirect(url_for(where.shown_at, **this), 303)
    return _page(where, conflict_id, form)


def _decide(where: Declared, conflict_id: int) -> ResponseReturnValue:
    this = {where.named: conflict_id}
    conflict_for(actor(), **this)
    form = WaiverForm()
    if form.validate_on_submit():
        granted = form.decision.data == "yes"
        with form.refusals():
            decide_waiver(**this, granted=granted, reason=form.reason.data or "", by=actor())
            flash("Your decision is recorded.", "success")
            return redirect(url_for(where.shown_at, **this), 303)
    return _page(where, conflict_id, form)


def _page(where: Declared, conflict_id: int, form: Form) -> ResponseReturnValue:
    this = {where.named: conflict_id}
    conflict, waivers = conflict_for(actor(), **this), waivers_of(**this)
    if isinstance(form, MitigationForm):
        form.offer(_sections(conflict))
    waiting = bool(waivers) and waivers[0]["granted"] is None
    proposes = actor().may("panel:manage") and conflict["state"] == "conflicted" and not waiting
    page = render_template(
        "waivers/show.html",
        conflict=conflict,
        declaration_id=this.get("declaration_id"),
        waivers=waivers,
        titles=sections_of(conflict["round_id"]) if any(each["left_out"] for each in waivers) else {},
        propose_at=url_for(where.proposed_at, **this),
        decide_at=url_for(where.decided_at, **this),
        may_propose=proposes and not conflict["names_tell"],
        told=WaiverTells.sentence if proposes and conflict["names_tell"] else "",
        may_decide=actor().may("outcome:approve")
        and waiting
        and waivers[0]["proposed_by_id"] != actor().person_id,
        form=form,
    )
    return page, form.http_status
