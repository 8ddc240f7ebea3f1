"""Who reads a tender or a referral leaves a line on any page; a provider's own reading leaves none."""

import pytest
from werkzeug.wrappers import Response

from portal.audit.queries import reads_of
from portal.audit.services import first_broken_line, record_read
from portal.web import reading
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.applications import an_opened_round_with
from tests.factories.commissioning import a_referral
from tests.factories.directory import a_service_and_its_person
from tests.factories.evaluation import Evaluation, a_locked_evaluation, a_marking_evaluation, declare_none
from tests.factories.frameworks import a_procurement_lead
from tests.web_client import sign_in


def readers(subject_type: str, subject_id: int) -> list[tuple[str, str]]:
    lines = reads_of(subject_type, subject_id)
    return [(line["actor_name"], line["details"].get("page", "")) for line in lines]


def test_reading_a_tender_is_recorded_with_the_reader(client, session):
    round, [application_id] = an_opened_round_with(a_provider_person())
    lead = a_procurement_lead(round)
    declare_none(Evaluation(lead, round.id, [application_id]), lead)
    browser = sign_in(client, lead.email)
    for page in ("tender", "receipt"):
        assert browser.get(f"/applications/{application_id}/{page}").status_code == 200
    assert readers("application", application_id) == [(lead.name, "receipt"), (lead.name, "tender")]
    assert first_broken_line() is None


def test_the_page_of_a_tender_says_who_has_read_it(client, session):
    round, [application_id] = an_opened_round_with(a_provider_person())
    lead = a_procurement_lead(round)
    declare_none(Evaluation(lead, round.id, [application_id]), lead)
    browser = sign_in(client, lead.email)
    browser.get(f"/applications/{application_id}/tender")
    page = browser.get(f"/applications/{application_id}/tender").get_data(as_text=True)
    assert f"<li>{lead.name}, " in page and "The whole audit trail of this application" in page


def test_a_provider_reading_its_own_leaves_no_line(client, session):
    person = a_provider_person()
    _, [application_id] = an_opened_round_with(person)
    browser = sign_in(client, person.email)
    for page in ("", "/check", "/receipt"):
        assert browser.get(f"/applications/{application_id}{page}").status_code == 200
    assert not reads_of("application", application_id)


def test_marking_leaves_a_line_for_every_page_of_an_answer(client, session):
    marking = a_marking_evaluation()
    evaluator, assignment = marking.evaluators[0], marking.assignment()
    browser = sign_in(client, evaluator.email)
    browser.get(f"/marking/{assignment.id}")
    browser.get(f"/marking/{assignment.id}/answers/{marking.answers()[0]}")
    assert readers("application", marking.applications[0]) == [(evaluator.name, "marking")] * 2


def test_moderation_and_conditions_leave_a_line(client, session):
    locked: Evaluation = a_locked_evaluation()
    browser = sign_in(client, locked.lead.email)
    page = browser.get(f"/rounds/{locked.round_id}/conformity").get_data(as_text=True)
    check = page.partition(f"/rounds/{locked.round_id}/conformity/")[2].partition('"')[0]
    assert browser.get(f"/rounds/{locked.round_id}/conformity/{check}").status_code == 200
    assert browser.get(f"/moderation/{locked.answers()[0]}").status_code == 200
    assert {page for _, page in readers("application", locked.applications[0])} == {"condition", "moderation"}


def test_reading_a_referral_is_recorded_for_school_and_provider(client, session):
    service, person = a_service_and_its_person()
    referral = a_referral(service)
    browser = sign_in(client, person.email)
    browser.get(f"/referrals/{referral.id}")
    browser.get("/referrals")
    assert readers("referral", referral.id) == [(person.name, "")]
    assert reads_of("referral", "list")[0]["details"]["referrals"] == [referral.id]


def test_what_was_not_shown_is_not_recorded(client, session):
    service, _ = a_service_and_its_person()
    referral = a_referral(service)
    browser = sign_in(client, a_service_and_its_person()[1].email)
    assert browser.get(f"/referrals/{referral.id}").status_code == 404
    assert not reads_of("referral", referral.id)


def test_a_page_whose_reading_cannot_be_recorded_is_not_sent(client, session, monkeypatch):
    service, person = a_service_and_its_person()
    referral = a_referral(service)
    browser = sign_in(client, person.email)

    def fail(*args, **kwargs) -> Response:
        raise OSError("disk full")

    monkeypatch.setattr(reading, "record_read", fail)
    answer = browser.get(f"/referrals/{referral.id}")
    assert answer.status_code == 500 and referral.need_summary not in answer.get_data(as_text=True)


@pytest.mark.parametrize("action", ["thing.read", "thing.read_document"])
def test_readings_are_known_by_their_action(session, action):
    record_read(action, "thing", 1, by=a_person(a_council(), "auditor"))
    assert len(reads_of("thing", 1)) == 1
