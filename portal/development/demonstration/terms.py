"""Conditions of the invented lots, a framework that is always open, and the timetable of the open round."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from portal.accounts.access import Actor
from portal.clock import london, now, staged_at
from portal.development.demonstration.conflicts import assess_conflicts
from portal.development.demonstration.people import Company
from portal.development.demonstration.tenders import apply
from portal.working_days import add_working_days
from tender.frameworks.models import Round
from tender.frameworks.queries import lots_of_framework, pack_of
from tender.frameworks.services import LotDetails, create_framework, create_round, publish_round
from tender.intakes.services import plan_intakes
from tender.packs.services import change_question
from tender.timetable.services import plan_dates

_INSURED = {
    "public_liability": Decimal(5_000_000),
    "employers_liability": Decimal(10_000_000),
}
_SECONDARY: Mapping[str, Any] = {"key_stages": ("KS3", "KS4"), **_INSURED}
_PART_TIME: Mapping[str, Any] = {**_SECONDARY, "maximum_hours_a_week": 15, "largest_group": 8}
_ADVICE = {**_INSURED, "professional_indemnity": Decimal(1_000_000)}
CONDITIONS: Mapping[str, Mapping[str, Any]] = {
    "1": {**_SECONDARY, "registered_only": True, "maximum_hours_a_week": 30, "largest_group": 8},
    **{number: _PART_TIME for number in ("2", "3", "4", "5", "6")},
    "7": {**_PART_TIME, "key_stages": ("KS2", "KS3", "KS4"), "maximum_hours_a_week": 6},
    "8": {**_PART_TIME, "maximum_hours_a_week": 6},
    "9": {**_ADVICE, "key_stages": ("KS1", "KS2", "KS3", "KS4"), "largest_group": 1},
    "10": {**_ADVICE, "key_stages": ("KS3", "KS4", "KS5"), "largest_group": 1},
}
"""What the lots ask for, by the notice's numbers; the notice itself says the hours of the first alone."""

OUTDOOR = (
    LotDetails("1", "Forest and farm days", **{**_PART_TIME, "key_stages": ("KS1", "KS2", "KS3", "KS4")}),
    LotDetails("2", "Cycle repair and making", **{**_PART_TIME, "maximum_hours_a_week": 12}),
)
TUITION = (LotDetails("1", "Tuition at home or online", **{**_ADVICE, "key_stages": ("KS2", "KS3", "KS4")}),)
PRICE = Decimal("110.00")


def always_open(company: Company, rng: Random) -> None:
    """A small framework that is always open: one intake waits to be opened, the next takes applications.

    Somebody missed the cut-off with half an application, and can go on in the next intake.
    """
    cut_off = at_noon(now() - timedelta(days=4))
    opens_at = at_noon(cut_off - timedelta(days=110))
    with staged_at(opens_at - timedelta(days=1)):
        framework = create_framework(
            by=company.lead,
            reference="AP-OPEN-1",
            title="Outdoor and Practical Learning",
            description="Days out of doors and in workshops, beside a school's own timetable.",
            buyer_name=company.lead.organisation_name,
            legal_regime="PA2023",
            kind="light_touch_reopenable",
            value_amount=Decimal(1_800_000),
            starts_on=london(cut_off).date(),
            ends_on=(london(cut_off) + timedelta(days=5 * 365)).date(),
            cpv_codes=["80000000"],
            lots=OUTDOOR,
        )
        lots = [lot.id for lot in lots_of_framework(framework.id)]
        first = create_round(
            by=company.lead,
            framework_id=framework.id,
            lots=dict.fromkeys(lots, PRICE),
            opens_at=opens_at,
            closes_at=cut_off,
            how_to_apply="Apply whenever you are ready. We assess what has arrived at each cut-off together.",
        )
        plan_intakes(
            by=company.lead,
            round_id=first.id,
            always_open=True,
            cut_offs=[at_noon(cut_off + timedelta(days=120))],
            answer_within=10,
            answer_at_most=15,
        )
        score_prices(first, company.lead)
        assess_conflicts(first.id, company.lead)
        publish_round(by=company.lead, round_id=first.id)
    for (provider, person), in_time in zip(company.providers[:2], (True, False), strict=True):
        with staged_at(cut_off - timedelta(hours=30)):
            apply(
                round_id=first.id,
                lot_ids=lots[1:],
                provider=provider,
                by=person,
                rng=rng,
                share=1.0 if in_time else 0.5,
                submit=in_time,
            )


def score_prices(draft: Round, lead: Actor) -> None:
    """Let the price count for a tenth, and the mark for safeguarding decide between equal totals."""
    price = {"judged_as": "priced", "rule": "lowest_price", "rule_value": "30", "weight": Decimal(10)}
    price["how_judged"] = "The lowest price of a lot has the whole tenth, and each other one its proportion."
    for code, values in {
        "day_rate": price,
        "safeguarding": {"breaks_ties": True},
        "curriculum": {"weight": Decimal(15)},
        "needs": {"weight": Decimal(15)},
    }.items():
        asked = pack_of(draft.id).question(code)
        changed = replace(asked, **values)
        change_question(round_id=draft.id, code=code, asked=changed, seen=asked.fingerprint, by=lead)


def plan(round: Round, company: Company) -> None:
    """Planned dates of an open round, in working days from its close."""
    assert round.closes_at
    close = london(round.closes_at).date()
    steps = {"open_box": 1, "conformity": 5, "marking": 15, "moderation": 20, "decision": 28, "letters": 30}
    planned: dict[str, date | None] = {step: add_working_days(close, days) for step, days in steps.items()}
    planned["standstill"] = add_working_days(close, 38)
    planned["start"] = add_working_days(close, 50)
    plan_dates(by=company.lead, round_id=round.id, planned=planned)


def at_noon(moment: datetime) -> datetime:
    """12 noon, UK time, on the day of `moment`."""
    return london(moment).replace(hour=12, minute=0, second=0, microsecond=0)
