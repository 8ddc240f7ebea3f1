"""What a new decision does: which one counts, the register, the letter, and everybody who reads decisions."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.challenges.services import hold_admissions, lift_hold
from evaluation.outcomes.condition_queries import open_conditions
from evaluation.outcomes.condition_services import meet_condition
from evaluation.outcomes.effect_services import admit_due
from evaluation.outcomes.last_time_queries import verdicts_for
from evaluation.outcomes.letter_queries import letters_of, own_letter, own_new_letters
from evaluation.outcomes.models import Decision
from evaluation.outcomes.queries import lots_of, outcome_of, outcomes_of
from evaluation.outcomes.release_queries import admissions_waiting
from evaluation.outcomes.waiting_queries import waiting_for
from evaluation.reconsiderations.queries import decisions_of as all_decisions
from evaluation.reconsiderations.services import approve
from evaluation.records.tables import DECISIONS
from evaluation.reports.award_data import award_package
from evaluation.reports.award_queries import awards_for
from evaluation.reports.paper import said_by
from evaluation.reports.queries import report_for
from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.audit.queries import trail_of
from portal.directory.models import Service, Standing
from portal.directory.queries import search
from portal.directory.search import SearchCriteria
from portal.errors import NotFound
from portal.mail.models import Letter
from portal.standings.queries import changes_of
from portal.standings.services import Intended, change, decide
from portal.standings.waiting_queries import waiting_for as standings_waiting
from portal.working_days import add_working_days
from tests.evaluation.conftest import Build
from tests.factories.evaluation import Evaluation, an_approver
from tests.factories.frameworks import lot_ids
from tests.factories.outcomes import (
    INSURANCE,
    a_decided_evaluation,
    a_released_evaluation,
    decisions_of,
    provider_of,
    release_all,
)
from tests.factories.reconsiderations import WHY, a_challenge, a_proposal, decided_anew

GOOD, WEAK = range(2)


@pytest.fixture(scope="module")
def released(build: Build) -> Evaluation:
    """Two lots; the first tender is admitted to both, the second is below a minimum."""
    return build(lambda: a_released_evaluation([{}, {"safeguarding": 2}], lots=2))


def standing_of(session: Session, evaluation: Evaluation, application: int, lot: int = 0) -> Standing | None:
    return session.scalar(
        select(Standing)
        .where(Standing.provider_id == provider_of(evaluation, application).organisation_id)
        .where(Standing.lot_id == lot_ids(evaluation.round)[lot])
        .execution_options(populate_existing=True)
    )


def found_by_schools(session: Session, evaluation: Evaluation) -> set[int]:
    """The providers that schools find on a day of the framework's term."""
    day = max(clock.today(), session.scalars(select(Standing.starts_on)).first() or clock.today())
    hits = search(SearchCriteria(day)).hits
    return {session.get_one(Service, hit.service.id).provider_id for hit in hits}


def outcome(evaluation: Evaluation, application: int, lot: int = 0) -> str | None:
    lot_id = lot_ids(evaluation.round)[lot]
    return outcome_of(evaluation.applications[application], lot_id, evaluation.round_id).outcome


def test_the_new_decision_counts_and_the_old_one_stays_as_it_was(
    session: Session, released: Evaluation
) -> None:
    before = {row.id: (row.reason, row.outcome, row.approved_at) for row in decisions_of(released)}
    new = session.get_one(Decision, decided_anew(released, WEAK))
    old = session.get_one(Decision, new.replaces_id)
    assert (old.state, new.state, new.outcome) == ("superseded", "released", "admit")
    assert before[old.id] == (old.reason, old.outcome, old.approved_at)
    assert outcome(released, WEAK) == "admit"
    assert [made.counts for made in all_decisions(new.application_id, new.lot_id)] == [True, False]


def test_the_database_lets_one_decision_count_and_keeps_the_others(
    session: Session, released: Evaluation
) -> None:
    new = decided_anew(released, WEAK)
    for change_ in ("state = 'released'", "reason = 'x'", "outcome = 'admit'"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(text(f"UPDATE decision SET {change_} WHERE state = 'superseded'"))
    with pytest.raises(IntegrityError, match="replaces"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO decision (application_id, lot_id, state, outcome, reason, recommended_by_id,"
                " replaces_id, challenge_id) SELECT application_id, lot_id, 'recommended', 'admit', 'x',"
                f" recommended_by_id, id, challenge_id FROM decision WHERE id = {new}"
            )
        )


def test_an_admission_that_is_decided_anew_enters_the_register_with_its_story(
    session: Session, released: Evaluation
) -> None:
    decided_anew(released, WEAK)
    standing = standing_of(session, released, WEAK)
    assert standing and (standing.state, standing.application_id) == ("admitted", released.applications[WEAK])
    (told,) = changes_of([standing.id])
    assert (told.step, told.title, told.reason) == ("admit", "Admitted by a new decision", WHY)
    assert told.proposer == released.lead.name != told.decider
    assert provider_of(released, WEAK).organisation_id in found_by_schools(session, released)


def test_a_provider_that_is_not_admitted_any_more_leaves_the_register_with_its_story(
    session: Session, released: Evaluation
) -> None:
    decided_anew(released, GOOD, "not_admit")
    standing, other = (standing_of(session, released, GOOD, lot) for lot in (0, 1))
    assert standing and other and (standing.state, other.state) == ("removed", "admitted")
    (told,) = changes_of([standing.id])
    assert (told.step, told.cause, told.decider) == ("remove", "new_decision", told.decider)
    assert "standing.remove" in [line["action"] for line in trail_of("standing", standing.id)]


def test_removed_and_admitted_again_by_new_decisions_it_keeps_its_page(
    session: Session, released: Evaluation
) -> None:
    decided_anew(released, GOOD, "not_admit")
    standing = standing_of(session, released, GOOD)
    page = session.scalars(select(Service).where(Service.standing_id == standing.id)).one()
    page.summary = "As the provider keeps it."
    session.commit()
    decided_anew(released, GOOD, "admit")
    again = standing_of(session, released, GOOD)
    assert (again.id, again.state, len(changes_of([again.id]))) == (standing.id, "admitted", 2)
    assert session.get_one(Service, page.id, populate_existing=True).summary == "As the provider keeps it."


def test_what_was_removed_for_a_cause_of_its_own_stays_removed(
    session: Session, released: Evaluation
) -> None:
    standing = standing_of(session, released, GOOD)
    officer, approver = released.person("quality_officer"), released.person("approver")
    removed_for_its_quality(standing, officer, approver)
    decided_anew(released, GOOD, "admit_conditionally", conditions=(INSURANCE,))
    assert standing_of(session, released, GOOD).state == "removed"
    assert outcome(released, GOOD) == "admit_conditionally"


def removed_for_its_quality(standing: Standing, officer: Actor, approver: Actor) -> None:
    with clock.staged_at(clock.now() - timedelta(days=20)):
        proposed = change(
            standing_id=standing.id,
            intended=Intended(
                "remove", "quality", "Two visits.", representations_by=clock.today() + timedelta(days=8)
            ),
            portal_url="https://portal.example.org",
            by=officer,
        )
    decide(
        change_id=proposed, approve=True, note="Heard.", portal_url="https://portal.example.org", by=approver
    )


def test_a_suspension_goes_on_whatever_is_decided_anew_and_is_still_reviewed(
    session: Session, released: Evaluation
) -> None:
    standing, officer = standing_of(session, released, GOOD), released.person("quality_officer")
    change(
        standing_id=standing.id,
        intended=Intended(
            "suspend",
            "safeguarding",
            "A concern.",
            review_on=clock.today() + timedelta(days=2),
            invited_on=clock.today(),
        ),  # fmt: skip
        portal_url="https://portal.example.org",
        by=officer,
    )
    decided_anew(released, GOOD, "admit_conditionally", conditions=(INSURANCE,))
    now = standing_of(session, released, GOOD)
    assert (now.state, now.on_conditions) == ("suspended", True)
    assert ["is to be reviewed" in task.sentence for task in standings_waiting(officer).now] == [True]


def test_conditions_of_the_new_decision_count_and_those_of_the_old_one_do_not(
    session: Session, released: Evaluation
) -> None:
    decided_anew(released, GOOD, "admit_conditionally", conditions=(INSURANCE,))
    assert standing_of(session, released, GOOD).state == "conditional"
    (asked,) = open_conditions(released.lead)[0]
    decided_anew(released, GOOD, "admit")
    assert open_conditions(released.lead)[0] == []
    assert standing_of(session, released, GOOD).state == "admitted"
    with pytest.raises(NotFound):
        meet_condition(condition_id=asked.id, how="Seen.", document_id=None, by=released.lead)


def test_meeting_the_condition_of_a_new_decision_admits_in_full(
    session: Session, released: Evaluation
) -> None:
    decided_anew(released, WEAK, "admit_conditionally", conditions=(INSURANCE,))
    (asked,) = open_conditions(released.lead)[0]
    assert meet_condition(condition_id=asked.id, how="Seen.", document_id=None, by=released.lead)
    assert standing_of(session, released, WEAK).state == "admitted"


def test_an_admission_waits_while_a_challenge_holds_the_lot(session: Session, released: Evaluation) -> None:
    challenge = a_challenge(released)
    hold_admissions(challenge_id=challenge, reason="Counsel advises to wait.", by=released.lead)
    new = decided_anew(released, WEAK, challenge_id=challenge)
    assert (session.get_one(Decision, new).state, standing_of(session, released, WEAK)) == ("told", None)
    assert [row["lot_id"] for row in admissions_waiting(released.round_id)] == [lot_ids(released.round)[0]]
    assert admit_due(THE_PORTAL) == 0
    lift_hold(challenge_id=challenge, reason="Settled.", by=released.lead)
    assert admit_due(THE_PORTAL) == 1
    standing = standing_of(session, released, WEAK)
    assert standing and [each.step for each in changes_of([standing.id])] == ["admit"]


def test_whoever_is_admitted_in_effect_is_never_made_to_wait_again(
    session: Session, released: Evaluation
) -> None:
    challenge = a_challenge(released)
    hold_admissions(challenge_id=challenge, reason="Counsel advises to wait.", by=released.lead)
    decided_anew(released, GOOD, "admit_conditionally", challenge_id=challenge, conditions=(INSURANCE,))
    assert standing_of(session, released, GOOD).state == "conditional"
    decided_anew(released, GOOD, "not_admit", challenge_id=challenge)
    assert standing_of(session, released, GOOD).state == "removed"


def test_during_the_standstill_a_new_decision_waits_for_its_end_or_takes_the_admission_away(
    session: Session,
) -> None:
    decided = a_decided_evaluation([{}, {"safeguarding": 2}])
    release_all(decided, standstill_days=8)
    decided_anew(decided, GOOD, "not_admit")
    decided_anew(decided, WEAK, "admit")
    ends = add_working_days(clock.today(), 8)
    (letter,) = own_new_letters(provider_of(decided, WEAK), decided.applications[WEAK])
    assert "the standstill of this round ends on" in letter["body"] and f" {ends.day} " in letter["body"]
    with clock.staged_at(clock.now() + (ends - clock.today()) + timedelta(days=1)):
        assert admit_due(THE_PORTAL) == 1
    providers = session.scalars(select(Standing.provider_id)).all()
    assert provider_of(decided, WEAK).organisation_id in providers
    assert provider_of(decided, GOOD).organisation_id not in providers


def test_the_letter_goes_with_the_approval_and_the_first_one_stays(
    session: Session, released: Evaluation
) -> None:
    application, provider = released.applications[WEAK], provider_of(released, WEAK)
    first = own_letter(provider, application)["body"]
    new = decided_anew(released, WEAK)
    (letter,) = own_new_letters(provider, application)
    assert WHY in letter["body"] and "You are admitted to this lot until" in letter["body"]
    assert "Brook Lane" not in letter["body"]
    assert "Until now our decision for this lot was “do not admit”." in letter["body"]
    assert own_letter(provider, application)["body"] == first
    states = select(Letter.state).where(Letter.subject_type == "new_decision", Letter.subject_id == str(new))
    assert set(session.scalars(states)) == {"queued"}
    assert len(letters_of(released.round_id)) == 2
    assert own_new_letters(provider_of(released, GOOD), application) == []


def test_approved_twice_by_the_same_person_it_is_approved_once(
    session: Session, released: Evaluation
) -> None:
    proposal, approver = a_proposal(released, WEAK), an_approver(released)
    assert approve(reconsideration_id=proposal, by=approver) == approve(
        reconsideration_id=proposal, by=approver
    )
    assert len(own_new_letters(provider_of(released, WEAK), released.applications[WEAK])) == 1


def test_every_reader_of_decisions_reads_the_one_that_counts(session: Session, released: Evaluation) -> None:
    rows = len(outcomes_of(released.round_id)[0])
    decided_anew(released, WEAK)
    decided_anew(released, GOOD, "not_admit", lot=1)
    first, second = lot_ids(released.round)
    assert len(outcomes_of(released.round_id)[0]) == rows == 4
    assert [(lot["applied"], lot["approved"]) for lot in lots_of(released.round_id)] == [(2, 2), (2, 2)]
    table = {(row[0], row[1]): (row[3], row[-1]) for row in DECISIONS.read(released.round_id)}
    names = [provider_of(released, place).organisation_name for place in (GOOD, WEAK)]
    assert table[("1", names[WEAK])] == ("Admit", "yes")
    assert table[("2", names[GOOD])] == ("Do not admit", "yes")
    assert len(list(DECISIONS.read(released.round_id))) == 4
    awards = {lot.lot_id: lot for lot in awards_for(released.lead, released.round_id).lots}
    assert [each.name for each in awards[first].suppliers] == sorted(names)
    assert ([each.name for each in awards[second].suppliers], awards[second].tenders) == ([], 2)
    verdicts = verdicts_for(provider_of(released, WEAK), [released.applications[WEAK]])
    assert [v.passed for v in verdicts if v.code is None and v.lot_id == first] == [True]


def test_the_report_says_what_was_found_and_what_was_decided_anew(
    session: Session, released: Evaluation
) -> None:
    decided_anew(released, WEAK)
    said = said_by(report_for(released.lead, released.round_id))
    after = {key: words for key, words in said["after"]}
    assert "Finding: upheld." in after["Complaint"]
    assert "from “do not admit” to “admit”" in after["Decided anew"]
    assert WHY in after["Decided anew"]
    assert [len(lot["decisions"]) for lot in said["lots"]] == [2, 2]


def test_award_data_is_an_update_that_names_no_complainant(session: Session, released: Evaluation) -> None:
    decided_anew(released, WEAK)
    package = award_package(awards_for(released.lead, released.round_id), address="a", at=clock.now())
    (release,) = package["releases"]
    assert release["tag"] == ["awardUpdate"]
    assert release["id"] != f"{released.round.framework_id}"
    amended = [award for award in release["awards"] if award.get("amendments")]
    assert [award["relatedLots"] for award in amended] == [["1"]]
    assert "Brook Lane" not in str(package)


def test_the_providers_home_says_that_a_new_decision_has_arrived(
    session: Session, released: Evaluation
) -> None:
    decided_anew(released, WEAK)
    sentences = [task.sentence for task in waiting_for(provider_of(released, WEAK)).now]
    assert sum(sentence.startswith("A new decision on round") for sentence in sentences) == 1
    with clock.staged_at(clock.now() + timedelta(days=40)):
        later = waiting_for(provider_of(released, WEAK)).going_on
    assert any(line.sentence.startswith("New decision on round") for line in later)
    others = [task.sentence for task in waiting_for(provider_of(released, GOOD)).now]
    assert not any(sentence.startswith("A new decision") for sentence in others)
