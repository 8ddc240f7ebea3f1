"""Pages of one evaluator's part, of the proposal, and of one tender's evaluators."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.assignments import hand_out_services, queries, services
from evaluation.assignments.conflict_queries import considerations_in
from evaluation.assignments.forms import EACH, PartForm, ProposalForm, TenderPanelForm
from evaluation.assignments.lifecycle import ACTIVE
from evaluation.assignments.proposal_queries import markers_of, proposed_spread, tender_panel
from portal.accounts.gate import actor, requires
from portal.errors import NotFound
from portal.web.filters import plural
from portal.web.pagination import Page, offset_of, page_number
from tender.applications.access import is_opened
from tender.applications.closed_queries import round_with_tenderers
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import lots_of_round

bp = Blueprint("panels", __name__)
TENDERS_A_PAGE = 50


@bp.get("/rounds/<int:round_id>/panel/<int:person_id>")
@requires("panel:manage")
def part(round_id: int, person_id: int) -> ResponseReturnValue:
    """What one evaluator of the panel marks."""
    round = round_with_tenderers(actor(), round_id)
    held = queries.part_of(round_id, person_id)
    if held is None:
        raise NotFound
    form = PartForm(
        formdata=None,
        data={"lots": held["lots"], "sections": held["sections"], "skills": ", ".join(held["skills"])},
    )
    return _part_page(round, person_id, form)


@bp.post("/rounds/<int:round_id>/panel/<int:person_id>")
@requires("panel:manage")
def set_part(round_id: int, person_id: int) -> ResponseReturnValue:
    """Set what one evaluator of the panel marks."""
    round = round_with_tenderers(actor(), round_id)
    form = PartForm()
    if form.validate_on_submit():
        with form.refusals():
            services.set_part(
                round_id=round_id,
                person_id=person_id,
                lots=form.lots.data or [],
                sections=form.sections.data or [],
                skills=form.skill_words,
                reason=form.reason.data or "",
                by=actor(),
            )
            flash("The part is saved.", "success")
            return redirect(url_for("assignments.panel", round_id=round_id), 303)
    return _part_page(round, person_id, form)


def _part_page(round: RoundFacts, person_id: int, form: PartForm) -> ResponseReturnValue:
    sections = round.section_titles
    names = {marker.person_id: marker.name for marker in markers_of(round.id, sections)}
    if person_id not in names:
        raise NotFound
    form.lots.choices = {lot.id: f"Lot {lot.number}: {lot.title}" for lot in lots_of_round(round.id)}
    form.sections.choices = sections
    page = render_template("assignments/part.html", round=round, name=names[person_id], form=form)
    return page, form.http_status


@bp.get("/rounds/<int:round_id>/panel/proposal")
@requires("panel:manage")
def proposal(round_id: int) -> ResponseReturnValue:
    """An even spread of the tenders over the panel, as it would be handed out."""
    return _proposal_page(_opened(round_id), _each(request.args.get("each")), None)


@bp.post("/rounds/<int:round_id>/panel/proposal")
@requires("panel:manage")
def apply(round_id: int) -> ResponseReturnValue:
    """Hand the tenders out as proposed."""
    round = _opened(round_id)
    form = ProposalForm()
    each = _each(form.each.data)
    if form.validate_on_submit():
        with form.refusals():
            given = hand_out_services.apply_proposal(
                round_id=round_id, each=each, fingerprint=form.fingerprint.data or "", by=actor()
            )
            flash(f"{plural(given, 'assignment')} made or widened as proposed.", "success")
            return redirect(url_for("assignments.panel", round_id=round_id), 303)
    return _proposal_page(round, each, form)


def _each(typed: str | None) -> int:
    return int(typed) if typed in EACH else 2


def _proposal_page(round: RoundFacts, each: int, refused: ProposalForm | None) -> ResponseReturnValue:
    proposed = proposed_spread(round.id, each, round.section_titles)
    form = refused or ProposalForm(formdata=None)
    form.each.data, form.fingerprint.data = str(each), proposed.fingerprint
    tenders: dict[int, dict[str, list[str]]] = {}
    for (application_id, person_id), sections in proposed.proposal.given.items():
        for section in sections:
            tenders.setdefault(application_id, {}).setdefault(section, []).append(proposed.people[person_id])
    order = list(proposed.tenders)
    number = page_number(request.args.get("page"))
    skip = offset_of(number, TENDERS_A_PAGE)
    page = render_template(
        "assignments/proposal.html",
        round=round,
        each=each,
        ways=EACH,
        proposed=proposed,
        tenders=tenders,
        page=Page(order[skip : skip + TENDERS_A_PAGE], number, len(order), TENDERS_A_PAGE),
        considerations=considerations_in(round.id, actor().organisation_id or 0),
        form=form,
    )
    return page, form.http_status


@bp.get("/rounds/<int:round_id>/panel/tenders/<int:application_id>")
@requires("panel:manage")
def tender(round_id: int, application_id: int) -> ResponseReturnValue:
    """Who marks which sections of one tender."""
    return _tender_page(_opened(round_id), application_id, sent=False)


@bp.post("/rounds/<int:round_id>/panel/tenders/<int:application_id>")
@requires("panel:manage")
def assign_tender(round_id: int, application_id: int) -> ResponseReturnValue:
    """Set who marks which sections of one tender."""
    return _tender_page(_opened(round_id), application_id, sent=True)


def _opened(round_id: int) -> RoundFacts:
    """A round of the viewer's council whose tender box is open: these pages name who applied.

    Raises `NotFound` for any other.
    """
    round = round_with_tenderers(actor(), round_id)
    if not is_opened(round.state):
        raise NotFound
    return round


def _tender_page(round: RoundFacts, application_id: int, *, sent: bool) -> ResponseReturnValue:
    panel = tender_panel(round.id, application_id)
    free = {row["person_id"]: row["name"] for row in panel.holders if row["state"] != "conflicted"}
    chosen = {
        section: [row["person_id"] for row in panel.holders if panel.holds(row, section)]
        for section in panel.sections
    }
    form = TenderPanelForm.for_sections(panel.sections, free, chosen)
    if sent and form.validate_on_submit():
        with form.refusals():
            hand_out_services.assign_by_hand(
                round_id=round.id,
                application_id=application_id,
                wanted=form.by_person(panel.sections),
                reason=form.reason.data or "",
                by=actor(),
            )
            flash(f"The evaluators of {panel.provider_name} are saved.", "success")
            return redirect(url_for("assignments.panel", round_id=round.id), 303)
    page = render_template(
        "assignments/tender.html",
        round=round,
        panel=panel,
        active=[row for row in panel.holders if row["state"] in ACTIVE],
        form=form,
    )
    return page, form.http_status
