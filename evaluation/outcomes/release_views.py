"""Pages of the outcome letters: read one by one, released together, called back while the window runs; and a
provider's own."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.challenges.queries import held_lots
from evaluation.outcomes import letter_queries, queries, release_queries
from evaluation.outcomes.condition_queries import moved_since
from evaluation.outcomes.letter_services import note_letters_read, write_outcome_letters
from evaluation.outcomes.release_forms import ReleaseForm
from evaluation.outcomes.release_services import cancel_release, stage_release
from evaluation.summaries.queries import coverage_of
from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.filters import plural
from portal.web.pagination import page_number
from portal.web.text import id_in
from tender.frameworks.facts import RoundFacts

bp = Blueprint("release", __name__)


@bp.get("/rounds/<int:round_id>/letters")
@requires("letter:release")
def letters(round_id: int) -> ResponseReturnValue:
    """The letters as a stack to read through, and the one release."""
    return _letters(queries.round_for(actor(), round_id), ReleaseForm(formdata=None))


def _letters(facts: RoundFacts, form: ReleaseForm) -> ResponseReturnValue:
    form.under(facts.legal_regime)
    stack = letter_queries.letters_of(facts.id)
    place = min(page_number(request.values.get("letter")), len(stack) or 1)
    decided, released = facts.state == "decided", facts.state == "released"
    waiting = release_queries.admissions_waiting(facts.id) if released else ()
    rendered = render_template(
        "outcomes/letters.html",
        round=facts,
        stack=stack,
        place=place,
        text=letter_queries.letter_text(stack[place - 1]["id"]) if stack else None,
        coverage=coverage_of(facts.id) if decided else None,
        missing=letter_queries.providers_without_letter(facts.id) if decided else (),
        last=release_queries.last_release(facts.id) if decided or released else None,
        waiting=waiting,
        held_by=held_lots(facts.id) if waiting else frozenset(),
        as_at=clock.now(),
        form=form,
    )
    return rendered, form.http_status


@bp.post("/rounds/<int:round_id>/letters/read")
@requires("letter:release")
def read(round_id: int) -> ResponseReturnValue:
    """Note that letters were read: the one on the page, or all of them."""
    facts, form = queries.round_for(actor(), round_id), ReleaseForm(formdata=None)
    chosen = {number for each in request.form.getlist("read") if (number := id_in(each, None)) is not None}
    try:
        note_letters_read(round_id=round_id, letter_ids=chosen, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _letters(facts, form)
    stack = letter_queries.letters_of(round_id)
    unread = [place for place, row in enumerate(stack, 1) if row["state"] == "held" and not row["read_at"]]
    here = page_number(request.form.get("letter"))
    following = next((place for place in unread if place > here), unread[0] if unread else here)
    return redirect(url_for("release.letters", round_id=round_id, letter=following), 303)


@bp.post("/rounds/<int:round_id>/letters")
@requires("letter:release")
def stage(round_id: int) -> ResponseReturnValue:
    """Release the round: all letters at once, when the window is over."""
    facts, form = queries.round_for(actor(), round_id), ReleaseForm()
    if not form.validate_on_submit():
        return _letters(facts, form)
    try:
        stage_release(
            round_id=round_id, minutes=form.minutes.data, standstill_days=form.standstill, by=actor()
        )
    except Refusal as refusal:
        form.refuse(refusal)
        return _letters(facts, form)
    if form.minutes.data:
        flash(
            f"The letters go in {plural(form.minutes.data, 'minute')}. Until then you can cancel.", "success"
        )
    else:
        flash("The letters are on their way.", "success")
    return redirect(url_for("release.letters", round_id=round_id), 303)


@bp.post("/rounds/<int:round_id>/letters/cancel")
@requires("letter:release")
def cancel(round_id: int) -> ResponseReturnValue:
    """Put a staged release back."""
    facts, form = queries.round_for(actor(), round_id), ReleaseForm(formdata=None)
    try:
        cancel_release(round_id=round_id, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _letters(facts, form)
    flash("Cancelled. No letter has gone, and everything stands as before.", "success")
    return redirect(url_for("release.letters", round_id=round_id), 303)


@bp.post("/rounds/<int:round_id>/letters/missing")
@requires("letter:release")
def write_missing(round_id: int) -> ResponseReturnValue:
    """Write the letters that could not be written when the round was decided."""
    facts, form = queries.round_for(actor(), round_id), ReleaseForm(formdata=None)
    try:
        count = write_outcome_letters(round_id=round_id, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _letters(facts, form)
    flash(f"{plural(count, 'letter')} written and held.", "success")
    return redirect(url_for("release.letters", round_id=round_id), 303)


@bp.get("/applications/<int:application_id>/outcome")
@requires("application:edit")
def letter(application_id: int) -> ResponseReturnValue:
    """The provider's own outcome letter, once it is released, and what was decided anew since."""
    return render_template(
        "outcomes/letter.html",
        letter=letter_queries.own_letter(actor(), application_id),
        anew=letter_queries.own_new_letters(actor(), application_id),
        moved=moved_since(actor(), application_id),
        application_id=application_id,
    )
