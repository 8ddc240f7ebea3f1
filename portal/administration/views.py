"""The administrator's area: organisations, people, settings."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.accounts.lifecycle import ORGANISATION
from portal.accounts.member_services import deactivate_person, reactivate_person
from portal.accounts.permissions import role_list
from portal.administration import queries
from portal.administration.forms import OrganisationsFilter, PeopleFilter, ReasonForm
from portal.audit.queries import trail_of
from portal.organisations import member_services
from portal.organisations import queries as organisations_of
from portal.organisations.views import invite_to
from portal.profiles.queries import profile_of
from portal.web.addresses import portal_url
from portal.web.forms import Form
from portal.web.pagination import page_number

bp = Blueprint("administration", __name__)


@bp.get("/administration")
@bp.get("/administration/organisations")
@requires("organisation:read")
def organisations() -> ResponseReturnValue:
    """Organisations by name, number, kind and standing."""
    form = OrganisationsFilter()
    right = form.validate()
    found = queries.organisations(
        words=(form.q.data or "") if right else "",
        kind=(form.kind.data or "") if right else "",
        state=(form.state.data or "") if right else "",
        page=page_number(request.args.get("page")),
    )
    return render_template(
        "administration/organisations.html",
        form=form,
        page=found,
        as_at=clock.now(),
        kind_names=organisations_of.KIND_NAMES,
        state_words=organisations_of.STATE_WORDS,
    )


@bp.get("/administration/organisations/<int:organisation_id>")
@requires("organisation:read")
def organisation(organisation_id: int) -> ResponseReturnValue:
    """One organisation: facts, numbers, members, trail, and what can be done."""
    return _organisation_page(organisation_id, ReasonForm(formdata=None))


def _organisation_page(organisation_id: int, form: ReasonForm) -> ResponseReturnValue:
    viewer = actor()
    found = organisations_of.facts_of(organisation_id)
    sees_people = viewer.may("people:read")
    page = render_template(
        "administration/organisation.html",
        organisation=found,
        form=form,
        moves=ORGANISATION.open_from(found.state) if viewer.may("organisation:check") else frozenset(),
        members=organisations_of.memberships_of(organisation_id) if sees_people else None,
        invitations=organisations_of.open_invitations(organisation_id) if sees_people else (),
        requests=organisations_of.open_requests(organisation_id) if sees_people else (),
        manages=viewer.may("people:manage"),
        profile=profile_of(organisation_id) if found.kind == "provider" else None,
        schools=queries.schools_of(organisation_id) if found.kind == "school_group" else (),
        role_list=role_list,
        trail=trail_of("organisation", organisation_id) if viewer.may("audit:read") else (),
        own=organisation_id == viewer.organisation_id,
    )
    return page, form.http_status


@bp.post("/administration/organisations/<int:organisation_id>/check")
@requires("organisation:check")
def check(organisation_id: int) -> ResponseReturnValue:
    """It passes the council's check."""
    member_services.check_organisation(organisation_id=organisation_id, portal_url=portal_url(), by=actor())
    return _moved(organisation_id, "The organisation has passed the check, and its people are told.")


@bp.post("/administration/organisations/<int:organisation_id>/refuse")
@requires("organisation:check")
def refuse(organisation_id: int) -> ResponseReturnValue:
    """It does not pass, and reads why."""
    form = ReasonForm()
    if form.validate_on_submit():
        member_services.refuse_organisation(
            organisation_id=organisation_id,
            reason=form.reason.data or "",
            portal_url=portal_url(),
            by=actor(),
        )
        return _moved(
            organisation_id, "The organisation has not passed the check, and its people are told why."
        )
    return _organisation_page(organisation_id, form)


@bp.post("/administration/organisations/<int:organisation_id>/deactivate")
@requires("organisation:check")
def deactivate(organisation_id: int) -> ResponseReturnValue:
    """Its people can do nothing for it any more."""
    form = ReasonForm()
    if form.validate_on_submit():
        with form.refusals():
            member_services.deactivate_organisation(
                organisation_id=organisation_id, reason=form.reason.data or "", by=actor()
            )
            return _moved(organisation_id, "The organisation is deactivated, and its people are told why.")
    return _organisation_page(organisation_id, form)


@bp.post("/administration/organisations/<int:organisation_id>/reactivate")
@requires("organisation:check")
def reactivate(organisation_id: int) -> ResponseReturnValue:
    """It may act again."""
    member_services.reactivate_organisation(
        organisation_id=organisation_id, portal_url=portal_url(), by=actor()
    )
    return _moved(organisation_id, "The organisation is active again, and its people are told.")


def _moved(organisation_id: int, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for("administration.organisation", organisation_id=organisation_id), 303)


@bp.route("/administration/organisations/<int:organisation_id>/invite", methods=["GET", "POST"])
@requires("people:manage")
def invite(organisation_id: int) -> ResponseReturnValue:
    """Invite an organisation's first person, or another."""
    found = organisations_of.facts_of(organisation_id)
    return invite_to(found, url_for("administration.organisation", organisation_id=organisation_id))


@bp.get("/administration/people")
@requires("people:read")
def people() -> ResponseReturnValue:
    """People by name or address."""
    form = PeopleFilter()
    words = (form.q.data or "") if form.validate() else ""
    return render_template(
        "administration/people.html",
        form=form,
        page=queries.people(words=words, page=page_number(request.args.get("page"))),
        as_at=clock.now(),
    )


@bp.get("/administration/people/<int:person_id>")
@requires("people:read")
def person(person_id: int) -> ResponseReturnValue:
    """One person: memberships and roles. Nothing that opens their account is shown or can be set here."""
    viewer = actor()
    return render_template(
        "administration/person.html",
        person=queries.person_of(person_id),
        memberships=queries.memberships_of_person(person_id),
        role_list=role_list,
        form=Form(),
        manages=viewer.may("people:manage"),
        own=person_id == viewer.person_id,
        trail=trail_of("person", person_id, most=20) if viewer.may("audit:read") else (),
        kind_names=organisations_of.KIND_NAMES,
    )


@bp.post("/administration/people/<int:person_id>/deactivate")
@requires("people:manage")
def deactivate_account(person_id: int) -> ResponseReturnValue:
    """Nobody signs in as this person any more."""
    changed = deactivate_person(person_id=person_id, by=actor())
    flash(f"{changed.name} cannot sign in any more. Their sessions have ended.", "success")
    return redirect(url_for("administration.person", person_id=person_id), 303)


@bp.post("/administration/people/<int:person_id>/reactivate")
@requires("people:manage")
def reactivate_account(person_id: int) -> ResponseReturnValue:
    """The person may sign in again."""
    changed = reactivate_person(person_id=person_id, by=actor())
    flash(f"{changed.name} can sign in again.", "success")
    return redirect(url_for("administration.person", person_id=person_id), 303)
