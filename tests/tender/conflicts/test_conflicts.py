"""A round is published with its conflicts assessment, which is then kept under review and never public."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation
from portal.errors import NotFound, Refusal
from tender.conflicts.queries import Conflict, assessments_of
from tender.conflicts.services import assess
from tender.frameworks.models import Framework, Round
from tender.frameworks.refusals import NotReady
from tender.frameworks.services import publish_round
from tests.factories.accounts import a_council, a_person
from tests.factories.frameworks import a_draft_round, a_framework, a_procurement_lead, a_published_round
from tests.web_client import sign_in

CONFLICT = Conflict("Ola Quist", "perceived", "Sits on a school's board.", "Marks no provider of the school.")
PEOPLE = "Ola Quist: marks\nPer Lund: approves"


def a_draft(regime: str = "PA2023") -> Round:
    return a_draft_round(framework=a_framework(regime=regime))


def page_of(client: FlaskClient, address: str) -> str:
    return re.sub(r"\s+", " ", client.get(address).text)


def test_a_round_under_the_act_is_not_published_without_an_assessment(session: Session) -> None:
    draft = a_draft()
    lead = a_procurement_lead(draft)
    with pytest.raises(NotReady, match="section 83"):
        publish_round(by=lead, round_id=draft.id)
    assess(by=lead, round_id=draft.id, people=PEOPLE, conflicts=[])
    assert publish_round(by=lead, round_id=draft.id).state == "published"


def test_under_the_regulations_the_page_only_warns(client: FlaskClient) -> None:
    draft = a_draft("PCR2015")
    lead = a_procurement_lead(draft)
    sign_in(client, lead.email)
    assert "No conflicts of interest have been assessed" in page_of(client, f"/rounds/{draft.id}/publish")
    assert publish_round(by=lead, round_id=draft.id).state == "published"


def test_a_review_stands_beside_what_was_assessed_before(session: Session) -> None:
    draft = a_draft()
    lead = a_procurement_lead(draft)
    assess(by=lead, round_id=draft.id, people=PEOPLE, conflicts=[])
    assess(by=lead, round_id=draft.id, people=PEOPLE, conflicts=[CONFLICT])
    _, (newest, first) = assessments_of(lead, draft.id)
    assert (newest.conflicts, first.conflicts) == ((CONFLICT,), ())
    assert newest.assessed_by == lead.name


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ("UPDATE conflicts_assessment SET people = 'x'", "its rows are a record"),
        ("DELETE FROM conflicts_assessment", "is published"),
    ],
)
def test_the_database_lets_nobody_change_an_assessment(session: Session, change: str, refused: str) -> None:
    a_published_round(framework=a_framework(regime="PA2023"))
    with pytest.raises(DBAPIError, match=refused), session.begin_nested():
        session.execute(text(change))


@pytest.mark.parametrize(
    ("people", "conflict", "field"),
    [
        ("  ", CONFLICT, "people"),
        (PEOPLE, Conflict("Ola Quist", "perceived", "Sits on a board.", ""), "conflicts"),
        (PEOPLE, Conflict("Ola Quist", "imagined", "Sits on a board.", "Nothing."), "conflicts"),
    ],
)
def test_half_an_assessment_is_refused(session: Session, people: str, conflict: Conflict, field: str) -> None:
    draft = a_draft()
    with pytest.raises(Refusal) as refusal:
        assess(by=a_procurement_lead(draft), round_id=draft.id, people=people, conflicts=[conflict])
    assert refusal.value.field == field


def test_another_council_neither_reads_nor_writes_it(session: Session) -> None:
    published = a_published_round(framework=a_framework(regime="PA2023"))
    stranger = a_procurement_lead(a_council("Another Council"))
    with pytest.raises(NotFound):
        assessments_of(stranger, published.id)
    with pytest.raises(NotFound):
        assess(by=stranger, round_id=published.id, people=PEOPLE, conflicts=[])


def test_the_lead_assesses_on_the_page_and_loses_nothing_typed(
    client: FlaskClient,
) -> None:
    draft = a_draft()
    sign_in(client, a_procurement_lead(draft).email)
    here = f"/rounds/{draft.id}/conflicts"
    half = {
        "people": PEOPLE,
        "found": "some",
        "conflicts-0-person": "Ola Quist",
        "conflicts-0-kind": "actual",
    }
    answer = client.post(here, data=half)
    assert answer.status_code == 422
    assert "Say what is done about it." in answer.text and "Ola Quist" in answer.text
    whole = {
        **half,
        "conflicts-0-kind": "actual",
        "conflicts-0-nature": "Sits on a board.",
        "conflicts-0-mitigation": "Marks none of its.",
    }
    assert client.post(here, data=whole).status_code == 303
    assert "Marks none of its." in page_of(client, here)


def test_some_found_needs_one_written_and_none_found_keeps_none(client: FlaskClient) -> None:
    draft = a_draft()
    sign_in(client, a_procurement_lead(draft).email)
    here = f"/rounds/{draft.id}/conflicts"
    assert client.post(here, data={"people": PEOPLE, "found": "some"}).status_code == 422
    typed = {"people": PEOPLE, "found": "none", "conflicts-0-person": "Somebody"}
    assert client.post(here, data=typed).status_code == 303
    assert 'Conflicts found </dt> <dd class="govuk-summary-list__value"> None' in page_of(client, here)


def test_an_auditor_reads_it_and_writes_nothing(client: FlaskClient, session: Session) -> None:
    published = a_published_round(framework=a_framework(regime="PA2023"))
    council = session.get_one(Framework, published.framework_id).council_id
    auditor = a_person(session.get_one(Organisation, council), "auditor")
    sign_in(client, auditor.email)
    here = f"/rounds/{published.id}/conflicts"
    page = page_of(client, here)
    assert "Whoever takes part" in page and "Keep the review" not in page
    assert client.post(here, data={"people": PEOPLE, "found": "none"}).status_code == 404


def test_the_public_page_says_nothing_of_it(client: FlaskClient) -> None:
    published = a_published_round(framework=a_framework(regime="PA2023"))
    assert "Whoever takes part" not in page_of(client, f"/opportunities/{published.id}")
