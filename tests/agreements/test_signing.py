"""Signing: over exactly what was read, once for each party, and what is looked at when the second signs."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from evaluation.exclusions.services import record_finding
from portal.accounts.models import Organisation
from portal.agreements.change_services import vary
from portal.agreements.models import AgreementSignature
from portal.agreements.services import send_back, take_back
from portal.agreements.signing_services import CHANGED, sign
from portal.audit.queries import trail_of
from portal.commissioning.provider_standing import Excluded
from portal.directory.card import places_words
from portal.directory.offer import SESSIONS
from portal.directory.queries import service_named
from portal.directory.services import NotAdmitted
from portal.errors import Conflict, NotFound, Refusal
from portal.mail.models import Letter
from portal.provision.services import confirm_places
from tender.applications.models import Application
from tests.factories.accounts import a_person, a_school_person
from tests.factories.agreements import PORTAL_URL, a_draft, a_signed, an_offered
from tests.factories.directory import a_colleague, a_service, a_service_and_its_person, suspend_standing
from tests.factories.evaluation import an_opened_evaluation
from tests.factories.exclusions import a_ground
from tests.factories.frameworks import lot_ids


def letters_about(session, placement) -> list[Letter]:
    wanted = {"subject_type": "placement_agreement", "subject_id": str(placement.id)}
    return session.query(Letter).filter_by(**wanted).order_by(Letter.id).all()


@pytest.mark.parametrize("first", ["school", "provider"])
def test_it_is_in_force_when_both_have_signed_whoever_is_first(session, first):
    placement = an_offered()
    signers = [placement.school, placement.provider][:: 1 if first == "school" else -1]
    assert placement.sign(signers[0]) is False
    assert placement.row.state == "signing"
    assert placement.sign(signers[1]) is True
    assert (placement.row.state, placement.row.version_in_force) == ("in_force", 1)


def test_signing_is_the_notice_to_the_council(session):
    placement = an_offered()
    officer = placement.officer
    placement.sign(placement.school)
    assert officer.email not in {letter.to_address for letter in letters_about(session, placement)}
    placement.sign(placement.provider)
    told = [letter for letter in letters_about(session, placement) if letter.to_address == officer.email]
    assert [letter.title for letter in told] == [
        f"Placement {placement.row.reference}: {placement.provider.organisation_name}"
    ]
    assert placement.seen_by(officer).state == "in_force"


def test_a_second_click_and_a_second_person_of_a_party_sign_nothing_more(session):
    placement = an_offered()
    colleague = a_colleague(placement.school, "commissioner")
    placement.sign(placement.school)
    placement.sign(placement.school)
    placement.sign(colleague)
    assert session.query(AgreementSignature).count() == 1
    facts = placement.seen_by(placement.provider).open
    placement.sign(placement.provider)
    again = {"number": facts.number, "sha256": facts.sha256, "signed_as": "Director"}
    assert sign(agreement_id=placement.id, portal_url=PORTAL_URL, by=placement.provider, **again) is True
    assert session.query(AgreementSignature).count() == 2


def test_nobody_signs_what_they_have_not_read(session):
    placement = an_offered()
    with pytest.raises(Conflict, match="Read it again"):
        placement.sign(placement.school, sha256="0" * 64)
    read = placement.seen_by(placement.provider).open
    take_back(agreement_id=placement.id, reason="The price.", portal_url=PORTAL_URL, by=placement.school)
    placement.save(price=120)
    placement.offer()
    with pytest.raises(Conflict) as refused:
        placement.sign(placement.provider, number=read.number, sha256=read.sha256)
    assert refused.value.sentence == CHANGED


def test_signatures_under_what_was_taken_back_count_for_nothing(session):
    placement = an_offered()
    placement.sign(placement.provider)
    take_back(agreement_id=placement.id, reason="A day more.", portal_url=PORTAL_URL, by=placement.school)
    placement.save(sessions=["mon_am", "tue_am", "wed_am"])
    placement.offer()
    assert placement.sign(placement.school) is False
    assert placement.row.state == "signing"


def test_the_role_is_needed(session):
    placement = an_offered()
    with pytest.raises(Refusal, match="role"):
        placement.sign(placement.school, signed_as="  ")


@pytest.mark.parametrize("role", ["placement_coordinator", "safeguarding_lead"])
def test_whoever_only_reads_for_the_school_does_not_sign(session, role):
    placement = an_offered()
    with pytest.raises(NotFound):
        placement.sign(a_colleague(placement.school, role))


def test_a_providers_certifier_signs_and_its_editor_does_not(session):
    placement = an_offered()
    with pytest.raises(NotFound):
        placement.sign(a_colleague(placement.provider, "editor"))
    assert placement.sign(a_colleague(placement.provider, "certifier")) is False


def test_strangers_and_the_council_sign_nothing(session):
    placement = an_offered()
    read = placement.seen_by(placement.school).open
    for stranger in (a_school_person(), placement.officer):
        with pytest.raises(NotFound):
            sign(
                agreement_id=placement.id, number=1, sha256=read.sha256, signed_as="X", portal_url=PORTAL_URL,
                by=stranger,
            )  # fmt: skip


def test_a_provider_suspended_a_moment_before_is_not_placed_with(session):
    placement = an_offered()
    placement.sign(placement.school)
    suspend_standing(standing_id=placement.service.standing_id)
    with pytest.raises(NotAdmitted):
        placement.sign(placement.provider)
    session.expire_all()
    assert placement.row.state == "signing"
    assert session.query(AgreementSignature).count() == 1


def test_what_is_signed_never_changes_whoever_asks_the_database(session):
    placement = a_signed()
    for statement in (
        "UPDATE agreement_version SET price = 1",
        "UPDATE agreement_version SET content = '[]'",
        "UPDATE agreement_version SET state = 'withdrawn', withdrawn_at = now(), agreed_at = NULL",
        "DELETE FROM agreement_version",
        "UPDATE agreement_signature SET name = 'Somebody else'",
        "DELETE FROM agreement_signature",
    ):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(statement))
    assert placement.row.state == "in_force"


@pytest.mark.parametrize("change", ["price = 1", "content = '[]'", "sha256 = repeat('0', 64)", "number = 9"])
def test_what_is_out_for_signing_never_changes_whoever_asks_the_database(session, change):
    an_offered()
    with pytest.raises(IntegrityError, match="was offered for signing"), session.begin_nested():
        session.execute(text(f"UPDATE agreement_version SET {change}"))


def test_the_database_takes_no_signature_over_anything_else(session):
    placement = an_offered()
    insert = text(
        "INSERT INTO agreement_signature"
        " (version_id, party, name, signed_as, sha256, signed_at, signed_by_id)"
        " SELECT id, 'school', 'N', 'Head', :sha256, now(), made_by_id FROM agreement_version"
        " WHERE agreement_id = :id"
    )
    with pytest.raises(IntegrityError, match="under what was offered"), session.begin_nested():
        session.execute(insert, {"sha256": "0" * 64, "id": placement.id})
    agree = text("UPDATE agreement_version SET state = 'agreed', agreed_at = now() WHERE agreement_id = :id")
    with pytest.raises(IntegrityError, match="both have to sign"), session.begin_nested():
        session.execute(agree, {"id": placement.id})


def test_the_trail_says_who_signed_for_whom_and_nothing_of_the_child(session):
    placement = a_signed()
    lines = trail_of("placement_agreement", placement.id)
    signed = [line for line in lines if line["action"] == "placement_agreement.sign"]
    assert {line["details"]["party"] for line in signed} == {"school", "provider"}
    assert not any("workshop" in str(line["details"]) for line in lines)


def test_letters_name_the_reference_alone(session):
    placement = a_signed()
    sent = letters_about(session, placement)
    assert len(sent) >= 4
    for letter in sent:
        assert placement.row.reference in letter.title
        assert "engine" not in letter.body and "twenty minutes" not in letter.body


def test_the_provider_sends_it_back_with_a_note_and_the_school_goes_on(session):
    placement = an_offered()
    placement.sign(placement.school)
    send_back(
        agreement_id=placement.id,
        number=1,
        note="Not on Mondays.",
        portal_url=PORTAL_URL,
        by=placement.provider,
    )
    facts = placement.seen_by(placement.school)
    assert (facts.state, facts.open.number, facts.open.reason) == ("draft", 2, "Not on Mondays.")
    assert placement.seen_by(placement.provider).open is None
    letter = letters_about(session, placement)[-1]
    assert letter.to_address == placement.school.email and "Not on Mondays" not in letter.body


@pytest.mark.parametrize("excludes", [True, False])
def test_an_excluded_provider_is_not_placed_with(session, excludes):
    opened = an_opened_evaluation()
    application = session.get_one(Application, opened.applications[0])
    service = a_service(lot_ids(opened.round)[0], application.provider_id)
    provider = a_person(session.get_one(Organisation, application.provider_id), "administrator")
    placement = an_offered(service=service, provider=provider)
    placement.sign(placement.school)
    record_finding(
        application_id=application.id,
        parts=["mandatory"],
        found=a_ground(excludes, "pcr_taxes"),
        seen={},
        by=opened.lead,
    )
    if excludes:
        with pytest.raises(Excluded):
            placement.sign(placement.provider)
    else:
        assert placement.sign(placement.provider) is True


def test_a_draft_is_not_signed(session):
    placement = a_draft()
    draft = placement.seen_by(placement.school).open
    with pytest.raises(Conflict):
        sign(
            agreement_id=placement.id, number=1, sha256=draft.sha256, signed_as="Head", portal_url=PORTAL_URL,
            by=placement.school,
        )  # fmt: skip


def test_free_places_say_how_many_agreements_were_signed_since_they_were_counted(session):
    service, provider = a_service_and_its_person()
    service.sessions = list(SESSIONS)
    session.flush()
    free = [2] * 10
    confirm_places(service_id=service.id, free=free, by=provider)
    placement = an_offered(service=service, provider=provider)
    placement.sign(placement.school)
    assert service_named(service.id).placed_since == 0
    placement.sign(provider)
    vary(agreement_id=placement.id, reason="It goes well.", by=placement.school)
    placement.save(sessions=["mon_am"])
    placement.offer()
    placement.sign(placement.school)
    placement.sign(provider)
    said = places_words(service_named(service.id))
    assert said.startswith("2 places free") and said.endswith("; 1 agreement signed since")
    confirm_places(service_id=service.id, free=free, by=provider)
    assert "since" not in places_words(service_named(service.id))
