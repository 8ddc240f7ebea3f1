"""Pages of exclusion grounds and of their declaration."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.evidence.queries import choices_for
from portal.profiles import exclusion_services as services
from portal.profiles import queries
from portal.profiles.forms import DeclareForm, GroundForm
from portal.profiles.words import GROUND_NAMES, GROUNDS, LAW_NAMES, LAW_OF

bp = Blueprint("exclusion", __name__)


@bp.get("/organisation/profile/exclusion")
@requires("profile:edit")
def show() -> ResponseReturnValue:
    """What is asked, what is recorded, and the declarations that stand."""
    return _page(DeclareForm(formdata=None))


def _page(form: DeclareForm) -> ResponseReturnValue:
    provider_id = queries.own_profile(actor()).provider_id
    recorded = queries.grounds_of(provider_id)
    page = render_template(
        "profiles/exclusion.html",
        form=form,
        seen={law: services.fingerprint(recorded, law) for law in GROUNDS},
        grounds={law: [each for each in recorded if LAW_OF[each.ground] == law] for law in GROUNDS},
        declared=queries.declarations_of(provider_id),
        asked=GROUNDS,
        law_names=LAW_NAMES,
        ground_names=GROUND_NAMES,
    )
    return page, form.http_status


@bp.post("/organisation/profile/exclusion")
@requires("exclusion:declare")
def declare() -> ResponseReturnValue:
    """Declare, in one's own name."""
    form = DeclareForm()
    if form.validate_on_submit():
        with form.refusals():
            services.declare(
                law=form.law.data or "",
                confirmed=bool(form.confirmed.data),
                seen=form.seen.data or "",
                by=actor(),
            )
            flash("Your declaration is recorded, with today’s date and your name.", "success")
            return redirect(url_for(".show"), 303)
    return _page(form)


@bp.route("/organisation/profile/exclusion/add", methods=["GET", "POST"])
@requires("profile:edit")
def add() -> ResponseReturnValue:
    """Record that a ground applies or may apply."""
    form = _form(None)
    return _ground_page(form, None, lambda: services.record_ground(said=form.said, by=actor()))


@bp.route("/organisation/profile/exclusion/<int:ground_id>", methods=["GET", "POST"])
@requires("profile:edit")
def ground(ground_id: int) -> ResponseReturnValue:
    """Say something else of a ground."""
    form = _form(ground_id)
    return _ground_page(
        form, ground_id, lambda: services.change_ground(ground_id=ground_id, said=form.said, by=actor())
    )


@bp.post("/organisation/profile/exclusion/<int:ground_id>/remove")
@requires("profile:edit")
def remove(ground_id: int) -> ResponseReturnValue:
    """Take a ground back."""
    services.remove_ground(ground_id=ground_id, by=actor())
    flash("The ground is removed. Declare again what now holds.", "success")
    return redirect(url_for(".show"), 303)


def _form(ground_id: int | None) -> GroundForm:
    kept = queries.ground_for(actor(), ground_id) if ground_id is not None else None
    documents = [(version.document_id, version.title) for version in choices_for(actor(), None)]
    if kept is not None and kept.document_id and kept.document_id not in dict(documents):
        documents.append((kept.document_id, "The document given before"))
    return GroundForm.showing(kept).offer(documents)


def _ground_page(form: GroundForm, ground_id: int | None, save: Callable[[], Any]) -> ResponseReturnValue:
    if form.validate_on_submit():
        with form.refusals():
            save()
            flash("Saved. Declare again what now holds.", "success")
            return redirect(url_for(".show"), 303)
    page = render_template("profiles/ground.html", form=form, ground_id=ground_id)
    return page, form.http_status
