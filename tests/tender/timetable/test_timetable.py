"""A round's dates in order, planned and past, and what is said of days on which nobody works."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.audit.queries import trail_of
from portal.database import db
from portal.errors import NotFound, Refusal
from tender.frameworks.facts import RoundFacts
from tender.frameworks.opening_services import open_box
from tender.frameworks.queries import round_for
from tender.timetable.dates import timetable, warnings, zoned
from tender.timetable.queries import planned_dates
from tender.timetable.services import plan_dates
from tests.factories.accounts import a_council, a_person
from tests.factories.frameworks import a_closed_round, a_draft_round, a_procurement_lead, a_published_round
from tests.web_client import sign_in

NOON = datetime(2027, 3, 5, 12, tzinfo=UTC)  # a Friday


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead(a_council())


@pytest.fixture
def facts(lead: Actor) -> RoundFacts:
    """A draft that is open for 30 days and closes at noon on a Friday."""
    draft = a_draft_round(lead=lead, opens_at=NOON - timedelta(days=30), closes_at=NOON)
    return round_for(lead, draft.id)


def told(facts: RoundFacts, **planned: date) -> list[str]:
    return warnings(facts, timetable(facts, planned))


def test_dates_stand_in_order_each_with_its_gap_in_working_days(facts: RoundFacts) -> None:
    entries = timetable(facts, {"open_box": date(2027, 3, 8), "start": date(2027, 3, 30)})
    assert [(entry.what, entry.gap_told) for entry in entries] == [
        ("Opens for applications", ""),
        ("Closes", "22 working days later"),
        ("Tender box opened", "1 working day later"),
        ("Services start", "14 working days later"),  # without Good Friday and Easter Monday
    ]


def test_the_hours_in_which_promised_files_follow_stand_in_it(facts: RoundFacts) -> None:
    *_, last = timetable(replace(facts, late_upload_hours=24), {})
    assert (last.what, last.moment) == ("Promised files may follow until", NOON + timedelta(days=1))


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOON, "12 noon on Friday 5 March 2027, UK time (GMT)"),
        (datetime(2027, 6, 4, 11, tzinfo=UTC), "12 noon on Friday 4 June 2027, UK time (BST)"),
    ],
)
def test_a_moment_is_told_with_its_zone(moment: datetime, words: str) -> None:
    assert zoned(moment) == words


def test_what_happened_takes_the_place_of_what_was_planned(lead: Actor) -> None:
    closed = a_closed_round(lead=lead)
    plan_dates(by=lead, round_id=closed.id, planned={"open_box": clock.today() + timedelta(days=3)})
    open_box(by=lead, round_id=closed.id)
    facts = round_for(lead, closed.id)
    opened = [entry for entry in timetable(facts, planned_dates(facts)) if entry.what == "Tender box opened"]
    assert [(entry.standing, entry.day) for entry in opened] == [("done", clock.today())]


def test_a_good_close_brings_no_warning(facts: RoundFacts) -> None:
    assert told(facts) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"closes_at": NOON + timedelta(days=1)}, "Saturday 6 March 2027: a Saturday"),
        ({"closes_at": datetime(2027, 3, 26, 12, tzinfo=UTC)}, "a bank holiday (Good Friday)"),
        ({"closes_at": NOON + timedelta(hours=6)}, "outside 9am to 5pm"),
        ({"opens_at": NOON - timedelta(days=29)}, "29 days to apply. The yardstick is 30"),
        ({"opens_at": NOON - timedelta(days=24), "legal_regime": "PA2023"}, "The yardstick is 25"),
        ({"closes_at": datetime(2040, 3, 2, 12, tzinfo=UTC)}, "Bank holidays are known until"),
    ],
)
def test_what_nobody_should_plan_unseen_is_warned_of(
    facts: RoundFacts, change: dict[str, object], words: str
) -> None:
    assert words in " ".join(told(replace(facts, **change)))  # type: ignore[arg-type]


def test_a_close_at_nine_and_at_five_brings_no_warning(facts: RoundFacts) -> None:
    for hour in (9, 17):
        kind = replace(facts, opens_at=NOON - timedelta(days=31), closes_at=NOON.replace(hour=hour))
        assert told(kind) == []


def test_a_planned_day_on_which_nobody_works_is_pointed_out(facts: RoundFacts) -> None:
    assert "“Marks agreed” is planned for Sunday 14 March 2027: a Sunday." in told(
        facts, moderation=date(2027, 3, 14)
    )


def test_letters_after_the_promised_answer_are_pointed_out(facts: RoundFacts) -> None:
    promised = replace(facts, answer_within=10)  # 19 March
    assert told(promised, letters=date(2027, 3, 19)) == []
    assert "after the answer that is promised" in " ".join(told(promised, letters=date(2027, 3, 22)))


def test_a_plan_is_kept_and_unchanged_leaves_no_line(lead: Actor, facts: RoundFacts) -> None:
    planned = {"marking": date(2027, 3, 19), "letters": date(2027, 4, 9), "start": None}
    plan_dates(by=lead, round_id=facts.id, planned=planned)
    plan_dates(by=lead, round_id=facts.id, planned=planned)
    assert planned_dates(facts) == {"marking": date(2027, 3, 19), "letters": date(2027, 4, 9)}
    lines = [line["action"] for line in trail_of("round", facts.id)]
    assert lines.count("round.plan_dates") == 1


def test_a_step_before_the_one_before_it_is_refused_at_its_field(lead: Actor, facts: RoundFacts) -> None:
    wrong = {"marking": date(2027, 3, 19), "decision": date(2027, 3, 18)}
    with pytest.raises(Refusal, match="before “Marking ends” on 19 March 2027") as refused:
        plan_dates(by=lead, round_id=facts.id, planned=wrong)
    assert refused.value.field == "decision"


def test_nobody_plans_another_council_s_round(facts: RoundFacts) -> None:
    with pytest.raises(NotFound):
        plan_dates(by=a_procurement_lead(a_council()), round_id=facts.id, planned={})


def test_the_lead_plans_on_a_page_and_everyone_reads_it(client: FlaskClient, lead: Actor) -> None:
    published = a_published_round(lead=lead)
    sign_in(client, lead.email)
    address = f"/rounds/{published.id}/timetable"
    day = {"letters-day": "31", "letters-month": "4", "letters-year": "2027"}
    wrong = client.post(f"{address}/plan", data=day)
    assert wrong.status_code == 422
    assert 'value="31"' in wrong.get_data(as_text=True)
    assert client.post(f"{address}/plan", data=day | {"letters-day": "30"}).status_code == 303
    for page in (address, f"/opportunities/{published.id}"):
        assert "Friday 30 April 2027" in client.get(page).get_data(as_text=True)


def test_an_approver_reads_the_timetable_and_plans_nothing(client: FlaskClient, lead: Actor) -> None:
    published = a_published_round(lead=lead)
    approver = a_person(db.session.get_one(Organisation, lead.organisation_id), "approver")
    sign_in(client, approver.email)
    assert client.get(f"/rounds/{published.id}/timetable").status_code == 200
    assert client.get(f"/rounds/{published.id}/timetable/plan").status_code == 403
