"""Starting a framework, setting up its rounds and publishing them. Drafting their packs: `tender.packs`.

Extending a published round and opening its tender box: `opening_services`.

Later moves of a round (`start_marking`, `mark_decided`, `mark_released`) are called by the evaluation, which
checks first that they are due.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, select

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.services import record
from portal.database import db, transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import move
from portal.web.filters import uk_date, uk_datetime
from tender.frameworks import closing, queries
from tender.frameworks.lifecycle import ROUND, phase
from tender.frameworks.models import (
    CALL_OFF_ROUTES,
    KEY_STAGES,
    ROUTES_AT_FIRST,
    Framework,
    Lot,
    Round,
    RoundLot,
)
from tender.frameworks.pack_rows import copy_default_pack
from tender.frameworks.publication import problems_before_publication
from tender.frameworks.refusals import DraftWaiting, NotReady, ReferenceTaken
from tender.regimes.reference import reference


@dataclass(frozen=True, slots=True)
class LotDetails:
    """A lot as it is to be: the notice's number and what applicants must know about it (see `Lot`)."""

    number: str
    title: str
    registered_only: bool = False
    minimum_hours_a_week: int | None = None
    maximum_hours_a_week: int | None = None
    key_stages: Sequence[str] = ()
    largest_group: int | None = None
    public_liability: Decimal | None = None
    employers_liability: Decimal | None = None
    professional_indemnity: Decimal | None = None
    price_ceiling: Decimal | None = None
    price_unit: str = "day"


def create_framework(
    *,
    by: Actor,
    reference: str,
    title: str,
    buyer_name: str,
    legal_regime: str,
    kind: str,
    starts_on: date,
    ends_on: date,
    lots: Sequence[LotDetails],
    description: str = "",
    value_amount: Decimal | None = None,
    cpv_codes: Sequence[str] = (),
    ocid: str | None = None,
    notice_identifier: str | None = None,
    notice: Mapping[str, Any] | None = None,
    opened_by_two: bool = True,
    needs_certificate: bool = True,
    passed_conditions_stand: bool = False,
    call_off_routes: Sequence[str] = ROUTES_AT_FIRST,
    extendable_until: date | None = None,
) -> Framework:
    """Start a framework of `by`'s council with its lots, keeping the notice as published where there is one.

    Raises `ReferenceTaken`, and `Refusal` for a term that ends before it starts or could be extended to a day
    before its end, no route by which schools choose, no lots, two lots with one number, or a lot whose
    conditions make no sense.
    """
    call_off_routes = in_order(call_off_routes)
    check_term(starts_on, ends_on, extendable_until)
    _check_numbers([lot.number for lot in lots])
    for lot in lots:
        check_lot(lot)
    with transaction() as session:
        # Two officers with one notice: the second waits here, then meets the first one's framework.
        session.execute(
            select(Organisation.id)
            .where(Organisation.id == by.organisation_id)
            .with_for_update(key_share=True)
        )
        existing = session.scalar(
            select(Framework.id).where(
                Framework.council_id == by.organisation_id, Framework.reference == reference
            )
        )
        if existing:
            raise ReferenceTaken(reference, existing)
        framework = Framework(
            council_id=by.organisation_id,
            reference=reference,
            title=title,
            description=description,
            buyer_name=buyer_name,
            legal_regime=legal_regime,
            kind=kind,
            value_amount=value_amount,
            starts_on=starts_on,
            ends_on=ends_on,
            extendable_until=extendable_until,
            cpv_codes=list(cpv_codes),
            ocid=ocid,
            notice_identifier=notice_identifier,
            notice=dict(notice) if notice else None,
            opened_by_two=opened_by_two,
            needs_certificate=needs_certificate,
            passed_conditions_stand=passed_conditions_stand,
            call_off_routes=call_off_routes,
            created_at=clock.now(),
            lots=[Lot(position=position, **lot_columns(lot)) for position, lot in enumerate(lots, start=1)],
        )
        session.add(framework)
        session.flush()
        record("framework.create", "framework", framework.id, by=by, reference=reference, lots=len(lots))
    return framework


def check_term(starts_on: date, ends_on: date, extendable_until: date | None) -> None:
    """Raise `Refusal` for a term that ends before it starts, or after the latest day that its documents
    allow."""
    if ends_on <= starts_on:
        raise Refusal("The framework must end after it starts.", field="ends_on")
    if extendable_until is not None and extendable_until < ends_on:
        raise Refusal(
            f"It ends on {uk_date(ends_on)}, so with all extensions it ends on that day or later.",
            field="extendable_until",
        )


def in_order(routes: Sequence[str]) -> list[str]:
    """The routes by which schools choose, in the order of the table. Raises `Refusal` for none."""
    known = [route for route in CALL_OFF_ROUTES if route in routes]
    if not known:
        raise Refusal("Choose at least one way in which schools may choose.", field="call_off_routes")
    return known


_NONE_ASKED: Mapping[int, Decimal] = {}
_Terms = dict[int, tuple[Decimal | None, str, Decimal | None]]


def create_round(
    *,
    by: Actor,
    framework_id: int,
    lots: Mapping[int, Decimal | None],
    opens_at: datetime,
    closes_at: datetime,
    price_units: Mapping[int, str] | None = None,
    how_to_apply: str = "",
    number: int | None = None,
    questions_until: datetime | None = None,
    answers_by: datetime | None = None,
    late_upload_hours: int | None = None,
    names_hidden: bool = False,
    minimum_totals: Mapping[int, Decimal] = _NONE_ASKED,
) -> Round:
    """Add a draft round with the default pack. `lots` gives the highest price (pounds) by lot id, None where
    any is accepted; `price_units` for which of `PRICE_UNITS` each is, a day where it does not say;
    `minimum_totals` the total out of 100 that a tender has to reach, where one is asked for.

    `number` is what the council calls the round; the next one when not given. Providers may ask questions
    until `questions_until`, and the council answers by `answers_by`; a round without both takes none.
    For `late_upload_hours` (1 to 24) after the close, files may follow that were promised before it. With
    `names_hidden` evaluators mark without the tenderers' names. The same round asked for twice is made once.
    Raises `DraftWaiting`, and `Refusal` for times without sense, for no lots, and for a number that the
    framework has used.
    """
    with transaction() as session:
        framework = session.scalar(
            select(Framework)
            .where(Framework.id == framework_id, Framework.council_id == by.organisation_id)
            .with_for_update(key_share=True)
        )
        if framework is None:
            raise NotFound()
        _check_times(opens_at, closes_at)
        _check_question_times(questions_until, answers_by, closes_at)
        _check_lots(framework_id, lots, minimum_totals)
        of_framework = Round.framework_id == framework_id
        draft = session.scalar(select(Round).where(of_framework, Round.state == "draft"))
        if draft is not None:
            times = (draft.opens_at, draft.closes_at, draft.questions_until, draft.answers_by)
            ways = (draft.late_upload_hours, draft.names_hidden, draft.how_to_apply)
            wanted = (opens_at, closes_at, questions_until, answers_by, late_upload_hours, names_hidden)
            terms = _terms(lots, price_units, minimum_totals)
            if (*times, *ways, _lots_of(draft.id)) == (*wanted, how_to_apply, terms):
                return draft
            raise DraftWaiting(draft.id)
        numbers = set(session.scalars(select(Round.number).where(of_framework)))
        if number in numbers:
            raise Refusal(f"This framework has a round {number} already.", field="number")
        number = number or max(numbers, default=0) + 1
        made = Round(
            framework_id=framework_id,
            number=number,
            opens_at=opens_at,
            closes_at=closes_at,
            questions_until=questions_until,
            answers_by=answers_by,
            late_upload_hours=late_upload_hours,
            names_hidden=names_hidden,
            how_to_apply=how_to_apply,
        )
        session.add(made)
        session.flush()
        _offer(made.id, _terms(lots, price_units, minimum_totals))
        kind = reference().kinds[framework.legal_regime, framework.kind]
        copy_default_pack(made, framework.legal_regime, kind.admits_by)
        record("round.create", "round", made.id, by=by, number=number, closes_at=closes_at.isoformat())
    return made


def edit_round(
    *,
    by: Actor,
    round_id: int,
    lots: Mapping[int, Decimal | None],
    opens_at: datetime,
    closes_at: datetime,
    price_units: Mapping[int, str] | None = None,
    how_to_apply: str = "",
    questions_until: datetime | None = None,
    answers_by: datetime | None = None,
    late_upload_hours: int | None = None,
    names_hidden: bool = False,
    minimum_totals: Mapping[int, Decimal] = _NONE_ASKED,
    number: int | None = None,
) -> Round:
    """Change the lots, prices and times of a draft round, and its number where one is given. Raises `Refusal`
    as `create_round` does."""
    with transaction() as session:
        edited = locked_draft(round_id, by)
        if number is not None and number != edited.number:
            of_framework = Round.framework_id == edited.framework_id
            if session.scalar(select(Round.id).where(of_framework, Round.number == number)) is not None:
                raise Refusal(f"This framework has a round {number} already.", field="number")
            edited.number = number
        _check_times(opens_at, closes_at)
        _check_question_times(questions_until, answers_by, closes_at)
        _check_lots(edited.framework_id, lots, minimum_totals)
        if edited.later_cut_offs and closes_at >= edited.later_cut_offs[0]:
            raise Refusal(
                f"The next cut-off is {uk_datetime(edited.later_cut_offs[0])}. Close the round before it.",
                field="closes_at",
            )
        edited.opens_at, edited.closes_at, edited.how_to_apply = opens_at, closes_at, how_to_apply
        edited.questions_until, edited.answers_by = questions_until, answers_by
        edited.late_upload_hours, edited.names_hidden = late_upload_hours, names_hidden
        session.execute(delete(RoundLot).where(RoundLot.round_id == round_id))
        _offer(round_id, _terms(lots, price_units, minimum_totals))
        told = {"number": edited.number, "closes_at": closes_at.isoformat(), "lots": sorted(lots)}
        record("round.edit", "round", round_id, by=by, **told)
    return edited


def publish_round(*, by: Actor, round_id: int) -> Round:
    """Publish a draft round: from now on everyone sees it and nobody can change it. Raises `NotReady`."""
    with transaction():
        published = locked_round(round_id, by)
        if published.state == "draft":
            problems, _ = problems_before_publication(
                queries.round_for(by, round_id), queries.pack_of(round_id), queries.lots_of_round(round_id)
            )
            if problems:
                raise NotReady(problems)
        move(ROUND, published, "publish", by=by)
    return published


def start_marking(*, by: Actor, round_id: int) -> Round:
    """Conformity is done: the panel marks."""
    return _advance(round_id, "start_marking", by)


def mark_decided(*, by: Actor, round_id: int) -> Round:
    """Every lot of every application has its approved decision."""
    return _advance(round_id, "decide", by)


def reopen_decided(*, by: Actor, round_id: int) -> Round:
    """A decision of the round has to be made anew before its letters go."""
    with transaction():
        round = _advance(round_id, "reopen", by)
        round.decided_at = round.decided_by_id = None
    return round


def mark_released(*, by: Actor, round_id: int) -> Round:
    """The letters are out and the admissions stand."""
    return _advance(round_id, "release", by)


def is_open(subject: Round) -> bool:
    """Whether providers can apply to the round at this moment."""
    opens_at, closes_at = closing.opens_at(subject.id), closing.closes_for_everyone_at(subject.id)
    return phase(subject.state, opens_at, closes_at, clock.now()) == "open"


def _advance(round_id: int, name: str, by: Actor) -> Round:
    with transaction() as session:
        moved = session.scalar(select(Round).where(Round.id == round_id).with_for_update())
        if moved is None:
            raise NotFound()
        move(ROUND, moved, name, by=by)
    return moved


def locked_round(round_id: int, by: Actor) -> Round:
    """The round, locked until the end of the transaction. Raises `NotFound` when it is another council's."""
    found = db.session.scalar(
        select(Round)
        .join(Framework, Framework.id == Round.framework_id)
        .where(Round.id == round_id, Framework.council_id == by.organisation_id)
        .with_for_update(of=Round)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound()
    return found


def locked_draft(round_id: int, by: Actor) -> Round:
    """A draft round of `by`'s council, locked until the transaction ends. Raises `NotFound`, `Conflict`."""
    found = locked_round(round_id, by)
    if found.state != "draft":
        raise Conflict(queries.NO_DRAFT)
    return found


def _check_numbers(numbers: list[str]) -> None:
    if not numbers:
        raise Refusal("Keep or add at least one lot.", field="lots")
    if twice := next((number for number in numbers if numbers.count(number) > 1), None):
        raise Refusal(f"Two lots have the number {twice}. Give each its own.", field="lots")


def _check_times(opens_at: datetime, closes_at: datetime) -> None:
    if closes_at <= clock.now():
        raise Refusal("The closing time is in the past. Give a later one.", field="closes_at")
    if closes_at <= opens_at:
        raise Refusal("The round must close after it opens.", field="closes_at")


def _check_question_times(
    questions_until: datetime | None, answers_by: datetime | None, closes_at: datetime
) -> None:
    if (questions_until is None) != (answers_by is None):
        missing = "questions_until" if questions_until is None else "answers_by"
        raise Refusal("Give both times for questions, or leave both empty.", field=missing)
    if questions_until is None or answers_by is None:
        return
    if answers_by < questions_until:
        raise Refusal("Answers must come after the last question.", field="answers_by")
    if answers_by > closes_at:
        raise Refusal("Answers must come before the round closes.", field="answers_by")


def _check_lots(
    framework_id: int, lots: Mapping[int, Decimal | None], minimum_totals: Mapping[int, Decimal]
) -> None:
    if not lots:
        raise Refusal("Choose at least one lot.", field="lots")
    check_offer(lots, minimum_totals.values())
    known = set(db.session.scalars(select(Lot.id).where(Lot.framework_id == framework_id)))
    if not known.issuperset(lots):
        raise Refusal("Choose lots of this framework only.", field="lots")


def check_offer(ceilings: Mapping[int, Decimal | None], minimum_totals: Iterable[Decimal]) -> None:
    """Raise `Refusal` for a highest price (pounds, by lot id) or a minimum total out of 100 without sense."""
    if not all(0 < total <= 100 for total in minimum_totals):
        raise Refusal("A minimum total is above 0 and at most 100.", field="lots")
    if any(ceiling is not None and ceiling <= 0 for ceiling in ceilings.values()):
        raise Refusal("The highest price must be more than £0.", field="lots")


def _terms(
    lots: Mapping[int, Decimal | None], units: Mapping[int, str] | None, minimum_totals: Mapping[int, Decimal]
) -> _Terms:
    """The highest price, what it is for, and the minimum total of each lot that is offered."""
    return {
        lot_id: (ceiling, (units or {}).get(lot_id, "day"), minimum_totals.get(lot_id))
        for lot_id, ceiling in lots.items()
    }


def _lots_of(round_id: int) -> _Terms:
    columns = (RoundLot.lot_id, RoundLot.price_ceiling, RoundLot.price_unit, RoundLot.minimum_total)
    rows = db.session.execute(select(*columns).where(RoundLot.round_id == round_id))
    return {lot_id: (ceiling, unit, least) for lot_id, ceiling, unit, least in rows}


def _offer(round_id: int, lots: _Terms) -> None:
    db.session.add_all(
        RoundLot(
            round_id=round_id, lot_id=lot_id, price_ceiling=ceiling, price_unit=unit, minimum_total=least
        )
        for lot_id, (ceiling, unit, least) in lots.items()
    )
    db.session.flush()


def check_lot(details: LotDetails) -> None:
    """Raise `Refusal` for conditions that nobody can meet, or that are no conditions."""
    least, most = details.minimum_hours_a_week, details.maximum_hours_a_week
    if least and most and most < least:
        raise Refusal(
            f"The most hours a week must be at least the least, which is {least}.",
            field="maximum_hours_a_week",
        )
    if not set(details.key_stages) <= set(KEY_STAGES):
        raise Refusal("Choose among the key stages.", field="key_stages")
    for name in ("public_liability", "employers_liability", "professional_indemnity", "price_ceiling"):
        amount = getattr(details, name)
        if amount is not None and amount <= 0:
            raise Refusal("Give an amount above £0, or leave it empty.", field=name)


def lot_columns(details: LotDetails) -> dict[str, Any]:
    """What a lot's row takes from these details, its key stages in their own order."""
    stages = [code for code in KEY_STAGES if code in details.key_stages]
    return {field.name: getattr(details, field.name) for field in fields(details)} | {"key_stages": stages}
