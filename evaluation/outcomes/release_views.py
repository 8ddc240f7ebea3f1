"""Pages of the outcome letters: read one by one, released together, called back while the window runs; and a
provider's own."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.challenges.queries import held_lots
from evaluation.exclusions.queries import not_clear_today
from evaluation.outcomes import letter_queries, queries, release_queries
from evaluation.outcomes.assessment import LotOutcome
from evaluation.outcomes.award_notice_services import note_award_notice
from evaluation.outcomes.condition_queries import moved_since
from evaluation.outcomes.letter_services import READ_AT_ONCE, note_letters_read, write_outcome_letters
from evaluation.outcomes.letters import TAKES_EFFECT, filling
from evaluation.outcomes.release_forms import AwardNoticeForm, ReleaseForm
from evaluation.outcomes.release_services import cancel_release, stage_release
from evaluation.summaries.queries import coverage_of
from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.web.filters import plural
from portal.web.forms import Form
from portal.web.pagination import page_number
from portal.web.text import id_in, number_in
from tender.frameworks.facts import RoundFacts

bp = Blueprint("release", __name__)


@bp.get("/rounds/<int:round_id>/letters")
@requires("letter:release")
def letters(round_id: int) -> ResponseReturnValue:
    """The letters as a stack to read through, and the one release."""
    return _letters(queries.round_for(actor(), round_id), ReleaseForm(formdata=None))


def _letters(
    facts: RoundFacts, form: ReleaseForm, noting: AwardNoticeForm | None = None
) -> ResponseReturnValue:
    """The page, with the form that could not be kept: that of the release, or of the award notice."""
    stack = letter_queries.letters_of(facts.id)
    place = min(page_number(request.values.get("letter")), len(stack) or 1)
    tender = int(stack[place - 1]["subject_id"]) if stack else 0
    text, earlier = letter_queries.letter_with_earlier(stack[place - 1]["id"]) if stack else (None, ())
    decided, released = facts.state == "decided", facts.state == "released"
    waiting = release_queries.admissions_waiting(facts.id) if released else ()
    last = release_queries.last_release(facts.id) if decided or released else None
    notice = release_queries.award_notice_of(facts.id) if last and last["awaits_notice"] else None
    if decided:
        form.under(*release_queries.standstill_rule(facts.id))
    if noting is None:
        noting = AwardNoticeForm(formdata=None, data=dict(notice) if notice else None)
        noting.seen.data = str(notice["version"] if notice else 0)
        sent: Form = form
    else:
        sent = noting
    held = held_lots(facts.id) if waiting or decided else set()
    rendered = render_template(
        "outcomes/letters.html",
        round=facts,
        stack=stack,
        place=place,
        text=text,
        coverage=coverage_of(facts.id) if decided else None,
        missing=letter_queries.providers_without_letter(facts.id) if decided else (),
        last=last,
        notice=notice,
        over=bool(last and last["admits_after"] and last["admits_after"] < clock.today()),
        noting=noting,
        waiting=waiting,
        not_clear=not_clear_today({row["application_id"] for row in waiting}) if waiting else {},
        held_by=held,
        taken_back=earlier,
        holds=_holds_among(facts, held, tender).get(tender, "") if decided and stack and held else "",
        as_at=clock.now(),
        releasing=form,
        form=sent,
    )
    return rendered, sent.http_status


def _holds_among(facts: RoundFacts, held: set[int], application_id: int | None = None) -> dict[int, str]:
    """What letters will say of admissions that a challenge holds, by tender; none where it holds none of
    its own."""
    tenders: dict[int, list[LotOutcome]] = {}
    for each in queries.outcomes_of(facts.id, application_id=application_id)[0]:
        tenders.setdefault(each.application_id, []).append(each)
    return {
        tender: filling(clock.today(), outcomes=outcomes, held=held)[TAKES_EFFECT]
        for tender, outcomes in tenders.items()
        if any(each.admits and each.lot_id in held for each in outcomes)
    }


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


@bp.get("/rounds/<int:round_id>/letters/reading")
@requires("letter:release")
def reading(round_id: int) -> ResponseReturnValue:
    """The letters that nobody has read, in full and one after the other."""
    facts = queries.round_for(actor(), round_id)
    after = number_in(request.args.get("after"), 0)
    shown, left = letter_queries.letters_to_read(facts.id, after=after, most=READ_AT_ONCE)
    if facts.state != "decided" or not shown:
        return redirect(url_for("release.letters", round_id=facts.id), 303)
    held = held_lots(facts.id)
    return render_template(
        "outcomes/reading.html",
        round=facts,
        shown=shown,
        left=left,
        holds=_holds_among(facts, held) if held else {},
        form=Form(formdata=None),
    )


@bp.post("/rounds/<int:round_id>/letters/reading")
@requires("letter:release")
def read_on(round_id: int) -> ResponseReturnValue:
    """Note that the letters of a page were read, but for those that are wrong, and show the next."""
    facts, form = queries.round_for(actor(), round_id), ReleaseForm(formdata=None)
    wrong = set(request.form.getlist("wrong"))
    chosen = {
        number
        for each in request.form.getlist("read")
        if each.partition(":")[0] not in wrong and (number := id_in(each.partition(":")[2], None)) is not None
    }
    try:
        note_letters_read(round_id=round_id, letter_ids=chosen, by=actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _letters(facts, form)
    if wrong:
        flash(
            "Letters that you marked as wrong stay unread. Put right what they say before release.", "success"
        )
    last = number_in(request.form.get("last"), 0)
    return redirect(url_for("release.reading", round_id=round_id, after=last), 303)


@bp.post("/rounds/<int:round_id>/letters")
@requires("letter:release")
def stage(round_id: int) -> ResponseReturnValue:
    """Release the round: all letters at once, when the window is over."""
    facts, form = queries.round_for(actor(), round_id), ReleaseForm()
    if not form.validate_on_submit():
        return _letters(facts, form)
    try:
        stage_release(
            round_id=round_id,
            minutes=form.minutes.data,
            standstill_days=form.standstill,
            before_notice=bool(form.before_notice.data),
            by=actor(),
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


@bp.post("/rounds/<int:round_id>/letters/award-notice")
@requires("letter:release")
def note_notice(round_id: int) -> ResponseReturnValue:
    """Note when the contract award notice was published: the standstill begins with it."""
    facts, form = queries.round_for(actor(), round_id), AwardNoticeForm()
    if form.validate_on_submit():
        assert form.published_on.data is not None
        try:
            note_award_notice(
                round_id=round_id,
                published_on=form.published_on.data,
                reference=form.reference.data or "",
                seen=number_in(form.seen.data, -1),
                by=actor(),
            )
        except Refusal as refusal:
            notice = release_queries.award_notice_of(round_id)
            form.seen.data = str(notice["version"] if notice else 0)
            form.refuse(refusal)
        else:
            flash("Noted. The standstill is counted from that day.", "success")
            return redirect(url_for("release.letters", round_id=round_id), 303)
    return _letters(facts, ReleaseForm(formdata=None), form)


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
        admissions=letter_queries.own_admission_letters(actor(), application_id),
        moved=moved_since(actor(), application_id),
        application_id=application_id,
    )
