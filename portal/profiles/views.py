"""Pages of a profile, for its provider's people."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.organisations.queries import own_organisation
from portal.profiles import queries, services
from portal.profiles.forms import ConnectedForm, ProfileForm, ShareCodeForm
from portal.profiles.words import CONNECTED_KINDS

bp = Blueprint("profiles", __name__)


@bp.get("/organisation/profile")
@requires("profile:edit")
def show() -> ResponseReturnValue:
    """All that the organisation says of itself, and what is missing."""
    profile = queries.own_profile(actor())
    return render_template(
        "profiles/show.html",
        profile=profile,
        organisation=own_organisation(actor()),
        connected=queries.connected_persons_of(profile.provider_id),
        connected_kinds=CONNECTED_KINDS,
        declared=queries.declarations_of(profile.provider_id),
        grounds=queries.grounds_of(profile.provider_id),
        share_codes=queries.share_codes_of(profile.provider_id),
    )


@bp.route("/organisation/profile/edit", methods=["GET", "POST"])
@requires("profile:edit")
def edit() -> ResponseReturnValue:
    """The profile's facts as a form; a colleague who was first overwrites nothing."""
    profile = queries.own_profile(actor())
    form = ProfileForm.showing(profile)
    if form.validate_on_submit():
        try:
            services.save_profile(values=form.values, version=form.seen_version, by=actor())
        except services.ChangedMeanwhile as refusal:
            form.refuse(refusal)
            form.see(queries.own_profile(actor()))
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The profile is saved.", "success")
            return redirect(url_for(".show"), 303)
    page = render_template("profiles/edit.html", form=form)
    return page, form.http_status


@bp.route("/organisation/profile/connected/add", methods=["GET", "POST"])
@requires("profile:edit")
def add_connected() -> ResponseReturnValue:
    """Name a connected person."""
    form = ConnectedForm()
    return _connected_page(form, None, lambda: services.add_connected_person(said=form.said, by=actor()))


@bp.route("/organisation/profile/connected/<int:connected_id>", methods=["GET", "POST"])
@requires("profile:edit")
def connected(connected_id: int) -> ResponseReturnValue:
    """Say something else of a connected person."""
    form = ConnectedForm.showing(queries.connected_person_for(actor(), connected_id))
    return _connected_page(
        form,
        connected_id,
        lambda: services.change_connected_person(person_id=connected_id, said=form.said, by=actor()),
    )


def _connected_page(
    form: ConnectedForm, connected_id: int | None, save: Callable[[], Any]
) -> ResponseReturnValue:
    if form.validate_on_submit():
        with form.refusals():
            save()
            flash("Saved.", "success")
            return redirect(url_for(".show", _anchor="connected"), 303)
    page = render_template("profiles/connected.html", form=form, connected_id=connected_id)
    return page, form.http_status


@bp.post("/organisation/profile/connected/<int:connected_id>/remove")
@requires("profile:edit")
def remove_connected(connected_id: int) -> ResponseReturnValue:
    """Take a connected person out for good."""
    services.remove_connected_person(person_id=connected_id, by=actor())
    flash("Removed. Nothing of this person is kept in your profile.", "success")
    return redirect(url_for(".show", _anchor="connected"), 303)


@bp.route("/organisation/profile/share-code", methods=["GET", "POST"])
@requires("profile:edit")
def share_code() -> ResponseReturnValue:
    """Record the newest share code."""
    profile, form = queries.own_profile(actor()), ShareCodeForm()
    if form.validate_on_submit():
        with form.refusals():
            services.record_share_code(code=form.code.data or "", by=actor())
            flash("The share code is recorded, with today’s date and your name.", "success")
            return redirect(url_for(".show", _anchor="share-code"), 303)
    page = render_template(
        "profiles/share_code.html", form=form, share_codes=queries.share_codes_of(profile.provider_id)
    )
    return page, form.http_status
