"""What an agreement adds to the steps after a choice (`portal.call_offs.steps`)."""

from collections.abc import Sequence

from sqlalchemy import exists, select

from portal.accounts.access import Actor
from portal.agreements.access import readable_by
from portal.agreements.models import AgreementSignature, AgreementVersion, PlacementAgreement
from portal.agreements.queries import joined
from portal.call_offs.steps import Step
from portal.database import db

TITLE = "Agree the placement: both sign, and the council is told"


def steps_for(viewer: Actor, call_off_id: int) -> Sequence[Step]:
    """Where the agreement of a choice is, for those who read it. One statement."""
    if not viewer.may("agreement:read"):
        return ()
    opened = (
        select(AgreementVersion.state)
        .where(AgreementVersion.agreement_id == PlacementAgreement.id)
        .where(AgreementVersion.state.in_(("draft", "offered")))
        .scalar_subquery()
    )
    signed = exists().where(
        AgreementVersion.agreement_id == PlacementAgreement.id,
        AgreementVersion.state == "offered",
        AgreementSignature.version_id == AgreementVersion.id,
        AgreementSignature.party == ("provider" if viewer.organisation_kind == "provider" else "school"),
    )
    row = db.session.execute(
        joined(
            select(
                PlacementAgreement.id,
                PlacementAgreement.state,
                opened.label("opened"),
                signed.label("signed"),
            ).select_from(PlacementAgreement)
        )
        .where(PlacementAgreement.call_off_id == call_off_id, PlacementAgreement.state != "cancelled")
        .where(readable_by(viewer))
    ).one_or_none()
    if row is None:
        if viewer.may("agreement:write"):
            return (
                Step(TITLE, "to_do", "Write the agreement", "agreements.begin", {"call_off_id": call_off_id}),
            )
        return (Step(TITLE, "not_yet"),)
    state, verb = _standing(viewer, row.state, row.opened, row.signed)
    return (Step(TITLE, state, verb, "agreements.show", {"agreement_id": row.id}),)


def _standing(viewer: Actor, state: str, opened: str | None, signed: bool) -> tuple[str, str]:
    """The step's state and the verb of its link."""
    if state in ("in_force", "ended"):
        return "done", "Read the agreement"
    if opened == "draft" and viewer.may("agreement:write"):
        return "to_do", "Finish the agreement"
    if opened == "offered" and not signed and viewer.may("agreement:sign"):
        return "to_do", "Read and sign"
    return "waiting", "Read the agreement"
