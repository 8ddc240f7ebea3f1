"""Meeting the conditions of an admission, one by one; with the last, the provider is admitted in full."""

from uuid import UUID

from sqlalchemy import select

from evaluation.outcomes.condition_queries import AskedCondition, condition_for, documents_for
from evaluation.outcomes.letters import condition_met
from evaluation.outcomes.models import AdmissionCondition, Decision
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.queries import members_of
from portal.audit.services import record
from portal.database import db, transaction
from portal.directory.services import confirm_standing
from portal.errors import Conflict, Refusal
from portal.mail.services import write_letter


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
        # The decision's row is what two people wait for who meet its last two conditions.
        decision = session.scalars(
            select(Decision)
            .join(AdmissionCondition, AdmissionCondition.decision_id == Decision.id)
            .where(AdmissionCondition.id == condition_id)
            .with_for_update(of=Decision)
        ).one()
        condition = session.get_one(
            AdmissionCondition, condition_id, with_for_update=True, populate_existing=True
        )
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
        _tell(asked, last, by)
    return last


def _open_of(decision_id: int) -> int:
    waiting = select(AdmissionCondition.id).where(
        AdmissionCondition.decision_id == decision_id, AdmissionCondition.met_at.is_(None)
    )
    return len(db.session.scalars(waiting).all())


def _tell(asked: AskedCondition, last: bool, by: Actor) -> None:
    title, body = condition_met(asked.text, asked.lot_name, asked.framework_title, last=last)
    members = members_of([asked.provider_id]).get(asked.provider_id, [])
    if not members:
        return
    for person in [each for each in members if "administrator" in each["roles"]] or members:
        write_letter(
            key=f"admission_condition:{asked.id}:{person['person_id']}",
            to_name=person["name"],
            to_address=person["email"],
            title=title,
            body=f"Dear {person['name']}\n\n{body}",
            subject_type="admission_condition",
            subject_id=asked.id,
            organisation_id=asked.provider_id,
            by=by,
        )
