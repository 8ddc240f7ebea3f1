"""Pages of interests: those of whoever has a part in decisions, each their own."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evaluation.interests import queries, services
from evaluation.interests.forms import InterestForm
from evaluation.interests.models import KINDS
from portal.accounts.gate import actor, requires

bp = Blueprint("interests", __name__)
DECLARES = ("tender:mark", "tender:moderate", "outcome:recommend", "outcome:approve")


@bp.get("/marking/interests")
@requires(*DECLARES)
def index() -> ResponseReturnValue:
    """What this person has declared of themselves."""
    return _page(InterestForm(formdata=None))


@bp.post("/marking/interests")
@requires(*DECLARES)
def declare() -> ResponseReturnValue:
    """Keep one more interest."""
    form = InterestForm()
    if form.validate_on_submit():
        with form.refusals():
            services.declare_interest(
                kind=form.kind.data or "", organisation_name=form.organisation_name.data or "", by=actor()
            )
            flash("The interest is saved.", "success")
            return redirect(url_for("interests.index"), 303)
    return _page(form)


@bp.post("/marking/interests/<int:interest_id>/take-back")
@requires(*DECLARES)
def take_back(interest_id: int) -> ResponseReturnValue:
    """Forget one of one's own interests."""
    services.take_interest_back(interest_id=interest_id, by=actor())
    flash("The interest is removed.", "success")
    return redirect(url_for("interests.index"), 303)


def _page(form: InterestForm) -> ResponseReturnValue:
    page = render_template(
        "interests/index.html", interests=queries.interests_of(actor()), kinds=KINDS, form=form
    )
    return page, form.http_status
