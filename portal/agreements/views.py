"""An agreement: starting it, reading it, offering it and signing it; the lists of school and provider."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.agreements import list_queries, queries, services, signing_services
from portal.agreements.child_names import child_named
from portal.agreements.differences import changes_between
from portal.agreements.forms import SignForm
from portal.agreements.limits import warnings_of
from portal.agreements.prefill_queries import choice_for
from portal.agreements.terms import STEPS, missing
from portal.commissioning.check_queries import fresh_checks_of
from portal.commissioning.own_checks import OWN_CHECKS
from portal.commissioning.provider_standing import NOT_IN_FORCE, provider_standing
from portal.errors import NotFound, Refusal
from portal.web.addresses import portal_url
from portal.web.pagination import Page, page_number
from portal.web.reading import read_by

bp = Blueprint("agreements", __name__)


@bp.get("/choices/<int:call_off_id>/agreement")
@requires("agreement:write")
def begin(call_off_id: int) -> ResponseReturnValue:
    """What the agreement of a chosen provider will ask; the agreement itself, once it was begun."""
    viewer = actor()
    choice = choice_for(viewer, call_off_id)
    if begun := queries.agreement_of(viewer, call_off_id):
        return redirect(url_for(".show", agreement_id=begun), 303)
    if choice.state != "chosen":
        raise NotFound()
    return render_template(
        "agreements/begin.html",
        choice=choice,
        steps=STEPS,
        standing=provider_standing(choice.service_id),
        not_in_force=NOT_IN_FORCE,
        as_at=clock.now(),
    )


@bp.post("/choices/<int:call_off_id>/agreement")
@requires("agreement:write")
def start(call_off_id: int) -> ResponseReturnValue:
    """Begin it, with what is known."""
    agreement_id = services.start_agreement(call_off_id=call_off_id, by=actor())
    return redirect(url_for("agreement_steps.show", agreement_id=agreement_id, step=next(iter(STEPS))), 303)


@bp.get("/agreements")
@requires("agreement:read")
def index() -> ResponseReturnValue:
    """The agreements of a school or a provider."""
    viewer, number = actor(), page_number(request.args.get("page"))
    lines, total = list_queries.agreements_for(viewer, number)
    if lines:
        read_by(viewer, "placement_agreement", "list", agreements=[line.id for line in lines])
    return render_template(
        "agreements/index.html",
        page=Page(lines, number, total),
        stages=list_queries.STAGES,
        school=viewer.organisation_kind != "provider",
        as_at=clock.now(),
    )


@bp.get("/agreements/<int:agreement_id>")
@requires("agreement:read", "placement:read")
def show(agreement_id: int) -> ResponseReturnValue:
    """An agreement: what it says, where it stands, and what the reader can do."""
    return _page(agreement_id, SignForm(formdata=None))


@bp.post("/agreements/<int:agreement_id>/offer")
@requires("agreement:write")
def offer(agreement_id: int) -> ResponseReturnValue:
    """Send the draft out for signing."""
    try:
        services.offer(agreement_id=agreement_id, portal_url=portal_url(), by=actor())
    except services.NotReady as refusal:
        return _page(agreement_id, SignForm(formdata=None), not_ready=refusal.problems)
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(agreement_id, SignForm(formdata=None), not_ready=[("", refusal.sentence)])
    flash("It is out for signing. The provider has been told by letter. You can sign it now.", "success")
    return redirect(url_for(".show", agreement_id=agreement_id), 303)


@bp.post("/agreements/<int:agreement_id>/sign")
@requires("agreement:sign")
def sign(agreement_id: int) -> ResponseReturnValue:
    """Sign the version that was shown."""
    form = SignForm()
    if form.validate():
        with form.refusals():
            in_force = signing_services.sign(
                agreement_id=agreement_id,
                number=form.signed_number(),
                sha256=form.sha256.data or "",
                signed_as=form.signed_as.data or "",
                portal_url=portal_url(),
                by=actor(),
            )
            flash(
                "You have signed, and both have: the agreement is in force. The council has been told."
                if in_force
                else "You have signed. The other side has been told by letter.",
                "success",
            )
            return redirect(url_for(".show", agreement_id=agreement_id), 303)
    return _page(agreement_id, form)


def _page(
    agreement_id: int, form: SignForm, *, not_ready: list[tuple[str, str]] | None = None
) -> ResponseReturnValue:
    viewer = actor()
    agreement = queries.agreement_for(viewer, agreement_id)
    read_by(viewer, "placement_agreement", agreement_id)
    opened = agreement.open
    if opened and opened.state == "offered":
        form.number.data, form.sha256.data = str(opened.number), opened.sha256
    page = render_template(
        "agreements/show.html",
        agreement=agreement,
        child=child_named(viewer, agreement.call_off_id) if agreement.party else None,
        form=form,
        standing=None
        if agreement.over or agreement.state == "cancelled"
        else provider_standing(agreement.service_id),
        not_in_force=NOT_IN_FORCE,
        stage=list_queries.STAGES[
            list_queries.stage_of(agreement.state, agreement.shown.terms.first_day, agreement.last_day)
        ],
        steps=STEPS,
        missing=missing(opened.terms) if opened and opened.state == "draft" else {},
        warnings=warnings_of(opened.id, opened.terms, today=clock.today())
        if opened and agreement.party == "school"
        else (),
        checks=fresh_checks_of(viewer, agreement.provider_id)
        if opened and agreement.party == "school"
        else None,
        all_checks=len(OWN_CHECKS),
        changes=changes_between(agreement.agreed.content, opened.content)
        if agreement.agreed and opened
        else (),
        not_ready=not_ready or (),
        as_at=clock.now(),
    )
    return page, (422 if form.errors or not_ready else 200)
