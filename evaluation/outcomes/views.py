"""Pages of outcomes: results and the marks beneath them, decisions and approvals."""

from collections.abc import Sequence
from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.assignments.conflict_queries import conflicts_of, refuse_to_open
from evaluation.assignments.declaration_queries import DECIDES
from evaluation.exclusions.queries import exclusion_of
from evaluation.moderation.agenda_queries import progress_of
from evaluation.outcomes import mark_queries, queries
from evaluation.outcomes.assessment import (
    EXCLUDED,
    OUTCOME_WORDS,
    LotOutcome,
    available,
    subtotal,
    two_places,
)
from evaluation.outcomes.decision_services import (
    approve_decision,
    approve_lot,
    recommend,
    recommend_as_suggested,
    return_decision,
)
from evaluation.outcomes.forms import RecommendForm, ReopenForm, ReturnForm, VersionForm, seen_of
from evaluation.outcomes.reopening_services import NotToReopen, reopen_decision
from evaluation.outcomes.services import ChangedMeanwhile, compute_results
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.gate import actor, requires
from portal.audit.queries import trail_of
from portal.database import db
from portal.errors import Refusal
from portal.lifecycle import MoveRefused
from portal.web.filters import plural
from portal.web.forms import Form
from portal.web.pagination import Page, offset_of, page_number
from portal.web.text import number_in
from tender.applications.closed_queries import refuse_undeclared_in
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import lots_of_round, pack_of
from tender.frameworks.recipe import how_totals_are_made, minimums_of

bp = Blueprint("outcomes", __name__)


@bp.get("/rounds/<int:round_id>/results")
@requires("evaluation:read")
def results(round_id: int) -> ResponseReturnValue:
    """Each lot's tenders in the order of their totals, with the recipe beneath."""
    return _results(queries.round_for(actor(), round_id), Form())


def _results(facts: RoundFacts, form: Form) -> ResponseReturnValue:
    lots = queries.lots_of(facts.id)
    lot_id = chosen_lot(lots)
    page = _tenders(facts.id, lot_id)
    pack = pack_of(facts.id)
    shown = [outcome.application_id for outcome in page.items if outcome.total is not None]
    rendered = render_template(
        "outcomes/results.html",
        round=facts,
        lots=lots,
        lot=next((lot for lot in lots if lot["id"] == lot_id), None),
        unmarked=_unmarked(facts.id, lots),
        page=page,
        own_totals=mark_queries.evaluators_totals(lot_id, shown) if lot_id and shown else {},
        withheld=withheld_from(actor()),
        pack=pack,
        how=how_totals_are_made(pack, {row["number"]: row["minimum_total"] for row in lots}),
        recipe=[asked for asked in pack.weighed if lot_id is None or asked.asked_of(lot_id)],
        priced=any(lot_id and asked.asked_of(lot_id) for asked in pack.prices),
        two_places=two_places,
        as_at=clock.now(),
        form=form,
    )
    return rendered, form.http_status


def chosen_lot(lots: Sequence[RowMapping]) -> int | None:
    """The lot asked for, or else the first."""
    ids = [lot["id"] for lot in lots]
    asked = request.values.get("lot", type=int)
    return asked if asked in ids else (ids[0] if ids else None)


def _unmarked(round_id: int, lots: Sequence[RowMapping]) -> int:
    """How many answers still wait for their agreed mark; results that are current show that none does."""
    if all(lot["current"] for lot in lots):
        return 0
    progress = progress_of(round_id)
    return progress.total - progress.agreed


def _tenders(round_id: int, lot_id: int | None, state: str | None = None) -> Page[LotOutcome]:
    number = page_number(request.values.get("page"))
    if lot_id is None:
        return Page([], number, 0, queries.PAGE)
    outcomes, total = queries.outcomes_of(
        round_id, lot_id=lot_id, state=state, most=queries.PAGE, skip=offset_of(number, queries.PAGE)
    )
    return Page(outcomes, number, total, queries.PAGE)


def withheld_from(viewer: Actor) -> frozenset[int]:
    """Applications about which the viewer must not read; only these can have declared a conflict."""
    if not viewer.may("tender:mark", "tender:moderate", *DECIDES):
        return frozenset()
    return frozenset(db.session.scalars(conflicts_of(viewer)))


@bp.post("/rounds/<int:round_id>/results")
@requires("outcome:recommend")
def compute(round_id: int) -> ResponseReturnValue:
    """Compute the results anew."""
    facts, form = queries.round_for(actor(), round_id), Form()
    try:
        count = compute_results(round_id=round_id, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _results(facts, form)
    flash(f"{plural(count, 'total')} computed twice, with the same outcome.", "success")
    return redirect(url_for("outcomes.results", round_id=round_id), 303)


@bp.get("/rounds/<int:round_id>/results/<int:application_id>")
@requires("evaluation:read")
def marks(round_id: int, application_id: int) -> ResponseReturnValue:
    """One tender's totals, opened down to the marks and reasons that make them."""
    facts = queries.round_for(actor(), round_id)
    return render_template(
        "outcomes/marks.html",
        round=facts,
        assessment=mark_queries.assessment_for(actor(), round_id, application_id),
        individual=mark_queries.individual_marks(application_id),
        how=_how(round_id),
        subtotal=subtotal,
        available=available,
        two_places=two_places,
    )


def _how(round_id: int) -> list[str]:
    """How totals are made, as it was published: it stands beside every total."""
    return how_totals_are_made(pack_of(round_id), minimums_of(lots_of_round(round_id)))


@bp.get("/rounds/<int:round_id>/decisions")
@requires("outcome:recommend", "evaluation:read")
def decisions(round_id: int) -> ResponseReturnValue:
    """What the rules suggest for each tender of a lot, and what has been decided."""
    return _decisions(queries.round_for(actor(), round_id), Form())


def _decisions(facts: RoundFacts, form: Form) -> ResponseReturnValue:
    lots = queries.lots_of(facts.id)
    lot_id = chosen_lot(lots)
    page = _tenders(facts.id, lot_id)
    rendered = render_template(
        "outcomes/decisions.html",
        round=facts,
        lots=lots,
        lot=next((lot for lot in lots if lot["id"] == lot_id), None),
        unmarked=_unmarked(facts.id, lots),
        page=page,
        withheld=withheld_from(actor()),
        form=form,
    )
    return rendered, form.http_status


@bp.post("/rounds/<int:round_id>/decisions")
@requires("outcome:recommend")
def recommend_all(round_id: int) -> ResponseReturnValue:
    """Recommend what is suggested for the tenders on the page that have no decision yet."""
    facts, form = queries.round_for(actor(), round_id), Form()
    lot_id = request.form.get("lot", 0, type=int)
    try:
        count = recommend_as_suggested(
            round_id=round_id, lot_id=lot_id, seen=seen_of(request.form.getlist("seen")), by=actor()
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _decisions(facts, form)
    flash(f"{plural(count, 'outcome')} recommended as suggested.", "success")
    return redirect(url_for("outcomes.decisions", round_id=round_id, lot=lot_id), 303)


@bp.get("/rounds/<int:round_id>/decisions/<int:application_id>/<int:lot_id>")
@requires("outcome:recommend")
def recommendation(round_id: int, application_id: int, lot_id: int) -> ResponseReturnValue:
    """One tender's outcome for one lot, with the suggestion filled in."""
    facts, tender = _to_recommend(round_id, application_id, lot_id)
    form = RecommendForm(
        data={
            "version": tender.version or 0,
            **_first_filled_in(tender),
            "conditions": [asdict(each) for each in tender.conditions],
        }
    )
    return _recommendation(facts, tender, form)


def _to_recommend(round_id: int, application_id: int, lot_id: int) -> tuple[RoundFacts, LotOutcome]:
    """A tender for a lot, for whoever recommends. Raises `NotFound`, also where they declared a conflict, and
    `NotDeclaredYet`."""
    facts = queries.round_for(actor(), round_id)
    refuse_to_open(actor(), application_id)
    return facts, queries.outcome_of(application_id, lot_id, round_id)


def _first_filled_in(tender: LotOutcome) -> dict[str, str | None]:
    """What was recommended and stands; else what the checks of exclusion grounds found, or what was returned,
    or what the rules suggest."""
    stands = tender.outcome and tender.state != "returned"
    if not stands and (found := exclusion_of(tender.application_id)):
        return {"outcome": EXCLUDED, "reason": found["reasons"], "ground": found["ground"]}
    if tender.outcome:
        ground = tender.exclusion_ground or ""
        return {"outcome": tender.outcome, "reason": tender.reason, "ground": ground}
    suggestion = tender.suggestion
    return {
        "outcome": suggestion.outcome if suggestion else None,
        "reason": suggestion.reason if suggestion else "",
        "ground": "",
    }


def _recommendation(facts: RoundFacts, tender: LotOutcome, form: RecommendForm) -> ResponseReturnValue:
    form.offer(tender, facts.legal_regime)
    trail = trail_of("decision", tender.decision_id) if tender.decision_id else ()
    versions = queries.versions_of(tender.decision_id) if tender.decision_id else ()
    rendered = render_template(
        "outcomes/recommend.html",
        round=facts,
        tender=tender,
        how=_how(facts.id),
        trail=trail,
        versions=versions,
        form=form,
    )
    return rendered, form.http_status


@bp.post("/rounds/<int:round_id>/decisions/<int:application_id>/<int:lot_id>")
@requires("outcome:recommend")
def save_recommendation(round_id: int, application_id: int, lot_id: int) -> ResponseReturnValue:
    """Recommend an outcome, and go back to the lot."""
    facts, tender = _to_recommend(round_id, application_id, lot_id)
    form = RecommendForm()
    if form.validate_on_submit():
        try:
            recommend(
                application_id=application_id,
                lot_id=lot_id,
                proposal=form.proposal(),
                version=number_in(form.version.data, -1),
                by=actor(),
            )
        except ChangedMeanwhile as refusal:
            tender = queries.outcome_of(application_id, lot_id, round_id)
            form.version.data = str(tender.version or 0)
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            words = OUTCOME_WORDS[form.outcome.data].lower()
            flash(f"Recommended for {tender.provider_name}: {words}.", "success")
            return redirect(url_for("outcomes.decisions", round_id=round_id, lot=lot_id), 303)
    return _recommendation(facts, tender, form)


@bp.get("/rounds/<int:round_id>/decisions/<int:application_id>/<int:lot_id>/reopen")
@requires("outcome:recommend")
def reopening(round_id: int, application_id: int, lot_id: int) -> ResponseReturnValue:
    """An approved decision, to be reopened before its letter goes."""
    facts, tender = _to_recommend(round_id, application_id, lot_id)
    return _reopening(facts, tender, ReopenForm(data={"version": tender.version or 0}))


def _reopening(facts: RoundFacts, tender: LotOutcome, form: ReopenForm) -> ResponseReturnValue:
    rendered = render_template(
        "outcomes/reopen.html",
        round=facts,
        tender=tender,
        versions=queries.versions_of(tender.decision_id) if tender.decision_id else (),
        form=form,
    )
    return rendered, form.http_status


@bp.post("/rounds/<int:round_id>/decisions/<int:application_id>/<int:lot_id>/reopen")
@requires("outcome:recommend")
def reopen(round_id: int, application_id: int, lot_id: int) -> ResponseReturnValue:
    """Reopen a decision, and go on to recommend anew."""
    facts, tender = _to_recommend(round_id, application_id, lot_id)
    form = ReopenForm()
    if tender.decision_id is None:
        form.refuse(NotToReopen())
    elif form.validate_on_submit():
        try:
            reopen_decision(
                decision_id=tender.decision_id,
                reason=form.reason.data or "",
                version=number_in(form.version.data, -1),
                by=actor(),
            )
        except Refusal as refusal:
            facts, tender = _to_recommend(round_id, application_id, lot_id)
            form.version.data = str(tender.version or 0)
            form.refuse(refusal)
        else:
            flash(
                f"Reopened: {tender.provider_name}, {tender.lot_name}. Recommend its outcome anew.", "success"
            )
            here = {"round_id": round_id, "application_id": application_id, "lot_id": lot_id}
            return redirect(url_for("outcomes.recommendation", **here), 303)
    return _reopening(facts, tender, form)


@bp.get("/approvals")
@requires("outcome:approve")
def approvals() -> ResponseReturnValue:
    """The lots whose decisions wait for this person, and the decisions of one of them."""
    return _approvals(Form())


def _approvals(form: Form) -> ResponseReturnValue:
    lots = queries.decisions_waiting(actor())
    asked = request.values.get("round", type=int), request.values.get("lot", type=int)
    chosen = next(
        (lot for lot in lots if (lot["round_id"], lot["lot_id"]) == asked), lots[0] if lots else None
    )
    if chosen:
        refuse_undeclared_in(actor(), chosen["round_id"])
    rendered = render_template(
        "outcomes/approvals.html",
        lots=lots,
        lot=chosen,
        page=_tenders(chosen["round_id"], chosen["lot_id"], "recommended") if chosen else None,
        withheld=withheld_from(actor()),
        two_places=two_places,
        as_at=clock.now(),
        form=form,
    )
    return rendered, form.http_status


@bp.post("/approvals")
@requires("outcome:approve")
def approve_all() -> ResponseReturnValue:
    """Approve the decisions of a lot that the page showed."""
    form = Form()
    round_id, lot_id = request.form.get("round", 0, type=int), request.form.get("lot", 0, type=int)
    queries.round_for(actor(), round_id)
    seen = {row: version or 0 for row, version in seen_of(request.form.getlist("seen")).items()}
    try:
        count = approve_lot(round_id=round_id, lot_id=lot_id, seen=seen, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _approvals(form)
    flash(f"{plural(count, 'decision')} approved.", "success")
    return redirect(url_for("outcomes.approvals"), 303)


@bp.get("/approvals/<int:decision_id>")
@requires("outcome:approve")
def approval(decision_id: int) -> ResponseReturnValue:
    """One decision with what it rests on, to approve or to return."""
    facts, tender = queries.decision_for(actor(), decision_id)
    return _approval(facts, tender, ReturnForm(data={"version": tender.version}))


def _approval(facts: RoundFacts, tender: LotOutcome, form: VersionForm) -> ResponseReturnValue:
    rendered = render_template(
        "outcomes/approval.html",
        round=facts,
        tender=tender,
        own=tender.recommended_by_id == actor().person_id,
        trail=trail_of("decision", tender.decision_id),
        versions=queries.versions_of(tender.decision_id) if tender.decision_id else (),
        form=form,
    )
    return rendered, form.http_status


@bp.post("/approvals/<int:decision_id>")
@requires("outcome:approve")
def approve(decision_id: int) -> ResponseReturnValue:
    """Approve one decision."""
    facts, tender = queries.decision_for(actor(), decision_id)
    form = VersionForm()
    if form.validate_on_submit():
        try:
            approve_decision(decision_id=decision_id, version=number_in(form.version.data, -1), by=actor())
        except Refusal as refusal:
            return _refused(decision_id, refusal, ReturnForm(formdata=None))
        flash(f"Approved: {tender.provider_name}, {tender.lot_name}.", "success")
        return redirect(url_for("outcomes.approvals", round=facts.id, lot=tender.lot_id), 303)
    return _approval(facts, tender, form)


@bp.post("/approvals/<int:decision_id>/return")
@requires("outcome:approve")
def send_back(decision_id: int) -> ResponseReturnValue:
    """Return one decision with a reason."""
    facts, tender = queries.decision_for(actor(), decision_id)
    form = ReturnForm()
    if form.validate_on_submit():
        try:
            return_decision(
                decision_id=decision_id,
                reason=form.reason.data or "",
                version=number_in(form.version.data, -1),
                by=actor(),
            )
        except (ChangedMeanwhile, MoveRefused) as refusal:
            return _refused(decision_id, refusal, form)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Returned: {tender.provider_name}, {tender.lot_name}.", "success")
            return redirect(url_for("outcomes.approvals", round=facts.id, lot=tender.lot_id), 303)
    return _approval(facts, tender, form)


def _refused(decision_id: int, refusal: Refusal, form: ReturnForm) -> ResponseReturnValue:
    """The decision as it stands now, with what was refused and what was typed."""
    facts, tender = queries.decision_for(actor(), decision_id)
    form.version.data = str(tender.version)
    form.refuse(refusal)
    return _approval(facts, tender, form)
