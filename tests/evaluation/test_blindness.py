"""Who may not read what, and until when: role X cannot read field Y in state Z.

One evaluation: evaluators A and B, two tenders. A has marked and locked the first with a telltale reason; B
has accepted both. C declared a conflict with the first provider.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.assignments.queries import assignment_for
from evaluation.assignments.services import accept, assign_panel, declare_conflict, name_panel
from evaluation.assignments.waiver_services import decide_waiver, propose_mitigation
from evaluation.moderation import agenda_queries
from evaluation.moderation import queries as moderation
from evaluation.moderation.return_services import return_to_evaluator
from evaluation.scoring import queries as scoring
from evaluation.scoring.coach_queries import advice_for
from evaluation.scoring.masked import shown_to_evaluator
from evaluation.scoring.services import lock_marks, record_mark
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.models import AuditLine
from portal.errors import NotFound
from tender.applications.models import Application
from tests.evaluation.conftest import Build
from tests.factories.accounts import a_provider_person, a_school_person
from tests.factories.evaluation import Evaluation, a_marking_evaluation, an_approver, mark_tender
from tests.factories.frameworks import a_procurement_lead
from tests.web_client import sign_in

TELLTALE = "Heliotrope: names the lead and her deputy."
PAGES = (
    "/",
    "/marking",
    "/marking/{other}",
    "/marking/{other}/declaration",
    "/marking/{other}/answers/{answer}",
    "/marking/{own}",
    "/marking/{own}/declaration",
    "/marking/{own}/answers/{answer}",
    "/marking/{own}/answers/{answer}?by=question",
    "/marking/{own}/released/{answer}",
    "/marking/questions",
    "/marking/interests",
    "/returns/{locked}",
    "/waivers/{own}",
    "/rounds/{round}",
    "/rounds/{round}/conformity",
    "/rounds/{round}/panel",
    "/rounds/{round}/panel/proposal",
    "/rounds/{round}/panel/apart",
    "/rounds/{round}/panel/tenders/{application}",
    "/rounds/{round}/moderation",
    "/rounds/{round}/moderation?show=all",
    "/rounds/{round}/moderation/map",
    "/rounds/{round}/moderation/same-marks",
    "/rounds/{round}/moderation/meetings",
    "/rounds/{round}/moderation/spread",
    "/rounds/{round}/moderation/evaluators",
    "/rounds/{round}/progress",
    "/rounds/{round}/results",
    "/rounds/{round}/results/{application}/profile",
    "/rounds/{round}/records",
    "/rounds/{round}/records/marks.csv",
    "/rounds/{round}/records/agreed-marks.csv",
    "/moderation/{answer}",
    "/applications/{application}",
    "/applications/{application}/tender",
)


@pytest.fixture(scope="module")
def blind(build: Build) -> Evaluation:
    """Evaluator A has locked the first tender with a telltale reason; B and C have not begun."""
    return build(a_blind_round)


def a_blind_round() -> Evaluation:
    marking = a_marking_evaluation(2, evaluators=2)
    third = marking.person("evaluator")
    marking.evaluators.append(third)
    name_panel(
        round_id=marking.round_id,
        evaluators=[person.person_id for person in marking.evaluators],
        moderators=[marking.moderator.person_id],
        reason="One more to mark.",
        by=marking.lead,
    )
    assign_panel(round_id=marking.round_id, by=marking.lead)
    declare_conflict(assignment_id=marking.assignment(2).id, conflict="My sister works there.", by=third)
    accept(assignment_id=marking.assignment(2, 1).id, by=third)
    for answer_id in marking.answers():
        record_mark(
            assignment_id=marking.assignment().id,
            answer_id=answer_id,
            points=4,
            reason=TELLTALE,
            version=0,
            by=marking.evaluators[0],
        )
    lock_marks(assignment_id=marking.assignment().id, by=marking.evaluators[0])
    return marking


def everything(
    client: FlaskClient, blind: Evaluation, viewer: Actor, own: int
) -> Iterator[tuple[str, int, str]]:
    """Address, status and text of every page that could tell something, as this person gets it."""
    sign_in(client, viewer.email)
    names = {
        "other": blind.assignment().id,
        "locked": blind.assignment().id,
        "own": own,
        "answer": blind.answers()[0],
        "round": blind.round_id,
        "application": blind.applications[0],
    }
    for page in PAGES:
        answer = client.get(page.format(**names), follow_redirects=True)
        yield page, answer.status_code, answer.get_data(as_text=True)


def provider_name(session: Session, blind: Evaluation, application: int = 0) -> str:
    return session.scalars(
        select(Organisation.name)
        .join(Application, Application.provider_id == Organisation.id)
        .where(Application.id == blind.applications[application])
    ).one()


@pytest.mark.parametrize(
    "role", ["other evaluator", "lead", "moderator", "approver", "auditor", "administrator"]
)
def test_nobody_at_the_council_reads_a_mark_before_all_have_locked(
    client: FlaskClient, session: Session, blind: Evaluation, role: str
) -> None:
    viewers = {"other evaluator": blind.evaluators[1], "lead": blind.lead, "moderator": blind.moderator}
    viewer = viewers.get(role) or blind.person(role)
    for page, _, shown in everything(client, blind, viewer, blind.assignment(1).id):
        assert "Heliotrope" not in shown, f"{role} reads a mark's reason at {page}"


def test_another_evaluators_pages_are_not_there(
    client: FlaskClient, session: Session, blind: Evaluation
) -> None:
    found = {
        page: status
        for page, status, _ in everything(client, blind, blind.evaluators[1], blind.assignment(1).id)
    }
    assert {status for page, status in found.items() if "{other}" in page} == {404}
    assert found["/moderation/{answer}"] == found["/rounds/{round}/moderation"] == 403


def test_the_mark_shows_where_it_may(client: FlaskClient, session: Session, blind: Evaluation) -> None:
    shown = {
        page: text for page, _, text in everything(client, blind, blind.evaluators[0], blind.assignment().id)
    }
    assert "Heliotrope" in shown["/marking/{own}/answers/{answer}"]


def test_no_line_of_the_trail_tells_a_mark_or_a_reason(session: Session, blind: Evaluation) -> None:
    lines = session.scalars(select(AuditLine.details).where(AuditLine.action == "mark.save")).all()
    assert lines
    assert not any("Heliotrope" in str(line) or "points" in line for line in lines)


def test_a_conflicted_evaluator_reads_nothing_of_the_tender(
    client: FlaskClient, session: Session, blind: Evaluation
) -> None:
    own = blind.assignment(2).id
    for page, _, shown in everything(client, blind, blind.evaluators[2], own):
        assert "We ring home before half past nine" not in shown, page
        assert "Heliotrope" not in shown, page


def test_no_answer_can_be_opened_before_the_declaration_or_after_a_conflict(
    client: FlaskClient, session: Session, blind: Evaluation
) -> None:
    fresh = blind.evaluators[1]
    session.execute(
        text("UPDATE assignment SET state = 'assigned', declared_at = NULL WHERE id = :id"),
        {"id": blind.assignment(1, 1).id},
    )
    for viewer, own, answer in (
        (fresh, blind.assignment(1, 1), blind.answers(1)[0]),
        (blind.evaluators[2], blind.assignment(2, 0), blind.answers(0)[0]),
    ):
        client.post("/sign-out")
        sign_in(client, viewer.email)
        assert client.get(f"/marking/{own.id}/answers/{answer}").status_code == 404
        assert client.post(f"/marking/{own.id}/answers/{answer}").status_code == 404


def test_moderation_shows_no_answer_whose_evaluators_have_not_all_locked(
    client: FlaskClient, session: Session, blind: Evaluation
) -> None:
    for viewer in (blind.moderator, blind.lead, an_approver(blind)):
        assert agenda_queries.agenda_of(viewer, blind.round_id, everything=True) == []
        with pytest.raises(NotFound):
            moderation.item_for(viewer, blind.answers()[0])


def test_marks_of_somebody_who_found_a_conflict_later_are_not_the_panels(
    session: Session, blind: Evaluation
) -> None:
    late = blind.evaluators[2]
    answer_id = blind.answers(1)[0]
    record_mark(
        assignment_id=blind.assignment(2, 1).id,
        answer_id=answer_id,
        points=0,
        reason="Heliotrope: this one comes from a friend.",
        version=0,
        by=late,
    )
    declare_conflict(assignment_id=blind.assignment(2, 1).id, conflict="A friend runs it.", by=late)
    for evaluator in (0, 1):
        mark_tender(blind, evaluator, 1)
    assert [mark["points"] for mark in scoring.panel_marks(answer_id)] == [3, 3]
    rows = agenda_queries.agenda_of(blind.moderator, blind.round_id)
    assert {(row["lowest"], row["marks"]) for row in rows} == {(3, 2)}


def test_a_conflict_shuts_the_moderation_too(session: Session, blind: Evaluation) -> None:
    both = blind.evaluators[2]
    mark_tender(blind, 1)
    answer_id = blind.answers()[0]
    assert scoring.panel_marks(answer_id)
    agenda = agenda_queries.agenda_of(both, blind.round_id)
    assert answer_id not in [row["answer_id"] for row in agenda]
    with pytest.raises(NotFound):
        moderation.item_for(both, answer_id)


def test_a_conflict_shuts_the_tender_whatever_the_persons_other_roles(
    client: FlaskClient, session: Session, blind: Evaluation
) -> None:
    both = blind.evaluators[2]
    session.execute(
        text("UPDATE membership SET roles = '{evaluator,moderator}' WHERE person_id = :id"),
        {"id": both.person_id},
    )
    sign_in(client, both.email)
    for closed in ("", "/tender", "/receipt"):
        assert client.get(f"/applications/{blind.applications[0]}{closed}").status_code == 404, closed
    assert client.get(f"/applications/{blind.applications[1]}/tender").status_code == 200


def test_before_declaring_only_the_providers_name_is_shown(client: FlaskClient, session: Session) -> None:
    fresh = a_marking_evaluation(1, accepted=False)
    own = fresh.assignment().id
    name = provider_name(session, fresh)
    pages = {page: shown for page, _, shown in everything(client, fresh, fresh.evaluators[0], own)}
    assert name in pages["/marking/{own}"]
    assert "Do you have a conflict of interest" in pages["/marking/{own}"]
    assert not any("We ring home before half past nine" in shown for shown in pages.values())


def test_a_returned_mark_hides_every_mark_of_the_tender_again(
    client: FlaskClient, session: Session, blind: Evaluation
) -> None:
    mark_tender(blind, 1)
    return_to_evaluator(
        assignment_id=blind.assignment(1).id, answer_id=blind.answers()[0], why="A slip.", by=blind.lead
    )
    assert agenda_queries.agenda_of(blind.moderator, blind.round_id, everything=True) == []
    for viewer, own in ((blind.evaluators[1], blind.assignment(1).id), (blind.moderator, 0), (blind.lead, 0)):
        client.post("/sign-out")
        for page, _, shown in everything(client, blind, viewer, own):
            assert "Heliotrope" not in shown, page


def test_a_waived_conflict_takes_the_tender_off_the_agenda_until_its_evaluator_locks(
    session: Session, blind: Evaluation
) -> None:
    mark_tender(blind, 1)
    assert agenda_queries.agenda_of(blind.moderator, blind.round_id)
    own = blind.assignment(2).id
    propose_mitigation(assignment_id=own, mitigation="A fourth marks it too.", by=blind.lead)
    decide_waiver(assignment_id=own, granted=True, reason="Long ago.", by=blind.person("approver"))
    assert agenda_queries.agenda_of(blind.moderator, blind.round_id, everything=True) == []
    assert scoring.panel_marks(blind.answers()[0]) == []


def test_the_coach_never_speaks_of_anothers_reasons(session: Session, blind: Evaluation) -> None:
    answer_id = blind.answers()[0]
    record_mark(
        assignment_id=blind.assignment(1).id,
        answer_id=answer_id, points=4, reason=TELLTALE, version=0, by=blind.evaluators[1],
    )  # fmt: skip
    own = assignment_for(blind.evaluators[1], blind.assignment(1).id)
    assert "same reason" not in str(advice_for(own, shown_to_evaluator(own)))


@pytest.mark.parametrize("outsider", ["provider", "school"])
def test_a_provider_and_a_school_reach_no_page_of_the_evaluation(
    client: FlaskClient, session: Session, blind: Evaluation, outsider: str
) -> None:
    viewer = a_provider_person() if outsider == "provider" else a_school_person()
    for page, status, shown in everything(client, blind, viewer, blind.assignment(1).id):
        if page != "/":
            assert status in (403, 404), page
        assert "Heliotrope" not in shown, page


def test_the_applicant_itself_reads_nothing_of_its_evaluation(
    client: FlaskClient, session: Session, blind: Evaluation
) -> None:
    email = session.scalar(
        text(
            "SELECT email FROM person JOIN membership ON membership.person_id = person.id JOIN application"
            " ON application.provider_id = membership.organisation_id WHERE application.id = :id"
        ),
        {"id": blind.applications[0]},
    )
    sign_in(client, email)
    for page in (f"/marking/{blind.assignment().id}", f"/moderation/{blind.answers()[0]}"):
        assert client.get(page).status_code == 403
    shown = client.get(f"/applications/{blind.applications[0]}", follow_redirects=True).get_data(as_text=True)
    assert "Heliotrope" not in shown
    assert blind.evaluators[0].name not in shown


def test_another_councils_people_find_nothing(
    client: FlaskClient, session: Session, blind: Evaluation
) -> None:
    for page, status, _ in everything(client, blind, a_procurement_lead(), blind.assignment(1).id):
        if page not in ("/", "/marking/interests"):  # where everybody reads of themselves alone
            assert status in (403, 404), page


def test_once_all_have_locked_the_panel_and_the_moderator_read_all_marks(
    client: FlaskClient, session: Session, app: Flask, blind: Evaluation
) -> None:
    mark_tender(blind, 1)
    for viewer, page in (
        (blind.evaluators[1], f"/marking/{blind.assignment(1).id}/answers/{blind.answers()[0]}"),
        (blind.moderator, f"/moderation/{blind.answers()[0]}"),
        (an_approver(blind), f"/moderation/{blind.answers()[0]}"),
    ):
        visitor = sign_in(app.test_client(), viewer.email)
        assert "Heliotrope" in visitor.get(page).get_data(as_text=True)
