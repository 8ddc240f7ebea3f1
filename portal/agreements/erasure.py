"""Erasing an agreement whose period is over."""

from sqlalchemy import delete, select, text

from portal.agreements.models import AgreementSignature, AgreementVersion, PlacementAgreement
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.errors import NotFound
from portal.mail.services import remove_letters_about


def erase_agreement(agreement_id: int, *, by: Doer) -> None:
    """Take an agreement away for good, with its versions, its signatures and the letters about it.

    The database lets what was offered and signed go for this alone, by the word `portal.erasing`, which ends
    with the transaction. Who the child is, is erased by `portal.children`. Raises `NotFound`.
    """
    with transaction() as session:
        agreement = session.get(PlacementAgreement, agreement_id, with_for_update=True)
        if agreement is None:
            raise NotFound()
        word = {"word": f"agreement {agreement_id}"}
        session.execute(text("SELECT set_config('portal.erasing', :word, true)"), word)
        versions = select(AgreementVersion.id).where(AgreementVersion.agreement_id == agreement_id)
        session.execute(delete(AgreementSignature).where(AgreementSignature.version_id.in_(versions)))
        session.execute(delete(AgreementVersion).where(AgreementVersion.agreement_id == agreement_id))
        remove_letters_about("placement_agreement", agreement_id)
        record(
            "placement_agreement.erase", "placement_agreement", agreement_id, by=by,
            reference=agreement.reference,
        )  # fmt: skip
        session.delete(agreement)
        session.flush()
        session.execute(text("SELECT set_config('portal.erasing', '', true)"))
