"""What waits on the home pages because of agreements, and what it costs."""

import pytest

from portal.agreements.step_queries import steps_for
from portal.home.queries import waiting_for
from tests.counting import counted
from tests.factories.agreements import a_call_off, a_draft, a_signed, an_offered
from tests.factories.commissioning import a_referral
from tests.factories.directory import a_colleague


def verbs(viewer) -> list[str]:
    return [task.verb for task in waiting_for(viewer).now]


def test_a_school_is_told_what_to_begin_to_finish_and_to_sign(session):
    _, _, school, _ = a_call_off()
    assert "Start the agreement" in verbs(school)
    draft, out = a_draft(), an_offered()
    assert "Finish it" in verbs(draft.school) and "Start the agreement" not in verbs(draft.school)
    assert "Read and sign" in verbs(out.school)


def test_a_provider_is_told_what_to_sign_and_of_no_draft(session):
    placement = a_draft()
    assert not {"Finish it", "Read and sign"} & set(verbs(placement.provider))
    placement.offer()
    certifier = a_colleague(placement.provider, "certifier")
    for person in (placement.provider, certifier):
        assert "Read and sign" in verbs(person)
    assert "Read and sign" not in verbs(a_colleague(placement.provider, "editor"))


def test_who_has_signed_waits_for_the_other(session):
    placement = an_offered()
    placement.sign(placement.provider)
    waiting = waiting_for(placement.provider)
    assert "Read and sign" not in [task.verb for task in waiting.now]
    assert any("has to sign" in line.sentence for line in waiting.going_on)


def test_what_is_in_force_asks_for_nothing(session):
    placement = a_signed()
    assert not {"Read and sign", "Finish it", "Start the agreement"} & set(verbs(placement.school))


def test_referrals_are_told_beside_agreements_at_no_further_statement(session):
    placement = an_offered()
    a_referral(placement.service, placement.school)
    assert {"Read and answer", "Read and sign"} <= set(verbs(placement.provider))
    editor = a_colleague(placement.provider, "editor")  # neither writes nor signs
    with counted() as before:
        waiting_for(editor)
    with counted() as statements:
        waiting_for(placement.provider)
    assert len(statements) <= len(before) + 1  # an administrator answers requests to join as well


@pytest.mark.parametrize(
    ("make", "school", "provider"),
    [
        (a_draft, ("to_do", "Finish the agreement"), ("not_yet", "")),
        (an_offered, ("to_do", "Read and sign"), ("to_do", "Read and sign")),
        (a_signed, ("done", "Read the agreement"), ("done", "Read the agreement")),
    ],
)
def test_the_steps_after_a_choice_say_where_the_agreement_is(session, make, school, provider):
    placement = make()
    for viewer, said in ((placement.school, school), (placement.provider, provider)):
        (step,) = steps_for(viewer, placement.call_off_id)
        assert (step.state, step.verb) == said


def test_before_there_is_an_agreement_its_school_begins_it(session):
    call_off, _, school, provider = a_call_off()
    assert [step.endpoint for step in steps_for(school, call_off.id)] == ["agreements.begin"]
    assert [step.state for step in steps_for(provider, call_off.id)] == ["not_yet"]
    assert steps_for(a_colleague(school, "administrator"), call_off.id) == ()
