"""The page that puts a document of an application into the vault."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import NotFound
from portal.evidence.document_types import DOCUMENT_TYPES, type_name
from portal.evidence.forms import KeepForm
from tender.applications import queries
from tender.applications.vault_services import keep_for_next_time

bp = Blueprint("vault", __name__)


@bp.route("/applications/<int:application_id>/documents/<uuid:document_id>/keep", methods=["GET", "POST"])
@requires("evidence:edit")
def keep(application_id: int, document_id: UUID) -> ResponseReturnValue:
    """Say what the document is, once, and it is offered in every application."""
    facts = queries.own_application_for(actor(), application_id)
    document = queries.document_of(actor(), facts, document_id)
    if document.scan_state == "infected":
        raise NotFound()
    asked_type = request.args.get("type", "")
    known = asked_type if asked_type in DOCUMENT_TYPES else ""
    form = KeepForm(data={"type": known, "title": type_name(known)})
    if form.validate_on_submit():
        with form.refusals():
            evidence_id = keep_for_next_time(
                application_id=application_id,
                document_id=document_id,
                type=form.type.data or "",
                title=form.title.data or "",
                facts=form.facts,
                by=actor(),
            )
            flash("The document is in your vault. You can use it in every application.", "success")
            return redirect(url_for("evidence.show", evidence_id=evidence_id), 303)
    page = render_template("applications/keep.html", facts=facts, document=document, form=form)
    return page, form.http_status
