"""Starting an application, choosing its lots, submitting and withdrawing it.

What counts is when the request arrived (`clock.arrived`): an application that arrived before the close is in
time even when it then waits for its turn, and one that arrived at the closing moment itself is not.
"""

import re
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused, move
from tender.applications import letters
from tender.applications.certifying import UNCERTIFIED, certificate_for, standing_certificate
from tender.applications.holding import Incomplete as Incomplete
from tender.applications.holding import RoundNotOpen as RoundNotOpen
from tender.applications.holding import Submitted, Unconfirmed, check_open, locked_with_round
from tender.applications.lifecycle import APPLICATION
from tender.applications.models import Application, ApplicationLot, ExtendedApplication, Receipt
from tender.applications.parts import without
from tender.applications.queries import own_application_for, tender_of
from tender.applications.receipts import manifest_of, new_number
from tender.applications.sealing import seal_facts
from tender.applications.values import sha256_of
from tender.certificates.services import void_certificate
from tender.frameworks.closing import closes_for_everyone_at, opens_at
from tender.frameworks.models import Extension, Lot, Round, RoundLot


class KeyUsed(Conflict):
    """The same form was sent before, saying something else."""

    sentence = "This page was sent before with other choices. Open it again and check what was kept."


def start_application(*, round_id: int, by: Actor) -> int:
    """Start the provider's one application to a round, or find the one it has; return its id.

    Raises `NotFound` for a round that is not published, `RoundNotOpen`, and `Refusal` for somebody who does
    not work for a provider.
    """
    arrived = clock.arrived()
    if by.organisation_kind != "provider" or not by.may("application:edit"):
        raise Refusal("Only providers can apply. Register your organisation first.")
    with transaction() as session:
        subject = session.get(Round, round_id)
        if subject is None or subject.state == "draft":
            raise NotFound()
        own = select(Application.id).where(
            Application.round_id == round_id, Application.provider_id == by.organisation_id
        )
        existing = session.scalar(own)
        if existing is not None:
            return existing
        check_open(subject.state, opens_at(round_id), closes_for_everyone_at(round_id), arrived)
        started = session.scalar(
            insert(Application)
            .values(
                round_id=round_id,
                provider_id=by.organisation_id,
                state="draft",
                started_at=arrived,
                started_by_id=by.person_id,
            )
            .on_conflict_do_nothing(index_elements=["round_id", "provider_id"])
            .returning(Application.id)
        )
        if started is None:  # the other click of two was first
            return session.execute(own).scalar_one()
        record("application.start", "application", started, by=by, round=round_id)
    return started


def choose_lots(*, application_id: int, lot_ids: Collection[int], by: Actor) -> list[int]:
    """Apply for these lots and no others; return the ids of those given up, whose answers are kept.

    Raises `Refusal` (field `lots`) for none or for a lot that the round does not offer, `RoundNotOpen`,
    `Submitted`.
    """
    arrived = clock.arrived()
    wanted = set(lot_ids)
    if not wanted:
        raise Refusal("Choose at least one lot.", field="lots")
    with transaction() as session:
        application, round, closes_at = locked_with_round(session, application_id, by=by)
        check_open(round.state, round.opens_at, closes_at, arrived)
        if application.state != "draft":
            raise Submitted()
        offered = set(
            session.scalars(select(RoundLot.lot_id).where(RoundLot.round_id == application.round_id))
        )
        if not wanted <= offered:
            raise Refusal("Choose among the lots of this round.", field="lots")
        chosen = set(
            session.scalars(
                select(ApplicationLot.lot_id).where(ApplicationLot.application_id == application_id)
            )
        )
        given_up = sorted(chosen - wanted)
        if wanted != chosen:
            void_certificate(application_id=application_id, reason="The lots", by=by, given=True)
            record("application.choose_lots", "application", application_id, by=by, lots=sorted(wanted))
        give_up(session, application_id, given_up)
        session.add_all(
            ApplicationLot(application_id=application_id, lot_id=lot_id) for lot_id in sorted(wanted - chosen)
        )
    return given_up


def submit_application(
    *,
    application_id: int,
    declared: bool,
    by: Actor,
    certified: bool = False,
    contents: str | None = None,
    leave_out: Collection[int] = (),
    key: str | None = None,
    portal_url: str = "",
) -> str:
    """Submit and seal an application; return its receipt's number. Submitting twice gives the same receipt,
    whose letter leads to the portal at `portal_url`.

    Lots to `leave_out` (ids) are no part of it; their answers are kept. With `certified` whoever submits also
    certifies, over the `contents` (a SHA-256) that their page showed, where given. Under a `key` that was
    used before nothing is done again: the answer is the receipt of then, even where it was withdrawn since.

    Raises `Refusal` for somebody who may not submit, `Unconfirmed` without declaration or certificate (boxes
    `declared` and `certified`), `RoundNotOpen` when the round had closed as this arrived, `Incomplete`,
    `ChangedMeanwhile`, and `KeyUsed`. Each refusal leaves a line in the trail: see `keep_refusal`.
    """
    arrived = clock.arrived()
    sent = (key, sha256_of([declared, certified, contents, sorted(leave_out)])) if key else (None, None)
    with transaction() as session:
        application, round, closes_at = locked_with_round(session, application_id, by=by, submitting=True)
        if earlier := _sent_before(session, application, *sent):
            return earlier
        if not by.may("application:submit"):
            raise Refusal("You cannot submit. Ask an administrator or certifier of your organisation.")
        check_open(round.state, round.opens_at, closes_at, arrived)
        seal_facts(session, application_id)
        facts = own_application_for(by, application_id)
        whole = tender_of(facts)
        tender = without(whole, leave_out)
        if tender.missing:
            raise Incomplete(tender.missing)
        certificate = standing_certificate(facts, tender)
        _check_confirmed(declared, certified or bool(certificate) or not facts.needs_certificate)
        manifest = manifest_of(
            facts,
            tender,
            number=new_number(arrived),
            at=arrived,
            by_name=by.name,
            left_out=[lot for lot in whole.chosen if lot not in tender.chosen],
            certificate=certificate_for(
                facts, tender, certificate, certified=certified, contents=contents, by=by
            ),
        )
        give_up(session, application_id, leave_out)
        _seal(session, application, manifest, arrived, sent, by=by)
        digest = sha256_of(manifest)
        letters.send_receipt(facts, manifest, digest, at=arrived, portal_url=portal_url, by=by)
    return str(manifest["receipt"])


def _check_confirmed(declared: bool, certified: bool) -> None:
    """Raise `Unconfirmed` naming each empty box: nobody should have to press twice to learn of two."""
    boxes = {
        "certified": "" if certified else UNCERTIFIED,
        "declared": "" if declared else "Confirm the declaration before you submit.",
    }
    if empty := {name: sentence for name, sentence in boxes.items() if sentence}:
        raise Unconfirmed(empty)


def _seal(
    session: Session,
    application: Application,
    manifest: dict[str, Any],
    arrived: datetime,
    sent: tuple[str | None, str | None],
    *,
    by: Actor,
) -> None:
    """Move the application into the box and leave its receipt; the trail holds all that the receipt says by
    its SHA-256."""
    number, digest = manifest["receipt"], sha256_of(manifest)
    details = {"receipt": number, "sha256": digest, "arrived": arrived.isoformat()}
    move(APPLICATION, application, "submit", by=by, **details)
    application.submitted_at = arrived  # the moment that counts, not the one at which it was its turn
    session.add(
        Receipt(
            number=number,
            application_id=application.id,
            submitted_at=arrived,
            submitted_by_id=by.person_id,
            manifest=manifest,
            sha256=digest,
            key=sent[0],
            request_sha256=sent[1],
        )
    )


def withdraw_application(
    *, application_id: int, by: Actor, receipt: str | None = None, portal_url: str = ""
) -> None:
    """Take a submitted application back to a draft until the round closes; its receipt no longer stands.

    Lots that were left out of it are chosen again, and its certificate is void. With the number of the
    `receipt` that the page showed, a form that is sent again later withdraws no newer submission. Raises
    `MoveRefused` when it is not submitted (so), `RoundNotOpen`, and `Refusal` for somebody who may not.
    """
    arrived = clock.arrived()
    with transaction() as session:
        application, round, closes_at = locked_with_round(session, application_id, by=by)
        if not by.may("application:submit"):
            raise Refusal("You cannot withdraw. Ask an administrator or certifier of your organisation.")
        check_open(round.state, round.opens_at, closes_at, arrived)
        facts = own_application_for(by, application_id)
        if receipt and facts.receipt_number not in (None, receipt):
            raise MoveRefused(APPLICATION["withdraw"].refusal)
        move(APPLICATION, application, "withdraw", by=by, receipt=facts.receipt_number)
        application.submitted_at = application.submitted_by_id = None
        standing = _standing_receipt(session, application_id)
        # A submission that arrived later may have had its turn first.
        standing.withdrawn_at = max(arrived, standing.submitted_at)
        session.flush()
        void_certificate(application_id=application_id, reason="The application was withdrawn", by=by)
        left_out = {lot["number"] for lot in standing.manifest.get("left_out", ())}
        take_up(session, application, left_out)
        letters.send_withdrawal(
            facts, standing.number, at=standing.withdrawn_at, portal_url=portal_url, by=by
        )


def give_more_time(*, extension_id: int, references: Collection[str], by: Actor) -> list[int]:
    """Name the applications that an extension is for, by their references or receipts; return their ids.

    Who they are is not told. Raises `Refusal` (field `references`) for none and for what no application of
    the round has.
    """
    wanted = {re.sub(r"[\s-]", "", each).upper(): each.strip() for each in references if each.strip()}
    if not wanted:
        raise Refusal("Enter the reference of each application, one a line.", field="references")
    with transaction() as session:
        receipt = func.replace(Receipt.number, "-", "")
        found = session.execute(
            select(Application.id, Application.reference, receipt)
            .join(Extension, Extension.round_id == Application.round_id)
            .outerjoin(Receipt, Receipt.application_id == Application.id)
            .where(Extension.id == extension_id)
            .where(or_(Application.reference.in_(wanted), receipt.in_(wanted)))
        ).all()
        known = {each for _, *names in found for each in names}
        if unknown := [typed for wanted_name, typed in wanted.items() if wanted_name not in known]:
            raise Refusal(
                f"This round has no application {', '.join(unknown)}. Ask for the reference again.",
                field="references",
            )
        named = sorted({application_id for application_id, *_ in found})
        session.execute(
            insert(ExtendedApplication)
            .values([{"extension_id": extension_id, "application_id": each} for each in named])
            .on_conflict_do_nothing()
        )
        for each in named:
            record("application.give_more_time", "application", each, by=by, extension=extension_id)
    return named


def _sent_before(
    session: Session, application: Application, key: str | None, request_sha256: str
) -> str | None:
    """The receipt's number when this form was sent before, or the application is submitted already.

    Raises `KeyUsed`.
    """
    used = None
    if key:
        used = session.scalar(
            select(Receipt).where(Receipt.application_id == application.id, Receipt.key == key)
        )
    if used is not None and used.request_sha256 != request_sha256:
        raise KeyUsed()
    if used is None and application.state == "submitted":
        used = _standing_receipt(session, application.id)
    return used.number if used else None


def give_up(session: Session, application_id: int, lot_ids: Collection[int]) -> None:
    """Apply for these lots no longer. What was answered for them is kept."""
    session.execute(
        delete(ApplicationLot).where(
            ApplicationLot.application_id == application_id, ApplicationLot.lot_id.in_(lot_ids)
        )
    )


def take_up(session: Session, application: Application, numbers: Collection[str]) -> None:
    """Apply again for the lots with these numbers, as far as the round offers them."""
    lots = session.scalars(
        select(Lot.id)
        .join(RoundLot, RoundLot.lot_id == Lot.id)
        .where(RoundLot.round_id == application.round_id, Lot.number.in_(numbers))
    )
    session.add_all(ApplicationLot(application_id=application.id, lot_id=lot_id) for lot_id in lots.all())


def _standing_receipt(session: Session, application_id: int) -> Receipt:
    return session.execute(
        select(Receipt).where(Receipt.application_id == application_id, Receipt.withdrawn_at.is_(None))
    ).scalar_one()
