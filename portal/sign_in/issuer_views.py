"""To the council's own sign-in and back. These routes exist where an issuer is configured."""

from flask import Blueprint, flash, redirect, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import public
from portal.errors import Refusal
from portal.sign_in import issuer
from portal.sign_in.entering import after_first_step, onward_path, own_path, settings
from portal.web.addresses import portal_url

bp = Blueprint("issuer", __name__)
_ONWARD = "onward"


# A link, not a button: the policy lets forms go to the portal itself alone, and redirects count.
@bp.get("/sign-in/council")
@public
def begin() -> ResponseReturnValue:
    """To the issuer."""
    session[_ONWARD] = onward_path()
    session.permanent = True
    try:
        return issuer.begin(portal_url() + url_for("issuer.answer"))
    except Refusal as refusal:
        flash(refusal.sentence)
        return redirect(url_for("sign_in.sign_in"))


@bp.get("/sign-in/council/answer")
@public
def answer() -> ResponseReturnValue:
    """Back from the issuer, to the second step where the issuer did not ask for one."""
    onward = own_path(session.pop(_ONWARD, ""))
    try:
        claims = issuer.claims_of_answer()
        person = issuer.person_of(claims)
    except Refusal as refusal:
        flash(refusal.sentence)
        return redirect(url_for("sign_in.sign_in"))
    factor = "council account" if issuer.took_second_step(claims, settings()) else ""
    return after_first_step(person, first="council account", factor=factor, onward=onward)
