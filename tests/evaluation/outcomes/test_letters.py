"""What an outcome letter says, and who can read it when."""

from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from evaluation.outcomes.letter_queries import letters_of, own_letter
from evaluation.outcomes.letter_services import NotDecided, write_outcome_letters
from evaluation.outcomes.letters import LAST_DAY_TO_CLAIM, RELEASED_ON, TAKES_EFFECT, filling
from evaluation.outcomes.release_queries import Standstill
from evaluation.outcomes.release_services import LetterMissing
from portal.accounts.models import Membership, Person
from portal.errors import NotFound
from portal.mail.models import Letter
from tests.evaluation.conftest import Build
from tests.factories.accounts import a_person, a_provider_person
from tests.factories.evaluation import AGREED, Evaluation
from tests.factories.outcomes import (
    TOO_DEAR,
    a_decided_evaluation,
    a_recommended_evaluation,
    provider_of,
    release_all,
)
from tests.web_client import sign_in

MIXED, WEAK, DEAR = range(3)


@pytest.fixture(scope="module")
def decided(build: Build) -> Evaluation:
    """Two lots. One tender passes lot 1 and is too dear in lot 2; one is below a minimum; one too dear in
    both.
    """
    marks = [{"outcomes": 5}, {"safeguarding": 2}, {}]
    return build(lambda: a_decided_evaluation(marks, lots=2, failed={MIXED: [1], DEAR: [0, 1]}))


def letter(decided: Evaluation, tender: int, session: Session) -> Letter:
    """The letter to the administrator of a tender's provider."""
    return session.scalars(
        select(Letter).where(Letter.key.like(f"outcome:{decided.applications[tender]}:%"))
    ).one()


def test_a_letter_is_written_to_each_administrator_and_held(session: Session, decided: Evaluation) -> None:
    letters = letters_of(decided.round_id)
    assert len(letters) == 3
    assert {row["state"] for row in letters} == {"held"}
    assert letter(decided, MIXED, session).to_address == provider_of(decided, MIXED).email


def test_a_letter_gives_the_outcome_of_each_lot(session: Session, decided: Evaluation) -> None:
    body = letter(decided, MIXED, session).body
    assert "You are admitted to this lot until 31 May 2032." in body
    assert (
        "You are not admitted to this lot.\n"
        f"Why: A condition for this lot was not met. Price for a day: {TOO_DEAR}" in body
    )


def test_a_letter_explains_every_mark(session: Session, decided: Evaluation) -> None:
    body = letter(decided, MIXED, session).body
    assert (
        "Outcomes, progression and post-16\n"
        "Weight 10%. Mark 5 out of 5: Excellent. Minimum 2: reached. Adds 10 to the total.\n"
        f"Reason: {AGREED}"
    ) in body
    assert body.count(AGREED) == 6


def test_a_letter_gives_sub_totals_and_the_total(session: Session, decided: Evaluation) -> None:
    body = letter(decided, MIXED, session).body
    # In common 15 + 9 + 10 + 6 of 60, for the lot 12 + 12 of 40.
    assert "Sub-total: 40 out of 60" in body
    assert "Sub-total: 24 out of 40" in body
    assert "TOTAL FOR LOT 1: 64 out of 100" in body
    assert "TOTAL FOR LOT 2" not in body


def test_a_letter_names_the_mark_that_was_too_low(session: Session, decided: Evaluation) -> None:
    body = letter(decided, WEAK, session).body
    assert "below the minimum for: Safeguarding and safer recruitment (2, minimum 3)" in body
    assert "Mark 2 out of 5: Partial. Minimum 3: not reached." in body


def test_a_tender_that_was_not_marked_is_told_so(session: Session, decided: Evaluation) -> None:
    body = letter(decided, DEAR, session).body
    assert "Your answers were not marked." in body
    assert "YOUR MARKS" not in body


def test_a_letter_says_how_to_ask_how_to_challenge_and_that_one_may_apply_again(
    session: Session, decided: Evaluation
) -> None:
    body = letter(decided, WEAK, session).body
    assert "Reply to this email" in body
    assert "the Public Contracts Regulations 2015 you have 30 days" in body
    assert RELEASED_ON in body
    assert LAST_DAY_TO_CLAIM in body
    assert "You can apply again" in body


def test_the_thirty_days_begin_with_the_day_of_release() -> None:
    days = filling(date(2026, 3, 6))
    assert days[RELEASED_ON] == "Friday 6 March 2026"
    assert days[LAST_DAY_TO_CLAIM] == "Saturday 4 April 2026"


def test_the_end_of_a_standstill_is_named_with_what_follows_from_it() -> None:
    assert filling(date(2026, 3, 6))[TAKES_EFFECT] == "Your admission takes effect with this letter."
    waits = filling(date(2026, 3, 6), Standstill(8, date(2026, 3, 18)))[TAKES_EFFECT]
    assert "This standstill ends on Wednesday 18 March 2026" in waits
    not_begun = filling(date(2026, 3, 6), Standstill(8, None))[TAKES_EFFECT]
    assert "lasts 8 working days, beginning with the day on which our contract award notice is" in not_begun
    assert "2026" not in not_begun


def test_the_days_are_filled_in_on_release(session: Session, decided: Evaluation) -> None:
    release_all(decided)
    session.expire_all()
    body = letter(decided, WEAK, session).body
    assert RELEASED_ON not in body
    assert LAST_DAY_TO_CLAIM not in body


def test_the_letters_are_written_once_however_often_it_is_asked(
    session: Session, decided: Evaluation
) -> None:
    assert write_outcome_letters(round_id=decided.round_id, by=decided.lead) == 0
    assert len(letters_of(decided.round_id)) == 3


def test_no_letter_is_written_before_the_decision(session: Session) -> None:
    recommended = a_recommended_evaluation()
    assert letters_of(recommended.round_id) == []
    with pytest.raises(NotDecided):
        write_outcome_letters(round_id=recommended.round_id, by=recommended.lead)


def test_a_round_is_not_released_while_somebody_would_not_be_told(
    session: Session, decided: Evaluation
) -> None:
    session.execute(
        text("DELETE FROM letter WHERE key LIKE :key"), {"key": f"outcome:{decided.applications[0]}:%"}
    )
    session.commit()
    with pytest.raises(LetterMissing, match=provider_of(decided, 0).organisation_name):
        release_all(decided)
    assert write_outcome_letters(round_id=decided.round_id, by=decided.lead) == 1
    release_all(decided)
    assert {row["state"] for row in letters_of(decided.round_id)} == {"queued"}


def test_a_provider_without_an_administrator_is_told_through_its_other_people(
    session: Session, decided: Evaluation
) -> None:
    provider = provider_of(decided, WEAK)
    session.execute(
        text("DELETE FROM letter WHERE key LIKE :key"), {"key": f"outcome:{decided.applications[WEAK]}:%"}
    )
    session.query(Membership).filter_by(person_id=provider.person_id).update({"roles": ["editor"]})
    write_outcome_letters(round_id=decided.round_id, by=decided.lead)
    assert letter(decided, WEAK, session).to_address == provider.email


def test_a_provider_reads_nothing_before_the_release(
    client: FlaskClient, session: Session, decided: Evaluation
) -> None:
    provider = provider_of(decided, MIXED)
    with pytest.raises(NotFound):
        own_letter(provider, decided.applications[MIXED])
    sign_in(client, provider.email)
    assert client.get(f"/applications/{decided.applications[MIXED]}/outcome").status_code == 404
    for page in ("/", f"/applications/{decided.applications[MIXED]}"):
        shown = client.get(page).get_data(as_text=True)
        assert AGREED not in shown
        assert "outcome letter" not in shown


def test_a_provider_reads_its_own_letter_after_the_release_and_no_other(
    client: FlaskClient, session: Session, decided: Evaluation
) -> None:
    release_all(decided)
    sign_in(client, provider_of(decided, MIXED).email)
    page = client.get(f"/applications/{decided.applications[MIXED]}/outcome").get_data(as_text=True)
    assert "TOTAL FOR LOT 1: 64 out of 100" in page
    assert client.get(f"/applications/{decided.applications[WEAK]}/outcome").status_code == 404


def test_a_colleague_without_a_copy_reads_the_letter_too(
    client: FlaskClient, session: Session, decided: Evaluation
) -> None:
    release_all(decided)
    provider = provider_of(decided, MIXED)
    organisation = session.get_one(Person, provider.person_id)
    session.refresh(organisation, ["memberships"])
    membership = organisation.memberships[0]
    session.refresh(membership, ["organisation"])
    colleague = a_person(membership.organisation, "editor")
    assert "Dear " in own_letter(colleague, decided.applications[MIXED])["body"]
    with pytest.raises(NotFound):
        own_letter(a_provider_person(), decided.applications[MIXED])
