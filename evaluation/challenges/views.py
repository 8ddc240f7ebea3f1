"""Pages of complaints and challenges: a round's, and one of them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evaluation.challenges import queries, services
from evaluation.challenges.claims import last_day_to_claim
from evaluation.challenges.forms import AnswerForm, FindingForm, ReasonForm, ReceivedForm
from portal import clock
from portal.accounts.gate import actor, requires
from portal.audit.queries import trail_of
from portal.errors import Refusal
from portal.web.forms import Form
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import lots_of_round

bp = Blueprint("challenges", __name__)


@bp.get("/rounds/<int:round_id>/challenges")
@requires("challenge:manage", "evaluation:read")
def index(round_id: int) -> ResponseReturnValue:
    """What came about a round, and the form for what comes next."""
    return _index(queries.round_for(actor(), round_id), ReceivedForm(formdata=None))


def _index(facts: RoundFacts, form: ReceivedForm) -> ResponseReturnValue:
    form.offer(lots_of_round(facts.id))
    rendered = render_template(
        "challenges/index.html",
        round=facts,
        challenges=queries.challenges_of(facts.id),
        claims_until=last_day_to_claim(clock.london(facts.released_at).date()) if facts.released_at else None,
        as_at=clock.now(),
        form=form,
    )
    return rendered, form.http_status


@bp.post("/rounds/<int:round_id>/challenges")
@requires("challenge:manage")
def record(round_id: int) -> ResponseReturnValue:
    """Record what came."""
    facts, form = queries.round_for(actor(), round_id), ReceivedForm()
    if form.validate_on_submit():
        with form.refusals():
            challenge_id = services.record_challenge(round_id=round_id, said=form.said(), by=actor())
            flash("Recorded. Its answer is on the timetable and among your tasks.", "success")
            return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)
    return _index(facts, form)


@bp.get("/challenges/<int:challenge_id>")
@requires("challenge:manage", "evaluation:read")
def show(challenge_id: int) -> ResponseReturnValue:
    """One of them, with its answer and whether admissions wait for it."""
    return _show(challenge_id)


def _show(
    challenge_id: int, form: AnswerForm | FindingForm | ReasonForm | None = None
) -> ResponseReturnValue:
    facts, challenge = queries.challenge_for(actor(), challenge_id)
    shown = {
        AnswerForm: challenge.state == "open",
        FindingForm: challenge.finding_open,
        ReasonForm: challenge.holds or not challenge.held_at,
    }
    if form and not shown[type(form)]:
        # The boxes that this is about are not on the page any more.
        for field in (each for each in form if each.name != form.meta.csrf_field_name):
            form.form_errors, field.errors = [*form.form_errors, *field.errors], []
    answering = form if isinstance(form, AnswerForm) else AnswerForm(formdata=None)
    answering.ask_about(challenge.kind)
    rendered = render_template(
        "challenges/show.html",
        round=facts,
        challenge=challenge,
        trail=trail_of("challenge", challenge_id),
        answering=answering,
        finding=form if isinstance(form, FindingForm) else FindingForm(formdata=None),
        reasoning=form if isinstance(form, ReasonForm) else ReasonForm(formdata=None),
        form=form or Form(formdata=None),
    )
    return rendered, (form.http_status if form else 200)


@bp.post("/challenges/<int:challenge_id>/answer")
@requires("challenge:manage")
def answer(challenge_id: int) -> ResponseReturnValue:
    """Note what was answered."""
    form = AnswerForm()
    return _done(
        challenge_id,
        form,
        lambda: services.answer_challenge(
            challenge_id=challenge_id, answer=form.answer.data or "", finding=form.found, by=actor()
        ),
        "Answer noted.",
    )


@bp.post("/challenges/<int:challenge_id>/finding")
@requires("challenge:manage")
def find(challenge_id: int) -> ResponseReturnValue:
    """Note what was found, where it was answered without a finding."""
    form = FindingForm()
    return _done(
        challenge_id,
        form,
        lambda: services.note_finding(
            challenge_id=challenge_id,
            finding=form.finding.data or "",
            reason=form.because.data or "",
            by=actor(),
        ),
        "What was found is noted.",
    )


@bp.post("/challenges/<int:challenge_id>/hold")
@requires("challenge:manage")
def hold(challenge_id: int) -> ResponseReturnValue:
    """Let admissions wait."""
    form = ReasonForm()
    return _done(
        challenge_id,
        form,
        lambda: services.hold_admissions(
            challenge_id=challenge_id, reason=form.reason.data or "", by=actor()
        ),
        "Admissions that have not taken effect wait now.",
    )


@bp.post("/challenges/<int:challenge_id>/lift")
@requires("challenge:manage")
def lift(challenge_id: int) -> ResponseReturnValue:
    """Let admissions wait no more."""
    form = ReasonForm()
    return _done(
        challenge_id,
        form,
        lambda: services.lift_hold(challenge_id=challenge_id, reason=form.reason.data or "", by=actor()),
        "The hold is lifted.",
    )


def _done(
    challenge_id: int,
    form: AnswerForm | FindingForm | ReasonForm,
    act: Callable[[], Any],
    words: str,
) -> ResponseReturnValue:
    """Do it where the form is filled in, and show the page again."""
    queries.challenge_for(actor(), challenge_id)
    if not form.validate_on_submit():
        return _show(challenge_id, form)
    try:
        act()
    except Refusal as refusal:
        form.refuse(refusal)
        return _show(challenge_id, form)
    flash(words, "success")
    return redirect(url_for("challenges.show", challenge_id=challenge_id), 303)
