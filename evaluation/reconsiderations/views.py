"""Pages of new decisions: the tenders that a challenge is about, a proposal, and what was decided before."""

from dataclasses import asdict

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.challenges.queries import ChallengeFacts, challenge_for
from evaluation.outcomes.assessment import LotOutcome
from evaluation.outcomes.queries import PAGE, outcome_of, outcomes_of
from evaluation.outcomes.replacement_services import waits_for
from evaluation.outcomes.services import ChangedMeanwhile
from evaluation.outcomes.views import withheld_from
from evaluation.reconsiderations import letters, queries, services
from evaluation.reconsiderations.forms import ProposeForm, ReturnForm
from portal import clock
from portal.accounts.gate import actor, requires
from portal.audit.queries import trail_of
from portal.errors import NotFound, Refusal
from portal.web.forms import Form
from portal.web.pagination import Page, offset_of, page_number
from portal.web.text import number_in
from tender.frameworks.facts import RoundFacts

bp = Blueprint("reconsiderations", __name__)
SOMEBODY = "[name]"


@bp.get("/challenges/<int:challenge_id>/new-decisions")
@requires("outcome:recommend", "outcome:approve", "evaluation:read")
def index(challenge_id: int) -> ResponseReturnValue:
    """The tenders that a challenge is about, with the decisions that stand, and what was proposed."""
    facts, challenge = challenge_for(actor(), challenge_id)
    number = page_number(request.args.get("page"))
    tenders, total = outcomes_of(facts.id, lot_id=challenge.lot_id, most=PAGE, skip=offset_of(number, PAGE))
    return render_template(
        "reconsiderations/index.html",
        round=facts,
        challenge=challenge,
        page=Page(tenders, number, total, PAGE),
        proposals=queries.proposals_of(challenge_id),
        withheld=withheld_from(actor()),
        as_at=clock.now(),
    )


@bp.get("/challenges/<int:challenge_id>/new-decisions/<int:application_id>/<int:lot_id>")
@requires("outcome:recommend")
def new(challenge_id: int, application_id: int, lot_id: int) -> ResponseReturnValue:
    """The form for a new decision on one tender and lot, with what came back of the last one filled in."""
    facts, challenge, tender = _about(challenge_id, application_id, lot_id)
    before = [
        each
        for each in queries.proposals_of(challenge_id)
        if (each.application_id, each.lot_id) == (application_id, lot_id) and each.state == "returned"
    ]
    filled = (
        {
            "outcome": before[0].outcome,
            "reason": before[0].reason,
            "heard": before[0].heard,
            "conditions": [asdict(each) for each in before[0].conditions],
        }
        if before
        else {"reason": ""}
    )
    return _new(facts, challenge, tender, ProposeForm(data={"seen": tender.decision_id or 0, **filled}))


def _about(
    challenge_id: int, application_id: int, lot_id: int
) -> tuple[RoundFacts, ChallengeFacts, LotOutcome]:
    """A challenge that was upheld with a tender that it is about. Raises `NotFound` for any other."""
    facts, challenge = challenge_for(actor(), challenge_id)
    if not challenge.upheld or challenge.lot_id not in (None, lot_id):
        raise NotFound
    return facts, challenge, queries.tender_for(actor(), facts.id, application_id, lot_id)[1]


def _new(
    facts: RoundFacts, challenge: ChallengeFacts, tender: LotOutcome, form: ProposeForm
) -> ResponseReturnValue:
    rendered = render_template(
        "reconsiderations/new.html", round=facts, challenge=challenge, tender=tender, form=form
    )
    return rendered, form.http_status


@bp.post("/challenges/<int:challenge_id>/new-decisions/<int:application_id>/<int:lot_id>")
@requires("outcome:recommend")
def propose(challenge_id: int, application_id: int, lot_id: int) -> ResponseReturnValue:
    """Propose a new decision."""
    facts, challenge, tender = _about(challenge_id, application_id, lot_id)
    form = ProposeForm()
    if form.validate_on_submit():
        try:
            proposed = services.propose(
                challenge_id=challenge_id,
                application_id=application_id,
                lot_id=lot_id,
                intended=form.intended(),
                seen=number_in(form.seen.data, -1),
                by=actor(),
            )
        except ChangedMeanwhile as refusal:
            tender = outcome_of(application_id, lot_id, facts.id)
            form.seen.data = str(tender.decision_id or 0)
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Proposed. Nothing has changed yet: somebody else has to approve it.", "success")
            return redirect(url_for(".show", reconsideration_id=proposed), 303)
    return _new(facts, challenge, tender, form)


@bp.get("/new-decisions/<int:reconsideration_id>")
@requires("outcome:recommend", "outcome:approve", "evaluation:read")
def show(reconsideration_id: int) -> ResponseReturnValue:
    """One proposal: what stood, what is to stand, why, and the letter about it."""
    return _show(reconsideration_id)


def _show(reconsideration_id: int, form: ReturnForm | Form | None = None) -> ResponseReturnValue:
    viewer = actor()
    facts, found = queries.proposal_for(viewer, reconsideration_id)
    tender = outcome_of(found.application_id, found.lot_id, found.round_id)
    open_to = found.state == "proposed" and found.proposed_by_id != viewer.person_id
    decides = open_to and viewer.may("outcome:approve")
    told = services.told_of(found, waits_for(tender, found.outcome, found.round_id))
    rendered = render_template(
        "reconsiderations/show.html",
        round=facts,
        proposed=found,
        tender=tender,
        preview=letters.body_of(facts, SOMEBODY, found.provider_name, told, clock.today()),
        sent=queries.letters_about(found.decision_id) if found.decision_id else (),
        decides=decides,
        trail=trail_of("reconsideration", reconsideration_id),
        returning=form if isinstance(form, ReturnForm) else ReturnForm(formdata=None),
        form=form or Form(formdata=None),
    )
    return rendered, (form.http_status if form else 200)


@bp.post("/new-decisions/<int:reconsideration_id>/approve")
@requires("outcome:approve")
def approve(reconsideration_id: int) -> ResponseReturnValue:
    """Let the new decision count, and tell the provider."""
    _, found = queries.proposal_for(actor(), reconsideration_id)
    form = Form()
    try:
        services.approve(reconsideration_id=reconsideration_id, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(reconsideration_id, form)
    flash(f"Approved: {found.provider_name}, {found.lot_name}. The letter is on its way.", "success")
    return redirect(url_for(".show", reconsideration_id=reconsideration_id), 303)


@bp.post("/new-decisions/<int:reconsideration_id>/return")
@requires("outcome:approve")
def send_back(reconsideration_id: int) -> ResponseReturnValue:
    """Return a proposal with a reason."""
    queries.proposal_for(actor(), reconsideration_id)
    form = ReturnForm()
    if not form.validate_on_submit():
        return _show(reconsideration_id, form)
    try:
        services.return_proposal(
            reconsideration_id=reconsideration_id, reason=form.reason.data or "", by=actor()
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(reconsideration_id, form)
    flash("Returned. The decision that was made first stands.", "success")
    return redirect(url_for(".show", reconsideration_id=reconsideration_id), 303)


@bp.post("/new-decisions/<int:reconsideration_id>/withdraw")
@requires("outcome:recommend")
def withdraw(reconsideration_id: int) -> ResponseReturnValue:
    """Take a proposal back."""
    queries.proposal_for(actor(), reconsideration_id)
    form = Form()
    try:
        services.withdraw(reconsideration_id=reconsideration_id, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(reconsideration_id, form)
    flash("Taken back. The decision that was made first stands.", "success")
    return redirect(url_for(".show", reconsideration_id=reconsideration_id), 303)


@bp.get("/rounds/<int:round_id>/decisions/<int:application_id>/<int:lot_id>/all")
@requires("outcome:recommend", "evaluation:read")
def history(round_id: int, application_id: int, lot_id: int) -> ResponseReturnValue:
    """Every decision on a tender for a lot: the one that counts, and those that it replaced."""
    facts, tender = queries.tender_for(actor(), round_id, application_id, lot_id)
    return render_template(
        "reconsiderations/history.html",
        round=facts,
        tender=tender,
        decisions=queries.decisions_of(application_id, lot_id),
    )
