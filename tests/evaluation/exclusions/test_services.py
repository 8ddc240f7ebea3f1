"""Looking at a tenderer, what is kept of it, and who may be admitted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evaluation.exclusions import queries
from evaluation.exclusions.models import ExclusionFinding
from evaluation.exclusions.parts import grounds_for, parts_of
from evaluation.exclusions.services import (
    ChecksOver,
    Finding,
    FoundMeanwhile,
    NotClear,
    record_finding,
    refuse_unless_clear,
)
from evaluation.outcomes.waiting_queries import waiting_for
from portal import clock
from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.database import transaction
from portal.errors import NotFound, Refusal
from portal.tasks import Task
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Framework, Round
from tender.frameworks.queries import round_for
from tests.evaluation.conftest import Build
from tests.factories.applications import a_submitted_application
from tests.factories.evaluation import Evaluation, an_opened_evaluation
from tests.factories.exclusions import a_finding, a_ground, clear
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids
from tests.web_client import sign_in

ALL = tuple(part.code for part in parts_of("PA2023"))


def under_the_act(evaluation: Evaluation) -> Evaluation:
    with transaction() as session:
        session.get_one(Framework, evaluation.round.framework_id).legal_regime = "PA2023"
    return evaluation


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """Three tenders in an opened box, under the Procurement Act 2023; the third has no insurance."""
    return build(lambda: under_the_act(an_opened_evaluation(3, answers=[{}, {}, {"insurance": "no"}])))


def look(
    opened: Evaluation, found: Finding | None = None, *parts: str, application: int = 0, **seen: int
) -> None:
    record_finding(
        application_id=opened.applications[application],
        parts=parts or ALL,
        found=found or a_finding(),
        seen=seen,
        by=opened.lead,
    )


def standing(opened: Evaluation, application: int = 0) -> str:
    return queries.tenderer_for(opened.round_id, opened.applications[application]).standing


def test_a_tenderer_is_clear_once_every_part_is_looked_at(session: Session, opened: Evaluation) -> None:
    look(opened, None, *ALL[:3])
    assert standing(opened) == "undone"
    look(opened, None, "debarment")
    assert standing(opened) == "clear"


def test_older_law_knows_no_debarment_list() -> None:
    assert [part.code for part in parts_of("PCR2015")] == ["mandatory", "discretionary", "persons"]


def test_each_part_finds_grounds_of_its_own_kind() -> None:
    def codes(part: str) -> set[str]:
        return {code for grounds in grounds_for(part, "PA2023").values() for code in grounds}

    assert "cartel" in codes("mandatory")
    assert "insolvency" in codes("discretionary")
    assert not codes("mandatory") & codes("discretionary")
    assert codes("persons") == codes("debarment") == codes("mandatory") | codes("discretionary")


def test_what_was_found_is_kept_with_who_when_and_what_was_looked_at(
    session: Session, opened: Evaluation
) -> None:
    look(opened)
    (finding,) = queries.findings_of(opened.applications[0])["debarment"]
    assert (finding["recorded_by"], finding["checked_on"]) == (opened.lead.name, clock.today())
    assert "debarment list" in finding["looked_at"]
    line = trail_of("application", opened.applications[0])[0]
    assert (line["action"], line["details"]["result"]) == ("exclusion_finding.record", "nothing_found")


def test_a_ground_that_excludes_stands_in_the_way(session: Session, opened: Evaluation) -> None:
    look(opened)
    look(opened, a_ground(), "mandatory", mandatory=1)
    assert standing(opened) == "excluded"
    with pytest.raises(NotClear, match="is excluded"):
        refuse_unless_clear([opened.applications[0]])


def test_a_ground_that_was_cleaned_lets_the_tenderer_go_on(session: Session, opened: Evaluation) -> None:
    look(opened, None, *ALL[1:])
    look(opened, a_ground(excludes=False), "mandatory")
    assert standing(opened) == "clear"
    refuse_unless_clear([opened.applications[0]])


def test_what_is_referred_waits_and_a_later_finding_settles_it(session: Session, opened: Evaluation) -> None:
    look(opened, a_finding("refer", reasons="The register was down."))
    assert standing(opened) == "referred"
    with pytest.raises(NotClear, match="referred"):
        refuse_unless_clear([opened.applications[0]])
    look(opened, None, *ALL, **dict.fromkeys(ALL, 1))
    assert standing(opened) == "clear"
    assert len(queries.findings_of(opened.applications[0])["persons"]) == 2


def test_one_tenderer_that_is_not_clear_is_named(session: Session, opened: Evaluation) -> None:
    look(opened)
    name = queries.tenderer_for(opened.round_id, opened.applications[1]).name
    with pytest.raises(NotClear, match=f"4 of 4 exclusion checks of {name} are still to be made"):
        refuse_unless_clear(opened.applications[:2])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"result": "fine"}, "result"),
        ({"looked_at": " "}, "looked_at"),
        ({"reasons": ""}, "reasons"),
        ({"checked_on": clock.today() + timedelta(days=1)}, "checked_on"),
        ({"ground": "insolvency"}, "ground"),
        ({"self_cleaning": " "}, "self_cleaning"),
        ({"excludes": None}, "excludes"),
        ({"heard": " "}, "heard"),
    ],
)
def test_what_is_missing_or_wrong_is_named(
    session: Session, opened: Evaluation, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        look(opened, replace(a_ground(), **changes), "mandatory")
    assert refused.value.field == field


@pytest.mark.parametrize("parts", [("",), ("mandatory", "nonsense")])
def test_a_part_that_does_not_exist_is_refused(
    session: Session, opened: Evaluation, parts: tuple[str, ...]
) -> None:
    with pytest.raises(Refusal, match="Choose what you checked"):
        look(opened, None, *parts)


def test_a_ground_is_recorded_under_one_part_at_a_time(session: Session, opened: Evaluation) -> None:
    with pytest.raises(Refusal, match="one check at a time"):
        look(opened, a_ground(), "mandatory", "persons")


def test_what_is_sent_twice_is_kept_once(session: Session, opened: Evaluation) -> None:
    look(opened)
    look(opened)
    assert {len(rows) for rows in queries.findings_of(opened.applications[0]).values()} == {1}


def test_who_did_not_see_a_colleagues_finding_is_told(session: Session, opened: Evaluation) -> None:
    look(opened, a_ground(), "mandatory")
    with pytest.raises(FoundMeanwhile):
        look(opened)
    assert standing(opened) == "excluded"


@pytest.mark.parametrize(
    "change", ["UPDATE exclusion_finding SET excludes = false", "DELETE FROM exclusion_finding"]
)
def test_a_finding_is_never_unsaid(session: Session, opened: Evaluation, change: str) -> None:
    look(opened, a_ground(), "mandatory")
    with pytest.raises(DBAPIError, match="record"), session.begin_nested():
        session.execute(text(change))


def test_a_shut_box_takes_no_finding(session: Session) -> None:
    lead = a_procurement_lead()
    shut = a_closed_round(1, lead)
    application_id = a_submitted_application(shut, lot_ids(shut))
    with pytest.raises(ChecksOver):
        record_finding(application_id=application_id, parts=["persons"], found=a_finding(), seen={}, by=lead)


@pytest.mark.parametrize("state", ["decided", "released"])
def test_somebody_looks_again_until_the_letters_go_and_afterwards_for_admissions_that_wait(
    session: Session, opened: Evaluation, state: str
) -> None:
    put_into(session, opened, state)
    look(opened)
    assert queries.findings_of(opened.applications[0])


def put_into(session: Session, opened: Evaluation, state: str) -> None:
    """Let the round stand where its own moves would take it, without all that comes before."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(update(Round).where(Round.id == opened.round_id).values(state=state))
    session.execute(text("SET LOCAL session_replication_role = origin"))


def test_another_council_and_other_roles_record_nothing(session: Session, opened: Evaluation) -> None:
    for stranger in (a_procurement_lead(), opened.person("auditor"), opened.person("evaluator")):
        with pytest.raises(NotFound):
            record_finding(
                application_id=opened.applications[0], parts=ALL, found=a_finding(), seen={}, by=stranger
            )
    assert session.query(ExclusionFinding).count() == 0


def to_check(viewer: Actor) -> list[Task]:
    """What somebody's home page says of exclusion checks."""
    return [task for task in waiting_for(viewer).now if task.endpoint.startswith("exclusions.")]


def test_the_lead_is_told_until_all_are_checked_those_that_failed_apart(
    session: Session, opened: Evaluation
) -> None:
    (task,) = to_check(opened.lead)
    assert task.sentence.startswith("2 tenderers to check for exclusion in round 1")
    assert queries.on_round_page(opened.lead, _facts(opened))
    clear(opened)
    assert not to_check(opened.lead)
    assert not queries.on_round_page(opened.lead, _facts(opened))


def test_a_check_counts_for_its_days_and_not_one_more(session: Session, opened: Evaluation) -> None:
    look(opened)
    refuse_unless_clear(opened.applications[:1], today=True)
    with clock.staged_at(clock.now() + timedelta(days=28)):
        refuse_unless_clear(opened.applications[:1], today=True)
    with clock.staged_at(clock.now() + timedelta(days=29)):
        refuse_unless_clear(opened.applications[:1])
        with pytest.raises(NotClear, match=r"look again .*: debarment list \(older than 28 days\)"):
            refuse_unless_clear(opened.applications[:1], today=True)
    with clock.staged_at(clock.now() + timedelta(days=93)):
        look(opened, a_finding(), "debarment", debarment=1)
        with pytest.raises(NotClear, match="mandatory grounds .*discretionary .*persons"):
            refuse_unless_clear(opened.applications[:1], today=True)


def test_the_page_says_which_check_is_too_old_once_the_round_is_decided(
    session: Session, app: Flask, opened: Evaluation
) -> None:
    look(opened, a_finding(checked_on=clock.today() - timedelta(days=29)))
    browser = sign_in(app.test_client(), opened.lead.email)
    page = f"/rounds/{opened.round_id}/exclusions/{opened.applications[0]}"
    assert "more than 28 days old" not in browser.get(page).text
    put_into(session, opened, "decided")
    text = browser.get(page).text
    assert text.count("days old. Somebody has to look again before the letters go") == 1
    assert "Record the check" in text


def test_others_are_told_nothing(session: Session, opened: Evaluation) -> None:
    for role in ("evaluator", "approver", "auditor"):
        assert not to_check(opened.person(role))
    assert not to_check(a_procurement_lead())


def _facts(opened: Evaluation) -> RoundFacts:
    return round_for(opened.lead, opened.round_id)
