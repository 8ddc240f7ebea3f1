"""A person's own sign-in: password, address, second step, and everywhere they are signed in."""

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import sessions
from portal.accounts.credentials import end_sessions
from portal.accounts.gate import actor, signed_in
from portal.sign_in import services
from portal.sign_in.entering import signed_in_person
from portal.sign_in.forms import AddressForm, NewPasswordForm, PressForm
from portal.sign_in.letter_views import CONFIRMING
from portal.sign_in.queries import factors_of
from portal.sign_in.views import refusals
from portal.web.addresses import portal_url

bp = Blueprint("your_sign_in", __name__, url_prefix="/your-sign-in")


@bp.get("")
@signed_in
def show() -> ResponseReturnValue:
    """How this person signs in, and how each part of it is changed."""
    person = signed_in_person()
    return render_template(
        "sign_in/show.html", person=person, factors=factors_of(person.id), form=PressForm()
    )


@bp.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    """Choose another password."""
    if not sessions.proved_lately():
        return redirect(url_for("sign_in.prove", next=url_for("your_sign_in.password")))
    form = NewPasswordForm()
    if form.validate_on_submit():
        with refusals(form):
            uniquifier = services.change_password(
                person=signed_in_person(), password=form.password.data, portal_url=portal_url()
            )
            sessions.change_person(uniquifier)
            flash("Your password is changed. You are signed out everywhere else.", "success")
            return redirect(url_for("your_sign_in.show"), 303)
    return render_template("sign_in/password.html", form=form), form.http_status


@bp.route("/email", methods=["GET", "POST"])
@signed_in
def email() -> ResponseReturnValue:
    """Give another e-mail address; it counts once its letter is answered."""
    if not sessions.proved_lately():
        return redirect(url_for("sign_in.prove", next=url_for("your_sign_in.email")))
    form = AddressForm()
    if form.validate_on_submit():
        with refusals(form):
            services.ask_for_new_email(
                person=signed_in_person(), email=form.email.data, portal_url=portal_url()
            )
            session[CONFIRMING] = form.email.data
            return redirect(url_for("letters.confirm", next=url_for("your_sign_in.show")), 303)
    return render_template("sign_in/email.html", form=form), form.http_status


@bp.post("/everywhere")
@signed_in
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign out here and everywhere else."""
    end_sessions(person_id=signed_in_person().id, by=actor())
    sessions.end()
    flash("You are signed out everywhere.", "success")
    return redirect(url_for("sign_in.sign_in"), 303)
