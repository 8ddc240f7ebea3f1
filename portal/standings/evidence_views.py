"""Documents that wait for the council's check, and what each lot asks for."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.standings import evidence_queries as queries
from portal.standings import evidence_services as services
from portal.standings.forms import CheckForm, LotEvidenceForm
from portal.web.addresses import portal_url
from portal.web.pagination import Page, page_number
from portal.web.reading import read_by

bp = Blueprint("evidence_checks", __name__)
TIME_TO_SHOW = timedelta(days=31)


@bp.get("/standings/documents")
@requires("standing:change")
def index() -> ResponseReturnValue:
    """The documents that wait, the oldest first."""
    number = page_number(request.args.get("page"))
    found, total = queries.to_check(actor(), number)
    return render_template(
        "standings/documents.html", page=Page(found, number, total, queries.PAGE_SIZE), as_at=clock.now()
    )


@bp.route("/standings/documents/<uuid:document_id>", methods=["GET", "POST"])
@requires("standing:change")
def check(document_id: UUID) -> ResponseReturnValue:
    """One document with its facts, to be accepted or not."""
    viewer, form = actor(), CheckForm()
    document = queries.document_for(viewer, document_id)
    if form.validate_on_submit():
        with form.refusals():
            services.check_document(
                document_id=document_id,
                accepted=form.accepted.data == "yes",
                note=form.note.data or "",
                seen_expires_on=form.seen_day(),
                portal_url=portal_url(),
                by=viewer,
            )
            flash(f"Noted. {document.provider_name} is told by letter.", "success")
            return redirect(url_for(".index"), 303)
    form.seen.data = str(document.facts.expires_on or "")
    read_by(viewer, "evidence", document.evidence_id)
    page = render_template(
        "standings/check.html",
        document=document,
        form=form,
        checks=queries.checks_of(document.provider_id, viewer.organisation_id, most=20),
        as_at=clock.now(),
    )
    return page, form.http_status


@bp.get("/standings/documents/<uuid:document_id>/open")
@requires("standing:change")
def open_document(document_id: UUID) -> ResponseReturnValue:
    """Send the browser to the document by a link that soon expires."""
    return redirect(services.open_document(document_id=document_id, by=actor()), 303)


@bp.get("/standings/lots")
@requires("standing:change")
def lots() -> ResponseReturnValue:
    """What each lot asks for."""
    return render_template("standings/lots.html", lots=queries.lots_asking(actor()), as_at=clock.now())


@bp.route("/standings/lots/<int:lot_id>", methods=["GET", "POST"])
@requires("standing:change")
def lot(lot_id: int) -> ResponseReturnValue:
    """Change what a lot asks for."""
    viewer = actor()
    found, held = queries.lot_for(viewer, lot_id), queries.kinds_of(lot_id)
    form = LotEvidenceForm(data={"kinds": list(held), "applies_from": clock.today() + TIME_TO_SHOW})
    if form.validate_on_submit():
        with form.refusals():
            services.ask_for_evidence(
                lot_id=lot_id,
                kinds=form.kinds.data or (),
                applies_from=form.applies_from.data,
                by=viewer,
            )
            flash(f"Kept: what lot {found.number} asks for.", "success")
            return redirect(url_for(".lots"), 303)
    page = render_template("standings/lot.html", lot=found, form=form, as_at=clock.now())
    return page, form.http_status
