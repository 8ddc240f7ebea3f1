"""A framework that is always open: intakes, cut-offs, and the answer that is promised."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.errors import Conflict, NotFound, Refusal
from portal.mail.models import Letter
from tender.applications.carrying_services import carry_over
from tender.applications.queries import own_application_for, tender_of
from tender.applications.services import RoundNotOpen, start_application, submit_application
from tender.clarifications.queries import published_answers
from tender.clarifications.services import ask, publish
from tender.conflicts.queries import assessments_of
from tender.conflicts.services import assess
from tender.deadline.services import extend
from tender.documents.queries import papers_of
from tender.followers.services import follow
from tender.frameworks import home_queries, queries
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Round
from tender.frameworks.opening_services import open_box
from tender.frameworks.services import edit_round, publish_round
from tender.intakes.services import add_intakes, answer_later, plan_intakes
from tender.packs.versions import versions_of
from tests.factories import packs
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.applications import a_complete_draft, a_draft
from tests.factories.clarifications import PORTAL_URL
from tests.factories.documents import a_new_version, a_round_document
from tests.factories.frameworks import a_draft_round, a_procurement_lead, lot_ids
from tests.factories.packs import prepare
from tests.web_client import sign_in

JANUARY = datetime(2027, 1, 29, 12, tzinfo=UTC)
MAY = datetime(2027, 5, 28, 11, tzinfo=UTC)  # 12 noon, summer time
SEPTEMBER = datetime(2027, 9, 24, 11, tzinfo=UTC)
BEFORE = datetime(2026, 12, 1, 9, tzinfo=UTC)


@pytest.fixture
def lead(session: Session) -> Iterator[Actor]:
    with clock.staged_at(BEFORE):
        yield a_procurement_lead(a_council())


def a_plan(lead: Actor, **changed: object) -> Round:
    """A draft whose first cut-off is in January and the next in May; answers within 10 days, at most 15."""
    draft = a_draft_round(
        lead=lead,
        opens_at=BEFORE + timedelta(hours=1),
        closes_at=JANUARY,
        questions_until=JANUARY - timedelta(days=10),
    )
    promise = {"cut_offs": [MAY], "answer_within": 10, "answer_at_most": 15}
    plan_intakes(by=lead, round_id=draft.id, **{"always_open": True, **promise, **changed})
    return draft


def published(lead: Actor) -> list[RoundFacts]:
    draft = a_plan(lead)
    publish_round(by=lead, round_id=draft.id)
    return queries.intakes_of(draft.framework_id)


def test_with_the_first_intake_the_others_are_published_and_follow_each_other(lead: Actor) -> None:
    first, second = published(lead)
    assert [facts.state for facts in (first, second)] == ["published", "published"]
    assert (first.closes_at, second.opens_at, second.closes_at) == (JANUARY, JANUARY, MAY)
    assert second.number == first.number + 1
    assert second.questions_until == MAY - timedelta(days=10)


def test_each_intake_has_its_own_copy_of_pack_lots_and_papers(lead: Actor) -> None:
    draft = a_plan(lead)
    a_round_document(draft)
    publish_round(by=lead, round_id=draft.id)
    first, second = queries.intakes_of(draft.framework_id)
    assert queries.lots_of_round(second.id) == queries.lots_of_round(first.id)
    asked = [queries.pack_of(facts.id).questions for facts in (first, second)]
    assert [question.code for question in asked[0]] == [question.code for question in asked[1]]
    assert {question.id for question in asked[0]}.isdisjoint(question.id for question in asked[1])
    assert [len(papers_of(facts)) for facts in (first, second)] == [1, 1]


def test_at_any_moment_one_intake_is_open(lead: Actor) -> None:
    first, second = published(lead)
    for moment, current in (
        (JANUARY - timedelta(seconds=1), first),
        (JANUARY, second),
        (MAY - timedelta(seconds=1), second),
    ):
        with clock.staged_at(moment):
            found = [facts.id for facts in queries.intakes_of(first.framework_id) if facts.phase == "open"]
            assert found == [current.id]


def test_what_arrives_at_the_cut_off_is_refused_there_and_goes_on_in_the_next_intake(
    lead: Actor, session: Session
) -> None:
    first, second = published(lead)
    by = a_provider_person()
    late = a_complete_draft(session.get_one(Round, first.id), by, lot_ids(session.get_one(Round, first.id)))
    with clock.staged_at(JANUARY):
        with pytest.raises(RoundNotOpen):
            submit_application(application_id=late, declared=True, by=by)
        carried = carry_over(application_id=late, into_round_id=second.id, by=by)
        submit_application(application_id=carried, declared=True, by=by)
    assert own_application_for(by, carried).round_id == second.id
    assert own_application_for(by, late).state == "draft"
    assert not tender_of(own_application_for(by, late)).missing


def test_the_box_of_an_intake_opens_while_the_next_is_still_sealed(lead: Actor) -> None:
    first, second = published(lead)
    with clock.staged_at(JANUARY + timedelta(hours=1)):
        open_box(by=lead, round_id=first.id)
        with pytest.raises(Refusal, match="closes at"):
            open_box(by=lead, round_id=second.id)


def test_the_answer_is_promised_in_working_days_and_once_later_with_a_reason(lead: Actor) -> None:
    first, _ = published(lead)
    assert first.answer_due_on == date(2027, 2, 12)
    with pytest.raises(Refusal, match="Say why"):
        answer_later(by=lead, round_id=first.id, reason=" ")
    answer_later(by=lead, round_id=first.id, reason="Two referees were ill.")
    answer_later(by=lead, round_id=first.id, reason="Another reason.")
    told = queries.round_for(lead, first.id)
    assert told.answer_later_because == "Two referees were ill."
    assert told.answer_due_on == date(2027, 2, 19)


def test_where_no_longer_time_was_published_none_is_taken(lead: Actor) -> None:
    draft = a_plan(lead, answer_at_most=None)
    publish_round(by=lead, round_id=draft.id)
    with pytest.raises(Conflict):
        answer_later(by=lead, round_id=draft.id, reason="Too many came.")


def test_the_council_is_reminded_when_the_answer_is_near(lead: Actor) -> None:
    first, _ = published(lead)
    with clock.staged_at(JANUARY + timedelta(hours=1)):
        open_box(by=lead, round_id=first.id)
    with clock.staged_at(datetime(2027, 2, 4, 12, tzinfo=UTC)):  # six working days before
        assert not any("answered by" in task.sentence for task in home_queries.waiting_for(lead).now)
    with clock.staged_at(datetime(2027, 2, 5, 12, tzinfo=UTC)):
        told = [task.sentence for task in home_queries.waiting_for(lead).now]
    assert [sentence for sentence in told if "has to be answered by Friday 12 February 2027" in sentence]


def test_further_intakes_follow_the_last_one(lead: Actor) -> None:
    first, _ = published(lead)
    add_intakes(by=lead, round_id=first.id, cut_offs=[SEPTEMBER])
    *_, last = queries.intakes_of(first.framework_id)
    assert (last.opens_at, last.closes_at, last.answer_within) == (MAY, SEPTEMBER, 10)


def test_after_a_gap_the_next_intake_opens_at_once(lead: Actor) -> None:
    first, _ = published(lead)
    later = MAY + timedelta(days=3)
    with clock.staged_at(later):
        add_intakes(by=lead, round_id=first.id, cut_offs=[SEPTEMBER])
    assert queries.intakes_of(first.framework_id)[-1].opens_at == later


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"answer_within": None, "answer_at_most": None}, "answer_within"),
        ({"answer_within": 0}, "answer_within"),
        ({"answer_at_most": 10}, "answer_at_most"),
        ({"cut_offs": [JANUARY]}, "cut_offs"),
        ({"cut_offs": [MAY + timedelta(days=each) for each in range(25)]}, "cut_offs"),
    ],
)
def test_a_plan_without_sense_is_refused_at_its_field(
    lead: Actor, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        a_plan(lead, **wrong)
    assert refused.value.field == field


def test_the_first_cut_off_cannot_be_moved_past_the_next(lead: Actor) -> None:
    draft = a_plan(lead)
    lots = {lot.id: lot.price_ceiling for lot in queries.lots_of_round(draft.id)}
    with pytest.raises(Refusal, match="next cut-off"):
        edit_round(by=lead, round_id=draft.id, lots=lots, opens_at=BEFORE, closes_at=MAY)  # type: ignore[arg-type]


def test_a_published_promise_stands_in_the_database_itself(lead: Actor, session: Session) -> None:
    first, _ = published(lead)
    with pytest.raises(Conflict):
        plan_intakes(by=lead, round_id=first.id, always_open=False)
    with pytest.raises(IntegrityError, match="promises is published"):
        session.execute(text("UPDATE round SET answer_within = 90 WHERE id = :id"), {"id": first.id})


def test_another_council_neither_plans_nor_adds(lead: Actor) -> None:
    first, _ = published(lead)
    stranger = a_procurement_lead(a_council())
    with pytest.raises(NotFound):
        add_intakes(by=stranger, round_id=first.id, cut_offs=[SEPTEMBER])


def test_the_public_page_says_when_the_next_are_assessed_and_answered(
    lead: Actor, client: FlaskClient, session: Session
) -> None:
    draft = a_plan(lead)
    first_close = clock.now() + timedelta(days=20)
    draft.opens_at, draft.closes_at = BEFORE - timedelta(days=200), first_close
    draft.questions_until = draft.answers_by = None
    draft.later_cut_offs = [first_close + timedelta(days=120)]
    session.flush()
    publish_round(by=lead, round_id=draft.id)
    page = client.get(f"/opportunities/{draft.id}").get_data(as_text=True)
    assert "Always open. The next applications are assessed after" in page
    assert "you will have an answer by" in page
    shown = client.get("/opportunities").get_data(as_text=True)
    later = session.scalars(select(Round.id).where(Round.opens_at == first_close)).one()
    assert f"/opportunities/{draft.id}" in shown
    assert f"/opportunities/{later}" not in shown


def typed_in(moment: datetime, number: int) -> dict[str, str]:
    local = clock.london(moment)
    parts = {"day": local.day, "month": local.month, "year": local.year, "time": f"{local:%H:%M}"}
    return {f"cut_offs-{number}-{part}": str(value) for part, value in parts.items()}


def test_intakes_are_planned_and_added_on_a_page(client: FlaskClient, session: Session) -> None:
    lead = a_procurement_lead(a_council())
    sign_in(client, lead.email)
    draft = a_draft_round(lead=lead)
    address = f"/rounds/{draft.id}/intakes"
    next_year = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=90)
    plan = {"always_open": "y", "answer_within": "10", **typed_in(next_year, 0)}
    assert client.post(f"{address}/plan", data=plan | {"answer_within": ""}).status_code == 422
    assert client.post(f"{address}/plan", data=plan).status_code == 303
    assert session.scalars(select(Round.later_cut_offs).where(Round.id == draft.id)).one() == [next_year]
    publish_round(by=lead, round_id=draft.id)
    further = typed_in(next_year + timedelta(days=90), 0)
    assert "1 further intake is published" in client.post(
        address, data=further, follow_redirects=True
    ).get_data(as_text=True)
    empty = client.post(address, data={})
    assert empty.status_code == 422
    assert "Enter at least one cut-off" in empty.get_data(as_text=True)


def test_who_does_not_manage_frameworks_finds_no_intakes(client: FlaskClient, lead: Actor) -> None:
    first, _ = published(lead)
    sign_in(client, a_person(a_council(), "approver").email)
    assert client.get(f"/rounds/{first.id}/intakes").status_code in (403, 404)


def more_time(lead: Actor, facts: RoundFacts, until: datetime, **named: object) -> None:
    reason = {"reason": "Uploads failed from 11.", "portal_url": PORTAL_URL}
    extend(round_id=facts.id, closes_at=until, by=lead, **reason, **named)  # type: ignore[arg-type]


def test_more_time_for_an_intake_lets_the_next_one_open_later(lead: Actor) -> None:
    first, second = published(lead)
    later, provider = JANUARY + timedelta(hours=3), a_provider_person()
    with clock.staged_at(JANUARY - timedelta(minutes=5)):
        more_time(lead, first, later)
    with clock.staged_at(later - timedelta(seconds=1)):
        found = queries.intakes_of(first.framework_id)
        assert [facts.phase for facts in found] == ["open", "upcoming"]
        assert queries.open_rounds()[0].id == first.id
        with pytest.raises(RoundNotOpen, match="opens at 3pm"):
            start_application(round_id=second.id, by=provider)
    with clock.staged_at(later):
        assert [facts.phase for facts in queries.intakes_of(first.framework_id)] == ["closed", "open"]
        start_application(round_id=second.id, by=provider)


def test_whoever_follows_the_next_intake_is_told_that_it_opens_later(lead: Actor, session: Session) -> None:
    first, second = published(lead)
    drafting, waiting = a_provider_person(), a_provider_person()
    a_draft(session.get_one(Round, first.id), drafting)
    follow(round_id=second.id, by=waiting)
    more_time(lead, first, JANUARY + timedelta(hours=3))
    titles = [
        session.scalars(select(Letter.title).where(Letter.to_address == person.email)).all()
        for person in (drafting, waiting)
    ]
    assert [[title.partition(":")[0] for title in each] for each in titles] == [
        ["More time"],
        ["Opens later"],
    ]


def test_once_the_next_intake_is_open_only_named_applicants_have_more_time(
    lead: Actor, session: Session, client: FlaskClient
) -> None:
    first, second = published(lead)
    provider = a_provider_person()
    draft = a_draft(session.get_one(Round, first.id), provider)
    with clock.staged_at(JANUARY + timedelta(hours=1)):
        until = JANUARY + timedelta(hours=3)
        with pytest.raises(Refusal, match=f"Round {second.number} has been open since") as refused:
            more_time(lead, first, until)
        assert refused.value.field == "whom"
        sign_in(client, lead.email)
        assert "can only be given to named applicants" in client.get(f"/rounds/{first.id}/extend").text
        reference = own_application_for(provider, draft).spoken
        more_time(lead, first, until, references=[reference], fairness="It met them alone.")
        facts = own_application_for(provider, draft)
        assert (facts.editable, facts.round_id) == (True, first.id)
    letter = session.scalars(select(Letter.body).where(Letter.to_address == provider.email)).one()
    assert f"your application stays in round {first.number}" in letter


def test_more_time_for_an_intake_ends_before_the_next_one_does(lead: Actor) -> None:
    first, _ = published(lead)
    with pytest.raises(Refusal, match="opens when this one closes") as refused:
        more_time(lead, first, MAY)
    assert refused.value.field == "closes_at"


def test_an_intake_that_is_added_opens_once_the_last_one_has_had_its_time(lead: Actor) -> None:
    first, second = published(lead)
    more_time(lead, second, MAY + timedelta(days=1))
    add_intakes(by=lead, round_id=first.id, cut_offs=[SEPTEMBER])
    assert queries.intakes_of(first.framework_id)[-1].opens_at == MAY + timedelta(days=1)


def test_what_is_frozen_with_the_first_intake_is_shown_before_it_is_published(
    client: FlaskClient, lead: Actor
) -> None:
    bank_holiday = datetime(2027, 5, 31, 11, tzinfo=UTC)
    draft = a_plan(lead, cut_offs=[bank_holiday, SEPTEMBER])
    visitor = sign_in(client, lead.email)
    publish = visitor.get(f"/rounds/{draft.id}/publish").text
    timetable = visitor.get(f"/rounds/{draft.id}/timetable").text
    assert "2 further intakes are" in publish and "Intake 3 closes" in publish
    assert "Cut-off of intake 2" in timetable and "Cut-off of intake 3" in timetable
    for page in (publish, timetable):
        assert "The cut-off of 31 May 2027 is on Monday 31 May 2027: a bank holiday" in page
        assert "24 September 2027 is on" not in page


def test_a_cut_off_soon_after_the_last_leaves_little_time(client: FlaskClient, lead: Actor) -> None:
    draft = a_plan(lead, cut_offs=[JANUARY + timedelta(days=3)])
    page = sign_in(client, lead.email).get(f"/rounds/{draft.id}/publish").text
    assert "Before the cut-off of 1 February 2027 providers have 3 days to apply." in page


def test_intakes_have_the_conflicts_assessment_with_which_the_first_is_published(lead: Actor) -> None:
    draft = a_plan(lead)
    assess(by=lead, round_id=draft.id, people="Ann Example, procurement", conflicts=[])
    publish_round(by=lead, round_id=draft.id)
    first, second = queries.intakes_of(draft.framework_id)
    ((before, *_), (after,)) = (assessments_of(lead, facts.id)[1] for facts in (first, second))
    assert (after.people, after.assessed_by) == ("Ann Example, procurement", lead.name)
    assert after.assessed_at == before.assessed_at


def test_a_change_of_the_pack_in_one_intake_counts_in_the_later_ones(lead: Actor, session: Session) -> None:
    first, second = published(lead)
    waiting = a_provider_person()
    follow(round_id=second.id, by=waiting)
    with clock.staged_at(BEFORE + timedelta(days=1)):
        prepare(session.get_one(Round, first.id), "safeguarding", lead, word_limit=900)
        packs.publish(session.get_one(Round, first.id), lead, "The limit was a slip.")
        assert [
            queries.pack_of(facts.id).question("safeguarding").word_limit for facts in (first, second)
        ] == [900] * 2
        assert [len(versions_of(facts.id)) for facts in (first, second)] == [2, 2]
        add_intakes(by=lead, round_id=first.id, cut_offs=[SEPTEMBER])
    last = queries.intakes_of(first.framework_id)[-1]
    assert queries.pack_of(last.id).question("safeguarding").word_limit == 900
    letter = session.scalars(select(Letter.body).where(Letter.to_address == waiting.email)).one()
    assert f"round {second.number}" in letter and "The limit was a slip." in letter


def test_an_amendment_that_a_later_intake_has_begun_is_finished_first(lead: Actor, session: Session) -> None:
    first, second = published(lead)
    with clock.staged_at(BEFORE + timedelta(days=1)):
        prepare(session.get_one(Round, second.id), "safeguarding", lead, word_limit=400)
        prepare(session.get_one(Round, first.id), "safeguarding", lead, word_limit=900)
        with pytest.raises(Refusal, match=f"Round {second.number}, a later intake, has an amendment"):
            packs.publish(session.get_one(Round, first.id), lead, "The limit was a slip.")


def test_a_paper_and_its_new_version_reach_the_later_intakes(lead: Actor, session: Session) -> None:
    first, second = published(lead)
    both, waiting = a_provider_person(), a_provider_person()
    for facts, person in ((first, both), (second, both), (second, waiting)):
        follow(round_id=facts.id, by=person)
    paper = a_round_document(session.get_one(Round, first.id), lead)
    a_new_version(paper, lead)
    for facts in (first, second):
        (found,) = papers_of(facts)
        assert (found.newest.version, [each.version for each in found.earlier]) == (2, [1])
    told = [
        session.scalars(select(Letter.body).where(Letter.to_address == person.email)).all()
        for person in (both, waiting)
    ]
    assert [len(each) for each in told] == [2, 2]  # of an addition and a version, nobody of either twice
    assert all(f"round {second.number}" in body for body in told[1])


def test_an_answer_published_in_one_intake_is_read_and_told_in_the_later_ones(
    lead: Actor, session: Session, client: FlaskClient
) -> None:
    first, second = published(lead)
    waiting = a_provider_person()
    follow(round_id=second.id, by=waiting)
    with clock.staged_at(BEFORE + timedelta(days=1)):
        asked = ask(round_id=first.id, text="May we hire a minibus?", by=a_provider_person())
        said = {"text": "May a minibus be hired?", "answer": "Yes."}
        publish(clarification_id=asked, portal_url=PORTAL_URL, by=lead, **said)
    assert [each.versions[0].answer for each in published_answers(second.id)] == ["Yes."]
    page = client.get(f"/opportunities/{second.id}").text
    assert f"Question 1 of round {first.number}, an earlier intake" in page
    letter = session.scalars(select(Letter.body).where(Letter.to_address == waiting.email)).one()
    assert f"counts for round {second.number} too" in letter
    with clock.staged_at(JANUARY + timedelta(hours=1)):
        asked = ask(round_id=second.id, text="Are holidays paid?", by=a_provider_person())
        publish(
            clarification_id=asked, text="Are holidays paid?", answer="No.", portal_url=PORTAL_URL, by=lead
        )
    assert [each.versions[0].answer for each in published_answers(second.id)] == ["No.", "Yes."]
    assert [each.versions[0].answer for each in published_answers(first.id)] == ["Yes."]
