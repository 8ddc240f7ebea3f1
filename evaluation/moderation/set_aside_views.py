"""The page on which marks are set aside whose evaluator found a conflict of interest later."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from evaluation.moderation.set_aside_forms import SetAsideForm
from evaluation.moderation.set_aside_queries import to_set_aside
from evaluation.moderation.set_aside_services import set_marks_aside
from portal.accounts.gate import actor, requires
from portal.web.filters import plural

bp = Blueprint("set_aside", __name__)


@bp.get("/waivers/declarations/<int:declaration_id>/marks")
@requires("panel:manage")
def show(declaration_id: int) -> ResponseReturnValue:
    """What setting them aside means, and the reason."""
    return _page(declaration_id, SetAsideForm(formdata=None))


@bp.post("/waivers/declarations/<int:declaration_id>/marks")
@requires("panel:manage")
def save(declaration_id: int) -> ResponseReturnValue:
    """Set them aside, and go where another evaluator is found for the tender."""
    found, form = to_set_aside(actor(), declaration_id), SetAsideForm()
    if form.validate_on_submit():
        with form.refusals():
            count = set_marks_aside(declaration_id=declaration_id, why=form.why.data or "", by=actor())
            flash(f"{plural(count, 'mark')} set aside. Let somebody else mark this tender.", "success")
            where = {"round_id": found["round_id"], "application_id": found["application_id"]}
            return redirect(url_for("panels.tender", **where), 303)
    return _page(declaration_id, form)


def _page(declaration_id: int, form: SetAsideForm) -> ResponseReturnValue:
    page = render_template(
        "moderation/set_aside.html",
        conflict=to_set_aside(actor(), declaration_id),
        declaration_id=declaration_id,
        form=form,
    )
    return page, form.http_status
