"""Pages of mini-competitions: the school's, and the answer of a provider."""

from collections.abc import Iterable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.gate import actor, requires
from portal.call_offs.queries import routes_of_referral
from portal.call_offs.routes import why_not_in_time
from portal.commissioning.queries import profile_for, referral_for
from portal.competitions import candidates, queries, result_queries, services
from portal.competitions.closing import closes_at
from portal.competitions.criteria import CRITERIA, MARKED
from portal.competitions.forms import AbandonForm, AwardForm, EntryForm, MarkForm, StartForm
from portal.directory.queries import service_named
from portal.web.addresses import portal_url
from portal.web.forms import Form
from portal.web.reading import read_by

bp = Blueprint("competitions", __name__)


@bp.get("/referrals/<int:referral_id>/compete")
@requires("referral:send")
def new(referral_id: int) -> ResponseReturnValue:
    """Who could compete for the child of a referral."""
    return _new(referral_id, StartForm(formdata=None))


@bp.post("/referrals/<int:referral_id>/compete")
@requires("referral:send")
def start(referral_id: int) -> ResponseReturnValue:
    """Invite them."""
    form = StartForm()
    if form.validate():
        with form.refusals():
            competition = services.start_competition(
                like=referral_id, service_ids=form.service_ids(), portal_url=portal_url(), by=actor()
            )
            flash("The mini-competition runs. The providers have been told by letter.", "success")
            return redirect(url_for(".show", competition_id=competition.id), 303)
    return _new(referral_id, form)


@bp.get("/competitions/<int:competition_id>")
@requires("referral:read")
def show(competition_id: int) -> ResponseReturnValue:
    """Where it stands: who is invited, then the answers ranked."""
    return _show(competition_id)


@bp.post("/competitions/<int:competition_id>/open")
@requires("referral:send")
def open_answers(competition_id: int) -> ResponseReturnValue:
    """Open all answers together."""
    services.open_answers(competition_id=competition_id, portal_url=portal_url(), by=actor())
    flash("The answers are open. Mark each of them.", "success")
    return redirect(url_for(".show", competition_id=competition_id), 303)


@bp.get("/competitions/answers/<int:entry_id>")
@requires("referral:read")
def answer(entry_id: int) -> ResponseReturnValue:
    """One opened answer, and its marks."""
    competition, found = queries.answer_for(actor(), entry_id)
    return _answer(competition, found, MarkForm.showing(found.marks))


@bp.post("/competitions/answers/<int:entry_id>")
@requires("referral:send")
def mark(entry_id: int) -> ResponseReturnValue:
    """Give it points with reasons."""
    competition, found = queries.answer_for(actor(), entry_id)
    form = MarkForm()
    if form.validate():
        with form.refusals():
            services.mark_answer(entry_id=entry_id, given=form.given(), by=actor())
            flash("The marks are saved.", "success")
            return redirect(url_for(".show", competition_id=competition.id), 303)
    return _answer(competition, found, form)


@bp.post("/competitions/<int:competition_id>/award")
@requires("referral:send")
def award(competition_id: int) -> ResponseReturnValue:
    """Choose the first-ranked offer."""
    form = AwardForm()
    if form.validate():
        with form.refusals():
            choice = services.award(
                competition_id=competition_id,
                entry_id=form.entry_id(),
                reason=form.reason.data or "",
                pupil_preference=form.pupil_preference.data or "",
                parent_preference=form.parent_preference.data or "",
                portal_url=portal_url(),
                by=actor(),
            )
            flash("The offer is chosen. Everybody who competed has been told by letter.", "success")
            return redirect(url_for("call_offs.show", call_off_id=choice.id), 303)
    return _show(competition_id, awarding=form, wrong=form)


@bp.post("/competitions/<int:competition_id>/no-winner")
@requires("referral:send")
def conclude(competition_id: int) -> ResponseReturnValue:
    """Conclude it where every answer is below a minimum."""
    services.conclude_without_winner(competition_id=competition_id, portal_url=portal_url(), by=actor())
    flash("The mini-competition is concluded. The providers have been told by letter.", "success")
    return redirect(url_for(".show", competition_id=competition_id), 303)


@bp.post("/competitions/<int:competition_id>/abandon")
@requires("referral:send")
def abandon(competition_id: int) -> ResponseReturnValue:
    """End it without a winner."""
    form = AbandonForm()
    if form.validate():
        with form.refusals():
            services.abandon(
                competition_id=competition_id, reason=form.ending.data, portal_url=portal_url(), by=actor()
            )
            flash("The mini-competition has ended. The providers have been told by letter.", "success")
            return redirect(url_for(".show", competition_id=competition_id), 303)
    return _show(competition_id, ending=form, wrong=form)


@bp.get("/referrals/<int:referral_id>/entry")
@requires("referral:answer")
def entry(referral_id: int) -> ResponseReturnValue:
    """A provider's own answer, as it stands."""
    invitation = queries.invitation_for(actor(), referral_id)
    if invitation.submitted_at:
        form = EntryForm.showing(invitation.answer)
    else:
        need = referral_for(actor(), referral_id)
        form = EntryForm.suggesting(service_named(invitation.service_id), need)
    return _entry(invitation, form)


@bp.post("/referrals/<int:referral_id>/entry")
@requires("referral:answer")
def save_entry(referral_id: int) -> ResponseReturnValue:
    """Keep it."""
    invitation, form = queries.invitation_for(actor(), referral_id), EntryForm()
    if not invitation.open:
        form.refuse(services.Closed.at(invitation.closes_at))
    elif form.validate():
        with form.refusals():
            services.answer_competition(
                referral_id=referral_id, offer=form.offer(), words=form.words(), by=actor()
            )
            flash("Your answer is kept. You can change it until the close.", "success")
            return redirect(url_for(".entry", referral_id=referral_id), 303)
    return _entry(invitation, form)


@bp.get("/competitions/answers/<int:entry_id>/result")
@requires("referral:answer")
def result(entry_id: int) -> ResponseReturnValue:
    """How a provider's own answer was judged, once the competition is decided."""
    found = result_queries.result_for(actor(), entry_id)
    read_by(actor(), "referral", found.referral_id)
    return render_template("competitions/result.html", result=found, criteria=CRITERIA, as_at=clock.now())


def on_referral(viewer: Actor, referral_id: int) -> Iterable[tuple[str, str]]:
    """(words, address) of what a referral's page leads to here."""
    if entry_id := result_queries.judged_answer(viewer, referral_id):
        address = url_for("competitions.result", entry_id=entry_id)
        yield "How your answer in the mini-competition was judged", address


def _new(referral_id: int, form: StartForm) -> ResponseReturnValue:
    profile, request_id = profile_for(actor(), referral_id)
    too_slow = ""
    if profile.urgent:
        too_slow = why_not_in_time("mini_competition", routes_of_referral(referral_id), urgent=True)
    page = render_template(
        "competitions/new.html",
        referral_id=referral_id,
        profile=profile,
        request_id=request_id,
        too_slow=too_slow,
        candidates=() if too_slow else candidates.for_child(actor(), profile, request_id),
        chosen=form.service_ids(),
        form=form,
        criteria=CRITERIA,
        closes_at=closes_at(clock.now()),
        going_on=queries.competition_of(actor(), request_id),
        fewest=services.FEWEST,
        most=services.MOST,
        as_at=clock.now(),
    )
    return page, form.http_status


def _show(
    competition_id: int,
    awarding: AwardForm | None = None,
    ending: AbandonForm | None = None,
    wrong: Form | None = None,
) -> ResponseReturnValue:
    competition = queries.competition_for(actor(), competition_id)
    answers = queries.answers_in(competition)
    places = queries.ranking_of(competition, answers)
    read_by(actor(), "competition", competition_id)
    page = render_template(
        "competitions/show.html",
        competition=competition,
        invited=queries.invited_to(competition),
        answers={each.entry_id: each for each in answers},
        places=places,
        criteria=CRITERIA,
        awarding=awarding or AwardForm(formdata=None),
        ending=ending or AbandonForm(formdata=None),
        form=wrong,
        as_at=clock.now(),
    )
    return page, 422 if wrong else 200


def _answer(
    competition: queries.CompetitionFacts, found: queries.OpenedAnswer, form: MarkForm
) -> ResponseReturnValue:
    read_by(actor(), "competition", competition.id, entry=found.entry_id)
    page = render_template(
        "competitions/answer.html",
        competition=competition,
        answer=found,
        criteria=CRITERIA,
        marked=MARKED,
        form=form,
        as_at=clock.now(),
    )
    return page, form.http_status


def _entry(invitation: queries.Invitation, form: EntryForm) -> ResponseReturnValue:
    page = render_template(
        "competitions/entry.html",
        invitation=invitation,
        referral=referral_for(actor(), invitation.referral_id),
        criteria=CRITERIA,
        form=form,
        typed=form.typed() if form.errors else (),
        as_at=clock.now(),
    )
    return page, form.http_status
