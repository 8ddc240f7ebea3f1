"""What letters lead to: a confirmed address, a new password."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, public
from portal.accounts.models import Person
from portal.sign_in import services
from portal.sign_in.entering import after_first_step, network, onward_path
from portal.sign_in.forms import AddressForm, LetterCodeForm, LinkForm, ResetPasswordForm
from portal.sign_in.mailed import look_up
from portal.sign_in.views import refusals
from portal.web.addresses import portal_url

bp = Blueprint("letters", __name__)
CONFIRMING = "confirming"


@bp.route("/confirm-email", methods=["GET", "POST"])
@public
def confirm() -> ResponseReturnValue:
    """Confirm an address by the code of its letter."""
    waiting = session.get(CONFIRMING) or ("" if actor().confirmed else actor().email)
    form = LetterCodeForm(data={"email": waiting})
    if form.validate_on_submit():
        with refusals(form):
            person = services.confirm_by_code(
                email=form.email.data,
                code=form.code.data,
                network=network(),
                portal_url=portal_url(),
                changing=actor().signed_in,
            )
            registered_here = session.pop(CONFIRMING, "").lower() == form.email.data.lower()
            return _confirmed(person, enter=registered_here)
    return render_template("sign_in/confirm.html", form=form, waiting=waiting), form.http_status


@bp.route("/confirm-email/link", methods=["GET", "POST"])
@public
def confirm_link() -> ResponseReturnValue:
    """Confirm an address by the link of its letter: a button, as what reads mail beforehand follows links."""
    form = LinkForm(data={"token": request.args.get("token", "")})
    if form.validate_on_submit():
        with refusals(form):
            person = services.confirm_by_link(token=form.token.data or "", portal_url=portal_url())
            return _confirmed(person, enter=False)
    found = look_up(form.token.data or "", "confirm", "change")
    return render_template("sign_in/confirm_link.html", form=form, found=found), form.http_status


def _confirmed(person: Person, *, enter: bool) -> ResponseReturnValue:
    flash("Your email address is confirmed.", "success")
    if actor().signed_in:
        return redirect(onward_path(), 303)
    if enter:
        return after_first_step(person, first="letter")
    return redirect(url_for("sign_in.sign_in", next=request.args.get("next")), 303)


@bp.route("/confirm-email/again", methods=["GET", "POST"])
@public
def send_again() -> ResponseReturnValue:
    """Another letter with a code. Says the same of every address."""
    waiting = session.get(CONFIRMING) or ("" if actor().confirmed else actor().email)
    form = AddressForm(data={"email": waiting})
    if form.validate_on_submit():
        with refusals(form):
            services.send_confirmation(email=form.email.data, network=network(), portal_url=portal_url())
            flash("If that address waits to be confirmed, a letter is on its way to it.", "success")
            return redirect(url_for("letters.confirm", next=request.args.get("next")), 303)
    return render_template("sign_in/send_again.html", form=form), form.http_status


@bp.route("/reset-password", methods=["GET", "POST"])
@public
def ask_for_reset() -> ResponseReturnValue:
    """Ask for a letter with a link. Says the same of every address."""
    form = AddressForm()
    if form.validate_on_submit():
        with refusals(form):
            services.ask_for_reset(email=form.email.data, network=network(), portal_url=portal_url())
            return render_template("sign_in/reset_asked.html", email=form.email.data)
    return render_template("sign_in/ask_for_reset.html", form=form), form.http_status


@bp.route("/reset-password/new", methods=["GET", "POST"])
@public
def reset() -> ResponseReturnValue:
    """Choose a new password by the link of a letter."""
    form = ResetPasswordForm(data={"token": request.args.get("token", "")})
    if form.validate_on_submit():
        with refusals(form):
            services.reset_password(
                token=form.token.data or "", password=form.password.data, portal_url=portal_url()
            )
            flash("Your password is changed. Sign in with it.", "success")
            return redirect(url_for("sign_in.sign_in"), 303)
    found = look_up(form.token.data or "", "reset")
    return render_template("sign_in/reset.html", form=form, found=found), form.http_status
