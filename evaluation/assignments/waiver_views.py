"""Pages of one declared conflict: its mitigation, and whether it is waived."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.assignments import declaration_services, waiver_services
from evaluation.assignments.conflict_queries import conflict_for, waivers_of
from evaluation.assignments.declaration_queries import declaration_for
from evaluation.assignments.forms import MitigationForm, WaiverForm
from portal.accounts.access import Actor
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.forms import Form

bp = Blueprint("waivers", __name__)


@dataclass(frozen=True)
class Declared:
    """Where a conflict was declared, and with it how it is read, mitigated and waived, at which endpoints.

    `named` is what its address and the services call it.
    """

    named: str
    read: Callable[[Actor, int], RowMapping]
    propose: Callable[..., None]
    decide: Callable[..., None]
    shown_at: str
    proposed_at: str
    decided_at: str


WITH_A_TENDER = Declared(
    "assignment_id",
    conflict_for,
    waiver_services.propose_mitigation,
    waiver_services.decide_waiver,
    "waivers.show",
    "waivers.propose",
    "waivers.decide",
)
ON_THE_LIST = Declared(
    "declaration_id",
    declaration_for,
    declaration_services.propose_for_declaration,
    declaration_services.decide_declaration,
    "waivers.declared",
    "waivers.propose_declared",
    "waivers.decide_declared",
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


def _propose(where: Declared, conflict_id: int) -> ResponseReturnValue:
    where.read(actor(), conflict_id)
    form = MitigationForm()
    if form.validate_on_submit():
        try:
            where.propose(**{where.named: conflict_id}, mitigation=form.mitigation.data or "", by=actor())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The mitigation is proposed. The approver decides.", "success")
            return redirect(url_for(where.shown_at, **{where.named: conflict_id}), 303)
    return _page(where, conflict_id, form)


def _decide(where: Declared, conflict_id: int) -> ResponseReturnValue:
    where.read(actor(), conflict_id)
    form = WaiverForm()
    if form.validate_on_submit():
        try:
            where.decide(
                **{where.named: conflict_id},
                granted=form.decision.data == "yes",
                reason=form.reason.data or "",
                by=actor(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your decision is recorded.", "success")
            return redirect(url_for(where.shown_at, **{where.named: conflict_id}), 303)
    return _page(where, conflict_id, form)


def _page(where: Declared, conflict_id: int, form: Form) -> ResponseReturnValue:
    conflict, named = where.read(actor(), conflict_id), {where.named: conflict_id}
    waivers = waivers_of(**named)
    waiting = bool(waivers) and waivers[0]["granted"] is None
    page = render_template(
        "waivers/show.html",
        conflict=conflict,
        waivers=waivers,
        propose_at=url_for(where.proposed_at, **named),
        decide_at=url_for(where.decided_at, **named),
        may_propose=actor().may("panel:manage") and conflict["state"] == "conflicted" and not waiting,
        may_decide=actor().may("outcome:approve")
        and waiting
        and waivers[0]["proposed_by_id"] != actor().person_id,
        form=form,
    )
    return page, (422 if form.errors else 200)
