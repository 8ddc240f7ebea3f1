"""Starting, choosing lots, submitting and withdrawing."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.accounts.models import Organisation
from portal.audit.models import AuditLine
from portal.database import db
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from tender.applications.models import Application, Receipt
from tender.applications.queries import own_application_for, receipts_of, tender_of
from tender.applications.receipts import is_whole, new_number
from tender.applications.services import (
    Incomplete,
    KeyUsed,
    RoundNotOpen,
    Submitted,
    choose_lots,
    start_application,
    submit_application,
    withdraw_application,
)
from tender.applications.values import sha256_of
from tender.frameworks.models import Round
from tests.factories.accounts import a_person, a_provider_person, a_school_person
from tests.factories.applications import a_complete_draft, a_draft, a_submitted_application
from tests.factories.frameworks import (
    a_closed_round,
    a_draft_round,
    a_published_round,
    an_opened_round,
    lot_ids,
)

MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture(scope="module")
def built_draft(build, built_round, built_provider):
    """A draft that lacks nothing, of the file's round and provider; its id."""

    def make():
        subject = db.session.get_one(Round, built_round)
        return a_complete_draft(subject, built_provider, lot_ids(subject)[:1])

    return build(make)


@pytest.fixture
def own_round(session):
    """A round that nobody applies to yet."""
    return a_published_round(2)


@pytest.fixture
def complete(session, built_draft):
    """A draft that lacks nothing."""
    return built_draft


def submit(application_id, by):
    return submit_application(application_id=application_id, declared=True, by=by)


def colleague(session, provider, role):
    return a_person(session.get_one(Organisation, provider.organisation_id), role)


def test_a_second_click_lands_on_the_same_application(own_round, provider, session):
    first = start_application(round_id=own_round.id, by=provider)
    assert start_application(round_id=own_round.id, by=provider) == first
    assert start_application(round_id=own_round.id, by=colleague(session, provider, "editor")) == first
    assert start_application(round_id=own_round.id, by=a_provider_person()) != first


def test_nobody_starts_before_the_opening_or_after_the_close(session, provider):
    coming = a_published_round(opened=timedelta(days=-1))
    with pytest.raises(RoundNotOpen, match="opens at"):
        start_application(round_id=coming.id, by=provider)
    with pytest.raises(RoundNotOpen, match="closed at"):
        start_application(round_id=a_closed_round().id, by=provider)


def test_a_draft_round_is_not_there(session, provider):
    with pytest.raises(NotFound):
        start_application(round_id=a_draft_round().id, by=provider)


def test_a_school_cannot_apply(open_round):
    with pytest.raises(Refusal, match="Only providers"):
        start_application(round_id=open_round.id, by=a_school_person())


def test_lots_are_chosen_and_given_up(own_round, provider):
    first, second = lot_ids(own_round)
    draft = a_draft(own_round, provider, [first])
    assert choose_lots(application_id=draft, lot_ids=[second], by=provider) == [first]
    assert own_application_for(provider, draft).lot_ids == {second}


def test_answers_of_a_lot_given_up_are_there_when_it_is_chosen_again(own_round, provider):
    first, second = lot_ids(own_round)
    draft = a_complete_draft(own_round, provider, [first, second])
    before = tender_of(own_application_for(provider, draft)).items
    choose_lots(application_id=draft, lot_ids=[first], by=provider)
    assert len(tender_of(own_application_for(provider, draft)).items) < len(before)
    choose_lots(application_id=draft, lot_ids=[first, second], by=provider)
    assert tender_of(own_application_for(provider, draft)).items == before


@pytest.mark.parametrize("wanted", [[], [999_999]])
def test_lots_must_be_some_that_the_round_offers(draft, provider, wanted):
    with pytest.raises(Refusal) as refusal:
        choose_lots(application_id=draft, lot_ids=wanted, by=provider)
    assert refusal.value.field == "lots"


def test_an_incomplete_application_is_not_submitted(draft, provider, session):
    with pytest.raises(Incomplete) as refusal:
        submit(draft, provider)
    assert refusal.value.problems == tender_of(own_application_for(provider, draft)).missing
    assert session.get_one(Application, draft).state == "draft"
    assert not session.scalars(select(Receipt)).all()


def test_the_declaration_must_be_made(complete, provider):
    with pytest.raises(Refusal) as refusal:
        submit_application(application_id=complete, declared=False, by=provider)
    assert refusal.value.field == "declared"


def test_an_editor_cannot_submit_or_withdraw(complete, provider, session):
    editor = colleague(session, provider, "editor")
    with pytest.raises(Refusal, match="administrator"):
        submit(complete, editor)
    submit(complete, provider)
    with pytest.raises(Refusal, match="administrator"):
        withdraw_application(application_id=complete, by=editor)


def test_another_provider_finds_nothing_to_change(complete):
    stranger = a_provider_person()
    for service in (submit, lambda draft, by: withdraw_application(application_id=draft, by=by)):
        with pytest.raises(NotFound):
            service(complete, stranger)
    with pytest.raises(NotFound):
        choose_lots(application_id=complete, lot_ids=[1], by=stranger)


@pytest.mark.parametrize(
    ("late", "in_time"), [(-MILLISECOND, True), (timedelta(0), False), (MILLISECOND, False)]
)
def test_the_closing_time_itself_is_too_late(complete, provider, open_round, session, late, in_time):
    arrived = open_round.closes_at + late
    with clock.staged_at(arrived):
        if in_time:
            submit(complete, provider)
            assert session.get_one(Application, complete).submitted_at == arrived
        else:
            with pytest.raises(RoundNotOpen, match="closed at"):
                submit(complete, provider)
    assert session.get_one(Application, complete).state == ("submitted" if in_time else "draft")


def test_submitting_twice_gives_one_receipt(complete, provider, session):
    number = submit(complete, provider)
    assert submit(complete, provider) == number
    assert len(session.scalars(select(Receipt)).all()) == 1


def test_a_form_sent_again_after_a_withdrawal_submits_nothing(complete, provider):
    first = submit_application(application_id=complete, declared=True, key="k", by=provider)
    withdraw_application(application_id=complete, by=provider)
    assert submit_application(application_id=complete, declared=True, key="k", by=provider) == first
    assert own_application_for(provider, complete).state == "draft"
    assert submit_application(application_id=complete, declared=True, key="another", by=provider) != first


def test_the_same_key_with_another_body_is_refused(complete, provider, open_round):
    submit_application(application_id=complete, declared=True, key="k", by=provider)
    with pytest.raises(KeyUsed):
        submit_application(application_id=complete, declared=True, certified=True, key="k", by=provider)


def test_a_form_to_withdraw_sent_again_later_withdraws_no_newer_submission(complete, provider):
    first = submit(complete, provider)
    withdraw_application(application_id=complete, receipt=first, by=provider)
    second = submit(complete, provider)
    with pytest.raises(MoveRefused):
        withdraw_application(application_id=complete, receipt=first, by=provider)
    assert own_application_for(provider, complete).receipt_number == second


def test_submitting_again_after_the_close_shows_the_receipt_that_stands(session, provider):
    closed = a_closed_round()
    application_id = a_submitted_application(closed, lot_ids(closed)[:1], provider)
    standing = own_application_for(provider, application_id).receipt_number
    assert submit(application_id, provider) == standing


def test_the_receipt_lists_every_answer_and_file_with_its_sha256(complete, provider):
    number = submit(complete, provider)
    facts = own_application_for(provider, complete)
    receipt, tender = receipts_of(facts)[0], tender_of(facts)
    answers = {(each["question"], each["lot"]): each["sha256"] for each in receipt["manifest"]["answers"]}
    for item in tender.items:
        place = (item.asked.code, item.lot.number if item.lot else None)
        assert item.files or answers[place] == sha256_of(item.value)
    files = [file.sha256 for item in tender.items for file in item.files]
    assert [each["sha256"] for each in receipt["manifest"]["files"]] == files and files
    assert receipt["number"] == number and is_whole(receipt["manifest"], receipt["sha256"])


def test_a_changed_manifest_no_longer_fits_its_receipt(complete, provider):
    submit(complete, provider)
    receipt = receipts_of(own_application_for(provider, complete))[0]
    receipt["manifest"]["answers"][0]["version"] += 1
    assert not is_whole(receipt["manifest"], receipt["sha256"])


def test_receipt_numbers_cannot_be_guessed_and_read_well():
    numbers = {new_number(clock.now()) for _ in range(2_000)}
    assert len(numbers) == 2_000
    assert not any(set("01ILOUV") & set(number.removeprefix("AP-").partition("-")[2]) for number in numbers)


def test_the_receipt_goes_to_whoever_submits_and_to_the_administrators_once_each(complete, provider, session):
    other = colleague(session, provider, "administrator")
    colleague(session, provider, "editor")
    number = submit(complete, provider)
    submit(complete, provider)
    letters = session.scalars(select(Letter).where(Letter.key.like("receipt:%"))).all()
    assert sorted(letter.to_address for letter in letters) == sorted([provider.email, other.email])
    assert all(number in letter.title and "SHA-256" in letter.body for letter in letters)


def test_a_submission_leaves_its_line_without_a_word_of_any_answer(complete, provider, session):
    number = submit(complete, provider)
    session.flush()
    lines = session.scalars(select(AuditLine).where(AuditLine.subject_type == "application")).all()
    submitted = [line for line in lines if line.action == "application.submit"]
    assert [line.details["receipt"] for line in submitted] == [number]
    assert not any("half past nine" in str(line.details) for line in lines)


def test_a_withdrawn_application_is_a_draft_whose_receipt_no_longer_stands(complete, provider, session):
    first = submit(complete, provider)
    withdraw_application(application_id=complete, by=provider)
    facts = own_application_for(provider, complete)
    assert (facts.state, facts.submitted_at, facts.receipt_number) == ("draft", None, None)
    second = submit(complete, provider)
    receipts = {receipt["number"]: receipt["withdrawn_at"] for receipt in receipts_of(facts)}
    assert receipts[first] is not None and receipts[second] is None
    assert session.scalars(
        select(Letter).where(Letter.key == f"withdrawal:{first}:{provider.person_id}")
    ).one()


def test_nothing_is_withdrawn_after_the_close(session, provider):
    closed = a_closed_round()
    application_id = a_submitted_application(closed, lot_ids(closed)[:1], provider)
    with pytest.raises(RoundNotOpen):
        withdraw_application(application_id=application_id, by=provider)
    assert own_application_for(provider, application_id).receipt_number


def test_a_draft_cannot_be_withdrawn(complete, provider):
    with pytest.raises(MoveRefused, match="nothing to withdraw"):
        withdraw_application(application_id=complete, by=provider)


def test_the_lots_of_a_submitted_application_stay(complete, provider, open_round):
    submit(complete, provider)
    with pytest.raises(Submitted):
        choose_lots(application_id=complete, lot_ids=lot_ids(open_round), by=provider)


def test_nothing_is_submitted_to_an_opened_box(session, provider):
    opened = an_opened_round()
    with pytest.raises(RoundNotOpen):
        a_draft(opened, provider)
