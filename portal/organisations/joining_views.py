"""The ways in: an invitation's letter, and asking to join an organisation that is registered already."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.accounts import sessions
from portal.accounts.access import Actor
from portal.accounts.gate import actor, public, signed_in
from portal.accounts.permissions import role_list
from portal.organisations import join_services, queries, services
from portal.organisations.forms import FindForm, JoinForm, JoinNewcomerForm, NewcomerForm
from portal.organisations.views import bp
from portal.sign_in.entering import network
from portal.web.addresses import portal_url
from portal.web.forms import Form


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@public
def invitation(token: str) -> ResponseReturnValue:
    """What the letter's link opens: accept with one's account, or register."""
    found = queries.invitation_by(token)
    if found is None:
        return render_template("organisations/invitation_over.html"), 404
    viewer = actor()
    newcomer = not viewer.signed_in and not found["has_account"]
    form = NewcomerForm() if newcomer else Form()
    if form.validate_on_submit():
        with form.refusals():
            return _accepted(token, form, viewer, newcomer)
    page = render_template(
        "organisations/invitation.html",
        form=form,
        invitation=found,
        roles=role_list(found["roles"]),
        newcomer=newcomer,
        for_another=viewer.signed_in and viewer.email.lower() != found["email"].lower(),
        here=request.path,
    )
    return page, form.http_status


def _accepted(token: str, form: Form, viewer: Actor, newcomer: bool) -> Response:
    if newcomer and isinstance(form, NewcomerForm):
        person = services.accept_as_newcomer(
            token=token, name=form.name.data or "", password=form.password.data or ""
        )
        sessions.begin(person, factor="")
    else:
        session[sessions.ACTING_FOR] = services.accept(token=token, by=viewer).organisation_id
    flash("You are now a member.", "success")
    return redirect(url_for("home.show"), 303)


@bp.route("/invitations/mine/<int:invitation_id>", methods=["GET", "POST"])
@signed_in
def own_invitation(invitation_id: int) -> ResponseReturnValue:
    """An invitation to one's own address, without looking for the letter."""
    found, form = queries.own_invitation(actor(), invitation_id), Form()
    if form.validate_on_submit():
        with form.refusals():
            accepted = services.accept_own(invitation_id=invitation_id, by=actor())
            session[sessions.ACTING_FOR] = accepted.organisation_id
            flash(f"You are now a member of {found['organisation_name']}.", "success")
            return redirect(url_for("home.show"), 303)
    page = render_template(
        "organisations/own_invitation.html",
        form=form,
        invitation=found,
        roles=role_list(found["roles"]),
    )
    return page, form.http_status


@bp.get("/join")
@public
def find_to_join() -> ResponseReturnValue:
    """Find an organisation by its name or number."""
    form = FindForm()
    words = form.q.data or ""
    form.validate()
    return render_template(
        "organisations/find.html",
        form=form,
        words=words,
        found=[] if form.errors else queries.found_to_join(words),
        most=queries.MOST_FOUND,
        kind_names=queries.KIND_NAMES,
    )


@bp.route("/join/<int:organisation_id>", methods=["GET", "POST"])
@public
def join(organisation_id: int) -> ResponseReturnValue:
    """Ask to join; without an account one is made."""
    organisation = queries.to_join(organisation_id)
    viewer = actor()
    form = JoinForm() if viewer.signed_in else JoinNewcomerForm()
    if form.validate_on_submit():
        with form.refusals():
            return _asked(organisation_id, form, viewer)
    page = render_template(
        "organisations/join.html", form=form, organisation=organisation, newcomer=not viewer.signed_in
    )
    return page, form.http_status


def _asked(organisation_id: int, form: JoinForm, viewer: Actor) -> Response:
    message = form.message.data or ""
    if isinstance(form, JoinNewcomerForm):
        join_services.register_and_ask(
            organisation_id=organisation_id,
            name=form.name.data or "",
            email=form.email.data or "",
            password=form.password.data or "",
            message=message,
            network=network(),
            portal_url=portal_url(),
        )
        session["confirming"] = form.email.data
        return redirect(url_for("letters.confirm"), 303)
    else:
        join_services.ask_to_join(
            organisation_id=organisation_id, message=message, portal_url=portal_url(), by=viewer
        )
    flash("Your request is sent. You get a letter when it is answered.", "success")
    return redirect(url_for("home.show"), 303)


@bp.route("/join/requests/<int:request_id>", methods=["GET", "POST"])
@signed_in
def asked(request_id: int) -> ResponseReturnValue:
    """One's own request: where it stands, and taking it back."""
    found, form = queries.own_request(actor(), request_id), Form()
    if form.validate_on_submit():
        join_services.withdraw_join(request_id=request_id, by=actor())
        flash("Your request is withdrawn.", "success")
        return redirect(url_for("home.show"), 303)
    return render_template("organisations/asked.html", form=form, asked=found)
