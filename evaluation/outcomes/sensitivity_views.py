"""The page that shows which single mark would change an outcome."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from evaluation.outcomes import queries
from evaluation.outcomes.python_totals import inputs_of
from evaluation.outcomes.sensitivity import Shift, marks_of, shifts_of
from evaluation.outcomes.sensitivity_queries import bands_of, names_of
from evaluation.outcomes.views import chosen_lot, withheld_from
from portal import clock
from portal.accounts.gate import actor, requires
from portal.web.pagination import Page, offset_of, page_number

bp = Blueprint("sensitivity", __name__)


@bp.get("/rounds/<int:round_id>/results/sensitivity")
@requires("outcome:recommend")
def show(round_id: int) -> ResponseReturnValue:
    """Every agreed mark of a lot that would change a rank or an admission, were it one band away."""
    facts = queries.round_for(actor(), round_id)
    lots = queries.lots_of(round_id)
    lot_id = chosen_lot(lots)
    current = bool(lots) and all(lot["current"] for lot in lots)
    shifts: list[Shift] = []
    titles: dict[int, str] = {}
    marks = 0
    if current and lot_id is not None:
        inputs = inputs_of(round_id)
        bands, titles = bands_of(round_id)
        shifts, marks = shifts_of(inputs, bands, lot_id), marks_of(inputs, lot_id)
    number, size = page_number(request.args.get("page")), queries.PAGE
    page = Page(shifts[offset_of(number, size) :][:size], number, len(shifts), size)
    return render_template(
        "outcomes/sensitivity.html",
        round=facts,
        lots=lots,
        lot=next((lot for lot in lots if lot["id"] == lot_id), None),
        current=current,
        marks=marks,
        deciding=sum(shift.admission for shift in shifts),
        page=page,
        titles=titles,
        names=names_of(shift.application_id for shift in page.items),
        withheld=withheld_from(actor()),
        as_at=clock.now(),
    )
