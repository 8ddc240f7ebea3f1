"""Frameworks and rounds in each phase, with the default pack."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db, transaction
from tender.conflicts.services import assess
from tender.frameworks.default_pack import PackQuestion, default_pack
from tender.frameworks.models import Framework, Round
from tender.frameworks.opening_services import open_box
from tender.frameworks.pack_rows import write_pack
from tender.frameworks.queries import lots_of_framework
from tender.frameworks.services import (
    LotDetails,
    create_framework,
    create_round,
    publish_round,
)
from tests.factories.accounts import a_council, a_person

CEILING = Decimal("120.00")
_serial = count(1)


def a_procurement_lead(of: Organisation | Framework | Round | None = None) -> Actor:
    """A procurement lead of a council, or of the council whose framework or round this is."""
    if isinstance(of, Round):
        of = db.session.get_one(Framework, of.framework_id)
    if isinstance(of, Framework):
        of = db.session.get_one(Organisation, of.council_id)
    return a_person(of or a_council(), "procurement_lead")


def a_framework(
    lots: int = 2,
    lead: Actor | None = None,
    regime: str = "PCR2015",
    opened_by_two: bool = False,
    needs_certificate: bool = False,
    kind: str = "pseudo_dps",
) -> Framework:
    """A framework with so many lots; the first takes registered schools only.

    Unless told otherwise one person opens its tender boxes, and applications need no certificate.
    """
    names = ("Full-time provision", "Construction", "Animal care", "One-to-one tutoring", "Mentoring")
    return create_framework(
        by=lead or a_procurement_lead(),
        reference=f"TC{next(_serial)}",
        title="Invented Alternative Education",
        description="A framework that was made up.",
        buyer_name="Manchester City Council",
        legal_regime=regime,
        kind=kind,
        value_amount=Decimal(1_000_000),
        starts_on=date(2026, 6, 1),
        ends_on=date(2032, 5, 31),
        opened_by_two=opened_by_two,
        needs_certificate=needs_certificate,
        lots=[
            LotDetails(str(number), names[(number - 1) % len(names)], registered_only=number == 1)
            for number in range(1, lots + 1)
        ],
    )


def a_draft_round(
    lots: int = 2,
    lead: Actor | None = None,
    framework: Framework | None = None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    questions_until: datetime | None = None,
    late_upload_hours: int | None = None,
    names_hidden: bool = False,
) -> Round:
    """A draft round that offers every lot of its framework; it opens tomorrow unless told otherwise.

    With `questions_until` it takes questions, to be answered a day later.
    """
    lead = lead or a_procurement_lead(framework)
    framework = framework or a_framework(lots, lead)
    now = clock.now()
    return create_round(
        by=lead,
        framework_id=framework.id,
        lots={lot.id: CEILING for lot in lots_of_framework(framework.id)},
        opens_at=opens_at or now + timedelta(days=1),
        closes_at=closes_at or now + timedelta(days=30),
        how_to_apply="Answer every question and send your application before the round closes.",
        questions_until=questions_until,
        answers_by=questions_until + timedelta(days=1) if questions_until else None,
        late_upload_hours=late_upload_hours,
        names_hidden=names_hidden,
    )


def a_published_round(
    lots: int = 2,
    lead: Actor | None = None,
    framework: Framework | None = None,
    opened: timedelta = timedelta(days=7),
    open_for: timedelta = timedelta(days=21),
    questions_until: datetime | None = None,
    asking: Sequence[PackQuestion] = (),
    late_upload_hours: int | None = None,
    names_hidden: bool = False,
) -> Round:
    """A round that opened `opened` ago and is open for `open_for`: open now unless told otherwise.

    It asks the default pack's questions, and those of `asking` after them or, with a code of theirs, instead.
    """
    opens_at = clock.now() - opened
    with clock.staged_at(opens_at - timedelta(days=1)), transaction():
        lead = lead or a_procurement_lead(framework)
        draft = a_draft_round(
            lots,
            lead,
            framework,
            opens_at,
            opens_at + open_for,
            questions_until,
            late_upload_hours,
            names_hidden,
        )
        if asking:
            pack = default_pack("PCR2015")
            others = {asked.code for asked in asking}
            kept = [asked for asked in pack.questions if asked.code not in others]
            write_pack(draft, replace(pack, questions=(*kept, *asking)))
        if framework and framework.legal_regime == "PA2023":
            assess(by=lead, round_id=draft.id, people="Whoever takes part", conflicts=[])
        return publish_round(by=lead, round_id=draft.id)


def a_closed_round(
    lots: int = 2,
    lead: Actor | None = None,
    framework: Framework | None = None,
    asking: Sequence[PackQuestion] = (),
    names_hidden: bool = False,
) -> Round:
    """A round that closed a day ago; its tender box is still shut.

    To put applications into it, act inside `clock.staged_at(while_open(round))`.
    """
    opened, open_for = timedelta(days=22), timedelta(days=21)
    return a_published_round(
        lots, lead, framework, opened, open_for, asking=asking, names_hidden=names_hidden
    )


def an_opened_round(lots: int = 2, lead: Actor | None = None) -> Round:
    """A closed round whose tender box is open (and empty)."""
    lead = lead or a_procurement_lead()
    return open_box(by=lead, round_id=a_closed_round(lots, lead).id)


def while_open(subject: Round) -> datetime:
    """A moment at which the round was, or is, open."""
    assert subject.opens_at is not None
    return subject.opens_at + timedelta(hours=1)


def lot_ids(subject: Round | Framework) -> Sequence[int]:
    """The ids of the lots of a framework or of a round's framework, in order."""
    framework_id = subject.framework_id if isinstance(subject, Round) else subject.id
    return [lot.id for lot in lots_of_framework(framework_id)]
