"""The page on which a person turns reminders off and on."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from tender.reminders import queries, services
from tender.reminders.forms import RemindersForm

bp = Blueprint("reminders", __name__)


@bp.route("/reminders", methods=["GET", "POST"])
@requires("application:edit")
def choose() -> ResponseReturnValue:
    """Choose whether to be reminded of applications that are not submitted."""
    viewer = actor()
    form = RemindersForm(data={"wanted": "yes" if queries.wants_reminders(viewer) else "no"})
    if form.validate_on_submit():
        services.turn_reminders(on=form.wanted.data == "yes", by=viewer)
        flash("Your choice is saved.", "success")
        return redirect(url_for(".choose"), 303)
    page = render_template("reminders/choose.html", form=form, rules=list(services.RULES))
    return page, form.http_status
