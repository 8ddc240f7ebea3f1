"""Releasing a round: all or nothing and once, called back while its window runs, held by a standstill."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evaluation.challenges.services import Received, hold_admissions, lift_hold, record_challenge
from evaluation.exclusions.services import Finding, NotClear, record_finding
from evaluation.outcomes.admission_services import FrameworkOver
from evaluation.outcomes.award_notice_services import NothingBegins, note_award_notice
from evaluation.outcomes.effect_services import admit_due
from evaluation.outcomes.letter_queries import (
    letters_of,
    letters_to_read,
    own_admission_letters,
    own_letter,
)
from evaluation.outcomes.letter_services import (
    NotDecided,
    ReleaseUnderWay,
    TooManyAtOnce,
    note_letters_read,
    write_outcome_letters,
)
from evaluation.outcomes.release_queries import (
    admissions_waiting,
    award_notice_of,
    dates_of,
    last_release,
)
from evaluation.outcomes.release_services import (
    LettersUnread,
    TooLate,
    cancel_release,
    send_due,
    stage_release,
)
from evaluation.outcomes.services import ChangedMeanwhile, NotAsChecked
from evaluation.outcomes.waiting_queries import waiting_for
from evaluation.records.disclosure_tables import OPENING
from evaluation.summaries.queries import criteria_of, summary_for
from evaluation.summaries.services import Words, write_summary
from portal import clock
from portal.accounts.access import THE_PORTAL
from portal.accounts.models import Organisation
from portal.audit.models import AuditLine
from portal.audit.services import Doer
from portal.directory.models import Service, Standing
from portal.errors import NotFound, Refusal
from portal.web.filters import uk_date
from portal.working_days import add_working_days, is_working_day
from tender.frameworks.models import Framework
from tender.frameworks.queries import lots_of_round, published_round
from tests.evaluation.conftest import Build
from tests.evaluation.pages import faults, sent_by
from tests.factories.accounts import a_person
from tests.factories.evaluation import Evaluation
from tests.factories.exclusions import a_finding, a_ground
from tests.factories.frameworks import a_procurement_lead, lot_ids
from tests.factories.outcomes import (
    a_decided_evaluation,
    a_recommended_evaluation,
    decisions_of,
    provider_of,
    read_letters,
    release_all,
)
from tests.web_client import sign_in

GOOD, WEAK = range(2)
LATER = timedelta(minutes=31)


@pytest.fixture(scope="module")
def decided(build: Build) -> Evaluation:
    """Two lots and two tenders, of which one is admitted to both lots."""
    return build(lambda: a_decided_evaluation([{}, {"safeguarding": 2}], lots=2))


def states(decided: Evaluation) -> set[str]:
    return {row["state"] for row in letters_of(decided.round_id)}


def standings(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Standing)) or 0


def locks(session: Session, act: Callable[[], int]) -> bool:
    """Whether a turn of the worker that does nothing has locked rows."""
    return any("FOR UPDATE" in each for each in sent_by(session.connection(), act))


def after(moment: timedelta, act: Callable[[Doer], int] = send_due) -> int:
    with clock.staged_at(clock.now() + moment):
        return act(THE_PORTAL)


def test_all_letters_go_together(session: Session, decided: Evaluation) -> None:
    release_all(decided)
    assert states(decided) == {"queued"}
    session.expire_all()
    assert decided.round.state == "released"


def test_the_admitted_enter_the_register_and_nobody_else(session: Session, decided: Evaluation) -> None:
    release_all(decided)
    found = session.scalars(select(Standing).order_by(Standing.lot_id)).all()
    assert [standing.lot_id for standing in found] == list(lot_ids(decided.round))
    assert {standing.provider_id for standing in found} == {provider_of(decided, GOOD).organisation_id}
    assert {standing.application_id for standing in found} == {decided.applications[GOOD]}


def test_a_standing_lasts_for_the_rest_of_the_framework(session: Session, decided: Evaluation) -> None:
    release_all(decided)
    standing = session.scalars(select(Standing)).first()
    assert standing.starts_on == max(clock.today(), date(2026, 6, 1))
    assert standing.ends_on == date(2032, 5, 31)


def test_the_service_is_what_the_tender_says(session: Session, decided: Evaluation) -> None:
    release_all(decided)
    service = session.scalars(select(Service).order_by(Service.id)).first()
    assert (service.key_stages, service.needs) == (["KS1", "KS2"], ["SPLD", "MLD"])
    assert (service.postcode, service.places, service.price_per_day) == ("M1 1AE", 12, Decimal("95.50"))
    assert (service.title, service.registered_school) == ("Full-time provision", True)


def test_decisions_are_final_in_the_database_too(session: Session, decided: Evaluation) -> None:
    release_all(decided)
    assert {decision.state for decision in decisions_of(decided)} == {"released"}
    with pytest.raises(IntegrityError, match="decision refuses UPDATE"):
        session.execute(text("UPDATE decision SET outcome = 'admit'"))


def test_releasing_twice_releases_once(session: Session, decided: Evaluation) -> None:
    release_all(decided)
    stage_release(round_id=decided.round_id, minutes=0, before_notice=True, by=decided.lead)
    assert standings(session) == 2
    lines = select(func.count()).where(AuditLine.action == "round.release_outcomes")
    assert session.scalar(lines) == 1


def test_nothing_is_released_before_everything_is_approved(session: Session) -> None:
    recommended = a_recommended_evaluation()
    with pytest.raises(NotDecided):
        stage_release(round_id=recommended.round_id, minutes=0, before_notice=True, by=recommended.lead)


def test_another_council_releases_nothing_and_calls_nothing_back(
    session: Session, decided: Evaluation
) -> None:
    with pytest.raises(NotFound):
        stage_release(round_id=decided.round_id, minutes=0, before_notice=True, by=a_procurement_lead())
    with pytest.raises(NotFound):
        cancel_release(round_id=decided.round_id, by=a_procurement_lead())


def test_when_one_step_fails_nothing_has_happened(session: Session, decided: Evaluation) -> None:
    framework = session.get_one(Framework, decided.round.framework_id)
    framework.ends_on = clock.today()
    session.commit()
    with pytest.raises(FrameworkOver):
        release_all(decided)
    session.expire_all()
    assert decided.round.state == "decided"
    assert states(decided) == {"held"}
    assert standings(session) == 0


def test_no_letter_goes_that_nobody_has_read(session: Session, decided: Evaluation) -> None:
    first, *_ = letters_of(decided.round_id)
    assert note_letters_read(round_id=decided.round_id, letter_ids=[first["id"], -1], by=decided.lead) == 1
    with pytest.raises(LettersUnread, match="1 letter has not been read"):
        stage_release(round_id=decided.round_id, minutes=0, before_notice=True, by=decided.lead)


def test_more_letters_than_a_page_shows_are_not_read_by_one_press(
    session: Session, decided: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evaluation.outcomes.letter_services.READ_AT_ONCE", 1)
    ids = [row["id"] for row in letters_of(decided.round_id)]
    with pytest.raises(TooManyAtOnce):
        note_letters_read(round_id=decided.round_id, letter_ids=ids, by=decided.lead)
    assert not any(row["read_at"] for row in letters_of(decided.round_id))


def test_copies_that_differ_in_the_greeting_alone_are_shown_once(
    session: Session, decided: Evaluation
) -> None:
    provider = session.get_one(Organisation, provider_of(decided, GOOD).organisation_id)
    a_person(provider, "administrator")
    write_outcome_letters(round_id=decided.round_id, by=decided.lead)
    shown, left = letters_to_read(decided.round_id, after=0, most=10)
    assert (len(shown), left) == (2, 3)
    both = next(each for each in shown if each.application_id == decided.applications[GOOD])
    assert len(both.letter_ids) == len(both.people) == 2
    assert letters_to_read(decided.round_id, after=shown[-1].place, most=10) == ([], 3)
    assert len(letters_to_read(decided.round_id, after=0, most=1)[0]) == 1


def test_a_letter_is_read_once_and_by_whom_is_kept(session: Session, decided: Evaluation) -> None:
    read_letters(decided)
    other = decided.person("procurement_lead")
    ids = [row["id"] for row in letters_of(decided.round_id)]
    assert note_letters_read(round_id=decided.round_id, letter_ids=ids, by=other) == 0
    assert {row["read_by"] for row in letters_of(decided.round_id)} == {decided.lead.name}


def test_nothing_is_out_while_the_window_runs(session: Session, decided: Evaluation) -> None:
    release_all(decided, minutes=30)
    assert send_due(THE_PORTAL) == 0
    assert (states(decided), standings(session), decided.round.state) == ({"held"}, 0, "decided")
    with pytest.raises(NotFound):
        own_letter(provider_of(decided), decided.applications[GOOD])


def test_everything_is_out_when_the_window_is_over(session: Session, decided: Evaluation) -> None:
    release_all(decided, minutes=30)
    assert after(LATER) == 1
    assert after(LATER) == 0
    assert (states(decided), standings(session)) == ({"queued"}, 2)
    assert decided.round.released_by_id == decided.lead.person_id
    assert own_letter(provider_of(decided), decided.applications[GOOD])["to_name"]


def test_a_release_that_is_cancelled_has_changed_nothing(session: Session, decided: Evaluation) -> None:
    release_all(decided, minutes=30)
    cancel_release(round_id=decided.round_id, by=decided.person("procurement_lead"))
    assert after(LATER) == 0
    assert (states(decided), standings(session), decided.round.state) == ({"held"}, 0, "decided")
    assert last_release(decided.round_id)["state"] == "cancelled"
    release_all(decided)
    assert standings(session) == 2


def test_nothing_is_called_back_when_the_window_is_over(session: Session, decided: Evaluation) -> None:
    release_all(decided, minutes=30)
    with clock.staged_at(clock.now() + LATER), pytest.raises(TooLate):
        cancel_release(round_id=decided.round_id, by=decided.lead)
    after(LATER)
    with pytest.raises(TooLate):
        cancel_release(round_id=decided.round_id, by=decided.lead)


def test_staging_twice_stages_once(session: Session, decided: Evaluation) -> None:
    release_all(decided, minutes=30)
    stage_release(round_id=decided.round_id, minutes=5, before_notice=True, by=decided.lead)
    assert last_release(decided.round_id)["window_minutes"] == 30


def test_what_a_letter_carries_does_not_change_while_the_window_runs(
    session: Session, decided: Evaluation
) -> None:
    release_all(decided, minutes=30)
    application = decided.applications[GOOD]
    answer = criteria_of(decided.round_id, application)[0].answer_id
    with pytest.raises(ReleaseUnderWay):
        write_summary(
            round_id=decided.round_id,
            application_id=application,
            said={answer: Words("Other words.", "Other words.")},
            version=summary_for(decided.lead, decided.round_id, application)["version"],
            by=decided.lead,
        )


def test_a_release_that_cannot_go_any_more_is_stopped_and_says_why(
    session: Session, decided: Evaluation
) -> None:
    release_all(decided, minutes=30)
    provider = session.get_one(Organisation, provider_of(decided, GOOD).organisation_id)
    provider.state, provider.state_reason = "deactivated", "It has closed."
    session.commit()
    assert after(LATER) == 0
    assert (states(decided), standings(session)) == ({"held"}, 0)
    assert last_release(decided.round_id)["state"] == "stopped"
    assert "The release of" in waiting_for(decided.lead).now[0].sentence
    provider = session.get_one(Organisation, provider.id)
    provider.state, provider.state_reason = "checked", ""
    session.commit()
    release_all(decided)
    assert standings(session) == 2


@pytest.mark.parametrize(
    ("minutes", "days", "field"), [(-1, None, "minutes"), (1441, None, "minutes"), (0, 0, "standstill_days")]
)
def test_a_window_and_a_standstill_have_bounds(
    session: Session, decided: Evaluation, minutes: int, days: int | None, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        release_all(decided, minutes, days)
    assert refused.value.field == field


def test_a_standstill_lets_letters_go_and_admissions_wait(session: Session, decided: Evaluation) -> None:
    release_all(decided, standstill_days=8)
    assert (states(decided), standings(session)) == ({"queued"}, 0)
    assert sorted(decision.state for decision in decisions_of(decided)) == ["released"] * 2 + ["told"] * 2
    ends = add_working_days(clock.today(), 8)
    assert last_release(decided.round_id)["admits_after"] == ends
    assert ends in [entry.day for entry in dates_of(published_round(decided.round_id))]
    assert f"{ends.day} " in own_letter(provider_of(decided), decided.applications[GOOD])["body"]


def test_admissions_take_effect_on_the_day_after_the_standstill(
    session: Session, decided: Evaluation
) -> None:
    release_all(decided, standstill_days=8)
    left = add_working_days(clock.today(), 8) - clock.today()
    assert after(left, admit_due) == 0
    assert after(left + timedelta(days=1), admit_due) == 2
    assert after(left + timedelta(days=1), admit_due) == 0
    assert {decision.state for decision in decisions_of(decided)} == {"released"}
    starts = session.scalars(select(Standing.starts_on)).all()
    assert set(starts) == {max(clock.today() + left + timedelta(days=1), date(2026, 6, 1))}


def test_what_was_told_stands_in_the_database_too(session: Session, decided: Evaluation) -> None:
    release_all(decided, standstill_days=8)
    with pytest.raises(IntegrityError, match="it is told"):
        session.execute(text("UPDATE decision SET state = 'released', reason = 'x' WHERE state = 'told'"))


def test_a_challenge_holds_the_admissions_of_its_lot_alone(session: Session, decided: Evaluation) -> None:
    lot = lot_ids(decided.round)[0]
    challenge = record_challenge(
        round_id=decided.round_id,
        said=Received("claim", lot, "Brook Lane", clock.today(), "A mark.", clock.today()),
        by=decided.lead,
    )
    hold_admissions(challenge_id=challenge, reason="Counsel advises to wait.", by=decided.lead)
    release_all(decided)
    assert [row["lot_id"] for row in admissions_waiting(decided.round_id)] == [lot]
    assert session.scalars(select(Standing.lot_id)).all() == [lot_ids(decided.round)[1]]
    assert admit_due(THE_PORTAL) == 0
    lift_hold(challenge_id=challenge, reason="Withdrawn.", by=decided.lead)
    assert admit_due(THE_PORTAL) == 1
    assert standings(session) == 2


def held_by_a_claim(decided: Evaluation, lot: int, of: str = "Brook Lane") -> int:
    challenge = record_challenge(
        round_id=decided.round_id,
        said=Received("claim", lot, of, clock.today(), "A mark.", clock.today()),
        by=decided.lead,
    )
    hold_admissions(challenge_id=challenge, reason="Counsel advises to wait.", by=decided.lead)
    return challenge


def test_the_letter_of_a_held_admission_says_so_and_of_the_other_lot_that_it_takes_effect(
    session: Session, decided: Evaluation
) -> None:
    first, second = published_lots(decided)
    held_by_a_claim(decided, lot_ids(decided.round)[0])
    release_all(decided)
    body = own_letter(provider_of(decided, GOOD), decided.applications[GOOD])["body"]
    assert f"Your admission to {second} takes effect with this letter." in body
    assert f"Your admission to {first} is held, so it has not taken effect yet" in body
    assert "Brook Lane" not in body and "Counsel" not in body


def test_where_every_admission_is_held_no_letter_says_that_one_takes_effect(
    session: Session, decided: Evaluation
) -> None:
    for lot in lot_ids(decided.round):
        held_by_a_claim(decided, lot)
    release_all(decided)
    body = own_letter(provider_of(decided, GOOD), decided.applications[GOOD])["body"]
    assert "takes effect with this letter" not in body
    assert "is held, so it has not taken effect yet" in body


def told_since(decided: Evaluation) -> list[str]:
    letters = own_admission_letters(provider_of(decided, GOOD), decided.applications[GOOD])
    return [letter["title"].partition(":")[0] for letter in letters]


def test_a_letter_goes_when_a_held_admission_takes_effect(session: Session, decided: Evaluation) -> None:
    challenge = held_by_a_claim(decided, lot_ids(decided.round)[0])
    release_all(decided)
    admit_due(THE_PORTAL)
    assert told_since(decided) == []
    lift_hold(challenge_id=challenge, reason="Withdrawn.", by=decided.lead)
    admit_due(THE_PORTAL)
    letter, *others = own_admission_letters(provider_of(decided, GOOD), decided.applications[GOOD])
    assert (letter["title"], others) == (f"Your admission has taken effect: {decided_title(decided)}", [])
    assert published_lots(decided)[0] in letter["body"]
    assert published_lots(decided)[1] not in letter["body"]


def test_whoever_waits_for_a_standstill_is_told_when_a_challenge_holds_the_admission_meanwhile(
    session: Session, decided: Evaluation
) -> None:
    release_all(decided, standstill_days=8)
    lot = lot_ids(decided.round)[0]
    held_by_a_claim(decided, lot)
    held_by_a_claim(decided, lot, of="Hill Top")
    assert told_since(decided) == ["Your admission waits"]
    left = add_working_days(clock.today(), 8) - clock.today() + timedelta(days=1)
    assert after(left, admit_due) == 1
    assert told_since(decided) == ["Your admission has taken effect", "Your admission waits"]
    assert session.scalars(select(Standing.lot_id)).all() == [lot_ids(decided.round)[1]]


def test_the_letters_page_says_beforehand_what_a_held_admission_is_told(
    session: Session, app: Flask, decided: Evaluation
) -> None:
    browser = sign_in(app.test_client(), decided.lead.email)
    page = f"/rounds/{decided.round_id}/letters"
    assert "is held, so it has not" not in "".join(browser.get(f"{page}?letter={n}").text for n in (1, 2))
    held_by_a_claim(decided, lot_ids(decided.round)[0])
    assert "is held, so it has not" in "".join(browser.get(f"{page}?letter={n}").text for n in (1, 2))


def test_the_provider_reads_the_later_letters_beside_the_first(
    session: Session, app: Flask, decided: Evaluation
) -> None:
    release_all(decided, standstill_days=8)
    held_by_a_claim(decided, lot_ids(decided.round)[0])
    browser = sign_in(app.test_client(), provider_of(decided, GOOD).email)
    page = browser.get(f"/applications/{decided.applications[GOOD]}/outcome").text
    assert "Your admission waits" in page and "First letter" in page


def published_lots(decided: Evaluation) -> list[str]:
    return [lot.name for lot in lots_of_round(decided.round_id)]


def decided_title(decided: Evaluation) -> str:
    return published_round(decided.round_id).title


def found(decided: Evaluation, finding: Finding, seen: int = 1) -> None:
    record_finding(
        application_id=decided.applications[GOOD], parts=["mandatory"], found=finding,
        seen={"mandatory": seen}, by=decided.lead,
    )  # fmt: skip


def test_what_is_found_after_the_decision_stops_the_release_until_somebody_has_looked_again(
    session: Session, decided: Evaluation
) -> None:
    found(decided, a_finding("refer", reasons="A newspaper names it."))
    with pytest.raises(NotClear, match="referred"):
        release_all(decided)
    task = waiting_for(decided.lead).now[0]
    assert task.sentence.startswith("Before the letters go, the admission of")
    found(decided, a_finding(), seen=2)
    release_all(decided)
    assert standings(session) == 2


def test_no_rank_is_released_but_that_on_which_both_computations_agreed(
    session: Session, decided: Evaluation
) -> None:
    read_letters(decided)
    stage_release(round_id=decided.round_id, minutes=30, before_notice=True, by=decided.lead)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE result SET numerator = numerator + 0.01"))
    session.execute(text("SET LOCAL session_replication_role = DEFAULT"))
    session.commit()
    assert after(LATER) == 0
    last = last_release(decided.round_id)
    assert last["state"] == "stopped" and "two computations agreed on" in last["stopped_because"]
    with pytest.raises(NotAsChecked):
        release_all(decided)


def test_an_old_check_stops_the_release(session: Session, decided: Evaluation) -> None:
    read_letters(decided)
    with clock.staged_at(clock.now() + timedelta(days=93)), pytest.raises(NotClear, match="look again"):
        release_all(decided)


def test_an_admission_that_waits_is_held_when_a_ground_is_found_meanwhile(
    session: Session, app: Flask, decided: Evaluation
) -> None:
    release_all(decided, standstill_days=8)
    found(decided, a_ground(ground="pcr_taxes"))
    task = waiting_for(decided.lead).now[0]
    assert task.sentence.startswith("The admission of") and "needs an exclusion check" in task.sentence
    left = add_working_days(clock.today(), 8) - clock.today() + timedelta(days=1)
    assert locks(session, lambda: after(left, admit_due))
    assert not locks(session, lambda: after(left, admit_due))
    assert standings(session) == 0
    page = f"/rounds/{decided.round_id}/letters"
    shown = sign_in(app.test_client(), decided.lead.email).get(page).text
    assert faults(shown, app) == []
    assert "it is excluded" in shown and f"/rounds/{decided.round_id}/challenges" in shown
    assert f"/exclusions/{decided.applications[GOOD]}" in shown
    assert told_since(decided) == ["Your admission waits"]
    found(decided, a_finding(), seen=2)
    assert after(left, admit_due) == 2
    assert standings(session) == 2
    assert told_since(decided) == ["Your admission has taken effect", "Your admission waits"]


def test_the_home_page_says_what_waits(session: Session, decided: Evaluation) -> None:
    release_all(decided, minutes=30)
    assert " go " in waiting_for(decided.lead).going_on[0].sentence
    cancel_release(round_id=decided.round_id, by=decided.lead)
    release_all(decided, standstill_days=8)
    line = waiting_for(decided.lead).going_on[0]
    assert line.sentence.startswith("2 admissions of round")
    assert line.detail.startswith("Standstill until")


def under_the_act(session: Session, decided: Evaluation, kind: str, *codes: str) -> None:
    """Let the round be of this kind under the Procurement Act 2023, the debarment list looked at too."""
    framework = session.get_one(Framework, decided.round.framework_id)
    framework.legal_regime, framework.kind, framework.cpv_codes = "PA2023", kind, list(codes)
    session.commit()
    for application in decided.applications:
        record_finding(
            application_id=application, parts=["debarment"], found=a_finding(), seen={}, by=decided.lead
        )


def test_a_standstill_under_the_act_lasts_eight_working_days(session: Session, decided: Evaluation) -> None:
    under_the_act(session, decided, "light_touch_reopenable", "80000000")
    read_letters(decided)
    with pytest.raises(Refusal, match=r"Procurement Act 2023 is no shorter than 8 .*section 51") as refused:
        release_all(decided, standstill_days=7)
    assert refused.value.field == "standstill_days"
    release_all(decided, standstill_days=8)
    assert last_release(decided.round_id)["standstill_days"] == 8


def note(decided: Evaluation, day: date, seen: int = 0, reference: str = "2026/S 000-1") -> None:
    note_award_notice(
        round_id=decided.round_id, published_on=day, reference=reference, seen=seen, by=decided.lead
    )


def test_under_the_act_the_standstill_begins_with_the_award_notice(
    session: Session, decided: Evaluation
) -> None:
    under_the_act(session, decided, "light_touch_reopenable", "80000000")
    release_all(decided, standstill_days=8)
    body = own_letter(provider_of(decided, GOOD), decided.applications[GOOD])["body"]
    assert "beginning with the day on which our contract award notice is published" in body
    assert (last_release(decided.round_id)["admits_after"], standings(session)) == (None, 0)
    assert "has not begun" in waiting_for(decided.lead).now[0].sentence
    assert after(timedelta(days=60), admit_due) == 0
    note(decided, clock.today())
    told = [row[1] for row in OPENING.read(decided.round_id)]
    assert f"Contract award notice of {clock.today()} noted: 2026/S 000-1" in told
    # The day of the notice is the first of the eight, where it is a working day.
    until = add_working_days(clock.today() - timedelta(days=1), 8)
    assert last_release(decided.round_id)["admits_after"] == until
    assert until in [entry.day for entry in dates_of(published_round(decided.round_id))]
    assert waiting_for(decided.lead).going_on[0].detail.startswith("Standstill until")
    assert after(until - clock.today(), admit_due) == 0
    assert after(until - clock.today() + timedelta(days=1), admit_due) == 2


def test_the_notices_day_is_counted_where_it_is_a_working_day_and_else_the_next_is_the_first() -> None:
    assert add_working_days(date(2026, 3, 1), 8) == date(2026, 3, 11)  # published on Monday 2 March
    assert add_working_days(date(2026, 2, 27), 8) == date(2026, 3, 11)  # published on Saturday 28 February


def test_an_award_notice_is_put_right_until_the_standstill_is_over(
    session: Session, decided: Evaluation
) -> None:
    today = clock.today()
    release_all(decided, standstill_days=8)
    with pytest.raises(NothingBegins):  # it begins with the letters here
        note(decided, today)
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("UPDATE outcome_release SET admits_after = NULL"))
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.commit()
    for day, reference, field in (
        (today - timedelta(days=1), "x", "published_on"),
        (today + timedelta(days=1), "x", "published_on"),
        (today, " ", "reference"),
    ):
        with pytest.raises(Refusal) as refused:
            note(decided, day, reference=reference)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        note_award_notice(
            round_id=decided.round_id, published_on=today, reference="x", seen=0, by=a_procurement_lead()
        )
    note(decided, today)
    note(decided, today)
    with pytest.raises(ChangedMeanwhile):
        note(decided, today, reference="2026/S 000-2")
    with clock.staged_at(clock.now() + timedelta(days=1)):
        note(decided, today + timedelta(days=1), seen=1)
    notice = award_notice_of(decided.round_id)
    assert (notice["version"], notice["published_on"]) == (2, today + timedelta(days=1))
    with clock.staged_at(clock.now() + timedelta(days=40)), pytest.raises(NothingBegins):
        note(decided, today, seen=2)


@pytest.mark.parametrize(
    ("kind", "codes", "compulsory"),
    [
        ("light_touch_reopenable", [], False),
        ("light_touch_reopenable", ["80000000"], False),
        ("light_touch_reopenable", ["45000000"], True),
        ("open_framework", [], True),
        ("open_framework", ["80000000", "45000000"], False),
        ("closed", ["45000000"], True),
        ("dynamic_market", ["45000000"], False),
    ],
)
def test_where_the_law_asks_for_a_standstill_there_is_no_release_without_one(
    session: Session, decided: Evaluation, kind: str, codes: list[str], compulsory: bool
) -> None:
    under_the_act(session, decided, kind, *codes)
    if not compulsory:
        release_all(decided)
        assert standings(session) == 2
        return
    with pytest.raises(Refusal, match="asks for a standstill") as refused:
        release_all(decided)
    assert refused.value.field == "wait"


def test_the_page_offers_no_release_without_the_standstill_that_the_law_asks_for_and_takes_the_notice(
    session: Session, app: Flask, decided: Evaluation
) -> None:
    under_the_act(session, decided, "open_framework", "45000000")
    read_letters(decided)
    browser = sign_in(app.test_client(), decided.lead.email)
    page = f"/rounds/{decided.round_id}/letters"
    shown = browser.get(page).text
    assert faults(shown, app) == []
    assert "With the letters" not in shown and "which the law asks for here" in shown
    assert browser.post(page, data={"minutes": "0", "wait": "no"}).status_code == 422
    told = {"minutes": "0", "wait": "yes", "standstill_days": "8"}
    assert browser.post(page, data=told).status_code == 303
    shown = browser.get(page).text
    assert faults(shown, app) == []
    assert "has not begun" in shown
    wrong = browser.post(f"{page}/award-notice", data={"reference": "", "seen": "0"})
    assert wrong.status_code == 422 and faults(wrong.text, app) == []
    today = clock.today()
    day = {f"published_on-{part}": str(getattr(today, part)) for part in ("day", "month", "year")}
    told = {**day, "reference": "2026/S 000-074296", "seen": "0"}
    assert browser.post(f"{page}/award-notice", data=told).status_code == 303
    shown = browser.get(page).text
    assert faults(shown, app) == []
    assert "has not begun" not in shown and "2026/S 000-074296" in shown


def test_before_letters_that_the_award_notice_can_only_follow_the_lead_says_to_know_it(
    session: Session, app: Flask, decided: Evaluation
) -> None:
    under_the_act(session, decided, "light_touch_reopenable", "80000000")
    read_letters(decided)
    browser = sign_in(app.test_client(), decided.lead.email)
    page = f"/rounds/{decided.round_id}/letters"
    assert "contract award notice, for light touch services too (section 50)" in browser.get(page).text
    at_once = {"minutes": "0", "wait": "no"}
    asked = browser.post(page, data=at_once)
    assert asked.status_code == 422 and faults(asked.text, app) == []
    assert "tick the box to say that you know" in asked.text
    assert states(decided) == {"held"}
    assert browser.post(page, data=at_once | {"before_notice": "y"}).status_code == 303
    assert standings(session) == 2
    staged = select(AuditLine.details).where(AuditLine.action == "round.stage_release")
    assert session.scalars(staged).one()["before_notice"] is True


def test_an_admission_to_a_dynamic_market_is_no_award_so_nobody_is_asked_about_its_notice(
    session: Session, app: Flask, decided: Evaluation
) -> None:
    under_the_act(session, decided, "dynamic_market", "80000000")
    read_letters(decided)
    page = sign_in(app.test_client(), decided.lead.email).get(f"/rounds/{decided.round_id}/letters").text
    assert "contract award notice" not in page and 'name="before_notice"' not in page
    stage_release(round_id=decided.round_id, minutes=0, by=decided.lead)
    assert standings(session) == 2


def test_under_the_earlier_regulations_it_lasts_ten_days_and_ends_on_a_working_day(
    session: Session, decided: Evaluation
) -> None:
    read_letters(decided)
    with pytest.raises(Refusal, match=r"Regulations 2015 is no shorter than 8 .*87"):
        release_all(decided, standstill_days=7)
    release_all(decided, standstill_days=8)
    until = last_release(decided.round_id)["admits_after"]
    assert until - clock.today() >= timedelta(days=10) and is_working_day(until)


def test_the_last_day_to_claim_is_in_the_timetable_and_on_the_page_of_challenges(
    session: Session, app: Flask, decided: Evaluation
) -> None:
    page = f"/rounds/{decided.round_id}/challenges"
    browser = sign_in(app.test_client(), decided.lead.email)
    assert "The last day to start a claim" not in browser.get(page).text
    release_all(decided)
    last = clock.today() + timedelta(days=29)
    assert [(entry.day, entry.standing) for entry in dates_of(published_round(decided.round_id))] == [
        (last, "set")
    ]
    assert f"start a claim in court is {uk_date(last, weekday=True)}" in browser.get(page).text
    assert uk_date(last, weekday=True) in own_letter(provider_of(decided), decided.applications[GOOD])["body"]
