"""One certificate for many questions: from the vault into applications, and back."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.evidence.queries import versions_for
from portal.evidence.services import InUse, correct_evidence, remove_evidence, replace_evidence
from portal.storage.models import Document
from portal.web.filters import uk_date
from tender.applications.answer_services import attach_document, detach_document
from tender.applications.contents import to_look_at
from tender.applications.erasure import erase_application
from tender.applications.models import AnswerFile, Receipt
from tender.applications.queries import own_application_for, own_item_for, tender_of
from tender.applications.receipts import contents_sha256
from tender.applications.services import submit_application, withdraw_application
from tender.applications.vault_services import keep_for_next_time, use_from_vault
from tender.frameworks.models import Question
from tests.counting import counted
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_complete_draft, a_file
from tests.factories.evidence import INSURANCE, an_evidence
from tests.factories.frameworks import lot_ids


@pytest.fixture
def kept(provider):
    """The newest version in the provider's vault of its insurance."""
    return versions_for(provider, an_evidence(provider))[0]


def use(draft, kept, by, code="finance"):
    use_from_vault(application_id=draft, code=code, version_id=kept.id, by=by)


def files(draft, by, code="finance"):
    return own_item_for(by, draft, code, None).files


def test_the_same_stored_document_answers_the_question(draft, provider, kept):
    use(draft, kept, provider)
    use(draft, kept, provider)
    assert [(file.id, file.sha256) for file in files(draft, provider)] == [(kept.document_id, kept.sha256)]


def test_one_document_answers_two_questions_and_is_read_there(draft, provider, kept, browser):
    use(draft, kept, provider)
    use(draft, kept, provider, "safeguarding_policy")
    answer = browser.get(f"/applications/{draft}/documents/{kept.document_id}")
    assert answer.status_code == 303


def test_nobody_uses_another_providers_document(draft, provider, session):
    stranger = a_provider_person()
    other = versions_for(stranger, an_evidence(stranger))[0]
    with pytest.raises(NotFound):
        use(draft, other, provider)


def test_a_kind_of_file_that_the_question_does_not_take_is_refused(draft, provider, kept, session):
    session.execute(update(Document).where(Document.id == kept.document_id).values(filename="list.xlsx"))
    with pytest.raises(Refusal, match="takes"):
        use(draft, kept, provider, "safeguarding_policy")


def test_what_is_taken_from_a_draft_stays_in_the_vault(draft, provider, kept, session):
    use(draft, kept, provider)
    detach_document(application_id=draft, code="finance", document_id=kept.document_id, by=provider)
    assert session.get_one(Document, kept.document_id).removed_at is None
    assert files(draft, provider) == ()


def test_what_an_application_uses_is_not_removed_from_the_vault(draft, provider, kept):
    use(draft, kept, provider)
    with pytest.raises(InUse):
        remove_evidence(evidence_id=kept.evidence_id, by=provider)


def test_an_erased_application_leaves_the_vault_alone(draft, provider, kept, session):
    use(draft, kept, provider)
    erase_application(draft, by=THE_PORTAL)
    assert session.get(Document, kept.document_id)
    assert versions_for(provider, kept.evidence_id)


def test_an_upload_is_kept_for_next_time_with_its_facts(draft, provider, session):
    document_id = attach_document(application_id=draft, code="finance", by=provider, **a_file())
    keep = {"application_id": draft, "document_id": document_id, "by": provider}
    said = {"type": "public_liability", "title": "Ours", "facts": INSURANCE}
    evidence_id = keep_for_next_time(**keep, **said)
    assert keep_for_next_time(**keep, **said) == evidence_id
    (version,) = versions_for(provider, evidence_id)
    assert (version.document_id, version.facts) == (document_id, INSURANCE)


@pytest.fixture
def submitted(open_round, provider, kept):
    """A submitted application that uses the insurance; its id."""
    application_id = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    use(application_id, kept, provider)
    submit_application(application_id=application_id, declared=True, by=provider)
    return application_id


def sealed(application_id, by):
    tender = tender_of(own_application_for(by, application_id))
    return [file for file in tender.item("finance", None).files if file.facts]


def test_the_facts_as_they_stood_are_sealed_and_stand_in_the_manifest(submitted, provider, kept, session):
    (file,) = sealed(submitted, provider)
    assert "Invented Mutual, number PL-1, cover £5,000,000" in file.facts_in_words
    manifest = session.scalars(select(Receipt.manifest)).one()
    (listed,) = manifest["facts"]
    assert (listed["sha256"], listed["number"]) == (kept.sha256, "PL-1")
    assert kept.sha256 in [each["sha256"] for each in manifest["files"]]


def test_what_was_certified_is_submitted_though_the_vault_knows_the_document(open_round, provider, kept):
    application_id = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    use(application_id, kept, provider)
    facts = own_application_for(provider, application_id)
    read = contents_sha256(facts, tender_of(facts))
    submit_application(
        application_id=application_id, declared=True, certified=True, contents=read, by=provider
    )
    assert sealed(application_id, provider)


def test_what_changes_in_the_vault_later_changes_nothing_that_was_submitted(submitted, provider, kept):
    before = sealed(submitted, provider)
    correct_evidence(
        evidence_id=kept.evidence_id, version_id=kept.id, revision=1, title="Other",
        facts=replace(INSURANCE, cover=Decimal(1), expires_on=date(2099, 1, 1)), by=provider,
    )  # fmt: skip
    replace_evidence(evidence_id=kept.evidence_id, facts=INSURANCE, by=provider, **a_file())
    assert sealed(submitted, provider) == before


def test_the_database_lets_nobody_change_sealed_facts(submitted, provider, session):
    with pytest.raises(IntegrityError, match="submitted"), session.begin_nested():
        session.execute(text("UPDATE answer_file SET facts = NULL"))


def test_a_tender_that_is_submitted_again_takes_the_facts_of_that_day(submitted, provider, kept):
    withdraw_application(application_id=submitted, by=provider)
    correct_evidence(
        evidence_id=kept.evidence_id, version_id=kept.id, revision=1, title="Other",
        facts=replace(INSURANCE, number="PL-2"), by=provider,
    )  # fmt: skip
    submit_application(application_id=submitted, declared=True, by=provider)
    assert "PL-2" in sealed(submitted, provider)[0].facts_in_words


def test_the_page_offers_the_vault_with_warnings_in_words(draft, provider, kept, browser):
    with transaction() as session:
        shape = {"document_type": "public_liability", "least_cover": "10000000"}
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(update(Question).where(Question.code == "finance").values(shape=shape))
    page = browser.get(f"/applications/{draft}/questions/finance").get_data(as_text=True)
    assert "cover £5,000,000" in page and "less than the £10,000,000 asked for" in page
    answer = browser.post(f"/applications/{draft}/questions/finance", data={"vault": kept.id, "then": "stay"})
    assert answer.status_code == 303
    assert "From your vault" in browser.get(answer.location).get_data(as_text=True)


@pytest.mark.parametrize("nonsense", ["", "x", "-1", "9" * 30])
def test_nonsense_for_a_document_is_refused_with_a_sentence(draft, browser, nonsense):
    answer = browser.post(f"/applications/{draft}/questions/finance", data={"vault": nonsense})
    assert answer.status_code == 422 and "Choose one of the documents" in answer.get_data(as_text=True)


def test_keeping_an_upload_takes_one_page(draft, provider, browser):
    document_id = attach_document(application_id=draft, code="finance", by=provider, **a_file())
    place = f"/applications/{draft}/documents/{document_id}/keep"
    assert place in browser.get(f"/applications/{draft}/questions/finance").get_data(as_text=True)
    answer = browser.post(place, data={"type": "accounts", "title": "Accounts 2026"})
    assert answer.status_code == 303
    assert "Accounts 2026" in browser.get(answer.location).get_data(as_text=True)


def test_a_file_question_costs_the_same_for_one_document_in_the_vault_and_for_ten(draft, provider, browser):
    costs = []
    for _ in range(2):
        for _ in range(5):
            an_evidence(provider)
        with counted() as made:
            browser.get(f"/applications/{draft}/questions/finance")
        costs.append(len(made))
    assert costs[0] == costs[1] <= 12


def test_a_stranger_keeps_nothing_of_it(draft, provider, session):
    document_id = attach_document(application_id=draft, code="finance", by=provider, **a_file())
    with pytest.raises(NotFound):
        keep_for_next_time(
            application_id=draft, document_id=document_id, type="other", title="Mine", facts=INSURANCE,
            by=a_provider_person(),
        )  # fmt: skip
    assert session.scalars(select(AnswerFile.document_id)).all() == [document_id]


@pytest.fixture
def certificate_asked(open_round, session):
    """“finance” asks for a certificate with an expiry and a cover of five million."""
    with transaction():
        shape = {"document_type": "public_liability", "needs_expiry": True, "least_cover": "5000000"}
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(update(Question).where(Question.code == "finance").values(shape=shape))
        session.execute(text("SET LOCAL session_replication_role = origin"))


def lacking(draft, by):
    """What keeps the application from being submitted, of this question."""
    missing = tender_of(own_application_for(by, draft)).missing
    return [each.sentence for each in missing if each.item.asked.code == "finance"]


@pytest.mark.usefixtures("certificate_asked")
@pytest.mark.parametrize(("cover", "stays"), [(Decimal(5_000_000), False), (Decimal(4_999_999), True)])
def test_a_document_that_says_too_little_is_a_problem_until_that_is_said(
    draft, provider, browser, cover, stays
):
    document_id = attach_document(application_id=draft, code="finance", by=provider, **a_file())
    (sentence,) = lacking(draft, provider)
    assert "does not say until when it is valid" in sentence and "At least £5,000,000" in sentence
    page = browser.get(f"/applications/{draft}/questions/finance").get_data(as_text=True)
    assert "Your answer is not complete." in page and "Say until when it is valid, or what it covers" in page
    keep_for_next_time(
        application_id=draft, document_id=document_id, type="public_liability", title="Insurance",
        facts=replace(INSURANCE, cover=cover), by=provider,
    )  # fmt: skip
    assert bool(lacking(draft, provider)) is stays


@pytest.mark.usefixtures("certificate_asked")
def test_one_document_that_says_all_is_enough(draft, provider, kept):
    attach_document(application_id=draft, code="finance", by=provider, **a_file())
    use(draft, kept, provider)
    assert lacking(draft, provider) == []


def test_a_sealed_document_says_what_it_said_when_it_was_sealed(open_round, provider):
    draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    document_id = files(draft, provider)[0].id
    submit_application(application_id=draft, declared=True, by=provider)
    keep_for_next_time(
        application_id=draft, document_id=document_id, type="public_liability", title="Insurance",
        facts=INSURANCE, by=provider,
    )  # fmt: skip
    assert [file.facts for file in files(draft, provider)] == [None]


def given(draft, provider, days, code="safeguarding_policy", number="PL-1"):
    """A document of the vault in an answer, which is valid for so many days."""
    facts = replace(
        INSURANCE, number=number, valid_from=None, expires_on=clock.today() + timedelta(days=days)
    )
    use(draft, versions_for(provider, an_evidence(provider, facts=facts))[0], provider, code)


def looked_at(draft, provider, starts_on=None):
    facts = own_application_for(provider, draft)
    return [problem.sentence for problem in to_look_at(tender_of(facts).items, starts_on or facts.starts_on)]


def test_an_expired_document_is_told_before_it_is_submitted(draft, provider, browser):
    given(draft, provider, -3)
    (sentence,) = looked_at(draft, provider)
    expired = uk_date(clock.today() - timedelta(days=3))
    assert sentence == f"“Safeguarding policy”: “certificate.pdf”. It expired on {expired}."
    page = " ".join(browser.get(f"/applications/{draft}/check").text.split())
    assert f'/questions/safeguarding_policy">{sentence}</a>' in page
    assert "1 document may not be accepted." in page
    missing = tender_of(own_application_for(provider, draft)).missing
    assert not any("expired" in problem.sentence for problem in missing), "it keeps nobody from submitting"


def test_one_that_runs_out_before_the_framework_starts_is_told_too(draft, provider):
    starts_on = clock.today() + timedelta(days=60)
    given(draft, provider, 59)
    (sentence,) = looked_at(draft, provider, starts_on)
    assert sentence.endswith(f"before the framework starts on {uk_date(starts_on)}.")
    given(draft, provider, 60, number="PL-2")
    assert looked_at(draft, provider, starts_on) == [], "the newer one beside it is valid"


def test_what_needs_no_second_look_is_not_told(draft, provider, browser):
    given(draft, provider, 3_650)
    assert looked_at(draft, provider) == []
    assert "may not be accepted" not in browser.get(f"/applications/{draft}/check").text


@pytest.mark.usefixtures("certificate_asked")
def test_the_check_page_says_that_the_question_asks_for_one_that_is_valid_then(draft, provider, browser):
    given(draft, provider, -3, code="finance")
    page = " ".join(browser.get(f"/applications/{draft}/check").text.split())
    valid_on = uk_date(own_application_for(provider, draft).starts_on)
    assert f"This question asks for one that is valid on {valid_on}." in page
