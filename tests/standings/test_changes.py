"""Suspending, reviewing, reinstating, removing by two people, and being heard."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, InternalError

from portal import clock
from portal.accounts.models import Organisation
from portal.audit.queries import trail_of
from portal.database import db, transaction
from portal.directory.queries import SearchCriteria, search
from portal.directory.services import NotAdmitted, require_admitted
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused
from portal.provision.waiting_queries import waiting_for as waiting_for_provider
from portal.standings.models import StandingChange
from portal.standings.queries import change_for, changes_of, register, standing_for
from portal.standings.services import NotHeard, OwnProposal, ProposedAlready, answer, change, decide
from portal.standings.waiting_queries import waiting_for
from tests.factories.accounts import a_council, a_person, a_provider_person
from tests.factories.commissioning import PORTAL_URL, a_referral
from tests.factories.organisations import letters_to
from tests.factories.standings import Stood, a_stood, changed, in_days, intended, removed


@pytest.fixture
def stood(session) -> Stood:
    return a_stood()


def council_of(stood: Stood) -> Organisation:
    return db.session.get_one(Organisation, stood.officer.organisation_id)


def found() -> list[int]:
    return [hit.service.id for hit in search(SearchCriteria(clock.today())).hits]


def approve(stood: Stood, change_id: int, *, by=None, yes: bool = True) -> None:
    decide(change_id=change_id, approve=yes, note="As heard.", portal_url=PORTAL_URL, by=by or stood.approver)


@pytest.mark.parametrize("step", ["suspend_new", "suspend"])
def test_a_suspended_provider_takes_no_new_child_and_is_told_why(stood, step):
    changed(stood, step)
    assert found() == []
    with pytest.raises(NotAdmitted), transaction():
        require_admitted(stood.service.id)
    letter = letters_to(stood.provider.email)[-1]
    assert "Two checks were missing." in letter.body and "reviewed by" in letter.body


def test_a_referral_to_a_suspended_provider_is_refused_with_a_sentence(stood):
    changed(stood, "suspend_new")
    with pytest.raises(NotAdmitted, match="may not take new children"):
        a_referral(stood.service)


def test_the_trail_says_who_suspended_and_why(stood):
    changed(stood, "suspend", cause="quality")
    line = trail_of("standing", stood.standing_id)[0]
    assert (line["action"], line["actor_name"]) == ("standing.suspend", stood.officer.name)
    assert (line["details"]["cause"], line["details"]["reason"]) == ("quality", "Two checks were missing.")


def test_a_provider_comes_back_after_the_review(stood):
    changed(stood, "suspend")
    changed(stood, "keep", review_on=in_days(60))
    changed(stood, "reinstate", cause="resolved")
    assert stood.row.state == "admitted" and found() == [stood.service.id]
    assert [each.step for each in changes_of([stood.standing_id])] == ["reinstate", "keep", "suspend"]


def test_a_suspension_becomes_lighter_without_ending(stood):
    changed(stood, "suspend")
    changed(stood, "suspend_new")
    assert stood.row.state == "suspended_new"


@pytest.mark.parametrize(
    ("step", "said", "field"),
    [
        ("suspend", {"review_on": None}, "review_on"),
        ("suspend", {"review_on": in_days(91)}, "review_on"),
        ("suspend", {"reason": " "}, "reason"),
        ("suspend", {"cause": "whim"}, "cause"),
        ("reinstate", {"review_on": in_days(3)}, "review_on"),
        ("remove", {"representations_by": in_days(6)}, "representations_by"),
        ("admit", {}, "step"),
    ],
)
def test_a_change_says_what_it_must(stood, step, said, field):
    with pytest.raises(Refusal) as refused:
        changed(stood, step, **said)
    assert refused.value.field == field and stood.row.state == "admitted"


def test_nobody_reviews_or_reinstates_who_is_not_suspended(stood):
    for step in ("keep", "reinstate"):
        with pytest.raises(Conflict, match="not suspended"):
            changed(stood, step)


def test_a_proposed_removal_changes_nothing_until_somebody_else_approves_it(stood):
    change_id = changed(stood, "remove")
    assert stood.row.state == "admitted" and found() == [stood.service.id]
    with pytest.raises(NotHeard):
        approve(stood, change_id)
    answer(change_id=change_id, text="We have the checks now.", portal_url=PORTAL_URL, by=stood.provider)
    approve(stood, change_id)
    assert stood.row.state == "removed" and found() == []
    assert "You are removed" in letters_to(stood.provider.email)[-1].title


def test_a_removal_is_decided_when_the_time_to_answer_is_over(stood):
    removed(stood)
    assert stood.row.state == "removed"


def test_nobody_decides_what_they_proposed(stood):
    both = a_person(council_of(stood), "quality_officer", "approver")
    change_id = change(
        standing_id=stood.standing_id, intended=intended("remove"), portal_url=PORTAL_URL, by=both
    )
    with pytest.raises(OwnProposal):
        approve(stood, change_id, by=both)
    statement = (
        "UPDATE standing_change SET state = 'made', decided_at = now(), decided_by_id = proposed_by_id"
    )
    with pytest.raises(IntegrityError, match="two_people"), db.session.begin_nested():
        db.session.execute(text(statement))


def test_a_removal_that_is_not_approved_leaves_all_as_it_was(stood):
    change_id = changed(stood, "remove")
    approve(stood, change_id, yes=False)
    assert stood.row.state == "admitted"
    assert "You are not removed" in letters_to(stood.provider.email)[-1].title
    with pytest.raises(MoveRefused):
        approve(stood, change_id)


def test_one_removal_waits_at_a_time(stood):
    changed(stood, "remove")
    with pytest.raises(ProposedAlready):
        changed(stood, "remove")


def test_a_provider_answers_once_and_in_time(stood):
    change_id = changed(stood, "suspend", representations_by=in_days(3))
    with clock.staged_at(clock.now() + timedelta(days=4)), pytest.raises(Refusal, match="no longer"):
        answer(change_id=change_id, text="Too late.", portal_url=PORTAL_URL, by=stood.provider)
    answer(change_id=change_id, text="We object.", portal_url=PORTAL_URL, by=stood.provider)
    answer(change_id=change_id, text="We object.", portal_url=PORTAL_URL, by=stood.provider)
    with pytest.raises(Refusal, match="no longer"):
        answer(change_id=change_id, text="Something else.", portal_url=PORTAL_URL, by=stood.provider)
    assert "has answered" in letters_to(stood.officer.email)[-1].title


def test_what_was_decided_and_answered_is_never_changed(stood):
    change_id = changed(stood, "suspend", representations_by=in_days(3))
    answer(change_id=change_id, text="We object.", portal_url=PORTAL_URL, by=stood.provider)
    for statement in (
        "UPDATE standing_change SET reason = 'Another'",
        "UPDATE standing_change SET representations = 'We agree.'",
        "DELETE FROM standing_change",
    ):
        with pytest.raises((IntegrityError, InternalError)), db.session.begin_nested():
            db.session.execute(text(statement))


def test_other_councils_and_providers_find_nothing(stood):
    change_id = changed(stood, "suspend", representations_by=in_days(3))
    elsewhere = a_person(a_council("Invented Borough Council"), "quality_officer", "approver")
    stranger = a_provider_person()
    for attempt in (
        lambda: standing_for(elsewhere, stood.standing_id),
        lambda: change_for(elsewhere, change_id),
        lambda: change_for(stranger, change_id),
        lambda: change(
            standing_id=stood.standing_id, intended=intended("suspend"), portal_url=PORTAL_URL, by=elsewhere
        ),
        lambda: answer(change_id=change_id, text="x", portal_url=PORTAL_URL, by=stranger),
        lambda: approve(stood, change_id, by=elsewhere),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert register(elsewhere) == ([], 0)


def test_who_may_not_change_or_decide_is_told_nothing_is_there(stood):
    with pytest.raises(NotFound):
        change(
            standing_id=stood.standing_id,
            intended=intended("suspend"),
            portal_url=PORTAL_URL,
            by=stood.approver,
        )
    change_id = changed(stood, "remove")
    with pytest.raises(NotFound):
        approve(stood, change_id, by=stood.officer)
    assert db.session.get_one(StandingChange, change_id).state == "proposed"


def test_the_home_pages_say_what_waits(stood):
    changed(stood, "suspend_new", review_on=in_days(5))
    change_id = changed(stood, "remove")
    assert "to be reviewed" in waiting_for(stood.officer).now[0].sentence
    assert waiting_for(stood.approver).now[0].values == {"change_id": change_id}
    own = waiting_for_provider(stood.provider)
    assert "proposes to remove you" in own.now[0].sentence
    assert own.going_on[0].state == "suspended for new referrals"


def test_the_register_is_found_by_provider_lot_and_status(stood):
    other = a_stood(council_of(stood))
    changed(other, "suspend")

    def ids(**asked) -> list[int]:
        return [each.id for each in register(stood.officer, **asked)[0]]

    assert set(ids()) == {stood.standing_id, other.standing_id}
    assert ids(status="suspended") == ids(lot_id=other.lot_id) == [other.standing_id]
    assert ids(words=stood.provider.organisation_name) == [stood.standing_id]
    assert ids(status="soon") == []


@pytest.mark.parametrize("step", ["suspend_new", "suspend"])
@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "invited_on"),
        ({"uninvited_because": " "}, "invited_on"),
        ({"uninvited_because": "A child is at risk."}, "representations_by"),
        ({"invited_on": in_days(1)}, "invited_on"),
        ({"invited_on": in_days(-3), "uninvited_because": "A child is at risk."}, "uninvited_because"),
    ],
)
def test_a_suspension_says_whether_its_provider_was_heard_before(stood, step, said, field):
    with pytest.raises(Refusal) as refused:
        changed(stood, step, **{"invited_on": None} | said)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"invited_on": in_days(-3)}, "You were invited on"),
        (
            {
                "invited_on": None,
                "uninvited_because": "A child is at risk.",
                "representations_by": in_days(7),
            },
            "You were not invited to say something before this was decided: A child is at risk.",
        ),
    ],
)
def test_the_letter_says_whether_it_was_heard_and_why_not(stood, said, sentence):
    changed(stood, "suspend", **said)
    assert sentence in letters_to(stood.provider.email)[-1].body


def test_what_eases_a_suspension_asks_for_no_hearing_and_nothing_else_takes_one(stood):
    changed(stood, "suspend")
    with pytest.raises(Refusal):
        changed(stood, "reinstate", invited_on=in_days(-3))
    changed(stood, "suspend_new", invited_on=None)
    assert stood.row.state == "suspended_new"


def test_the_database_lets_nobody_rewrite_whether_it_was_heard(stood):
    changed(stood, "suspend", invited_on=in_days(-3))
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(text("UPDATE standing_change SET invited_on = NULL"))
