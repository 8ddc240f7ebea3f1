"""Meeting the conditions of an admission, one by one; with the last, the provider is admitted in full. Until
then a condition can be given more time."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from evaluation.outcomes.condition_queries import (
    AskedCondition,
    condition_for,
    documents_for,
    more_time_of,
)
from evaluation.outcomes.letters import condition_extended, condition_met
from evaluation.outcomes.models import AdmissionCondition, ConditionExtension, Decision
from evaluation.outcomes.services import ChangedMeanwhile
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.queries import members_of
from portal.audit.services import record
from portal.database import db, transaction
from portal.directory.services import confirm_standing
from portal.errors import Conflict, NotFound, Refusal
from portal.mail.services import write_to_each
from portal.mail.words import Words
from portal.web.filters import uk_date


class MetAlready(Conflict):
    """Somebody else was first."""

    sentence = "A colleague has noted meanwhile that this condition is met. What they wrote stands below."


def meet_condition(*, condition_id: int, how: str, document_id: UUID | None, by: Actor) -> bool:
    """Note that a condition is met, with the document of the provider's vault that shows it; return whether
    it was the last.

    With the last, the standing becomes a full one and schools find the provider. The provider is told either
    way. Noted twice by the same person it is noted once. Raises `NotFound`, `MetAlready`, and `Refusal` for
    a missing word how, or a document that the vault does not offer.
    """
    if not how.strip():
        raise Refusal("Say how the condition is met, and what you looked at.", field="how")
    with transaction() as session:
        asked = condition_for(by, condition_id)
        decision, condition = _locked(condition_id)
        if condition.met_at is not None:
            if (condition.met_by_id, condition.met_how) == (by.person_id, how.strip()):
                return _open_of(decision.id) == 0
            raise MetAlready
        if document_id is not None and document_id not in [each.document_id for each in documents_for(asked)]:
            raise Refusal("Choose one of the documents listed.", field="document")
        condition.met_at, condition.met_by_id = clock.now(), by.person_id
        condition.met_how, condition.document_id = how.strip(), document_id
        session.flush()
        record(
            "admission_condition.meet", "decision", decision.id, by=by,
            condition=condition_id, document=str(document_id) if document_id else None,
        )  # fmt: skip
        last = _open_of(decision.id) == 0
        if last:
            confirm_standing(
                provider_id=asked.provider_id,
                lot_id=decision.lot_id,
                application_id=decision.application_id,
                by=by,
            )
        told = condition_met(asked.text, asked.lot_name, asked.framework_title, last=last)
        _tell(asked, f"admission_condition:{asked.id}", told, by)
    return last


def give_more_time(*, condition_id: int, due_on: date, reason: str, seen: int, by: Actor) -> None:
    """Give a condition that is open a later day, and tell the provider the day and the reason.

    `seen` is how many later days the page showed. The day that was approved stays as it is. Given twice by
    the same person it is given once. Raises `NotFound`, `MetAlready`, `ChangedMeanwhile` where a colleague
    moved the day meanwhile, and `Refusal` without a reason or for a day that is not later than the one that
    counts, not after today, or after the framework's end.
    """
    if by.person_id is None:
        raise Refusal("More time needs a person who gives it.")
    with transaction() as session:
        condition_for(by, condition_id)
        decision, condition = _locked(condition_id)
        # Read once nobody else can change it any more.
        asked, given = condition_for(by, condition_id), more_time_of(condition_id)
        if condition.met_at is not None:
            raise MetAlready
        if (
            len(given) == seen + 1
            and (given[-1].due_on, given[-1].reason) == (due_on, reason.strip())
            and _given_by(condition_id, due_on) == by.person_id
        ):
            return
        if len(given) != seen:
            raise ChangedMeanwhile
        _check_later(asked, due_on, reason)
        extension = ConditionExtension(
            condition_id=condition_id,
            was_due_on=asked.due_on,
            due_on=due_on,
            reason=reason.strip(),
            given_at=clock.now(),
            given_by_id=by.person_id,
        )
        session.add(extension)
        session.flush()
        record(
            "admission_condition.extend", "decision", decision.id, by=by,
            condition=condition_id, was_due_on=asked.due_on.isoformat(), due_on=due_on.isoformat(),
        )  # fmt: skip
        told = condition_extended(
            asked.text,
            asked.lot_name,
            asked.framework_title,
            was_due_on=asked.due_on,
            due_on=due_on,
            reason=extension.reason,
        )
        _tell(asked, f"condition_extension:{extension.id}", told, by)


def _check_later(asked: AskedCondition, due_on: date, reason: str) -> None:
    """Raises `Refusal` naming the field that is wrong."""
    if due_on <= asked.due_on:
        raise Refusal(
            f"Enter a day after {uk_date(asked.due_on)}, the day by which it is due now.", field="due_on"
        )
    if due_on <= clock.today():
        raise Refusal("Enter a day after today.", field="due_on")
    if due_on > asked.framework_ends_on:
        raise Refusal(
            f"The framework ends on {uk_date(asked.framework_ends_on)}. Enter a day that is not after it.",
            field="due_on",
        )
    if not reason.strip():
        raise Refusal("Say why the provider has more time. It reads this in its letter.", field="reason")


def _given_by(condition_id: int, due_on: date) -> int | None:
    return db.session.scalar(
        select(ConditionExtension.given_by_id).filter_by(condition_id=condition_id, due_on=due_on)
    )


def _locked(condition_id: int) -> tuple[Decision, AdmissionCondition]:
    """A condition with its decision, both locked: the decision's row is what two people wait for who meet its
    last two conditions. Raises `NotFound` where a new decision has taken its place meanwhile."""
    decision = db.session.scalars(
        select(Decision)
        .join(AdmissionCondition, AdmissionCondition.decision_id == Decision.id)
        .where(AdmissionCondition.id == condition_id)
        .with_for_update(of=Decision)
        .execution_options(populate_existing=True)
    ).one()
    if decision.state != "released":
        raise NotFound
    condition = db.session.get_one(
        AdmissionCondition, condition_id, with_for_update=True, populate_existing=True
    )
    return decision, condition


def _open_of(decision_id: int) -> int:
    waiting = select(AdmissionCondition.id).where(
        AdmissionCondition.decision_id == decision_id, AdmissionCondition.met_at.is_(None)
    )
    return len(db.session.scalars(waiting).all())


def _tell(asked: AskedCondition, key: str, letter: tuple[str, str], by: Actor) -> None:
    """Write a letter, title and body, to the provider's administrators, or to all where it has none."""
    members = members_of([asked.provider_id]).get(asked.provider_id, [])
    write_to_each(
        [each for each in members if "administrator" in each["roles"]] or members,
        Words(*letter),
        key=key,
        subject_type="admission_condition",
        subject_id=asked.id,
        organisation_id=asked.provider_id,
        by=by,
    )
