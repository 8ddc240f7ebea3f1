"""One's own organisation and its people: members, roles, invitations, requests, leaving."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts import member_services as accounts
from portal.accounts.gate import actor, requires, signed_in
from portal.accounts.organisation_services import ask_again as ask_for_check_again
from portal.accounts.permissions import role_list
from portal.accounts.sessions import ACTING_FOR
from portal.errors import NotFound, Refusal
from portal.organisations import join_services, member_services, queries, services
from portal.organisations.forms import DeclineForm, InviteForm, RolesForm, meanings
from portal.web.addresses import portal_url
from portal.web.forms import Form
from portal.web.text import id_in

bp = Blueprint("organisations", __name__)
MANAGES = ("organisation:manage", "people:manage")


@bp.get("/organisation")
@signed_in
def show() -> ResponseReturnValue:
    """The organisation for which one acts: its facts, and where it stands with the council."""
    viewer = actor()
    return render_template(
        "organisations/show.html",
        organisation=queries.own_organisation(viewer),
        roles=role_list(viewer.roles),
        form=Form(),
    )


@bp.post("/organisation/ask-again")
@signed_in
def ask_again() -> ResponseReturnValue:
    """Ask for another check after a refusal."""
    ask_for_check_again(by=actor())
    flash("You have asked the council to check your organisation again.", "success")
    return redirect(url_for("organisations.show"), 303)


@bp.route("/acting-for", methods=["GET", "POST"])
@signed_in
def act_for() -> ResponseReturnValue:
    """Choose the organisation for which one acts from now on."""
    if request.method == "GET":
        return render_template("organisations/acting_for.html")
    choices = dict(actor().choices)
    chosen = id_in(request.form.get("organisation_id"), None)
    if chosen not in choices:
        raise NotFound()
    session[ACTING_FOR] = chosen
    flash(f"You now act for {choices[chosen]}.", "success")
    return redirect(url_for("home.show"), 303)


@bp.route("/organisation/leave", methods=["GET", "POST"])
@signed_in
def leave() -> ResponseReturnValue:
    """Leave the organisation for which one acts."""
    viewer, form = actor(), Form()
    organisation = queries.own_organisation(viewer)
    if viewer.through:
        raise NotFound()
    if form.validate_on_submit():
        with form.refusals():
            accounts.leave(by=viewer)
            session.pop(ACTING_FOR, None)
            flash(f"You are no member of {organisation.name} any more.", "success")
            return redirect(url_for("home.show"), 303)
    page = render_template("organisations/leave.html", form=form, organisation=organisation)
    return page, form.http_status


@bp.get("/organisation/people")
@requires("organisation:manage")
def people() -> ResponseReturnValue:
    """Members, open invitations and requests to join."""
    organisation = queries.own_organisation(actor())
    return render_template(
        "organisations/people.html",
        organisation=organisation,
        members=queries.memberships_of(organisation.id),
        invitations=queries.open_invitations(organisation.id),
        requests=queries.open_requests(organisation.id),
        role_list=role_list,
        as_at=clock.now(),
        form=Form(),
    )


@bp.route("/organisation/people/invite", methods=["GET", "POST"])
@requires("organisation:manage")
def invite() -> ResponseReturnValue:
    """Invite somebody by e-mail."""
    organisation = queries.own_organisation(actor())
    return invite_to(organisation, url_for("organisations.people"))


def invite_to(organisation: queries.OrganisationFacts, onward: str) -> ResponseReturnValue:
    """The page that invites somebody to `organisation`, and its answer; then on to `onward`."""
    form = InviteForm()
    form.offer(organisation.kind)
    if form.validate_on_submit():
        with form.refusals():
            services.invite(
                organisation_id=organisation.id,
                email=form.email.data or "",
                roles=form.roles.data or [],
                portal_url=portal_url(),
                by=actor(),
            )
            flash(f"The invitation to {form.email.data} is on its way.", "success")
            return redirect(onward, 303)
    page = render_template(
        "organisations/invite.html",
        form=form,
        organisation=organisation,
        meanings=meanings(organisation.kind),
        back=onward,
        days=services.LASTS.days,
    )
    return page, form.http_status


@bp.route("/organisation/people/<int:membership_id>", methods=["GET", "POST"])
@requires(*MANAGES)
def member(membership_id: int) -> ResponseReturnValue:
    """One member: their roles, and what else can be done."""
    found = queries.membership_for(actor(), membership_id)
    form = RolesForm(data={"roles": found["roles"]})
    form.offer(found["kind"])
    if form.validate_on_submit():
        with form.refusals():
            member_services.change_roles(membership_id=membership_id, roles=form.roles.data or [], by=actor())
            flash(f"The roles of {found['name']} are saved.", "success")
            return redirect(_people_of(found["organisation_id"]), 303)
    return _member_page(membership_id, form)


def _member_page(membership_id: int, form: RolesForm) -> ResponseReturnValue:
    found = queries.membership_for(actor(), membership_id)
    page = render_template(
        "organisations/member.html",
        form=form,
        member=found,
        own=found["person_id"] == actor().person_id,
        meanings=meanings(found["kind"]),
        back=_people_of(found["organisation_id"]),
    )
    return page, form.http_status


@bp.post("/organisation/people/<int:membership_id>/suspend")
@requires(*MANAGES)
def suspend(membership_id: int) -> ResponseReturnValue:
    """A member may not act for the time being."""
    found = queries.membership_for(actor(), membership_id)
    return _changed(found, member_services.suspend_member, "cannot act for the organisation now")


@bp.post("/organisation/people/<int:membership_id>/restore")
@requires(*MANAGES)
def restore(membership_id: int) -> ResponseReturnValue:
    """A member may act again."""
    found = queries.membership_for(actor(), membership_id)
    return _changed(found, accounts.restore_member, "can act for the organisation again")


@bp.post("/organisation/people/<int:membership_id>/remove")
@requires(*MANAGES)
def remove(membership_id: int) -> ResponseReturnValue:
    """A person is no member any more."""
    found = queries.membership_for(actor(), membership_id)
    return _changed(found, member_services.remove_member, "is no member any more")


def _changed(found, change, words: str) -> ResponseReturnValue:  # type: ignore[no-untyped-def]
    try:
        change(membership_id=found["id"], by=actor())
    except Refusal as refusal:
        form = RolesForm(formdata=None, data={"roles": found["roles"]})
        form.offer(found["kind"])
        form.refuse(refusal)
        return _member_page(found["id"], form)
    flash(f"{found['name']} {words}.", "success")
    return redirect(_people_of(found["organisation_id"]), 303)


@bp.post("/organisation/invitations/<int:invitation_id>/again")
@requires(*MANAGES)
def send_again(invitation_id: int) -> ResponseReturnValue:
    """A new letter with a new link."""
    sent = services.send_again(invitation_id=invitation_id, portal_url=portal_url(), by=actor())
    flash(f"A new invitation to {sent.email} is on its way. The link in the old one has stopped.", "success")
    return redirect(_people_of(sent.organisation_id), 303)


@bp.post("/organisation/invitations/<int:invitation_id>/revoke")
@requires(*MANAGES)
def revoke(invitation_id: int) -> ResponseReturnValue:
    """The invitation's link stops working."""
    revoked = services.revoke(invitation_id=invitation_id, by=actor())
    flash(f"The invitation to {revoked.email} is withdrawn.", "success")
    return redirect(_people_of(revoked.organisation_id), 303)


@bp.get("/organisation/requests/<int:request_id>")
@requires(*MANAGES)
def request_to_join(request_id: int) -> ResponseReturnValue:
    """Somebody asks to join: who, and what they write."""
    found = queries.request_for(actor(), request_id)
    return _request_page(request_id, RolesForm().offer(found["kind"]), DeclineForm())


def _request_page(request_id: int, form: Form, declining: DeclineForm) -> ResponseReturnValue:
    found = queries.request_for(actor(), request_id)
    page = render_template(
        "organisations/request.html",
        form=form,
        declining=declining,
        asked=found,
        meanings=meanings(found["kind"]),
        back=_people_of(found["organisation_id"]),
    )
    return page, (422 if form.errors or declining.errors else 200)


@bp.post("/organisation/requests/<int:request_id>/approve")
@requires(*MANAGES)
def approve(request_id: int) -> ResponseReturnValue:
    """Take them in."""
    found = queries.request_for(actor(), request_id)
    form = RolesForm().offer(found["kind"])
    if form.validate_on_submit():
        with form.refusals():
            join_services.approve_join(
                request_id=request_id, roles=form.roles.data or [], portal_url=portal_url(), by=actor()
            )
            flash(f"{found['name']} is now a member.", "success")
            return redirect(_people_of(found["organisation_id"]), 303)
    return _request_page(request_id, form, DeclineForm(formdata=None))


@bp.post("/organisation/requests/<int:request_id>/decline")
@requires(*MANAGES)
def decline(request_id: int) -> ResponseReturnValue:
    """Say no."""
    found = queries.request_for(actor(), request_id)
    form = DeclineForm()
    if not form.validate_on_submit():
        return _request_page(request_id, RolesForm(formdata=None).offer(found["kind"]), form)
    join_services.decline_join(request_id=request_id, reason=form.reason.data or "", by=actor())
    flash(f"The request of {found['name']} is declined.", "success")
    return redirect(_people_of(found["organisation_id"]), 303)


def _people_of(organisation_id: int) -> str:
    """The page that lists an organisation's people, for whoever manages them."""
    if organisation_id == actor().organisation_id:
        return url_for("organisations.people")
    return url_for("administration.organisation", organisation_id=organisation_id)
