"""The coach says what a reason lacks, and never refuses one."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.masking.words import NO_MASK
from evaluation.scoring.coach import advice_on, by_short_name, mentioned
from evaluation.scoring.coach_queries import advice_for
from evaluation.scoring.masked import Shown
from evaluation.scoring.services import record_mark
from portal.accounts.models import Organisation
from tender.applications.models import Application
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults
from tests.factories.evaluation import Evaluation, a_marking_evaluation
from tests.web_client import sign_in

DESCRIPTOR = "Good: the answer meets the requirement with relevant evidence and minor reservations."
ANSWER = (
    "Our designated lead Rowan rings home before half past nine when somebody is missing. Attendance rose "
    "from 61 to 84 per cent last autumn; mentors visit families weekly and breakfast brings them in early."
)
NAMES = by_short_name(["Kiln Lane Workshop CIC", "Falcon Yard", "Oak"])


def advice(reason: str, elsewhere: tuple[str, ...] = ()) -> str:
    return " ".join(
        advice_on(
            reason,
            descriptor=DESCRIPTOR,
            question="Attendance. How do you raise attendance?",
            answer=ANSWER,
            elsewhere=elsewhere,
            other_providers=NAMES,
        )
    )


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("Meets the requirement with relevant evidence, minor reservations.", "repeats the scale"),
        ("A convincing and thorough approach throughout, little to add.", "names nothing from the answer"),
        ("Mentors visit families, as they do at Kiln Lane Workshop.", "mentions Kiln Lane Workshop CIC"),
    ],
)
def test_a_weak_reason_gets_its_advice(reason: str, says: str) -> None:
    assert says in advice(reason)


@pytest.mark.parametrize(
    "reason",
    [
        "Rings home before half past nine and shows that attendance rose; no comparison group.",
        "Went from 61 to 84, well told.",
        "Mentors and breakfast are described with who does what; oak desks are beside the point.",
    ],
)
def test_a_reason_that_names_the_answer_gets_none(reason: str) -> None:
    assert advice(reason) == ""


REASON = "Mentors visit families weekly, breakfast brings them in early, and attendance rose to 84 per cent."


@pytest.mark.parametrize(
    "other",
    [
        REASON,
        f"At Falcon Yard mentors {REASON[8:]}",
        REASON.replace("weekly", "every fortnight"),
        f"Well told. {REASON} A plan for siblings is missing.",
    ],
)
def test_a_copied_reason_is_told_also_where_some_words_differ(other: str) -> None:
    assert "same reason to another provider" in advice(REASON, ("Rings home by half past nine.", other))


def test_a_turn_of_phrase_that_comes_again_is_no_copy() -> None:
    others = (
        "Mentors visit families weekly, yet nothing says what comes of it or who would step in.",
        "No figures; breakfast brings them in early, and that is all the answer tells of mornings.",
    )
    assert advice(REASON, others) == ""


def test_a_short_answer_asks_for_no_evidence() -> None:
    assert not advice_on(
        "Thin and general, nothing to go by.", descriptor=DESCRIPTOR, question="?", answer="We try.",
        elsewhere=(), other_providers={},
    )  # fmt: skip


def test_a_name_is_found_without_its_legal_form_and_not_inside_words() -> None:
    assert mentioned("As at kiln lane workshop!", NAMES) == ["Kiln Lane Workshop CIC"]
    assert mentioned("Falcon yardsticks and oak.", NAMES) == []


@pytest.fixture(scope="module")
def marking(build: Build) -> Evaluation:
    """Two tenders, accepted by two evaluators."""
    return build(lambda: a_marking_evaluation(2))


def mark_first(marking: Evaluation, tender: int, reason: str, evaluator: int = 0) -> int:
    answer_id = marking.answers(tender)[0]
    record_mark(
        assignment_id=marking.assignment(evaluator, tender).id,
        answer_id=answer_id, points=3, reason=reason, version=0, by=marking.evaluators[evaluator],
    )  # fmt: skip
    return answer_id


def said(marking: Evaluation, tender: int, evaluator: int = 0) -> str:
    own = marking.assignment(evaluator, tender)
    row = {
        "id": own.id,
        "state": own.state,
        "round_id": marking.round_id,
        "application_id": own.application_id,
    }
    return str(advice_for(row, Shown("", NO_MASK)))


def provider(session: Session, marking: Evaluation, tender: int) -> str:
    return session.scalars(
        select(Organisation.name)
        .join(Application, Application.provider_id == Organisation.id)
        .where(Application.id == marking.applications[tender])
    ).one()


def test_a_copy_between_providers_is_found_and_anothers_is_not(session: Session, marking: Evaluation) -> None:
    reason = "We ring home, they say, before half past nine."
    mark_first(marking, 0, reason)
    mark_first(marking, 1, reason, evaluator=1)
    assert "same reason" not in said(marking, 0)
    mark_first(marking, 1, reason)
    assert "same reason" in said(marking, 0)
    assert "same reason" in said(marking, 1)


def test_the_other_tenderers_name_is_found(session: Session, marking: Evaluation) -> None:
    mark_first(marking, 0, f"Rings home before half past nine as does {provider(session, marking, 1)}.")
    assert "another provider" in said(marking, 0)


def test_the_advice_is_on_both_pages_and_the_lock_is_open_all_the_same(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    answer_id = mark_first(marking, 0, f"As good as {provider(session, marking, 1)} in all respects.")
    sign_in(client, marking.evaluators[0].email)
    own = f"/marking/{marking.assignment().id}"
    for address in (own, f"{own}/answers/{answer_id}"):
        page = client.get(address).get_data(as_text=True)
        assert "which is another provider" in page, address
        assert faults(page, app) == []


def test_the_advice_comes_with_the_autosave_and_with_save_and_stay(
    client: FlaskClient, session: Session, app: Flask, marking: Evaluation
) -> None:
    sign_in(client, marking.evaluators[0].email)
    answer_id = marking.answers()[0]
    address = f"/marking/{marking.assignment().id}/answers/{answer_id}"
    empty = client.get(address).get_data(as_text=True)
    assert faults(empty, app) == [] and 'id="advice" hidden' in empty
    copied = f"As good as {provider(session, marking, 1)} in all respects."
    saved = client.post(f"{address}/autosave", data={"points": "3", "reason": copied, "version": "0"})
    assert "which is another provider" in saved.json["advice"][0]
    good = "Names the designated lead and how often the school is told, with an example."
    mended = client.post(f"{address}/autosave", data={"points": "3", "reason": good, "version": "1"})
    assert not any("another provider" in sentence for sentence in mended.json["advice"])
    stays = {"points": "3", "reason": copied, "version": "2", "stay": "yes"}
    answer = client.post(f"{address}?by=question", data=stays)
    assert answer.location == f"{address}?by=question"
    assert "which is another provider" in client.get(answer.location).get_data(as_text=True)
