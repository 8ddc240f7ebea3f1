"""What waits on the home pages because of agreements, and what it costs."""

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
