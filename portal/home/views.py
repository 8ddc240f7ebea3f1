"""The home page, the pages at its foot, and the answers for a machine that watches."""

import logging

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, public
from portal.accounts.permissions import ROLE_NAMES
from portal.database import MOST_APART, clocks_apart
from portal.home.queries import waiting_for
from portal.storage.bucket import bucket
from tender.frameworks.queries import open_rounds

log = logging.getLogger("portal")
bp = Blueprint("home", __name__)


@bp.get("/")
@public
def show() -> ResponseReturnValue:
    """What needs this person now; for somebody who is not signed in, what the portal is for."""
    viewer = actor()
    if not viewer.signed_in:
        return render_template("home/welcome.html", rounds=open_rounds())
    return render_template(
        "home/show.html",
        waiting=waiting_for(viewer),
        roles=[ROLE_NAMES[role] for role in sorted(viewer.roles)],
        as_at=clock.now(),
    )


@bp.get("/accessibility")
@public
def accessibility() -> ResponseReturnValue:
    """The accessibility statement (Public Sector Bodies Accessibility Regulations 2018)."""
    return render_template("home/accessibility.html")


@bp.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """What the portal keeps about people, and why."""
    return render_template("home/privacy.html")


@bp.get("/healthz")
@public
def alive() -> ResponseReturnValue:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def ready() -> ResponseReturnValue:
    """The process can reach the database and the documents; 503 when it cannot.

    And whether its clock and the database's agree (`MOST_APART`). Where they do not, that is said here and in
    the log for somebody to put right, and the answer stays 200: a portal that is two seconds wrong on the day
    of a close is better than none.
    """
    state = {"database": True, "documents": True}
    clocks: dict[str, object] = {}
    try:
        apart = clocks_apart()
        clocks = {"clock": abs(apart) <= MOST_APART, "clocks_apart": round(apart.total_seconds())}
        if not clocks["clock"]:
            log.error("the database's clock is %s seconds before ours", clocks["clocks_apart"])
    except Exception:  # Whatever keeps us from the database, the answer is the same.
        state["database"] = False
    try:
        bucket().check()
    except Exception:
        state["documents"] = False
    return {**state, **clocks}, 200 if all(state.values()) else 503
