"""The pages on which the school writes an agreement, one group of things at a time."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.agreements.forms import STEP_FORMS, StepForm
from portal.agreements.queries import AgreementFacts, agreement_for
from portal.agreements.services import digest_of, save_terms
from portal.agreements.terms import STEPS
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.web.reading import read_by

bp = Blueprint("agreement_steps", __name__)


@bp.get("/agreements/<int:agreement_id>/write/<step>")
@requires("agreement:write")
def show(agreement_id: int, step: str) -> ResponseReturnValue:
    """One page of the draft."""
    agreement = _draft(agreement_id, step)
    assert agreement.open
    return _page(agreement, step, STEP_FORMS[step].of(agreement.open.terms))


@bp.post("/agreements/<int:agreement_id>/write/<step>")
@requires("agreement:write")
def save(agreement_id: int, step: str) -> ResponseReturnValue:
    """Keep it, and go on to the next page, or to what it all says."""
    agreement = _draft(agreement_id, step)
    form = STEP_FORMS[step]()
    if form.validate():
        try:
            save_terms(agreement_id=agreement_id, values=form.values(), seen=form.seen.data or "", by=actor())
        except (NotFound, MoveRefused):
            raise
        except Conflict as conflict:
            form.refuse(conflict)
            assert agreement.open
            form.seen.data = digest_of(agreement.open.terms, form.names())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return _onwards(agreement_id, step)
    return _page(agreement, step, form)


def _onwards(agreement_id: int, step: str) -> ResponseReturnValue:
    later = list(STEPS)[list(STEPS).index(step) + 1 :]
    if later:
        return redirect(url_for(".show", agreement_id=agreement_id, step=later[0]), 303)
    flash("Saved. Check all of it before you send it to be signed.", "success")
    return redirect(url_for("agreements.show", agreement_id=agreement_id), 303)


def _draft(agreement_id: int, step: str) -> AgreementFacts:
    agreement = agreement_for(actor(), agreement_id)
    if step not in STEP_FORMS or "write" not in agreement.moves:
        raise NotFound()
    return agreement


def _page(agreement: AgreementFacts, step: str, form: StepForm) -> ResponseReturnValue:
    read_by(actor(), "placement_agreement", agreement.id)
    place = list(STEPS).index(step)
    if agreement.agreed and agreement.open and not agreement.open.begins_anew:
        form.ask_for_a_change()
    page = render_template(
        "agreements/step.html",
        agreement=agreement,
        form=form,
        title=STEPS[step],
        place=place + 1,
        of=len(STEPS),
        step=step,
        before=list(STEPS)[place - 1] if place else "",
    )
    return page, form.http_status
