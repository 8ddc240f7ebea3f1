"""Pages of panels and assignments: naming the panel, handing out tenders, declaring, handing back."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.assignments import conflict_queries, queries, services
from evaluation.assignments.declaration_queries import DECIDES
from evaluation.assignments.forms import DeclarationForm, DeclineForm, PanelForm
from evaluation.assignments.hidden_queries import reports_in
from evaluation.assignments.panel_words import events_of, part_in_words
from evaluation.assignments.proposal_queries import sections_of
from evaluation.assignments.waiver_queries import waivers_of
from evaluation.interests.queries import considerations
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.filters import plural
from tender.applications.access import OPENED
from tender.applications.closed_queries import round_with_tenderers
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import lots_of_round

bp = Blueprint("assignments", __name__)


@bp.get("/rounds/<int:round_id>/panel")
@requires("panel:manage", "evaluation:read")
def panel(round_id: int) -> ResponseReturnValue:
    """Who evaluates and moderates this round, how far they are, and what conflicts they declared."""
    round = round_with_tenderers(actor(), round_id)
    people = queries.candidates_for(round.council_id, round_id)
    form = PanelForm(
        data={
            f"{role}s": [person.person_id for person in people if person.serves_as == role]
            for role in queries.ROLE_PERMISSIONS
        }
    )
    return _panel_page(round, people, form)


@bp.post("/rounds/<int:round_id>/panel")
@requires("panel:manage")
def name_panel(round_id: int) -> ResponseReturnValue:
    """Set the panel."""
    round = round_with_tenderers(actor(), round_id)
    form = PanelForm()
    if form.validate_on_submit():
        with form.refusals():
            services.name_panel(
                round_id=round_id,
                evaluators=form.evaluators.data or [],
                moderators=form.moderators.data or [],
                reason=form.reason.data or "",
                by=actor(),
            )
            flash("The panel is saved.", "success")
            return redirect(url_for("assignments.panel", round_id=round_id), 303)
    return _panel_page(round, queries.candidates_for(round.council_id, round_id), form)


@bp.post("/rounds/<int:round_id>/panel/assign")
@requires("panel:manage")
def assign(round_id: int) -> ResponseReturnValue:
    """Hand the conforming tenders out to every evaluator."""
    round = round_with_tenderers(actor(), round_id)
    try:
        new = services.assign_panel(round_id=round_id, by=actor())
    except Refusal as refusal:
        people = queries.candidates_for(round.council_id, round_id)
        form = PanelForm(formdata=None)
        form.refuse(refusal)
        return _panel_page(round, people, form)
    flash(
        f"{plural(new, 'new assignment')} made." if new else "Every tender was handed out already.", "success"
    )
    return redirect(url_for("assignments.panel", round_id=round_id), 303)


def _panel_page(round: RoundFacts, people: list[queries.Candidate], form: PanelForm) -> ResponseReturnValue:
    for role in queries.ROLE_PERMISSIONS:
        form[f"{role}s"].choices = {person.person_id: person.name for person in people if person.may_be(role)}
    lots = {lot.id: lot.number for lot in lots_of_round(round.id)}
    sections = round.section_titles
    names = {person.person_id: person.name for person in people}
    marking = [person for person in people if person.part and person.serves_as == "evaluator"]
    told = actor().may("panel:manage", "audit:read")
    moderates = any(each.person_id == actor().person_id and each.serves_as == "moderator" for each in people)
    page = render_template(
        "assignments/panel.html",
        round=round,
        people=people,
        marks={
            each.person_id: part_in_words(each.part["lots"], each.part["sections"], lots, sections)
            for each in marking
        },
        skills={each.person_id: each.part["skills"] for each in marking},
        progress=queries.progress_of(round.id),
        conflicts=conflict_queries.conflicts_in(round.id) if told else (),
        declares=round.state in OPENED and (moderates or actor().may(*DECIDES)),
        reports=reports_in(round.id) if told and round.names_hidden else (),
        declined=queries.declined_in(round.id) if told else (),
        short=queries.short_of_evaluators(round.id) if round.state == "marking" else (),
        events=events_of(queries.history_of(round.id), names, lots, sections) if told else (),
        form=form,
    )
    return page, form.http_status


@bp.get("/marking/<int:assignment_id>/declaration")
@requires("tender:mark")
def declaration(assignment_id: int) -> ResponseReturnValue:
    """The provider's name and the question whether there is a conflict; nothing else of the tender. Where
    names are hidden there is the list of all tenderers instead."""
    assignment = queries.assignment_for(actor(), assignment_id)
    if assignment["listed"] and assignment["state"] in ("assigned", "conflicted"):
        return redirect(url_for("declarations.show", round_id=assignment["round_id"]))
    return _declaration_page(assignment, DeclarationForm(formdata=None), DeclineForm(formdata=None))


@bp.post("/marking/<int:assignment_id>/declaration")
@requires("tender:mark")
def declare(assignment_id: int) -> ResponseReturnValue:
    """Accept the tender, or close it by declaring a conflict."""
    assignment = queries.assignment_for(actor(), assignment_id)
    form = DeclarationForm()
    if form.validate_on_submit():
        with form.refusals():
            if form.declaration.data == "none":
                services.accept(assignment_id=assignment_id, by=actor())
                return redirect(_onward(assignment_id), 303)
            services.declare_conflict(
                assignment_id=assignment_id,
                kind=form.declaration.data or "",
                conflict=form.conflict.data or "",
                by=actor(),
            )
            flash("Your conflict is recorded. The procurement lead is told.", "success")
            return redirect(_onward(None), 303)
    return _declaration_page(assignment, form, DeclineForm(formdata=None))


@bp.post("/marking/<int:assignment_id>/decline")
@requires("tender:mark")
def decline(assignment_id: int) -> ResponseReturnValue:
    """Hand the tender back, with a reason."""
    assignment = queries.assignment_for(actor(), assignment_id)
    form = DeclineForm()
    if form.validate_on_submit():
        with form.refusals():
            services.decline(assignment_id=assignment_id, reason=form.reason.data or "", by=actor())
            flash("You have handed the tender back. The procurement lead is told.", "success")
            return redirect(_onward(None), 303)
    return _declaration_page(assignment, DeclarationForm(formdata=None), form)


def _declaration_page(
    assignment: RowMapping, form: DeclarationForm, decline_form: DeclineForm
) -> ResponseReturnValue:
    if assignment["state"] == "locked":
        form.after_the_lock()
    undecided = assignment["state"] in ("assigned", "accepted", "declined") and not assignment["listed"]
    page = render_template(
        "assignments/declaration.html",
        assignment=assignment,
        considerations=considerations({actor().person_id or 0: actor().name}, [assignment["provider_id"]])
        if undecided
        else (),
        waivers=waivers_of(assignment_id=assignment["id"])
        if assignment["conflict_kind"] and not assignment["listed"]
        else (),
        late=conflict_queries.declared_late(actor(), assignment["application_id"])
        if assignment["state"] == "locked"
        else None,
        titles=sections_of(assignment["round_id"]) if assignment["conflict_kind"] else {},
        form=decline_form if decline_form.errors else form,
        declaration=form,
        decline=decline_form,
    )
    return page, (422 if form.errors or decline_form.errors else 200)


def _onward(assignment_id: int | None) -> str:
    """The tender that was accepted or, where that was asked for, the next provider to declare on."""
    if request.form.get("then") == "next":
        following = queries.next_undeclared(actor())
        if following is not None:
            return url_for("assignments.declaration", assignment_id=following)
    if assignment_id is None:
        return url_for("scoring.index")
    return url_for("scoring.show", assignment_id=assignment_id)
