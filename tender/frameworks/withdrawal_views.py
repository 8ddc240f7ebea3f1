"""The pages on which a published round is ended without an outcome: one person proposes, another decides."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.lifecycle import MoveRefused
from portal.web.addresses import portal_url
from tender.frameworks.forms import WithdrawalForm
from tender.frameworks.lifecycle import ending_from
from tender.frameworks.queries import round_for
from tender.frameworks.withdrawal_queries import withdrawal_of
from tender.frameworks.withdrawal_services import decide_withdrawal, propose_withdrawal
from tender.frameworks.words import ENDINGS, TERMINATION

bp = Blueprint("withdrawals", __name__)
HERE = "/rounds/<int:round_id>/withdrawal"


@bp.get(HERE)
@requires("framework:manage", "round:witness")
def show(round_id: int) -> ResponseReturnValue:
    """What ending the round does, and the proposal that waits or was approved."""
    return _page(round_id, WithdrawalForm())


@bp.post(HERE)
@requires("framework:manage")
def propose(round_id: int) -> ResponseReturnValue:
    """Propose to end the round."""
    form = WithdrawalForm()
    if form.validate_on_submit():
        with form.refusals():
            propose_withdrawal(by=actor(), round_id=round_id, reason=form.reason.data or "")
            flash("Your proposal is kept. Somebody else has to approve it: another lead, or an approver.")
            return redirect(url_for(".show", round_id=round_id), 303)
    return _page(round_id, form), 422


@bp.post(f"{HERE}/<int:withdrawal_id>")
@requires("framework:manage", "round:witness")
def decide(round_id: int, withdrawal_id: int) -> ResponseReturnValue:
    """Approve the proposal, or let the round go on."""
    approved = request.form.get("decision") == "approve"
    try:
        decide_withdrawal(
            by=actor(),
            round_id=round_id,
            withdrawal_id=withdrawal_id,
            approved=approved,
            portal_url=portal_url(),
        )
    except MoveRefused:
        raise
    except Refusal as refusal:
        return _page(round_id, WithdrawalForm(formdata=None), refusal.sentence), 422
    if approved:
        flash("The round has ended, and everyone who is to know is told.", "success")
    else:
        flash("The round goes on.")
    return redirect(url_for("rounds.show", round_id=round_id), 303)


def _page(round_id: int, form: WithdrawalForm, refused: str = "") -> str:
    facts = round_for(actor(), round_id)
    return render_template(
        "tender/frameworks/withdrawal.html",
        round=facts,
        form=form,
        withdrawal=withdrawal_of(facts),
        mine=actor().person_id,
        words=ENDINGS["withdraw" if facts.reached == "published" else ending_from(facts.state)],
        notice=TERMINATION[facts.legal_regime],
        refused=refused,
    )
