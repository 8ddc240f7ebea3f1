"""Asking one tenderer, the answer in its time, and who reads what."""

import io
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from evaluation.inquiries import queries
from evaluation.inquiries.erasure import erase_inquiries
from evaluation.inquiries.models import Inquiry, InquiryFile
from evaluation.inquiries.services import (
    AskedTooLate,
    TimeOver,
    answer,
    ask,
    due_after,
    open_file,
    show,
    withdraw,
)
from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.audit.queries import reads_of, trail_of
from portal.errors import NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.mail.models import Letter
from portal.storage.models import Document
from portal.storage.refusals import FileRefused
from tests.evaluation.conftest import Build
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_submitted_application
from tests.factories.evaluation import Evaluation, an_opened_evaluation
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids
from tests.factories.inquiries import (
    ANSWER,
    PORTAL_URL,
    TEXT,
    a_point,
    an_answered_inquiry,
    an_inquiry,
)
from tests.factories.outcomes import provider_of


def inquiries(opened: Evaluation) -> list[queries.Asked]:
    return queries.inquiries_of(opened.lead, opened.round_id, opened.applications[0])


@pytest.fixture(scope="module")
def opened(build: Build) -> Evaluation:
    """Two tenders in an opened box."""
    return build(lambda: an_opened_evaluation(2))


def answered(opened: Evaluation, inquiry_id: int, words: str = ANSWER, **given: object) -> None:
    answer(
        inquiry_id=inquiry_id,
        text=words,
        portal_url=PORTAL_URL,
        by=provider_of(opened),
        **{"arrived": clock.now(), **given},
    )


def letters(session: Session, inquiry_id: int) -> list[Letter]:
    found = select(Letter).where(Letter.subject_type == "inquiry", Letter.subject_id == str(inquiry_id))
    return list(session.scalars(found.order_by(Letter.id)))


def test_only_the_tenderer_is_written_to_and_told_what_an_answer_can_do(
    session: Session, opened: Evaluation
) -> None:
    inquiry_id = an_inquiry(opened)
    (letter,) = letters(session, inquiry_id)
    assert letter.to_address == provider_of(opened).email
    assert TEXT in letter.body
    assert "cannot change or improve it" in letter.body
    assert f"{PORTAL_URL}/inquiries/{inquiry_id}" in letter.body


def test_the_deadline_is_5pm_on_a_working_day(session: Session) -> None:
    with clock.staged_at(clock.datetime(2026, 12, 23, 10, tzinfo=clock.UTC)):
        due = due_after(3)
    assert clock.london(due).date() == date(2026, 12, 30)  # Christmas, its substitute and a weekend between
    assert clock.london(due).hour == 17


def test_what_is_asked_twice_is_asked_once(session: Session, opened: Evaluation) -> None:
    assert an_inquiry(opened) == an_inquiry(opened)
    assert session.query(Inquiry).count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "x" * 3_001}, "text"),
        ({"days": 0}, "days"),
        ({"days": 21}, "days"),
    ],
)
def test_a_bad_question_is_refused(
    session: Session, opened: Evaluation, said: dict[str, object], field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        an_inquiry(opened, **said)
    assert refused.value.field == field


def test_what_the_tender_does_not_say_cannot_be_asked_about(session: Session, opened: Evaluation) -> None:
    about = (0, None)
    with pytest.raises(Refusal, match="Choose what you ask about"):
        ask(
            application_id=opened.applications[0], about=about, text=TEXT, days=3,
            portal_url=PORTAL_URL, by=opened.lead,
        )  # fmt: skip


def test_an_answer_is_kept_with_its_files_and_the_lead_is_written_to(
    session: Session, opened: Evaluation
) -> None:
    inquiry_id = an_answered_inquiry(opened, files=2)
    (inquiry,) = inquiries(opened)
    assert (inquiry.answer, inquiry.standing) == (ANSWER, "answered")
    assert [file["filename"] for file in inquiry.files] == ["Plan 0.pdf", "Plan 1.pdf"]
    letter = letters(session, inquiry_id)[-1]
    assert letter.to_address == opened.lead.email
    assert ANSWER not in letter.body


def test_an_answer_is_given_once(session: Session, opened: Evaluation) -> None:
    inquiry_id = an_answered_inquiry(opened, files=0)
    with pytest.raises(MoveRefused):
        answered(opened, inquiry_id, "Another site.")
    assert inquiries(opened)[0].answer == ANSWER


def test_what_counts_is_when_the_answer_reached_us(session: Session, opened: Evaluation) -> None:
    inquiry_id = an_inquiry(opened)
    due = session.get_one(Inquiry, inquiry_id).due_at
    with clock.staged_at(due + timedelta(minutes=1)):
        with pytest.raises(TimeOver):
            answered(opened, inquiry_id, arrived=due)
        assert inquiries(opened)[0].standing == "over"
        answered(opened, inquiry_id, arrived=due - timedelta(seconds=1))
    assert inquiries(opened)[0].standing == "answered"


def test_a_program_is_no_file_for_an_answer(session: Session, opened: Evaluation) -> None:
    inquiry_id = an_inquiry(opened)
    with pytest.raises(FileRefused):
        answered(opened, inquiry_id, files=[(io.BytesIO(b"MZ\x90\x00 no document"), "plan.pdf")])
    with pytest.raises(Refusal, match="up to 5 files"):
        answered(opened, inquiry_id, files=[(io.BytesIO(b"x"), "plan.pdf")] * 6)
    assert inquiries(opened)[0].state == "asked"


def test_nobody_else_reads_or_answers(session: Session, opened: Evaluation) -> None:
    inquiry_id = an_inquiry(opened)
    for stranger in (provider_of(opened, 1), a_provider_person(), opened.lead):
        with pytest.raises(NotFound):
            queries.own_inquiry(stranger, inquiry_id)
    for stranger in (a_procurement_lead(), opened.person("evaluator"), provider_of(opened)):
        with pytest.raises(NotFound):
            queries.inquiry_for(stranger, inquiry_id)


def test_a_withdrawn_question_takes_no_answer_and_the_tenderer_is_told_why(
    session: Session, opened: Evaluation
) -> None:
    inquiry_id = an_inquiry(opened)
    with pytest.raises(Refusal, match="Say why"):
        withdraw(inquiry_id=inquiry_id, because=" ", by=opened.lead)
    withdraw(inquiry_id=inquiry_id, because="The plan says it.", by=opened.lead)
    with pytest.raises(MoveRefused):
        answered(opened, inquiry_id)
    assert "The plan says it." in letters(session, inquiry_id)[-1].body


def test_an_answered_question_is_not_withdrawn(session: Session, opened: Evaluation) -> None:
    inquiry_id = an_answered_inquiry(opened, files=0)
    with pytest.raises(MoveRefused):
        withdraw(inquiry_id=inquiry_id, because="Too late.", by=opened.lead)


def test_evaluators_read_an_answer_once_it_is_shown(session: Session, opened: Evaluation) -> None:
    inquiry_id = an_answered_inquiry(opened)
    answer_id = about_answer(session, inquiry_id)
    document_id = session.scalars(select(InquiryFile.document_id)).one()
    assert queries.shown_about(answer_id) == []
    assert queries.shown_document(answer_id, document_id) is None
    show(inquiry_id=inquiry_id, by=opened.lead)
    show(inquiry_id=inquiry_id, by=opened.lead)
    (shown,) = queries.shown_about(answer_id)
    assert shown.answer == ANSWER
    assert queries.shown_document(answer_id, document_id)
    assert queries.shown_about(answer_id + 1) == []
    assert queries.shown_document(answer_id + 1, document_id) is None
    lines = [line["action"] for line in trail_of("application", opened.applications[0])]
    assert lines.count("inquiry.show") == 1


def about_answer(session: Session, inquiry_id: int) -> int:
    """The id of the answer that an inquiry is about."""
    return session.execute(
        text(
            "SELECT answer.id FROM answer JOIN inquiry USING (application_id, question_id) "
            "WHERE inquiry.id = :id AND answer.lot_id IS NOT DISTINCT FROM inquiry.lot_id"
        ),
        {"id": inquiry_id},
    ).scalar_one()


def test_what_has_no_answer_is_not_shown(session: Session, opened: Evaluation) -> None:
    with pytest.raises(Refusal, match="no answer to show"):
        show(inquiry_id=an_inquiry(opened), by=opened.lead)


@pytest.mark.parametrize("role", ["auditor", "approver", "evaluator", "moderator"])
def test_the_lead_alone_asks_withdraws_and_shows(session: Session, opened: Evaluation, role: str) -> None:
    inquiry_id, other = an_inquiry(opened), opened.person(role)
    point = a_point(opened)
    for act in (
        lambda: withdraw(inquiry_id=inquiry_id, because="Mine.", by=other),
        lambda: show(inquiry_id=inquiry_id, by=other),
        lambda: ask(
            application_id=opened.applications[0], about=(point.question_id, point.lot_id), text="Mine.",
            days=3, portal_url=PORTAL_URL, by=other,
        ),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            act()


def test_a_shut_box_asks_nobody(session: Session) -> None:
    lead = a_procurement_lead()
    shut = a_closed_round(1, lead)
    shut_away = Evaluation(lead, shut.id, [a_submitted_application(shut, lot_ids(shut))])
    with pytest.raises(AskedTooLate):
        an_inquiry(shut_away)


def test_opening_a_file_leaves_its_line(session: Session, opened: Evaluation) -> None:
    inquiry = queries.own_inquiry(provider_of(opened), an_answered_inquiry(opened))
    document_id = session.scalars(select(InquiryFile.document_id)).one()
    assert "Plan" in open_file(inquiry=inquiry, document_id=document_id, by=opened.lead)
    line = reads_of("application", opened.applications[0])[0]
    assert (line["action"], line["details"]["inquiry"]) == ("application.read_document", inquiry.id)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE inquiry SET text = 'Another question.'",
        "UPDATE inquiry SET answer = 'Another answer.'",
        "UPDATE inquiry SET due_at = due_at + interval '1 day'",
        "UPDATE inquiry SET state = 'asked', answer = NULL, answered_at = NULL",
        "DELETE FROM inquiry_file",
        "DELETE FROM inquiry",
    ],
)
def test_what_was_asked_and_answered_is_a_record(session: Session, opened: Evaluation, change: str) -> None:
    an_answered_inquiry(opened, files=int(change != "DELETE FROM inquiry"))
    with pytest.raises(DBAPIError, match="refuses"), session.begin_nested():
        session.execute(text(change))


def test_when_the_period_is_over_words_and_files_go(session: Session, opened: Evaluation) -> None:
    an_answered_inquiry(opened)
    document_id = session.scalars(select(InquiryFile.document_id)).one()
    erase_inquiries(opened.applications[0], by=THE_PORTAL)
    (inquiry,) = inquiries(opened)
    assert (inquiry.text[:7], (inquiry.answer or "")[:7], list(inquiry.files)) == ("Removed", "Removed", [])
    assert session.get(Document, document_id) is None


def test_the_tenderers_home_tells_what_is_asked_and_then_what_was_answered(
    session: Session, opened: Evaluation
) -> None:
    rows = lambda: session.execute(queries.for_provider(provider_of(opened))).mappings().all()  # noqa: E731
    inquiry_id = an_inquiry(opened)
    (row,) = rows()
    task, _ = queries.as_waiting(row)
    assert task and task.values == {"inquiry_id": inquiry_id}
    answered(opened, inquiry_id)
    (row,) = rows()
    _, line = queries.as_waiting(row)
    assert line and line.sentence.startswith("You answered the council")
    assert not session.execute(queries.for_provider(provider_of(opened, 1))).all()
