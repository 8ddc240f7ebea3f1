"""What becomes of an agreement besides signing: sent or taken back, cancelled, varied, dropped, ended."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.agreements import change_services, services
from portal.agreements.forms import EndForm, ReasonForm
from portal.agreements.queries import AgreementFacts, agreement_for
from portal.agreements.signing_services import end_agreement
from portal.errors import Conflict, NotFound, Refusal
from portal.web.addresses import portal_url
from portal.web.forms import Form
from portal.web.reading import read_by

bp = Blueprint("agreement_acts", __name__)


@dataclass(frozen=True, slots=True)
class Act:
    """A page that asks why: its name in `AgreementFacts.moves`, what it says, and what is said when it is
    done."""

    name: str
    title: str
    says: str
    question: str
    hint: str
    button: str
    done: str


ACTS = {
    act.name: act
    for act in (
        Act(
            "send_back",
            "Ask for a change",
            "The school gets a letter and can change the agreement. Nobody’s signature under this"
            " version counts any"
            " more.",
            "What should be changed, and why?",
            "The school reads this. Be precise: it saves you both a round.",
            "Send it back",
            "The agreement is back with the school, with your note.",
        ),
        Act(
            "take_back",
            "Take it back to change it",
            "It goes back to being written. Signatures under this version count for nothing, and the"
            " provider is told.",
            "What do you change, and why?",
            "The provider reads this with the next version.",
            "Take it back",
            "You can change it now. Send it out again when it is right.",
        ),
        Act(
            "cancel",
            "Cancel this agreement",
            "Nobody can sign it any more. If the provider was asked to sign, it is told, and it can"
            " no longer read it.",
            "Why will there be no agreement?",
            "You keep this.",
            "Cancel this agreement",
            "The agreement is cancelled.",
        ),
        Act(
            "vary",
            "Vary this agreement",
            "You write another version. What is in force now counts until both have signed the new"
            " one, and both"
            " versions are kept.",
            "What do you change, and why?",
            "The provider reads this with the new version.",
            "Write the new version",
            "Change what should be different, then send it to be signed.",
        ),
        Act(
            "drop",
            "Drop this variation",
            "What is in force now goes on. If the provider was asked to sign the variation, it is told.",
            "Why do you drop it?",
            "",
            "Drop this variation",
            "The variation is dropped.",
        ),
    )
}


_VARY_BEFORE = replace(
    ACTS["vary"],
    says="The placement has not begun, so another version takes the place of the whole agreement: you can"
    " move its first day too. What is in force now counts until both have signed the new one, and both are"
    " kept.",
)


@bp.route("/agreements/<int:agreement_id>/send-back", methods=["GET", "POST"])
@requires("agreement:sign")
def send_back(agreement_id: int) -> ResponseReturnValue:
    """The provider asks for a change."""
    return _act(
        agreement_id,
        "send_back",
        lambda form: services.send_back(
            agreement_id=agreement_id,
            number=form.about_number(),
            note=form.reason.data,
            portal_url=portal_url(),
            by=actor(),
        ),
    )


@bp.route("/agreements/<int:agreement_id>/take-back", methods=["GET", "POST"])
@requires("agreement:write")
def take_back(agreement_id: int) -> ResponseReturnValue:
    """The school goes on writing."""
    return _act(
        agreement_id,
        "take_back",
        lambda form: services.take_back(
            agreement_id=agreement_id, reason=form.reason.data, portal_url=portal_url(), by=actor()
        ),
    )


@bp.route("/agreements/<int:agreement_id>/cancel", methods=["GET", "POST"])
@requires("agreement:write")
def cancel(agreement_id: int) -> ResponseReturnValue:
    """The school gives it up."""
    return _act(
        agreement_id,
        "cancel",
        lambda form: change_services.cancel_agreement(
            agreement_id=agreement_id, reason=form.reason.data, by=actor()
        ),
    )


@bp.route("/agreements/<int:agreement_id>/vary", methods=["GET", "POST"])
@requires("agreement:write")
def vary(agreement_id: int) -> ResponseReturnValue:
    """The school writes another version."""
    return _act(
        agreement_id,
        "vary",
        lambda form: change_services.vary(agreement_id=agreement_id, reason=form.reason.data, by=actor()),
    )


@bp.route("/agreements/<int:agreement_id>/drop", methods=["GET", "POST"])
@requires("agreement:write")
def drop(agreement_id: int) -> ResponseReturnValue:
    """The school lets a variation go."""
    return _act(
        agreement_id,
        "drop",
        lambda form: change_services.drop(
            agreement_id=agreement_id, reason=form.reason.data, portal_url=portal_url(), by=actor()
        ),
    )


@bp.route("/agreements/<int:agreement_id>/end", methods=["GET", "POST"])
@requires("agreement:sign")
def end(agreement_id: int) -> ResponseReturnValue:
    """Either party ends the placement before its last day."""
    agreement, form = _able(agreement_id, "end"), EndForm()
    if form.validate_on_submit():
        with form.refusals():
            end_agreement(
                agreement_id=agreement_id,
                last_day=form.last_day.data,
                reason=form.reason.data,
                portal_url=portal_url(),
                by=actor(),
            )
            flash("The placement ends. The other side and the council have been told by letter.", "success")
            return _back(agreement_id)
    noticed = clock.today() + timedelta(days=agreement.shown.terms.notice_days)
    return _answer(
        render_template("agreements/end.html", agreement=agreement, form=form, noticed=noticed), form
    )


def _act(agreement_id: int, name: str, do: Callable[[ReasonForm], None]) -> ResponseReturnValue:
    agreement, form = _able(agreement_id, name), ReasonForm()
    act = _VARY_BEFORE if name == "vary" and not agreement.begun else ACTS[name]
    form.reason.label.text, form.reason.description = act.question, act.hint
    if form.validate_on_submit():
        try:
            do(form)
        except (NotFound, Conflict):
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(act.done, "success")
            return _back(agreement_id)
    if not form.is_submitted() and agreement.open:
        form.number.data = str(agreement.open.number)
    return _answer(render_template("agreements/act.html", agreement=agreement, form=form, act=act), form)


def _able(agreement_id: int, move: str) -> AgreementFacts:
    """The agreement, where this can be done now. Raises `NotFound` otherwise."""
    agreement = agreement_for(actor(), agreement_id)
    if move not in agreement.moves:
        raise NotFound()
    read_by(actor(), "placement_agreement", agreement_id)
    return agreement


def _back(agreement_id: int) -> ResponseReturnValue:
    return redirect(url_for("agreements.show", agreement_id=agreement_id), 303)


def _answer(page: str, form: Form) -> ResponseReturnValue:
    return page, form.http_status
