"""Where names are hidden, nothing that an evaluator can get says whose a tender is, by whatever road.

Every page and file that an evaluator of such a round can get is got and searched, headers and links included,
for everything by which the tenderer is known. The list of all tenderers alone names them, and it says nothing
of tenders.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

import pikepdf
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.assignments.declaration_queries import tenderers_for
from evaluation.assignments.declaration_services import declare_conflict_on_list
from evaluation.assignments.hand_out_services import assign_by_hand
from evaluation.assignments.hidden_queries import codes_of
from evaluation.assignments.models import Assignment, ConflictDeclaration, IdentifyingAnswer
from evaluation.assignments.proposal_queries import tender_panel
from evaluation.assignments.services import (
    DeclaredOnList,
    PanelRefused,
    accept,
    assign_panel,
    decline,
    name_panel,
)
from evaluation.assignments.waiver_services import WaiverTells, decide_waiver, propose_mitigation
from evaluation.inquiries.services import show
from evaluation.moderation.return_services import return_to_evaluator
from evaluation.scoring.services import record_mark
from portal.accounts.access import Actor
from portal.audit.queries import reads_of
from portal.database import db, transaction
from portal.mail.models import Letter
from tender.applications.models import Application
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, statements_of
from tests.factories.evaluation import (
    REASON,
    Evaluation,
    a_marking_evaluation,
    declare_none,
    mark_tender,
    somebody_declared,
)
from tests.factories.inquiries import a_point, an_answered_inquiry
from tests.web_client import sign_in

NAME = "Brookside Youth Trust CIC"
ANSWER = (
    "At Brookside we ring home before half past nine, and BYT writes it down. Dr Okafor leads; see "
    "www.brookside-youth.example.net or write to morgan@brook.example.net. Our number is 0765 4321, in "
    "M3 9ZZ."
)
TELLS = re.compile(r"brookside|morgan|okafor|0765 ?4321|\bBYT\b|brook\.example|M3 9ZZ", re.IGNORECASE)
SAID = "before half past nine"
# The way in, and organisations by name to whoever looks for their own: neither knows of tenders.
NOT_ASKED = (
    "/join",
    "/sign-in",
    "/sign-out",
    "/your-sign-in",
    "/mailbox",
    "/confirm-email",
    "/reset-password",
)
KNOWN = (
    "UPDATE organisation SET name = :name, website = 'https://brookside-youth.example.net',"
    " postcode = 'M3 9ZZ' WHERE id = :provider",
    "UPDATE person SET name = 'Morgan Okafor', email = 'morgan@brook.example.net'"
    " WHERE id IN (SELECT person_id FROM membership WHERE organisation_id = :provider)",
    "INSERT INTO organisation_identifier VALUES (:provider, 'GB-COH', '07654321')",
    "UPDATE document SET filename = 'Brookside’s policy.PDF' WHERE organisation_id = :provider",
    "INSERT INTO answer_file (answer_id, document_id, facts) SELECT :answer, id, '{}'"
    " FROM document WHERE organisation_id = :provider ORDER BY id LIMIT 1 ON CONFLICT DO NOTHING",
    "UPDATE answer SET value = to_jsonb(CAST(:said AS text)) WHERE id = :answer",
    "UPDATE inquiry SET text = :said, answer = :said, (question_id, lot_id)"
    " = (SELECT question_id, lot_id FROM answer WHERE id = :answer)",
)


@dataclass
class Hidden:
    """A round whose names are hidden; the first tender's answer that tells, and what addresses may name."""

    marking: Evaluation
    answer: int
    ids: dict[str, list[object]]

    def page(self, evaluator: int = 0) -> str:
        """Where that answer is marked."""
        return f"/marking/{self.marking.assignment(evaluator).id}/answers/{self.answer}"


def a_hidden_round() -> Hidden:
    made = a_marking_evaluation(2, names_hidden=True)
    provider = db.session.get_one(Application, made.applications[0]).provider_id
    point = a_point(made, title="Safeguarding")
    inquiry = an_answered_inquiry(made, about=point)
    show(inquiry_id=inquiry, by=made.lead)
    answer = made.answers()[0]
    binds = {"provider": provider, "name": NAME, "said": ANSWER, "answer": answer}
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in KNOWN:
            session.execute(text(statement), binds)
        session.execute(text("SET LOCAL session_replication_role = origin"))
    documents = db.session.scalars(text("SELECT id FROM document WHERE organisation_id = :provider"), binds)
    ids: dict[str, list[object]] = {
        "round_id": [made.round_id],
        "application_id": list(made.applications),
        "assignment_id": [made.assignment(who, which).id for who in (0, 1) for which in (0, 1)],
        "answer_id": [answer, made.answers(1)[0]],
        "document_id": list(documents),
        "framework_id": [made.round.framework_id],
        "organisation_id": [provider],
        "person_id": [person.person_id for person in made.evaluators],
        "inquiry_id": [inquiry],
        "code": ["safeguarding"],
        "sheet": ["marks"],
    }
    return Hidden(made, answer, ids)


@pytest.fixture(scope="module")
def hidden(build: Build) -> Hidden:
    """Two tenders; the first one's provider is known by all that is looked for, and says all of it."""
    return build(a_hidden_round)


@pytest.fixture
def evaluator(client: FlaskClient, hidden: Hidden) -> FlaskClient:
    return sign_in(client, hidden.marking.evaluators[0].email)


def addresses(app: Flask, hidden: Hidden) -> Iterator[str]:
    """Every address that can be got, with each thing that it may name."""
    routes = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        values: list[dict[str, object]] = [{}]
        for name in rule.arguments:
            values = [{**each, name: value} for each in values for value in hidden.ids.get(name, ())]
        for each in values:
            address = routes.build(rule.endpoint, each)
            if not address.startswith(NOT_ASKED):
                yield from (address, f"{address}?by=question&sort=name&show=all&page=1")


def shown_at(client: FlaskClient, address: str) -> str:
    """All that an address answers: body, headers, and the name that a document is given under."""
    answer = client.get(address)
    shown = f"{unquote(str(answer.headers))}\n{answer.get_data().decode(errors='replace')}"
    answer.close()
    return shown


def telling(client: FlaskClient, app: Flask, hidden: Hidden) -> list[str]:
    """The addresses that tell whose the first tender is."""
    return [address for address in addresses(app, hidden) if TELLS.search(shown_at(client, address))]


def test_no_road_tells_an_evaluator_whose_tender_it_is(
    app: Flask, session: Session, hidden: Hidden, evaluator: FlaskClient
) -> None:
    listed = f"/rounds/{hidden.marking.round_id}/declarations"
    found = telling(evaluator, app, hidden)
    assert {address.partition("?")[0] for address in found} == {listed}


def test_the_list_of_tenderers_says_nothing_of_tenders(
    session: Session, hidden: Hidden, evaluator: FlaskClient
) -> None:
    page = evaluator.get(f"/rounds/{hidden.marking.round_id}/declarations").get_data(as_text=True)
    main = page[page.index("<main") : page.index("</main>")]
    assert NAME in main
    assert not any(code in main for code in codes_of(hidden.marking.round_id).values())
    ids = {*hidden.marking.applications, *hidden.ids["assignment_id"], *hidden.ids["organisation_id"]}
    assert not {int(number) for number in re.findall(r'(?:value|/)="?(\d+)"', main)} & (ids - {0, 1})


def test_the_answer_is_read_masked_under_a_code_and_says_so(
    app: Flask, session: Session, hidden: Hidden, evaluator: FlaskClient
) -> None:
    page = evaluator.get(hidden.page()).get_data(as_text=True)
    code = codes_of(hidden.marking.round_id)[hidden.marking.applications[0]]
    assert SAID in page and "[name hidden]" in page and f"Tender {code}" in page
    assert "What is in a file is not hidden, nor are the properties of others" in page
    assert faults(page, app) == []


def test_a_document_is_given_under_a_name_of_ours(
    session: Session, hidden: Hidden, evaluator: FlaskClient
) -> None:
    page = evaluator.get(hidden.page()).get_data(as_text=True)
    address = re.findall(r'href="(/marking/[^"]*/documents/[^"]*)"', page)[0]
    code = codes_of(hidden.marking.round_id)[hidden.marking.applications[0]]
    given = evaluator.get(address)
    assert f"Tender-{code}-safeguarding-1.pdf" in given.headers["Content-Disposition"]
    assert f"Tender-{code}-safeguarding-1.pdf" in page
    assert (given.status_code, given.mimetype) == (200, "application/octet-stream")
    with pikepdf.open(io.BytesIO(given.data)) as pdf:
        assert len(pdf.pages) and "/Info" not in pdf.trailer
    newest = reads_of("application", hidden.marking.applications[0])[0]
    assert newest["details"]["copy"] == "without properties"


def test_the_answer_itself_is_not_touched(session: Session, hidden: Hidden) -> None:
    kept = session.scalar(text("SELECT value #>> '{}' FROM answer WHERE id = :id"), {"id": hidden.answer})
    assert kept == ANSWER


@pytest.mark.parametrize("role", ["lead", "moderator", "approver", "auditor"])
def test_whoever_runs_or_audits_the_round_reads_names(
    client: FlaskClient, session: Session, hidden: Hidden, role: str
) -> None:
    known = {"lead": hidden.marking.lead, "moderator": hidden.marking.moderator}
    sign_in(client, (known.get(role) or somebody_declared(hidden.marking, role)).email)
    page = client.get(f"/applications/{hidden.marking.applications[0]}/tender")
    assert NAME in page.get_data(as_text=True)


def test_names_show_once_all_of_ones_own_marks_are_locked_and_no_earlier(
    session: Session, hidden: Hidden, evaluator: FlaskClient
) -> None:
    mark_tender(hidden.marking, 0, 0)
    assert NAME not in evaluator.get("/marking").get_data(as_text=True)
    mark_tender(hidden.marking, 0, 1)
    assert NAME in evaluator.get("/marking").get_data(as_text=True)
    assert "Brookside" in evaluator.get(hidden.page()).get_data(as_text=True)
    return_to_evaluator(
        assignment_id=hidden.marking.assignment().id,
        answer_id=hidden.answer,
        why="Look at Brookside again.",
        by=hidden.marking.lead,
    )
    assert "Brookside" not in evaluator.get(hidden.page()).get_data(as_text=True)


def test_a_tender_that_was_handed_back_stays_under_its_code(
    session: Session, hidden: Hidden, evaluator: FlaskClient
) -> None:
    first = hidden.marking.evaluators[0]
    decline(assignment_id=hidden.marking.assignment().id, reason="On leave.", by=first)
    mark_tender(hidden.marking, 0, 1)
    for page in ("/marking", f"/marking/{hidden.marking.assignment().id}/declaration"):
        assert not TELLS.search(evaluator.get(page).get_data(as_text=True)), page
    with pytest.raises(DeclaredOnList):
        accept(assignment_id=hidden.marking.assignment().id, by=first)


def test_the_coach_confirms_no_guess(session: Session, hidden: Hidden, evaluator: FlaskClient) -> None:
    for application, answer in ((0, hidden.answer), (1, hidden.marking.answers(1)[0])):
        assignment = hidden.marking.assignment(0, application).id
        record_mark(
            assignment_id=assignment,
            answer_id=answer,
            points=3,
            reason=f"This is {NAME}, I think, and it rings home.",
            version=0,
            by=hidden.marking.evaluators[0],
        )
        page = evaluator.get(f"/marking/{assignment}/answers/{answer}").get_data(as_text=True)
        assert "It names a provider. Names are hidden" in page
        assert "which is another provider" not in page


def test_an_evaluator_reports_an_answer_that_still_tells(
    client: FlaskClient, session: Session, hidden: Hidden, evaluator: FlaskClient
) -> None:
    said = {"what": "The photograph in the file shows the sign over the door."}
    assert evaluator.post(f"{hidden.page()}/report", data={"what": " "}).status_code == 422
    for _ in range(2):
        assert evaluator.post(f"{hidden.page()}/report", data=said).status_code == 303
    assert session.scalars(select(IdentifyingAnswer.what)).all() == [said["what"]]
    assert "You reported at" in evaluator.get(hidden.page()).get_data(as_text=True)
    evaluator.post("/sign-out")
    sign_in(client, hidden.marking.lead.email)
    panel = client.get(f"/rounds/{hidden.marking.round_id}/panel").get_data(as_text=True)
    assert said["what"] in panel and "Names are hidden in this round" in panel


def test_nobody_who_reads_names_evaluates_where_they_are_hidden(session: Session, hidden: Hidden) -> None:
    both = hidden.marking.person("evaluator", "moderator")
    with pytest.raises(PanelRefused, match="reads who applied"):
        name_panel(
            round_id=hidden.marking.round_id,
            evaluators=[hidden.marking.evaluators[0].person_id, both.person_id],
            moderators=[hidden.marking.moderator.person_id],
            reason="More hands.",
            by=hidden.marking.lead,
        )


def test_codes_are_given_at_random_and_once(session: Session, hidden: Hidden) -> None:
    before = codes_of(hidden.marking.round_id)
    assign_panel(round_id=hidden.marking.round_id, by=hidden.marking.lead)
    assert codes_of(hidden.marking.round_id) == before
    assert len(set(before.values())) == 2
    with pytest.raises(Exception, match="its rows are a record"):
        session.execute(text("UPDATE tender_code SET code = 'A1'"))


def test_before_declaring_no_tender_is_listed_and_the_list_opens_them_all(
    client: FlaskClient, session: Session, hidden: Hidden
) -> None:
    fresh = a_newcomer(hidden.marking)
    sign_in(client, fresh.email)
    assert "Tender " not in client.get("/marking").get_data(as_text=True)
    own = hidden.marking.assignment(2).id
    assert client.get(f"/marking/{own}", follow_redirects=True).request.path.endswith("/declarations")
    declare_none(hidden.marking, fresh)
    page = client.get("/marking").get_data(as_text=True)
    assert page.count("Tender ") >= 2 and not TELLS.search(page)


def test_a_conflict_on_the_list_closes_the_tender_without_telling_its_code(
    client: FlaskClient, session: Session, hidden: Hidden
) -> None:
    fresh = a_newcomer(hidden.marking)
    sign_in(client, fresh.email)
    page = f"/rounds/{hidden.marking.round_id}/declarations"
    shown = client.get(page).get_data(as_text=True)
    seen = re.findall(r'name="seen"[^>]*value="(\w+)"', shown)[0]
    place = re.findall(rf'value="(\d+)"[^>]*>{NAME}', shown)[0]
    typed = {"seen": seen, "tenderer": place, "kind": "actual", "conflict": "My sister works there."}
    assert client.post(f"{page}/conflict", data={**typed, "seen": "older"}).status_code == 422
    assert client.post(f"{page}/conflict", data=typed).status_code == 303
    assert client.post(page, data={"seen": seen}).status_code == 303
    assert hidden.marking.assignment(2, 0).state == "conflicted"
    assert hidden.marking.assignment(2, 1).state == "accepted"
    listed = client.get("/marking").get_data(as_text=True)
    code = codes_of(hidden.marking.round_id)[hidden.marking.applications[0]]
    assert f"Tender {code}" not in listed and not TELLS.search(listed)


def test_no_waiver_opens_a_tender_that_would_tell_whose_it_is(
    app: Flask, client: FlaskClient, session: Session, hidden: Hidden
) -> None:
    fresh = a_newcomer(hidden.marking)
    declare_a_conflict(hidden.marking, fresh)
    declare_none(hidden.marking, fresh)
    own = hidden.marking.assignment(2).id
    with pytest.raises(WaiverTells):
        propose_mitigation(assignment_id=own, mitigation="A third marks it.", by=hidden.marking.lead)
    sign_in(client, hidden.marking.lead.email)
    page = client.get(f"/waivers/{own}").text
    assert faults(page, app) == [] and "would tell them whose it is" in page and "<textarea" not in page


def test_a_conflict_declared_before_tenders_are_handed_out_keeps_that_tender_away(
    session: Session, hidden: Hidden
) -> None:
    early = a_newcomer(hidden.marking, given=False)
    declaration = declare_a_conflict(hidden.marking, early)
    declare_none(hidden.marking, early)
    assign_panel(round_id=hidden.marking.round_id, by=hidden.marking.lead)
    assert given_to(early) == hidden.marking.applications[1:]
    with pytest.raises(PanelRefused, match="declared a conflict"):
        give_by_hand(hidden.marking, early)
    with pytest.raises(WaiverTells):
        propose_mitigation(declaration_id=declaration, mitigation="A third.", by=hidden.marking.lead)


def test_a_waiver_before_anything_is_handed_out_opens_the_tender_with_all_others(
    client: FlaskClient, session: Session, hidden: Hidden
) -> None:
    early = a_newcomer(hidden.marking, given=False)
    declaration = declare_a_conflict(hidden.marking, early)
    propose_mitigation(declaration_id=declaration, mitigation="A third.", by=hidden.marking.lead)
    decide_waiver(
        declaration_id=declaration, granted=True, reason="Long ago.", by=hidden.marking.person("approver")
    )
    assign_panel(round_id=hidden.marking.round_id, by=hidden.marking.lead)
    assert "Tender " not in sign_in(client, early.email).get("/marking").text
    declare_none(hidden.marking, early)
    assert [hidden.marking.assignment(2, which).state for which in (0, 1)] == ["accepted", "accepted"]
    assert not TELLS.search(client.get("/marking").text)


def test_the_button_of_the_list_is_there_while_it_opens_something(
    client: FlaskClient, session: Session, hidden: Hidden
) -> None:
    early = a_newcomer(hidden.marking, given=False)
    declare_none(hidden.marking, early)
    sign_in(client, early.email)
    page, button = f"/rounds/{hidden.marking.round_id}/declarations", "I have no conflict with any other"
    assert button not in client.get(page).text
    assign_panel(round_id=hidden.marking.round_id, by=hidden.marking.lead)
    assert button in client.get(page).text


def declare_a_conflict(marking: Evaluation, by: Actor) -> int:
    """A conflict with the first tender's provider, on the list; the declaration's id."""
    listed = tenderers_for(by, marking.round_id)
    place = [each.application_id for each in listed.tenderers].index(marking.applications[0])
    declare_conflict_on_list(
        round_id=marking.round_id, place=place, kind="actual", conflict="My sister works there.",
        seen=listed.seen, by=by,
    )  # fmt: skip
    mine = select(ConflictDeclaration.id).where(ConflictDeclaration.conflict_kind != "")
    return db.session.scalars(mine.where(ConflictDeclaration.person_id == by.person_id)).one()


def given_to(person: Actor) -> list[int]:
    """The tenders that somebody has to mark."""
    tenders = select(Assignment.application_id).where(Assignment.evaluator_id == person.person_id)
    return list(db.session.scalars(tenders.order_by(Assignment.application_id)))


def give_by_hand(marking: Evaluation, person: Actor) -> None:
    """The first tender, in whole, to this evaluator."""
    sections = set(tender_panel(marking.round_id, marking.applications[0]).sections)
    assign_by_hand(
        round_id=marking.round_id, application_id=marking.applications[0],
        wanted={each.person_id: sections for each in marking.evaluators},
        reason="One more.", by=marking.lead,
    )  # fmt: skip


def a_newcomer(marking: Evaluation, *, given: bool = True) -> Actor:
    """A third evaluator with every tender, who has declared nothing yet; without any, unless `given`."""
    fresh = marking.person("evaluator")
    marking.evaluators[2:] = [fresh]
    name_panel(
        round_id=marking.round_id,
        evaluators=[person.person_id for person in marking.evaluators],
        moderators=[marking.moderator.person_id],
        reason="One more to mark.",
        by=marking.lead,
    )
    if given:
        assign_panel(round_id=marking.round_id, by=marking.lead)
    return fresh


def test_no_letter_tells_an_evaluator_of_a_tender(session: Session, hidden: Hidden) -> None:
    people = [person.email for person in hidden.marking.evaluators]
    letters = session.scalars(select(Letter.body).where(Letter.to_address.in_(people))).all()
    assert [body for body in letters if TELLS.search(body)] == []


def test_marking_without_names_costs_no_more_than_twelve_statements(
    connection, session: Session, hidden: Hidden, evaluator: FlaskClient
) -> None:
    record_mark(
        assignment_id=hidden.marking.assignment().id,
        answer_id=hidden.answer,
        points=3,
        reason=REASON,
        version=0,
        by=hidden.marking.evaluators[0],
    )
    for page in (hidden.page(), f"{hidden.page()}?by=question", "/marking", "/"):
        assert statements_of(connection, lambda page=page: evaluator.get(page)) <= 12, page


def test_the_option_stands_once_the_round_is_published(session: Session, hidden: Hidden) -> None:
    with pytest.raises(Exception, match="whether names are hidden is published"):
        session.execute(text("UPDATE round SET names_hidden = false"))


def test_applicants_are_told_before_they_apply(client: FlaskClient, session: Session, hidden: Hidden) -> None:
    page = client.get(f"/opportunities/{hidden.marking.round_id}").get_data(as_text=True)
    assert "Evaluators do not see whose tender they mark" in page


def test_marks_are_locked_under_the_code(session: Session, hidden: Hidden, evaluator: FlaskClient) -> None:
    mark_tender(hidden.marking, 0, 0, lock=False)
    page = evaluator.post(f"/marking/{hidden.marking.assignment().id}/lock", follow_redirects=True)
    assert "are locked" in (shown := page.get_data(as_text=True)) and not TELLS.search(shown)
