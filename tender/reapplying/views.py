"""The page before an earlier application is carried over."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from tender.applications.queries import own_application_for
from tender.reapplying.queries import chance_for, start_of

bp = Blueprint("reapplying", __name__)


@bp.get("/applications/<int:application_id>/again")
@requires("application:edit")
def start(application_id: int) -> ResponseReturnValue:
    """What is carried over from this application into the round that is open, and what is not.

    Where no round is open to it, or it was taken there and submitted, the application itself.
    """
    viewer = actor()
    facts = own_application_for(viewer, application_id)
    chance = chance_for(viewer, facts)
    if chance is None or chance.draft_state == "submitted":
        return redirect(url_for("applications.show", application_id=application_id))
    return render_template(
        "reapplying/start.html", facts=facts, chance=chance, start=start_of(viewer, facts, chance)
    )
