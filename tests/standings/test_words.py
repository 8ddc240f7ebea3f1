"""Letters about a standing say what is true of it: every pair of standings that a change leads between, and
every standing that runs out."""

import pytest
from sqlalchemy.orm import Session

from portal.accounts.access import THE_PORTAL
from portal.database import db, transaction
from portal.directory.lifecycle import STANDING
from portal.directory.models import Standing
from portal.directory.statuses import STATUSES
from portal.standings import letters
from portal.standings.models import STEPS_BY_HAND
from portal.standings.queries import MOVES_OF
from portal.standings.reminders import remind
from portal.standings.services import decide
from tests.factories.accounts import a_school_person
from tests.factories.agreements import a_signed
from tests.factories.commissioning import PORTAL_URL, a_referral, accept
from tests.factories.organisations import letters_to
from tests.factories.standings import Stood, a_document, a_stood, asks_for, changed, check, in_days, later

STAY, NOBODY = "Children who are with you already stay", "no child may be"
OF_PAIRS = {
    ("admitted", "suspend_new"): ("suspended for new referrals", STAY),
    ("suspended", "suspend_new"): ("eased", "taught by you again"),
    ("admitted", "suspend"): ("You are suspended:", NOBODY),
    ("conditional", "suspend"): ("You are suspended:", "conditions of your admission"),
    ("suspended_new", "suspend"): ("You are suspended:", "You were suspended for new referrals"),
    ("suspended_new", "reinstate"): ("has ended", "Schools find you again"),
    ("suspended", "reinstate"): ("has ended", "taught by you again"),
    ("suspended_new", "keep"): ("for new referrals goes on", "Children who are with you stay"),
    ("suspended", "keep"): ("Your suspension goes on", "No child may be placed with you"),
    **{
        (state, "remove"): ("You are removed", "taken off this lot")
        for state in ("conditional", "admitted", "suspended_new", "suspended")
    },
}


@pytest.fixture
def stood(session: Session) -> Stood:
    return a_stood()


def in_state(stood: Stood, state: str) -> None:
    with transaction() as session:
        standing = session.get_one(Standing, stood.standing_id)
        standing.state, standing.on_conditions = state, state == "conditional"


def test_every_allowed_pair_has_words():
    allowed = {
        (state, step)
        for step in STEPS_BY_HAND
        for state in STANDING.states
        if any(STANDING.allows(move, state) for move in MOVES_OF[step])
    }
    assert allowed == set(OF_PAIRS) == set(letters.WORDS)


@pytest.mark.parametrize(
    ("state", "step"), [pair for pair in OF_PAIRS if pair[1] != "remove"], ids=lambda word: word
)
def test_a_provider_reads_what_is_true_from_now_on(stood, state, step):
    in_state(stood, state)
    changed(stood, step)
    letter = letters_to(stood.provider.email)[-1]
    title, effect = OF_PAIRS[state, step]
    assert title in letter.title and effect in letter.body


def test_a_school_whose_child_may_go_back_is_not_told_that_it_stays(session: Session):
    placement = a_signed()
    standing_id = placement.service.standing_id
    stood = Stood(standing_id, 0, placement.service, placement.provider, placement.officer, placement.officer)
    changed(stood, "suspend")
    changed(stood, "suspend_new")
    letter = letters_to(placement.school.email)[-1]
    assert "may go there again" in letter.body and "No new child can be placed" in letter.body
    assert "already stay" not in letter.body


@pytest.mark.parametrize("state", ["conditional", "admitted", "suspended_new", "suspended"])
def test_what_runs_out_is_told_in_words_true_to_the_standing(stood, state):
    asks_for(stood, "public_liability", days=1)
    check(stood, a_document(stood, days=20))
    in_state(stood, state)
    remind(portal_url=PORTAL_URL, by=THE_PORTAL)
    letter = letters_to(stood.provider.email)[-1]
    assert "Public liability insurance" in letter.body
    assert ("You can take new children until" in letter.title) == (state == "admitted")
    assert ("You can take new children" in letter.body) == (state == "admitted")
    if state != "admitted":
        assert STATUSES[state].to_provider in letter.body


@pytest.mark.parametrize("status", [status for status in STATUSES if status != "admitted"])
@pytest.mark.parametrize("documents", [True, False])
def test_no_other_standing_is_told_that_it_can_take_children(status, documents):
    said = letters.what_closing_means(status, documents=documents)
    assert "You can take" not in said and STATUSES[status].to_provider in said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("admitted", "takes no new children for Motor workshop: at the end of"),
        ("suspended_new", "suspended new referrals"),
        ("conditional", "as a condition of its admission is open"),
        ("suspended", ""),
    ],
)
def test_schools_are_told_of_a_lapse_wherever_children_are_still_taught(stood, state, said):
    school = a_school_person()
    accept(a_referral(stood.service, school), stood.provider, start_on=in_days(2))
    asks_for(stood, "public_liability", days=10)
    in_state(stood, state)
    before = len(letters_to(school.email))
    with later(10):
        remind(portal_url=PORTAL_URL, by=THE_PORTAL)
    told = letters_to(school.email)[before:]
    assert [said in letter.body for letter in told] == ([True] if said else [])


def test_schools_read_the_removals_own_words_whatever_was_decided_meanwhile(stood):
    school = a_school_person()
    accept(a_referral(stood.service, school), stood.provider, start_on=in_days(2))
    removal = changed(stood, "remove", told_to_schools="Three letters were not answered.")
    changed(stood, "suspend_new", told_to_schools="Afternoon groups have no plan.")
    assert "Afternoon groups" in letters_to(school.email)[-1].body
    with later(20):
        decide(change_id=removal, approve=True, note="Heard.", portal_url=PORTAL_URL, by=stood.approver)
    letter = letters_to(school.email)[-1]
    assert "is no longer approved" in letter.title
    assert "Three letters" in letter.body and "Afternoon groups" not in letter.body


def test_a_suspension_does_not_borrow_the_words_of_a_removal_that_is_only_proposed(stood):
    school = a_school_person()
    accept(a_referral(stood.service, school), stood.provider, start_on=in_days(2))
    changed(stood, "remove", told_to_schools="Three letters were not answered.")
    changed(stood, "suspend_new")
    db.session.expire_all()
    assert "The council says" not in letters_to(school.email)[-1].body
