"""One version with what it changes, an agreement as PDF, and the plain English copy for parents."""

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.gate import actor, requires
from portal.agreements.child_names import child_named
from portal.agreements.differences import changes_between
from portal.agreements.paper import agreement_pdf, parents_pdf, standing_of
from portal.agreements.parents import copy_for_parents, title_for
from portal.agreements.queries import AgreementFacts, agreement_for
from portal.errors import NotFound
from portal.storage.filenames import attachment
from portal.web.reading import read_by

bp = Blueprint("agreement_papers", __name__)


@bp.get("/agreements/<int:agreement_id>/versions/<int:version>")
@requires("agreement:read", "placement:read")
def version(agreement_id: int, version: int) -> ResponseReturnValue:
    """One version, and what it changes of the one before it."""
    viewer = actor()
    agreement = agreement_for(viewer, agreement_id)
    shown = agreement.version(version)
    read_by(viewer, "placement_agreement", agreement_id, version=version)
    earlier = [each for each in agreement.versions if each.number < version]
    return render_template(
        "agreements/version.html",
        agreement=agreement,
        version=shown,
        standing=standing_of(agreement, shown),
        before=earlier[-1] if earlier else None,
        changes=changes_between(earlier[-1].content, shown.content) if earlier else (),
    )


@bp.get("/agreements/<int:agreement_id>/agreement.pdf")
@requires("agreement:read", "placement:read")
def pdf(agreement_id: int) -> ResponseReturnValue:
    """The version that counts, as PDF."""
    viewer = actor()
    agreement = agreement_for(viewer, agreement_id)
    if agreement.shown.offered_at is None:
        raise NotFound()
    read_by(viewer, "placement_agreement", agreement_id, page="pdf")
    child = child_named(viewer, agreement.call_off_id) if agreement.party else None
    written = agreement_pdf(agreement, agreement.shown, child=child, at=clock.now())
    return _file(written, f"Placement agreement {agreement.reference}.pdf")


@bp.get("/agreements/<int:agreement_id>/for-parents")
@requires("agreement:read")
def parents(agreement_id: int) -> ResponseReturnValue:
    """The plain English copy for parents, to print."""
    agreement = _agreed(agreement_id)
    return render_template(
        "agreements/parents.html",
        agreement=agreement,
        title=title_for(agreement),
        parts=copy_for_parents(agreement),
    )


@bp.get("/agreements/<int:agreement_id>/for-parents.pdf")
@requires("agreement:read")
def parents_copy(agreement_id: int) -> ResponseReturnValue:
    """The plain English copy for parents, as PDF."""
    agreement = _agreed(agreement_id)
    return _file(parents_pdf(agreement, at=clock.now()), f"Copy for parents {agreement.reference}.pdf")


def _agreed(agreement_id: int) -> AgreementFacts:
    """An agreement that both have signed: parents are told nothing that is not agreed."""
    agreement = agreement_for(actor(), agreement_id)
    if agreement.agreed is None:
        raise NotFound()
    read_by(actor(), "placement_agreement", agreement_id, page="for parents")
    return agreement


def _file(content: bytes, name: str) -> Response:
    return Response(content, 200, {"Content-Disposition": attachment(name)}, "application/pdf")
