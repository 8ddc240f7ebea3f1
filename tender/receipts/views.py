"""A receipt as PDF, and the public page that tells whether one is genuine."""

from io import BytesIO

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from portal.accounts.gate import actor, public, requires
from portal.errors import NotFound, Refusal
from portal.sign_in.throttle import network_of
from portal.web.reading import read_by
from tender.applications import queries as applications
from tender.applications.access import READS_TENDERS
from tender.applications.receipts import exact_moment
from tender.receipts import services
from tender.receipts.forms import CheckForm
from tender.receipts.paper import code_in, receipt_pdf

bp = Blueprint("receipts", __name__)
LARGEST = 2 * 1024 * 1024  # bytes; our own are a twentieth of that


@bp.get("/applications/<int:application_id>/receipt.pdf")
@requires("application:edit", *READS_TENDERS)
def pdf(application_id: int) -> ResponseReturnValue:
    """The receipt that stands, or the last one that did, as PDF."""
    facts = applications.application_for(actor(), application_id)
    receipts = applications.receipts_of(facts)
    if not receipts:
        raise NotFound()
    if not facts.own:
        read_by(actor(), "application", application_id, page="receipt")
    named = {"Content-Disposition": f'attachment; filename="Receipt {receipts[0]["number"]}.pdf"'}
    return Response(receipt_pdf(receipts[0], council=facts.buyer_name), 200, named, "application/pdf")


@bp.route("/receipts/verify", methods=["GET", "POST"])
@public
def verify() -> ResponseReturnValue:
    """Tell whoever holds a receipt whether it is genuine and stands."""
    form, standing = CheckForm(), None
    if form.validate_on_submit():
        try:
            _read_pdf(form)
            standing = services.check_receipt(
                number=form.number.data or "",
                sha256=form.sha256.data or "",
                further=form.looked_for,
                network=network_of(request.remote_addr),
            )
        except Refusal as refusal:
            form.refuse(refusal, "number")
    page = render_template("receipts/verify.html", form=form, standing=standing, exact_moment=exact_moment)
    return page, form.http_status


def _read_pdf(form: CheckForm) -> None:
    """Put the code that a chosen PDF carries into the form. Raises `Refusal` for a file without one."""
    file = form.pdf.data
    if not isinstance(file, FileStorage) or not file.filename:
        return
    code = code_in(BytesIO(file.stream.read(LARGEST)))
    if code is None:
        raise Refusal("This file is not the PDF of a receipt. Enter the number and the SHA-256.", field="pdf")
    form.number.data, form.sha256.data = code
