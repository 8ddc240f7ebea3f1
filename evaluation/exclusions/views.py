"""Pages of exclusion checks: the tenderers of a round, and one of them with what was found."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from evaluation.exclusions import queries, services
from evaluation.exclusions.forms import FindingForm
from evaluation.exclusions.parts import parts_of
from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import Refusal
from portal.profiles.queries import connected_persons_of, declarations_at, in_words
from portal.profiles.words import CONNECTED_KINDS, GROUND_NAMES
from portal.web.pagination import Page, offset_of, page_number
from portal.web.reading import read_by
from tender.applications.closed_queries import closed_in, refuse_closed, round_with_tenderers
from tender.frameworks.facts import RoundFacts

bp = Blueprint("exclusions", __name__)


@bp.get("/rounds/<int:round_id>/exclusions")
@requires("conformity:decide", "evaluation:read")
def index(round_id: int) -> ResponseReturnValue:
    """The tenderers of a round, and how far the checks of each are."""
    round = round_with_tenderers(actor(), round_id)
    number, size = page_number(request.args.get("page")), queries.TENDERERS_A_PAGE
    tenderers, total = queries.tenderers_of(round_id, skip=offset_of(number, size))
    return render_template(
        "exclusions/index.html",
        round=round,
        parts=parts_of(round.legal_regime),
        page=Page(tenderers, number, total, size),
        closed=closed_in(actor(), round_id),
        as_at=clock.now(),
    )


@bp.get("/rounds/<int:round_id>/exclusions/<int:application_id>")
@requires("conformity:decide", "evaluation:read")
def show(round_id: int, application_id: int) -> ResponseReturnValue:
    """One tenderer: what it declared, who is connected with it, and what was found in each part."""
    round = round_with_tenderers(actor(), round_id)
    return _page(round, _open_tenderer(round_id, application_id), FindingForm(formdata=None))


def _open_tenderer(round_id: int, application_id: int) -> queries.Tenderer:
    """A tenderer whose tender is not closed to the viewer. Raises `NotFound`."""
    refuse_closed(actor(), application_id)
    return queries.tenderer_for(round_id, application_id)


@bp.post("/rounds/<int:round_id>/exclusions/<int:application_id>")
@requires("conformity:decide")
def record(round_id: int, application_id: int) -> ResponseReturnValue:
    """Record what was found."""
    round = round_with_tenderers(actor(), round_id)
    tenderer = _open_tenderer(round_id, application_id)
    form = FindingForm()
    form.ask_for(round.legal_regime, {})
    if form.validate_on_submit():
        try:
            services.record_finding(
                application_id=application_id,
                parts=form.chosen,
                found=form.found,
                seen=form.versions,
                by=actor(),
            )
        except services.FoundMeanwhile as refusal:
            findings = queries.findings_of(application_id)
            form.see({part: rows[0]["version"] for part, rows in findings.items()})
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Recorded for {tenderer.name}.", "success")
            return redirect(url_for(".show", round_id=round_id, application_id=application_id), 303)
    return _page(round, tenderer, form)


def _page(round: RoundFacts, tenderer: queries.Tenderer, form: FindingForm) -> ResponseReturnValue:
    findings = queries.findings_of(tenderer.application_id)
    form.ask_for(round.legal_regime, {part: rows[0]["version"] for part, rows in findings.items()})
    read_by(actor(), "application", tenderer.application_id, page="exclusion checks")
    page = render_template(
        "exclusions/show.html",
        round=round,
        tenderer=tenderer,
        parts=parts_of(round.legal_regime),
        findings=findings,
        results=services.RESULTS,
        ground_names=GROUND_NAMES,
        # What it declared is read as it stood with the tender, so that nothing done for another round shows.
        declared=declarations_at(tenderer.provider_id, tenderer.submitted_at),
        in_words=in_words,
        connected=connected_persons_of(tenderer.provider_id),
        connected_kinds=CONNECTED_KINDS,
        form=form,
        may_record=round.state in queries.RECORDED_IN and actor().may("conformity:decide"),
        as_at=clock.now(),
    )
    return page, form.http_status
