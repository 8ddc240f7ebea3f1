"""Following a round and no longer following it, from its public page."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from tender.followers import services

bp = Blueprint("followers", __name__)


@bp.post("/opportunities/<int:round_id>/follow")
@requires("application:edit")
def follow(round_id: int) -> ResponseReturnValue:
    """Follow the round."""
    services.follow(round_id=round_id, by=actor())
    flash("We will write to you about every change and answer.", "success")
    return redirect(url_for("opportunities.show", round_id=round_id), 303)


@bp.post("/opportunities/<int:round_id>/unfollow")
@requires("application:edit")
def unfollow(round_id: int) -> ResponseReturnValue:
    """No longer follow the round."""
    services.unfollow(round_id=round_id, by=actor())
    flash("You no longer follow this round. If you have started an application, we still write to you.")
    return redirect(url_for("opportunities.show", round_id=round_id), 303)
