"""What notices ask for, after the release and not before."""

import json

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from evaluation.reports.award_data import award_package
from evaluation.reports.award_queries import awards_for
from portal import clock
from portal.errors import NotFound
from portal.profiles.models import Profile
from tender.conflicts.models import ConflictsAssessment
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.accounts import a_council, a_person
from tests.factories.evaluation import Evaluation
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import a_decided_evaluation, a_released_evaluation, provider_of, release_all
from tests.web_client import sign_in


@pytest.fixture(scope="module")
def released(build: Build) -> Evaluation:
    """Two lots; one tender is admitted to both, the other is below a minimum."""
    return build(lambda: a_released_evaluation([{}, {"safeguarding": 2}], lots=2))


def test_each_lot_names_whom_it_admits_and_how_many_tendered(session: Session, released: Evaluation) -> None:
    awards = awards_for(released.lead, released.round_id)
    name = provider_of(released).organisation_name
    assert [(lot.tenders, [each.name for each in lot.suppliers]) for lot in awards.lots] == [(2, [name])] * 2


def test_the_json_is_an_award_release_of_open_contracting(session: Session, released: Evaluation) -> None:
    package = award_package(
        awards_for(released.lead, released.round_id), address="https://x.example/a", at=clock.now()
    )
    release = json.loads(json.dumps(package))["releases"][0]
    assert (package["version"], release["tag"], release["initiationType"]) == ("1.1", ["award"], "tender")
    assert {party["roles"][0] for party in release["parties"]} == {"buyer", "supplier"}
    known = {party["id"] for party in release["parties"]}
    for award in release["awards"]:
        assert award["status"] == "active"
        assert {supplier["id"] for supplier in award["suppliers"]} <= known
        assert award["contractPeriod"]["endDate"].startswith("2032-05-31T23:59:59")
        assert award["assessmentSummariesDateSent"]
    assert [lot["id"] for lot in release["tender"]["lots"]] == [
        a["relatedLots"][0] for a in release["awards"]
    ]
    assert "null" not in json.dumps(package)


def test_nothing_is_told_before_the_release(session: Session) -> None:
    decided = a_decided_evaluation()
    with pytest.raises(NotFound):
        awards_for(decided.lead, decided.round_id)


def test_an_admission_that_waits_is_no_award_yet(session: Session) -> None:
    decided = a_decided_evaluation()
    release_all(decided, standstill_days=8)
    awards = awards_for(decided.lead, decided.round_id)
    assert [(lot.waiting, list(lot.suppliers)) for lot in awards.lots] == [(1, [])]
    release = award_package(awards, address="a", at=clock.now())["releases"][0]
    assert release["awards"][0]["status"] == "pending"
    name = provider_of(decided).organisation_name
    assert [each["name"] for each in release["awards"][0]["suppliers"]] == [name]
    assert name in {party["name"] for party in release["parties"]}
    assert release["awards"][0]["standstillPeriod"]["endDate"]
    assert len(lot_ids(decided.round)) == 1


def test_the_page_and_the_file_are_for_whom_the_report_is(
    session: Session, app: Flask, released: Evaluation
) -> None:
    browser = sign_in(app.test_client(), released.lead.email)
    address = f"/rounds/{released.round_id}/awards"
    page = browser.get(address).get_data(as_text=True)
    assert faults(page, app) == []
    assert provider_of(released).organisation_name in page
    answer = browser.get(address + ".json")
    assert answer.mimetype == "application/json"
    assert answer.get_json()["releases"][0]["awards"]
    stranger = sign_in(app.test_client(), a_person(a_council("Elsewhere"), "auditor").email)
    assert stranger.get(address).status_code == 404
    moderator = sign_in(app.test_client(), released.moderator.email)
    assert moderator.get(address).status_code == 403


def test_awards_are_read_in_few_statements(session: Session, released: Evaluation) -> None:
    connection = session.connection()
    assert statements_of(connection, lambda: awards_for(released.lead, released.round_id)) <= 7


def the_statistics(released: Evaluation) -> list[tuple[str, int]]:
    package = award_package(awards_for(released.lead, released.round_id), address="a", at=clock.now())
    return [(each["measure"], each["value"]) for each in package["releases"][0]["bids"]["statistics"]]


def test_bids_of_smes_and_vcses_are_counted_where_every_profile_says(
    session: Session, released: Evaluation
) -> None:
    types = (["sme", "vcse"], ["vcse"])
    for tender, kinds in enumerate(types):
        by = provider_of(released, tender)
        profile = session.get(Profile, by.organisation_id) or Profile(
            provider_id=by.organisation_id, saved_at=clock.now(), saved_by_id=by.person_id
        )
        profile.operation_types = kinds
        session.add(profile)
    session.flush()
    assert the_statistics(released) == [("bids", 2), ("smeBids", 1), ("vcseBids", 2)] * 2
    profile.operation_types = []
    session.flush()
    assert the_statistics(released) == [("bids", 2)] * 2
    assert [(lot.known, lot.sme) for lot in awards_for(released.lead, released.round_id).lots] == [(1, 1)] * 2


def test_the_conflicts_assessment_is_confirmed(session: Session, app: Flask, released: Evaluation) -> None:
    session.add(
        ConflictsAssessment(
            round_id=released.round_id, people=released.lead.name, conflicts=[],
            assessed_at=clock.now(), assessed_by_id=released.lead.person_id,
        )
    )  # fmt: skip
    session.flush()
    awards = awards_for(released.lead, released.round_id)
    tender = award_package(awards, address="a", at=clock.now())["releases"][0]["tender"]
    assert tender["conflictsAssessment"]["prepared"] and tender["conflictsAssessment"]["lastReviewed"]
    page = sign_in(app.test_client(), released.lead.email).get(f"/rounds/{released.round_id}/awards")
    assert ", last reviewed " in page.get_data(as_text=True)
