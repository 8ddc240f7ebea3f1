"""How long an agreement is kept, what then goes, and what is given to whom it is about."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.agreements.change_services import cancel_agreement
from portal.agreements.erasure import erase_agreement
from portal.agreements.models import AgreementVersion, PlacementAgreement
from portal.audit.queries import trail_of
from portal.commissioning.models import Referral
from portal.mail.models import Letter
from portal.personal_data.queries import due
from portal.personal_data.subject_access import about_referral
from tests.factories.agreements import a_signed, an_offered

SIX_YEARS = timedelta(days=6 * 366)


def is_due(placement, day) -> bool:
    with clock.staged_at(clock.now() + (day - clock.today())):
        found, _ = due(most=1_000)
    return any((each.kind, each.subject_id) == ("agreement", placement.id) for each in found)


def test_it_is_kept_for_six_years_from_the_last_day(session):
    placement = a_signed()
    last = placement.seen_by(placement.school).last_day
    assert not is_due(placement, last + timedelta(days=5 * 365))
    assert is_due(placement, last + SIX_YEARS)


def test_what_was_cancelled_counts_from_that_day(session):
    placement = an_offered()
    cancel_agreement(agreement_id=placement.id, reason="Moved.", by=placement.school)
    assert is_due(placement, clock.today() + SIX_YEARS)


def test_it_goes_with_its_versions_signatures_and_letters_and_the_trail_stays(session):
    placement, other = a_signed(), a_signed()
    erase_agreement(placement.id, by=THE_PORTAL)
    assert session.scalars(select(PlacementAgreement.id)).all() == [other.id]
    assert session.scalars(select(AgreementVersion.agreement_id)).all() == [other.id]
    about = select(Letter.id).where(
        Letter.subject_type == "placement_agreement", Letter.subject_id == str(placement.id)
    )
    assert session.scalars(about).all() == []
    assert trail_of("placement_agreement", placement.id)


def test_the_word_for_one_agreement_opens_no_other(session):
    placement, other = a_signed(), a_signed()
    session.execute(text("SELECT set_config('portal.erasing', :w, true)"), {"w": f"agreement {placement.id}"})
    with pytest.raises(IntegrityError, match="a signature is under"), session.begin_nested():
        session.execute(
            text("DELETE FROM agreement_signature USING agreement_version AS v WHERE v.id = version_id"
                 " AND agreement_id = :id"),
            {"id": other.id},
        )  # fmt: skip


def test_a_childs_file_holds_what_was_agreed(session):
    placement = a_signed()
    reference = session.scalar(select(Referral.reference))
    held = about_referral(reference)
    assert [(row["reference"], row["number"]) for row in held["agreements"]] == [(placement.row.reference, 1)]
    assert "workshop" in str(held["agreements"][0]["content"])
