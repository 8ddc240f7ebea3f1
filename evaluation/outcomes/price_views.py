"""Pages of the prices that a formula scores: a lot's prices, and one that waits for a person."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import RowMapping

from evaluation.assignments.conflict_queries import refuse_to_open
from evaluation.outcomes import price_queries, queries
from evaluation.outcomes.price_forms import PriceForm
from evaluation.outcomes.price_services import PricesShut, decide_price
from evaluation.outcomes.services import ChangedMeanwhile
from evaluation.outcomes.views import withheld_from
from portal import clock
from portal.accounts.gate import actor, requires
from portal.errors import NotFound, Refusal
from portal.web.pagination import Page, offset_of, page_number
from portal.web.reading import read_by
from portal.web.text import number_in
from tender.frameworks.facts import RoundFacts
from tender.frameworks.queries import lots_of_round, pack_of
from tender.frameworks.recipe import price_in_words

bp = Blueprint("prices", __name__)


@bp.get("/rounds/<int:round_id>/prices")
@requires("outcome:recommend")
def show(round_id: int) -> ResponseReturnValue:
    """The prices of a lot beside its average, with what has been decided."""
    facts, pack = queries.round_for(actor(), round_id), pack_of(round_id)
    lots = [lot for lot in lots_of_round(round_id) if pack.weight_of_price(lot.id)]
    if not lots:
        raise NotFound
    lot = next((lot for lot in lots if lot.id == request.args.get("lot", type=int)), lots[0])
    opened = price_queries.prices_are_open(round_id)
    number, size = page_number(request.args.get("page")), price_queries.PAGE
    rows, total = [], 0
    if opened:
        rows, total = price_queries.prices_of(round_id, lot.id, skip=offset_of(number, size))
    return render_template(
        "outcomes/prices.html",
        round=facts,
        lots=lots,
        lot=lot,
        opened=opened,
        how=[step for asked in pack.prices if asked.asked_of(lot.id) for step in price_in_words(asked)],
        page=Page(rows, number, total, size),
        withheld=withheld_from(actor()),
        as_at=clock.now(),
    )


@bp.get("/rounds/<int:round_id>/prices/<int:application_id>/<int:lot_id>")
@requires("outcome:recommend")
def price(round_id: int, application_id: int, lot_id: int) -> ResponseReturnValue:
    """One price, and whether it counts."""
    facts, found = _found(round_id, application_id, lot_id)
    data = {"version": found["version"], "reason": found["reason"] or ""}
    if found["counts"] is not None:
        data["counts"] = "yes" if found["counts"] else "no"
    return _price(facts, found, PriceForm(data=data))


def _found(round_id: int, application_id: int, lot_id: int) -> tuple[RoundFacts, RowMapping]:
    facts = queries.round_for(actor(), round_id)
    refuse_to_open(actor(), application_id)
    found = price_queries.price_for(round_id, application_id, lot_id)
    if not price_queries.prices_are_open(round_id):
        raise PricesShut
    return facts, found


def _price(facts: RoundFacts, found: RowMapping, form: PriceForm) -> ResponseReturnValue:
    read_by(actor(), "application", found["application_id"], page="price", lot=found["lot_number"])
    rendered = render_template(
        "outcomes/price.html",
        round=facts,
        price=found,
        before=price_queries.decided_before(found["application_id"], found["lot_id"]),
        form=form,
    )
    return rendered, form.http_status


@bp.post("/rounds/<int:round_id>/prices/<int:application_id>/<int:lot_id>")
@requires("outcome:recommend")
def decide(round_id: int, application_id: int, lot_id: int) -> ResponseReturnValue:
    """Say whether a price counts, and go back to the lot."""
    facts, found = _found(round_id, application_id, lot_id)
    form = PriceForm()
    if form.validate_on_submit():
        try:
            decide_price(
                round_id=round_id,
                application_id=application_id,
                lot_id=lot_id,
                counts=form.counts.data == "yes",
                reason=form.reason.data or "",
                version=number_in(form.version.data, -1),
                by=actor(),
            )
        except ChangedMeanwhile as refusal:
            found = price_queries.price_for(round_id, application_id, lot_id)
            form.version.data = str(found["version"])
            form.refuse(refusal)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            words = "counts" if form.counts.data == "yes" else "does not count"
            flash(f"The price of {found['provider_name']} {words}.", "success")
            return redirect(url_for("prices.show", round_id=round_id, lot=lot_id), 303)
    return _price(facts, found, form)
