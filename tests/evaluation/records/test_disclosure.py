"""What a disclosure pack and a decision report hold of declarations, waivers and files of clarifications."""

import csv
import io
from zipfile import ZipFile

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.assignments.conflict_queries import conflicts_in
from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import declare_conflict_on_list
from evaluation.assignments.waiver_services import decide_waiver, propose_mitigation
from evaluation.outcomes.decision_services import recommend_as_suggested
from evaluation.records.building import build_waiting
from evaluation.records.disclosure_tables import PANEL, TRAIL
from evaluation.records.models import RecordFile
from evaluation.records.services import ask_for
from evaluation.records.tables import Table
from evaluation.reports.paper import decision_report, said_by
from evaluation.reports.queries import report_for
from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.accounts.models import Organisation
from portal.storage.bucket import bucket
from tender.applications.models import Application
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, a_marking_evaluation, declare_none
from tests.factories.frameworks import lot_ids
from tests.factories.inquiries import an_answered_inquiry
from tests.factories.outcomes import a_computed_evaluation, approve_all, release_all
from tests.storage import corpus

WORDS, MITIGATION = "My brother keeps its books.", "A second moderator sits in."


@pytest.fixture(scope="module")
def computed(build: Build) -> Evaluation:
    """Three tenders with results, an answered question with two files, an approver's waived conflict."""

    def made() -> Evaluation:
        evaluation = a_computed_evaluation([{}, {}, {}])
        an_answered_inquiry(evaluation, files=2)
        approver = evaluation.person("approver")
        listed = tenderers_for(approver, evaluation.round_id)
        place = [each.application_id for each in listed.tenderers].index(evaluation.applications[0])
        declare_conflict_on_list(
            round_id=evaluation.round_id, place=place, kind="potential", conflict=WORDS, seen=listed.seen,
            by=approver,
        )  # fmt: skip
        declare_none(evaluation, approver)
        declaration = conflicts_in(evaluation.round_id)[0]["declaration_id"]
        propose_mitigation(declaration_id=declaration, mitigation=MITIGATION, by=evaluation.lead)
        by = evaluation.person("approver")
        decide_waiver(declaration_id=declaration, granted=True, reason="Long ago.", by=by)
        return evaluation

    return build(made)


def pack_of(session: Session, computed: Evaluation) -> dict[str, bytes]:
    """The files of the disclosure pack, by name."""
    file_id = ask_for(round_id=computed.round_id, kind="disclosure", purpose="A claim.", by=computed.lead)
    build_waiting(by=THE_PORTAL)
    row = session.get_one(RecordFile, file_id, populate_existing=True)
    assert row.key, row.failure
    with ZipFile(io.BytesIO(b"".join(bucket().blocks(row.key)))) as pack:
        return {name: pack.read(name) for name in pack.namelist()}


def table(pack: dict[str, bytes], name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(pack[f"{name}.csv"].decode("utf-8-sig"))))


def provider_name(session: Session, computed: Evaluation) -> str:
    named = select(Organisation.name).join(Application, Application.provider_id == Organisation.id)
    return session.scalars(named.where(Application.id == computed.applications[0])).one()


def test_the_report_says_what_was_declared_on_the_list(session: Session, computed: Evaluation) -> None:
    report = report_for(computed.person("auditor"), computed.round_id)
    rows = [row[:3] for row in said_by(report)["declared"]]
    assert [computed.lead.name, "Procurement lead", "No conflict with 3 tenderers"] in rows
    assert [computed.moderator.name, "Moderator", "No conflict with 3 tenderers"] in rows
    (conflict,) = (row for row in rows if WORDS in row[2])
    assert conflict[1] == "Approver"
    waived = f"Potential conflict with {provider_name(session, computed)}, waived by "
    assert conflict[2].startswith(waived)
    assert conflict[2].endswith(f"because: Long ago. What was declared: {WORDS} Mitigation: {MITIGATION}")
    assert decision_report(report, at=clock.now())[0].startswith(b"%PDF")


def test_the_pack_holds_declarations_of_both_ways_and_waivers(session: Session, computed: Evaluation) -> None:
    pack = pack_of(session, computed)
    found = table(pack, "declarations")
    assert {row["Declared with"] for row in found} == {"the tender", "the list of tenderers"}
    own = [(row["Stands at"], row["Kind"]) for row in found if row["Conflict declared"] == WORDS]
    assert own == [("waived", "potential")]
    (waiver,) = table(pack, "waivers")
    assert (waiver["Mitigation"], waiver["Waived"], waiver["Reason"]) == (MITIGATION, "yes", "Long ago.")
    assert {"conflict.declare", "conflict.waive"} <= {row["What"] for row in table(pack, "trail")}


def test_the_pack_holds_the_files_of_clarifications(session: Session, computed: Evaluation) -> None:
    pack = pack_of(session, computed)
    listed = table(pack, "clarification-files")
    assert [row["Called by the tenderer"] for row in listed] == ["Plan 0.pdf", "Plan 1.pdf"]
    assert all(pack[row["In this pack as"]] == corpus.pdf() for row in listed)
    assert "Plan" not in str(pack.keys())


def test_a_file_with_a_virus_or_without_its_object_is_listed_and_not_given(
    session: Session, computed: Evaluation
) -> None:
    session.execute(text("UPDATE document SET scan_state = 'infected' WHERE filename = 'Plan 0.pdf'"))
    session.execute(text("UPDATE document SET key = 'nowhere' WHERE filename = 'Plan 1.pdf'"))
    pack = pack_of(session, computed)
    assert not [name for name in pack if name.startswith("clarification-files/")]
    told = [row["Left out because"] for row in table(pack, "clarification-files")]
    assert "virus" in told[0] and "missing from our store" in told[1]


def rows_of(table: Table, evaluation: Evaluation) -> list[dict[str, object]]:
    return [dict(zip(table.head, row, strict=True)) for row in table.read(evaluation.round_id)]


def test_the_trail_tells_of_everything_that_belongs_to_the_round(session: Session) -> None:
    evaluation = a_computed_evaluation([{}])
    an_answered_inquiry(evaluation)
    lot_id = lot_ids(evaluation.round)[0]
    recommend_as_suggested(round_id=evaluation.round_id, lot_id=lot_id, by=evaluation.lead)
    approve_all(evaluation)
    release_all(evaluation)
    session.flush()
    kinds = {row["About"] for row in rows_of(TRAIL, evaluation)}
    assert {"inquiry", "assessment_summary", "outcome_release", "decision", "agreed_mark"} <= kinds
    # Whatever else has states is about a file that was asked for, or somebody's complaint: none is here.
    about_rounds = {"assignment", "application", "round", "conflict_declaration", "certificate"}
    assert kinds - about_rounds == {
        "inquiry", "assessment_summary", "outcome_release", "decision", "agreed_mark"
    }  # fmt: skip


def test_the_panel_is_listed_with_the_part_of_each(session: Session) -> None:
    marking = a_marking_evaluation(lots=2, accepted=False)
    first, second = sorted(marking.evaluators, key=lambda each: each.name)
    lot, section = lot_ids(marking.round)[1], marking.round.sections[-1]
    session.execute(
        text(
            "UPDATE panel_member SET lots = ARRAY[CAST(:lot AS bigint)], sections = ARRAY[:section], "
            "skills = '{finance}' WHERE person_id = :person"
        ),
        {"lot": lot, "section": section["code"], "person": first.person_id},
    )
    listed = {row["Person"]: row for row in rows_of(PANEL, marking)}
    assert [*listed[first.name].values()][1:] == ["evaluator", "2", section["title"], "finance"]
    assert [*listed[second.name].values()][1:4] == ["evaluator", "all", "all that are not marked apart"]
    assert [*listed[marking.moderator.name].values()][1:4] == ["moderator", "", ""]
