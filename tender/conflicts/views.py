"""The council's page of a round's conflicts assessments: the lead writes them, auditors read them."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import NotFound
from tender.conflicts import queries, services
from tender.conflicts.forms import assessment_form
from tender.conflicts.models import KINDS

bp = Blueprint("conflicts", __name__)


@bp.route("/rounds/<int:round_id>/conflicts", methods=["GET", "POST"])
@requires(*queries.READERS)
def show(round_id: int) -> ResponseReturnValue:
    """Every assessment of a round and, for the lead, the form that adds the next."""
    facts, assessments = queries.assessments_of(actor(), round_id)
    form = assessment_form(assessments[0] if assessments else None)
    if not actor().may("framework:manage"):
        del form.people, form.found, form.conflicts, form.after
        if form.is_submitted():
            raise NotFound()
    elif form.validate_on_submit():
        with form.refusals():
            services.assess(
                by=actor(),
                round_id=round_id,
                people=form.people.data or "",
                conflicts=form.written(),
                after=form.sent_after,
            )
            flash("The assessment is kept.", "success")
            return redirect(url_for(".show", round_id=round_id), 303)
    page = render_template(
        "conflicts/show.html", round=facts, assessments=assessments, form=form, kinds=KINDS
    )
    return page, form.http_status
