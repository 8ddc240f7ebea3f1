"""The last day: the board without names, and more time for named applicants or all."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.database import db
from portal.errors import NotFound, Refusal
from portal.mail.models import Letter
from portal.storage.bucket import bucket
from portal.web.filters import uk_datetime
from tender.applications.answer_services import save_answer
from tender.applications.models import Application, Receipt
from tender.applications.queries import own_application_for, tender_of
from tender.applications.services import RoundNotOpen, choose_lots
from tender.clarifications.access import takes_questions
from tender.deadline.queries import board_of, letter_of
from tender.deadline.services import extend
from tender.frameworks.opening_services import open_box
from tender.frameworks.queries import published_round, round_for
from tender.frameworks.refusals import StillShut
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft, a_file, a_submitted_application
from tests.factories.clarifications import PORTAL_URL
from tests.factories.frameworks import a_closed_round, a_procurement_lead, a_published_round, lot_ids
from tests.web_client import sign_in

REASON, FAIR = "Uploads failed from 11am.", "It met them alone and cost them an hour."


def words_of(answer):  # type: ignore[no-untyped-def]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def told(person):  # type: ignore[no-untyped-def]
    bodies = db.session.scalars(select(Letter.body).where(Letter.to_address == person.email))
    return [body for body in bodies if "now closes" in body]


@pytest.fixture
def lead(session):
    return a_procurement_lead()


@pytest.fixture
def closed(lead):
    return a_closed_round(1, lead)


def more_time(lead, round, references=None, hours=2, **said):  # type: ignore[no-untyped-def]
    words = {"reason": REASON, "fairness": FAIR if references else "", **said}
    until = max(clock.now(), round.closes_at) + timedelta(hours=hours)
    return extend(
        round_id=round.id, closes_at=until, references=references, portal_url=PORTAL_URL, by=lead, **words
    )


def reference_of(application_id):  # type: ignore[no-untyped-def]
    return db.session.get_one(Application, application_id).reference


def test_named_applicants_alone_have_more_time(closed, lead):
    named, other = a_provider_person(), a_provider_person()
    draft, others = a_draft(closed, named, lot_ids(closed)), a_draft(closed, other, lot_ids(closed))
    spoken = own_application_for(named, draft).spoken
    more_time(lead, closed, [f" {spoken.lower()} "])
    save_answer(application_id=draft, code="safeguarding", value="We do.", version=0, by=named)
    choose_lots(application_id=draft, lot_ids=lot_ids(closed), by=named)
    assert own_application_for(named, draft).editable
    with pytest.raises(RoundNotOpen):
        save_answer(application_id=others, code="safeguarding", value="We do.", version=0, by=other)
    assert not own_application_for(other, others).editable
    assert published_round(closed.id).phase == "closed"
    assert len(told(named)) == 1 and told(other) == []
    (letter,) = db.session.scalars(select(Letter.body).where(Letter.to_address == other.email))
    assert "given more time to 1 applicant" in letter and REASON in letter and named.name not in letter
    assert "Your own time stays as it was." in letter


def test_the_box_stays_shut_until_the_named_applicants_time_is_over(closed, lead):
    draft = a_draft(closed, a_provider_person(), lot_ids(closed))
    extension = more_time(lead, closed, [reference_of(draft)])
    with pytest.raises(StillShut):
        open_box(by=lead, round_id=closed.id)
    with clock.staged_at(extension.closes_at):
        assert open_box(by=lead, round_id=closed.id).state == "opened"


def test_a_receipt_names_an_application_too(closed, lead):
    provider = a_provider_person()
    sent = a_submitted_application(closed, lot_ids(closed), provider)
    number = db.session.scalar(select(Receipt.number).where(Receipt.application_id == sent))
    more_time(lead, closed, [number])
    assert own_application_for(provider, sent).withdrawable


@pytest.mark.parametrize("wrong", ["", "NOSUCHREF0"])
def test_a_reference_that_no_application_of_the_round_has_is_refused(closed, lead, wrong):
    elsewhere = a_draft(a_closed_round(1, lead), a_provider_person(), ())
    for references in ([wrong], [reference_of(elsewhere)]):
        with pytest.raises(Refusal) as refused:
            more_time(lead, closed, references)
        assert refused.value.field == "references"
    assert published_round(closed.id).last_closes_at == closed.closes_at


def test_named_applicants_need_a_word_on_fairness(closed, lead):
    draft = a_draft(closed, a_provider_person(), ())
    with pytest.raises(Refusal) as refused:
        more_time(lead, closed, [reference_of(draft)], fairness=" ")
    assert refused.value.field == "fairness"


def test_more_time_for_everyone_is_told_to_everyone_once(closed, lead):
    providers = [a_provider_person() for _ in range(2)]
    drafts = [a_draft(closed, provider, lot_ids(closed)) for provider in providers]
    until = clock.now() + timedelta(hours=1)
    for _ in range(2):
        extend(round_id=closed.id, closes_at=until, reason=REASON, portal_url=PORTAL_URL, by=lead)
    assert [len(told(provider)) for provider in providers] == [1, 1]
    assert own_application_for(providers[0], drafts[0]).editable


def test_only_a_lead_of_the_council_gives_more_time(closed, lead):
    for somebody in (a_procurement_lead(), a_provider_person()):
        with pytest.raises(NotFound):
            more_time(somebody, closed)


def test_the_lead_gives_more_time_by_the_page_and_the_provider_sees_its_own(app, closed, lead):
    provider = a_provider_person("Hushed Name Workshop")
    draft = a_draft(closed, provider, lot_ids(closed))
    visitor = sign_in(app.test_client(), lead.email)
    until = clock.london(clock.now() + timedelta(days=1))
    form = {
        "whom": "named", "references": reference_of(draft), "fairness": "", "reason": REASON,
        "closes_at-day": until.day, "closes_at-month": until.month, "closes_at-year": until.year,
        "closes_at-time": "12:00",
    }  # fmt: skip
    refused = visitor.post(f"/rounds/{closed.id}/extend", data=form)
    assert refused.status_code == 422 and reference_of(draft) in refused.get_data(as_text=True)
    done = visitor.post(f"/rounds/{closed.id}/extend", data={**form, "fairness": FAIR})
    assert done.location == f"/rounds/{closed.id}"
    page = words_of(visitor.get(done.location)) + words_of(visitor.get(f"/rounds/{closed.id}/extend"))
    assert "named applicants have until" in page and "Hushed" not in page and provider.name not in page
    own = sign_in(app.test_client(), provider.email)
    assert "given you more time" in words_of(own.get(f"/applications/{draft}"))
    public = words_of(app.test_client().get(f"/opportunities/{closed.id}"))
    assert "1 applicant has more time after a fault" in public and REASON in public
    assert "Hushed" not in public and provider.name not in public


def test_the_board_counts_and_hides_names_and_words(client, lead):
    round = a_published_round(1, lead)
    provider = a_provider_person("Hushed Name Workshop")
    draft = a_draft(round, provider, lot_ids(round))
    save_answer(application_id=draft, code="safeguarding", value="Top secret words.", version=0, by=provider)
    a_submitted_application(round, lot_ids(round))
    sign_in(client, lead.email)
    page = client.get(f"/rounds/{round.id}/board")
    words = words_of(page)
    assert "Started 2" in words and "Submitted 1" in words
    for hidden in ("Hushed", provider.name, "Top secret", reference_of(draft), f"/applications/{draft}"):
        assert hidden not in page.get_data(as_text=True)
    board = board_of(round_for(lead, round.id))
    assert sorted(line.letter for line in board.lines) == ["A", "B"]
    assert [line.lacking for line in board.lines if line.state == "submitted"] == [None]
    assert next(line.lacking for line in board.lines if line.state == "draft") > 0
    assert sum(hour.saved for hour in board.hours) >= 1
    assert all(hour.saved or hour.submitted or hour.failed for hour in board.hours), "an empty hour is a line"
    assert "What was refused" not in words


def test_the_board_counts_what_was_refused_and_tells_whose_it_was_to_nobody(app, lead):
    round, provider = a_closed_round(1, lead), a_provider_person("Hushed Name Workshop")
    drafts = {each: a_draft(round, each, lot_ids(round)) for each in (provider, a_provider_person())}
    for by, draft in drafts.items():
        own = sign_in(app.test_client(), by.email)
        own.post(f"/applications/{draft}/submit", data={"declared": "y"})
    own.post(f"/applications/{draft}/questions/ico_number", data={"value": "ZA123456", "version": "0"})
    own.post(f"/applications/{drafts[provider]}/submit")  # another provider's: nothing that an applicant met
    board = board_of(round_for(lead, round.id))
    told = [(line.what, line.why, line.times, line.applications) for line in board.refused]
    assert told == [
        ("Submitting", "The round had closed", 2, 2),
        ("Saving or uploading", "The round had closed", 1, 1),
    ]
    assert [(hour.refused, hour.late) for hour in board.hours if hour.refused] == [(2, 1)]
    page = sign_in(app.test_client(), lead.email).get(f"/rounds/{round.id}/board")
    assert re.search("Submitting.*The round had closed.*2", words_of(page))
    assert "Hushed" not in page.text and provider.name not in page.text


def test_the_board_says_that_the_clocks_differ(lead):
    round = a_published_round(1, lead)
    assert board_of(round_for(lead, round.id)).clocks_apart is None
    with clock.staged_at(clock.now() - timedelta(seconds=3)):
        assert board_of(round_for(lead, round.id)).clocks_apart > timedelta(seconds=2)


def test_the_board_counts_as_missing_what_the_task_list_does(closed, lead):
    provider = a_provider_person()
    draft = a_draft(closed, provider, lot_ids(closed))
    (line,) = board_of(round_for(lead, closed.id)).lines
    assert line.lacking == len(tender_of(own_application_for(provider, draft)).missing)


def test_the_board_is_the_leads_alone(app, lead):
    round = a_published_round(1, lead)
    for somebody, status in ((a_procurement_lead(), 404), (a_provider_person(), 403)):
        visitor = sign_in(app.test_client(), somebody.email)
        for page in ("board", "extend"):
            assert visitor.get(f"/rounds/{round.id}/{page}").status_code == status


def test_lines_are_lettered_beyond_z():
    assert [letter_of(place) for place in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]


def test_uploads_that_failed_are_counted_by_the_hour(client, lead, monkeypatch):
    round = a_published_round(1, lead)
    provider = a_provider_person()
    draft = a_draft(round, provider, lot_ids(round))
    monkeypatch.setattr(bucket(), "name", "no-such-bucket")
    sign_in(client, provider.email)
    file = a_file()
    answer = client.post(
        f"/applications/{draft}/questions/safeguarding_policy",
        data={"value": (file["stream"], file["filename"])},
    )
    assert answer.status_code == 422 and "was not uploaded" in words_of(answer)
    hours = board_of(round_for(lead, round.id)).hours
    assert sum(hour.failed for hour in hours) == 1


def test_a_page_that_is_open_hears_of_the_later_close_with_each_save_and_by_asking(app, lead):
    round, provider = a_published_round(1, lead), a_provider_person()
    draft = a_draft(round, provider, lot_ids(round))
    own = sign_in(app.test_client(), provider.email)
    shown = own.get(f"/applications/{draft}").get_data(as_text=True)
    for page in (shown, own.get("/").get_data(as_text=True)):
        assert f'data-closes-words="{draft}"' in page and 'data-closes-from="/applications/closes"' in page
        assert f'data-closes-of="{draft}"' in page
    extension = more_time(lead, round, [reference_of(draft)])
    later = {"at": extension.closes_at.isoformat(), "words": uk_datetime(extension.closes_at)}
    saved = own.post(
        f"/applications/{draft}/questions/ico_number",
        data={"value": "ZA123456", "version": "0"},
        headers={"Accept": "application/json"},
    )
    for answer in (saved.json["closes"], own.get("/applications/closes").json):
        assert later.items() <= answer[str(draft)].items() and answer[str(draft)]["now"]


def test_asking_for_the_close_tells_nobody_of_another_providers_draft_nor_keeps_the_session(app, lead):
    round, provider = a_published_round(1, lead), a_provider_person()
    a_draft(round, provider, lot_ids(round))
    other = sign_in(app.test_client(), a_provider_person().email)
    left = other.get("/sign-in/time-left").json["seconds"]
    with clock.staged_at(clock.now() + timedelta(minutes=10)):
        assert other.get("/applications/closes").json == {}
        assert other.get("/sign-in/time-left").json["seconds"] <= left - 600


@pytest.fixture
def taking(lead):
    """An open round: questions for two days more, answers a day later, the close in two weeks."""
    today = clock.now().replace(minute=0, second=0, microsecond=0)
    return a_published_round(1, lead, open_for=timedelta(days=21), questions_until=today + timedelta(days=2))


def test_more_time_for_everyone_moves_the_times_for_questions_where_it_says_so(taking, lead):
    provider = a_provider_person()
    a_draft(taking, provider)
    moved = taking.questions_until + timedelta(days=3)
    more_time(lead, taking, questions_until=moved, answers_by=moved + timedelta(days=1))
    facts = published_round(taking.id)
    assert (facts.questions_until, facts.answers_by) == (moved, moved + timedelta(days=1))
    with clock.staged_at(moved - timedelta(minutes=1)):
        assert takes_questions(published_round(taking.id), clock.now())
    (letter,) = told(provider)
    assert f"Questions can be asked until {uk_datetime(moved)}. The council answers them by" in letter
    more_time(lead, taking, hours=3, reason="Another fault.")
    assert published_round(taking.id).questions_until == moved


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"questions_until": timedelta(hours=-1)}, "questions_until"),
        ({"questions_until": timedelta(days=2)}, "answers_by"),
        ({"answers_by": timedelta(days=30)}, "answers_by"),
    ],
)
def test_times_for_questions_move_later_and_in_order(taking, lead, said, field):
    moved = {name: taking.questions_until + later for name, later in said.items()}
    with pytest.raises(Refusal) as refused:
        more_time(lead, taking, **moved)
    assert refused.value.field == field
    assert published_round(taking.id).last_closes_at == taking.closes_at


def test_a_time_for_questions_that_has_passed_stays(taking, lead):
    later = taking.questions_until + timedelta(hours=1)
    with clock.staged_at(taking.questions_until), pytest.raises(Refusal, match="has passed"):
        more_time(lead, taking, questions_until=later)
    with clock.staged_at(taking.questions_until):
        more_time(lead, taking, answers_by=taking.answers_by + timedelta(days=2))
    facts = published_round(taking.id)
    assert (facts.questions_until, facts.answers_by) == (
        taking.questions_until, taking.answers_by + timedelta(days=2),
    )  # fmt: skip


def test_the_form_of_more_time_asks_what_becomes_of_the_times_for_questions(app, taking, closed, lead):
    visitor = sign_in(app.test_client(), lead.email)
    assert "Times for questions" not in words_of(visitor.get(f"/rounds/{closed.id}/extend"))
    page = visitor.get(f"/rounds/{taking.id}/extend")
    assert "Times for questions" in words_of(page) and uk_datetime(taking.answers_by) in words_of(page)

    def typed(name, moment):  # type: ignore[no-untyped-def]
        local = clock.london(moment)
        parts = {"day": local.day, "month": local.month, "year": local.year, "time": f"{local:%H:%M}"}
        return {f"{name}-{part}": value for part, value in parts.items()}

    moved = taking.questions_until + timedelta(days=4)
    form = {"whom": "everyone", "reason": REASON, **typed("closes_at", taking.closes_at + timedelta(days=1))}
    times = {**typed("questions_until", moved), **typed("answers_by", moved)}
    assert visitor.post(f"/rounds/{taking.id}/extend", data={**form, **times, "questions": "stay"}).location
    assert published_round(taking.id).questions_until == taking.questions_until
    form = {**form, **typed("closes_at", taking.closes_at + timedelta(days=2)), "questions": "move"}
    assert visitor.post(f"/rounds/{taking.id}/extend", data={**form, **times}).location
    assert published_round(taking.id).questions_until == moved
    assert uk_datetime(moved) in words_of(app.test_client().get(f"/opportunities/{taking.id}"))
