"""The pages of an application as a whole: task list, lots, check and submit, receipt, withdrawal."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.storage.refusals import in_megabytes
from portal.web.addresses import portal_url
from portal.web.filters import uk_datetime
from portal.web.reading import read_by
from tender.applications import queries, services
from tender.applications.access import READS_TENDERS
from tender.applications.answer_services import open_document
from tender.applications.carrying_queries import last_times, lots_held
from tender.applications.carrying_services import carry_over
from tender.applications.certifying import ask_to_certify, certify_application
from tender.applications.closing import closes_as_json
from tender.applications.contents import LotFacts, to_look_at
from tender.applications.forms import LotsForm, SubmitForm, WithdrawForm
from tender.applications.last_time import failed_first
from tender.applications.parts import ready_part, unready_lots
from tender.applications.queries import ApplicationFacts
from tender.applications.receipts import certified_at, contents_sha256, exact_moment, is_whole
from tender.certificates.queries import certificates_of, standing_over
from tender.frameworks.queries import open_round_of

bp = Blueprint("applications", __name__)


@bp.post("/opportunities/<int:round_id>/apply")
@requires("application:edit")
def apply(round_id: int) -> ResponseReturnValue:
    """Start the application to a round, or go on with the one there is."""
    application_id = services.start_application(round_id=round_id, by=actor())
    return redirect(url_for(".show", application_id=application_id), 303)


@bp.get("/applications/closes")
@requires("application:edit")
def closes() -> ResponseReturnValue:
    """When the time of each draft is over, for pages that have been open for a while. Asking changes nothing,
    the session's time least of all."""
    return closes_as_json({facts.id: facts.closes_at for facts in queries.open_drafts(actor())})


closes.leaves_session_alone = True  # type: ignore[attr-defined]


@bp.get("/applications/<int:application_id>")
@requires("application:edit", *READS_TENDERS)
def show(application_id: int) -> ResponseReturnValue:
    """The task list; for the council the tender itself."""
    facts = queries.application_for(actor(), application_id)
    if not facts.own:
        return redirect(url_for(".read", application_id=application_id))
    tender = queries.tender_of(facts)
    last = last_times(actor(), facts, tender.items) if facts.editable else {}
    kept_out, others = failed_first(tender, last)
    return render_template(
        "applications/show.html",
        facts=facts,
        tender=tender,
        team=queries.team_of(facts, tender),
        goes_on_in=open_round_of(facts.framework_id) if facts.goes_on else None,
        last=last,
        kept_out=kept_out,
        others=others,
    )


@bp.post("/applications/<int:application_id>/carry-over")
@requires("application:edit")
def carry(application_id: int) -> ResponseReturnValue:
    """Go on in the round that is open now with what an application holds that is over."""
    facts = queries.own_application_for(actor(), application_id)
    into = open_round_of(facts.framework_id)
    if into is None or not facts.goes_on:
        return redirect(url_for(".show", application_id=application_id), 303)
    carried = carry_over(application_id=application_id, into_round_id=into.id, by=actor())
    flash(
        f"Your lots, answers and documents are now in your application to {into.title}, round {into.number}. "
        f"Check them, then submit before {uk_datetime(into.closes_at)}.",
        "success",
    )
    return redirect(url_for(".show", application_id=carried), 303)


@bp.route("/applications/<int:application_id>/lots", methods=["GET", "POST"])
@requires("application:edit")
def lots(application_id: int) -> ResponseReturnValue:
    """Choose the lots to apply for."""
    facts = queries.own_application_for(actor(), application_id)
    offered = queries.lots_of_round(facts.round_id)
    form = LotsForm(data={"lots": sorted(facts.lot_ids)}).offer(offered)
    if form.validate_on_submit():
        with form.refusals():
            given_up = services.choose_lots(
                application_id=application_id, lot_ids=form.lots.data or [], by=actor()
            )
            _say_what_is_kept([lot for lot in offered if lot.id in given_up])
            return redirect(url_for(".show", application_id=application_id), 303)
    held = lots_held(actor())
    page = render_template("applications/lots.html", facts=facts, offered=offered, form=form, held=held)
    return page, form.http_status


def _say_what_is_kept(given_up: list[LotFacts]) -> None:
    for lot in given_up:
        flash(
            f"{lot.name} is no longer part of your application. "
            "Your answers for it are kept, in case you choose it again.",
            "success",
        )


@bp.get("/applications/<int:application_id>/check")
@requires("application:edit")
def check(application_id: int) -> ResponseReturnValue:
    """The whole tender as evaluators will see it, what is missing, the certificate and the declaration."""
    facts = queries.own_application_for(actor(), application_id)
    return _check_page(facts, SubmitForm())


@bp.post("/applications/<int:application_id>/ask-to-certify")
@requires("application:edit")
def ask(application_id: int) -> ResponseReturnValue:
    """Ask the provider's certifiers; a second press asks nobody again."""
    form = SubmitForm()
    if form.validate_on_submit():
        with form.refusals():
            ask_to_certify(application_id=application_id, portal_url=portal_url(), by=actor())
            return redirect(url_for(".check", application_id=application_id, _anchor="submit"), 303)
    return _check_page(queries.own_application_for(actor(), application_id), form), 422


@bp.post("/applications/<int:application_id>/certify")
@requires("application:certify")
def certify(application_id: int) -> ResponseReturnValue:
    """Certify what the page showed, without submitting it yet."""
    form = SubmitForm()
    if form.validate_on_submit():
        with form.refusals():
            certify_application(
                application_id=application_id,
                stated=bool(form.certified.data),
                contents=form.contents.data or "",
                by=actor(),
            )
            flash("You have certified this application. It is not submitted yet.", "success")
            return redirect(url_for(".check", application_id=application_id, _anchor="submit"), 303)
    return _check_page(queries.own_application_for(actor(), application_id), form), 422


@bp.post("/applications/<int:application_id>/submit")
@requires("application:edit")
def submit(application_id: int) -> ResponseReturnValue:
    """Submit, and go to the receipt; a second press goes there too."""
    form = SubmitForm()
    if form.validate_on_submit():
        with form.refusals():
            services.submit_application(
                application_id=application_id,
                declared=bool(form.declared.data),
                certified=bool(form.certified.data),
                contents=form.contents.data or "",
                leave_out=form.left_out,
                key=form.sent_under,
                portal_url=portal_url(),
                by=actor(),
            )
            return redirect(url_for(".receipt", application_id=application_id), 303)
    return _check_page(queries.own_application_for(actor(), application_id), form), 422


def _check_page(facts: ApplicationFacts, form: SubmitForm) -> str:
    tender = queries.tender_of(facts)
    part = ready_part(tender) if facts.editable else None
    unready = unready_lots(tender) if part else ()
    contents = contents_sha256(facts, part) if part else ""
    certificates = certificates_of(facts.id) if facts.needs_certificate else ()
    return render_template(
        "applications/check.html",
        facts=facts,
        tender=tender,
        part=part,
        to_look_at=to_look_at(tender.items, facts.starts_on) if facts.editable else (),
        unready=unready,
        form=form.draw(contents, unready),
        certificates=certificates,
        certificate=standing_over(contents, certificates),
        submitters=[] if actor().may("application:submit") else queries.submitters_of(facts),
        exact_moment=exact_moment,
    )


@bp.get("/applications/<int:application_id>/tender")
@requires(*READS_TENDERS)
def read(application_id: int) -> ResponseReturnValue:
    """A submitted application as the council reads it once the tender box is opened."""
    viewer = actor()
    facts = queries.application_for(viewer, application_id)
    read_by(viewer, "application", application_id, page="tender")
    return render_template(
        "applications/read.html",
        facts=facts,
        tender=queries.read_tender(viewer, facts),
        history=queries.history_for(viewer, facts),
        readings=queries.readings_for(viewer, facts),
    )


@bp.get("/applications/<int:application_id>/receipt")
@requires("application:edit", *READS_TENDERS)
def receipt(application_id: int) -> ResponseReturnValue:
    """The receipt that stands; where none does, the last one, marked as withdrawn."""
    facts = queries.application_for(actor(), application_id)
    receipts = queries.receipts_of(facts)
    if not receipts:
        raise NotFound()
    newest, *earlier = receipts
    if not facts.own:
        read_by(actor(), "application", application_id, page="receipt")
    return render_template(
        "applications/receipt.html",
        facts=facts,
        receipt=newest,
        earlier=earlier,
        whole=is_whole(newest["manifest"], newest["sha256"]),
        exact_moment=exact_moment,
        certified_at=certified_at(newest["manifest"]),
        in_megabytes=in_megabytes,
    )


@bp.route("/applications/<int:application_id>/withdraw", methods=["GET", "POST"])
@requires("application:submit")
def withdraw(application_id: int) -> ResponseReturnValue:
    """Ask whether to withdraw; then withdraw. A second press finds it done."""
    facts = queries.own_application_for(actor(), application_id)
    form = WithdrawForm(data={"receipt": facts.receipt_number})
    if form.validate_on_submit():
        try:
            services.withdraw_application(
                application_id=application_id,
                receipt=form.receipt.data,
                portal_url=portal_url(),
                by=actor(),
            )
        except MoveRefused:
            return redirect(url_for(".show", application_id=application_id), 303)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("Your application is withdrawn. Everything in it is kept. It is saved, not submitted.")
            return redirect(url_for(".show", application_id=application_id), 303)
    elif not facts.withdrawable:
        return redirect(url_for(".show", application_id=application_id))
    page = render_template("applications/withdraw.html", facts=facts, form=form)
    return page, form.http_status


@bp.get("/applications/<int:application_id>/documents/<uuid:document_id>")
@requires("document:read")
def document(application_id: int, document_id: UUID) -> ResponseReturnValue:
    """Send the browser to a document by a link that soon expires."""
    facts = queries.application_for(actor(), application_id)
    found = queries.document_of(actor(), facts, document_id)
    return redirect(open_document(application_id=application_id, document=found, by=actor()), 303)
