"""A round's pack as an applicant would meet it, for those who write it. Nothing is kept of what is typed."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.gate import actor, requires
from portal.errors import NotFound
from tender.applications.contents import Tender
from tender.applications.forms import TRY, answer_form, documents_form, try_form
from tender.applications.limits import needed_of_document
from tender.applications.preview import deciding_in, tender_before_answers
from tender.applications.queries import bands_of
from tender.frameworks import queries as frameworks
from tender.frameworks.facts import RoundFacts
from tender.frameworks.pack import RoundPack

bp = Blueprint("pack_preview", __name__)


@bp.get("/rounds/<int:round_id>/pack/preview")
@requires("framework:manage")
def show(round_id: int) -> ResponseReturnValue:
    """The task list of an applicant for every lot, or for the one that is chosen: with every question, or
    with those that the answers bring up which somebody tries."""
    facts, pack, tender = _tender(round_id)
    form = try_form(deciding_in(pack))
    asked = tender
    if form.tries:
        asked = tender_before_answers(pack, tender.offered, tender.chosen, form.tried)
    there = {(item.asked.code, item.lot_id) for item in asked.items}
    return render_template(
        "applications/preview.html",
        round=facts,
        tender=asked,
        lot_id=_lot_id(),
        form=form,
        kept=_kept(),
        left_out=[item for item in tender.items if (item.asked.code, item.lot_id) not in there],
    )


@bp.get("/rounds/<int:round_id>/pack/preview/<code>")
@requires("framework:manage")
def question(round_id: int, code: str) -> ResponseReturnValue:
    """The page of one question, for the lot that is chosen where it is answered for each."""
    facts, pack, tender = _tender(round_id)
    item = next((each for each in tender.items if each.asked.code == code), None)
    if item is None:
        raise NotFound()
    form = (
        documents_form(item.asked, sent=False) if item.asked.kind == "file" else answer_form(item, sent=False)
    )
    return render_template(
        "applications/preview_question.html",
        round=facts,
        pack=pack,
        asked=pack.question(code),
        item=item,
        form=form,
        lots=tender.offered,
        lot_id=_lot_id(),
        kept=_kept(),
        section=pack.section(item.asked.section).title,
        place=tender.items.index(item) + 1,
        total=len(tender.items),
        bands=bands_of(item),
        needed=needed_of_document(item.asked.shape, facts.starts_on),
    )


def _tender(round_id: int) -> tuple[RoundFacts, RoundPack, Tender]:
    facts = frameworks.round_for(actor(), round_id)
    pack, lots = frameworks.pack_of(round_id), frameworks.lots_of_round(round_id)
    chosen = [lot for lot in lots if lot.id == _lot_id()] or lots
    return facts, pack, tender_before_answers(pack, lots, chosen)


def _kept() -> dict[str, list[str]]:
    """What is tried, as the links of the preview carry it on: it is kept nowhere else."""
    return {name: values for name, values in request.args.lists() if name.startswith(TRY)}


def _lot_id() -> int | None:
    return request.args.get("lot", type=int)
