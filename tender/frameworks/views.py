"""Pages of a council's frameworks: the list, a new one from its notice, one framework."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.audit.queries import trail_of
from portal.errors import Refusal
from portal.web.addresses import portal_url
from portal.web.forms import Form
from portal.web.pagination import Page, page_number
from tender.frameworks import discarding, framework_services, queries, services
from tender.frameworks.forms import FrameworkForm, NoticeForm, framework_form, plain_framework_form
from tender.frameworks.framework_forms import edit_framework_form, lot_form
from tender.frameworks.kept_notice import as_published, reread, seal, unseal
from tender.frameworks.legal import legal_of
from tender.frameworks.models import CALL_OFF_ROUTES, FRAMEWORK_KINDS, Framework
from tender.frameworks.notice import Notice, read_notice
from tender.frameworks.notice_file import MAX_BYTES
from tender.frameworks.refusals import ReferenceTaken
from tender.frameworks.words import LAW, PHASE_COLOURS, phase_in_words, trail_events

bp = Blueprint("frameworks", __name__)

READERS = ("framework:manage", "evaluation:read")


@bp.app_context_processor
def phases() -> dict[str, object]:
    """The words and colours of a round's phases, for every template."""
    return {"phase_in_words": phase_in_words, "phase_colours": PHASE_COLOURS}


@bp.get("/frameworks")
@requires(*READERS)
def index() -> ResponseReturnValue:
    """The council's frameworks, each with its rounds and where they stand."""
    viewer = actor()
    number = page_number(request.args.get("page"))
    rows, total = queries.frameworks_for(viewer, number)
    return render_template(
        "tender/frameworks/index.html",
        page=Page(rows, number, total),
        rounds=queries.rounds_of(viewer, [row["id"] for row in rows]),
        as_at=clock.now(),
    )


@bp.get("/frameworks/new")
@requires("framework:manage")
def new() -> ResponseReturnValue:
    """Ask for the published notice."""
    return render_template("tender/frameworks/new.html", form=NoticeForm())


@bp.post("/frameworks/new")
@requires("framework:manage")
def upload() -> ResponseReturnValue:
    """Read the notice and show what it says, for confirmation. Nothing is stored yet."""
    form = NoticeForm()
    if form.validate_on_submit():
        data = form.file.data.read(MAX_BYTES + 1)
        try:
            notice = read_notice(data)
            confirm = framework_form(notice, seal(as_published(data), current_app.secret_key))
        except Refusal as refusal:
            form.refuse(refusal, "file")
        else:
            return _confirmation(confirm, notice)
    return render_template("tender/frameworks/new.html", form=form), 422


@bp.post("/frameworks")
@requires("framework:manage")
def create() -> ResponseReturnValue:
    """Start the framework that was confirmed."""
    form = FrameworkForm()
    published = unseal(form.notice.data or "", current_app.secret_key)
    notice = reread(published)
    existing = None
    if form.validate_on_submit():
        try:
            framework = _start(
                form,
                description=notice.description,
                cpv_codes=notice.cpv_codes,
                ocid=notice.ocid,
                notice_identifier=notice.notice_identifier,
                notice=published,
            )
        except Refusal as refusal:
            form.refuse(refusal)
            existing = refusal.framework_id if isinstance(refusal, ReferenceTaken) else None
        else:
            return redirect(url_for("frameworks.show", framework_id=framework.id), 303)
    return _confirmation(form, notice, existing), 422


def _confirmation(form: FrameworkForm, notice: Notice, existing: int | None = None) -> str:
    return render_template(
        "tender/frameworks/confirm.html", form=form, notice=notice, existing=existing, law=LAW
    )


@bp.route("/frameworks/new/without-notice", methods=["GET", "POST"])
@requires("framework:manage")
def plain() -> ResponseReturnValue:
    """Start a framework of which there is no notice, or none that can be read."""
    form = plain_framework_form(actor().organisation_name)
    existing = None
    if form.validate_on_submit():
        try:
            framework = _start(form, description=form.description.data or "", cpv_codes=form.cpv_codes)
        except Refusal as refusal:
            form.refuse(refusal)
            existing = refusal.framework_id if isinstance(refusal, ReferenceTaken) else None
        else:
            return redirect(url_for("frameworks.show", framework_id=framework.id), 303)
    page = render_template("tender/frameworks/plain.html", form=form, existing=existing, law=LAW)
    return page, form.http_status


def _start(form: FrameworkForm, **known: Any) -> Framework:
    """Start the framework that a form describes; `known` is what it does not ask."""
    asked = (
        *("reference", "title", "buyer_name", "legal_regime", "kind", "value_amount", "starts_on", "ends_on"),
        *("extendable_until", "call_off_routes"),
    )
    ticked = ("opened_by_two", "needs_certificate", "passed_conditions_stand")
    return services.create_framework(
        by=actor(),
        lots=form.lot_details(),
        **{name: form[name].data for name in asked},
        **{name: bool(form[name].data) for name in ticked},
        **known,
    )


@bp.get("/frameworks/<int:framework_id>")
@requires(*READERS)
def show(framework_id: int) -> ResponseReturnValue:
    """A framework's facts, lots, rounds and trail."""
    viewer = actor()
    framework = queries.framework_for(viewer, framework_id)
    rounds = queries.rounds_of(viewer, [framework_id])[framework_id]
    trail = trail_of("framework", framework_id) if viewer.may("audit:read") else ()
    return render_template(
        "tender/frameworks/show.html",
        framework=framework,
        lots=queries.lots_of_framework(framework_id),
        rounds=rounds,
        law=LAW[framework.legal_regime],
        kind=FRAMEWORK_KINDS[framework.kind],
        routes=[CALL_OFF_ROUTES[route] for route in framework.call_off_routes],
        legal=legal_of(framework, [facts.opens_at for facts in rounds if facts.state != "draft"]),
        trail=trail_events(trail),
    )


@bp.route("/frameworks/<int:framework_id>/edit", methods=["GET", "POST"])
@requires("framework:manage")
def edit(framework_id: int) -> ResponseReturnValue:
    """Change what is known of a framework."""
    viewer = actor()
    framework, openings = queries.framework_and_openings(viewer, framework_id)
    under_way = queries.rounds_under_way(framework_id)
    form = edit_framework_form(framework, queries.is_published(framework_id), bool(under_way))
    rules = {name: getattr(framework, name) for name in framework_services.RULES}
    if form.validate_on_submit():
        with form.refusals():
            framework_services.edit_framework(
                by=viewer,
                framework_id=framework_id,
                portal_url=portal_url(),
                cpv_codes=form.cpv_codes,
                **rules | _typed(form),
            )
            return redirect(url_for("frameworks.show", framework_id=framework_id), 303)
    page = render_template(
        "tender/frameworks/edit.html",
        form=form,
        framework=framework,
        under_way=under_way,
        law=LAW,
        legal=legal_of(framework, openings),
    )
    return page, form.http_status


@bp.route("/frameworks/<int:framework_id>/discard", methods=["GET", "POST"])
@requires("framework:manage")
def discard(framework_id: int) -> ResponseReturnValue:
    """Ask whether a framework without rounds is to go, and take it out."""
    framework = queries.framework_for(actor(), framework_id)
    form = Form()
    if form.validate_on_submit():
        with form.refusals():
            discarding.discard_framework(by=actor(), framework_id=framework_id)
            flash(f"The framework {framework.reference} is discarded.")
            return redirect(url_for(".index"), 303)
    page = render_template("tender/frameworks/discard.html", round=None, framework=framework, form=form)
    return page, form.http_status


@bp.route("/frameworks/<int:framework_id>/lots/new", methods=["GET", "POST"])
@requires("framework:manage")
def new_lot(framework_id: int) -> ResponseReturnValue:
    """Add a lot."""
    framework = queries.framework_for(actor(), framework_id)
    form = lot_form(queries.is_published(framework_id))
    if form.validate_on_submit():
        with form.refusals():
            framework_services.add_lot(
                by=actor(), framework_id=framework_id, details=form.details(), reason=_reason_in(form)
            )
            return redirect(url_for("frameworks.show", framework_id=framework_id, _anchor="lots"), 303)
    page = render_template("tender/frameworks/lot.html", form=form, framework=framework, lot=None, rounds=())
    return page, form.http_status


@bp.route("/frameworks/<int:framework_id>/lots/<int:lot_id>", methods=["GET", "POST"])
@requires("framework:manage")
def lot(framework_id: int, lot_id: int) -> ResponseReturnValue:
    """Change a lot and its conditions."""
    facts = queries.lot_for(actor(), framework_id, lot_id)
    rounds = queries.rounds_offering(lot_id)
    form = lot_form(bool(rounds), facts)
    if form.validate_on_submit():
        with form.refusals():
            framework_services.edit_lot(
                by=actor(),
                framework_id=framework_id,
                lot_id=lot_id,
                details=form.details(),
                portal_url=portal_url(),
                reason=_reason_in(form),
            )
            return redirect(url_for("frameworks.show", framework_id=framework_id, _anchor="lots"), 303)
    framework = queries.framework_for(actor(), framework_id)
    page = render_template(
        "tender/frameworks/lot.html", form=form, framework=framework, lot=facts, rounds=rounds
    )
    return page, form.http_status


def _typed(form: Form) -> dict[str, Any]:
    return {name: field.data for name, field in form._fields.items() if name not in ("csrf_token", "cpv")}


def _reason_in(form: Form) -> str:
    return form["reason"].data or "" if "reason" in form else ""
