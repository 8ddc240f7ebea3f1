"""Deciding whether a price counts that the recipe does not score by itself."""

from sqlalchemy import delete

from evaluation.assignments.conflict_queries import refuse_to_open
from evaluation.inquiries.waiting_queries import refuse_awaited
from evaluation.outcomes.models import Computation, PriceCheck
from evaluation.outcomes.price_queries import price_for, prices_are_open
from evaluation.outcomes.services import ChangedMeanwhile, locked_round
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, Refusal


class PricesShut(Conflict):
    """Prices are read when no mark can be coloured by them any more."""

    sentence = "Prices are read once every answer has its agreed mark."


def decide_price(
    *, round_id: int, application_id: int, lot_id: int, counts: bool, reason: str, version: int, by: Actor
) -> None:
    """A person says whether a price counts, and why. Results that rested on another word are stale from then;
    what was said before is kept (`FormerPriceCheck`).

    A tender whose price is abnormally low may be disregarded only after its provider was told and could show
    that it can perform for that price (both laws say so of abnormally low tenders); the reason says so.
    Raises `NotFound`, also where they declared a conflict, `NotDeclaredYet`, `NotBeingMarked`, `PricesShut`,
    `ReplyAwaited` while the provider may still answer what it was asked about this lot, `ChangedMeanwhile`
    when `version` is not the newest, and `Refusal` for a reason that is missing, a price that nobody need
    look at, or one that cannot count.
    """
    if not reason.strip():
        raise Refusal("Give a reason. The provider reads it if its price does not count.", field="reason")
    with transaction() as session:
        locked_round(round_id, by, state="marking")
        if not prices_are_open(round_id):
            raise PricesShut
        refuse_to_open(by, application_id)
        refuse_awaited([(application_id, lot_id)])
        price = price_for(round_id, application_id, lot_id)
        if price["version"] != version:
            raise ChangedMeanwhile
        if not price["referred"]:
            raise Refusal("This price counts by the published rules. Nobody decides that.")
        if counts and not price["given"]:
            raise Refusal("A price that is missing or £0.00 cannot count.", field="counts")
        check = session.get(PriceCheck, (application_id, lot_id))
        if check is None:
            check = PriceCheck(application_id=application_id, lot_id=lot_id, version=0)
            session.add(check)
        check.counts, check.reason, check.version = counts, reason.strip(), version + 1
        check.decided_at, check.decided_by_id = clock.now(), by.person_id
        session.execute(delete(Computation).where(Computation.round_id == round_id))
        record(
            "price.decide", "application", application_id, by=by,
            lot=lot_id, before=price["counts"], after=counts, version=check.version,
        )  # fmt: skip
