"""From a handed-out tender to a provider in the register: evaluators, moderator, lead, approver, provider."""

from playwright.sync_api import Page

from tests.factories.evaluation import Evaluation, a_marking_evaluation, an_approver
from tests.factories.outcomes import provider_of
from tests.journeys.people import body, press, somebody, status_of
from tests.live_server import Site, Tabs

FIRST = "Names who does it and how often, and shows last year's figures."
SECOND = "Clear on what staff do, thin on what happens when somebody is away."
AGREED = "We talked it through: strong on practice, and the figures bear it out for last year."


def a_round_to_mark(site: Site) -> Evaluation:
    with site.app.app_context():
        return a_marking_evaluation(tenders=2, lots=1, evaluators=2, accepted=False)


def declare_mark_and_lock(page: Page, mark: str, reason: str) -> None:
    """Take the first tender that waits, mark every answer alike and lock."""
    page.get_by_label("No, I have no conflict of interest").check()
    press(page, "Save and read the tender")
    press(page, "Mark the next answer")
    while page.get_by_role("button", name="Save and go on").count():
        page.get_by_label(mark, exact=True).check()
        page.get_by_label("Your reason").fill(reason)
        press(page, "Save and go on")
    press(page, "Lock my marks")


def test_marks_stay_hidden_until_both_evaluators_have_locked(tabs: Tabs, site: Site) -> None:
    evaluation = a_round_to_mark(site)
    with site.app.app_context():
        places = {
            (who, tender): evaluation.assignment(who, tender).id for who in range(2) for tender in range(2)
        }
        answer = evaluation.answers(0)[0]
    first = somebody(tabs, site, evaluation.evaluators[0].email)
    first.goto(f"/marking/{places[0, 0]}/declaration")
    assert "ring home" not in body(first), "the tender is shown before the declaration"
    declare_mark_and_lock(first, "4: Very good", FIRST)

    second = somebody(tabs, site, evaluation.evaluators[1].email)
    assert status_of(second, f"/marking/{places[0, 0]}") == 404
    assert status_of(second, f"/rounds/{evaluation.round_id}/results") == 403
    assert status_of(second, f"/moderation/{answer}") == 403
    second.goto(f"/marking/{places[1, 0]}/declaration")
    second.get_by_label("No, I have no conflict of interest").check()
    press(second, "Save and read the tender")
    second.goto(f"/marking/{places[1, 0]}/answers/{answer}")
    assert FIRST not in second.content()
    moderator = somebody(tabs, site, evaluation.moderator.email)
    moderator.goto(f"/rounds/{evaluation.round_id}/moderation")
    assert FIRST not in moderator.content()
    assert status_of(moderator, f"/moderation/{answer}") == 404

    second.goto(f"/marking/{places[1, 0]}")
    press(second, "Mark the next answer")
    while second.get_by_role("button", name="Save and go on").count():
        second.get_by_label("3: Good", exact=True).check()
        second.get_by_label("Your reason").fill(SECOND)
        press(second, "Save and go on")
    press(second, "Lock my marks")
    second.goto(f"/marking/{places[1, 0]}/answers/{answer}")
    assert FIRST in second.content()
    moderator.goto(f"/moderation/{answer}")
    assert FIRST in moderator.content() and SECOND in moderator.content()


def test_from_the_last_mark_to_the_register(tabs: Tabs, site: Site) -> None:
    evaluation = a_round_to_mark(site)
    with site.app.app_context():
        providers = [provider_of(evaluation, tender) for tender in range(2)]
        lead, approver = evaluation.lead.email, an_approver(evaluation).email
        assignments = {
            (who, tender): evaluation.assignment(who, tender).id for who in range(2) for tender in range(2)
        }
    for who, mark in ((0, ("4: Very good", "1: Poor")), (1, ("3: Good", "2: Partial"))):
        page = somebody(tabs, site, evaluation.evaluators[who].email)
        for tender in range(2):
            page.goto(f"/marking/{assignments[who, tender]}/declaration")
            declare_mark_and_lock(page, mark[tender], (FIRST, SECOND)[who])
    round_ = f"/rounds/{evaluation.round_id}"
    moderator = somebody(tabs, site, evaluation.moderator.email)
    with site.app.app_context():
        answers = [(answer, tender) for tender in range(2) for answer in evaluation.answers(tender)]
    for answer, tender in answers:
        moderator.goto(f"/moderation/{answer}")
        moderator.get_by_label(("4: Very good", "1: Poor")[tender], exact=True).check()
        moderator.get_by_label("reason").fill(AGREED)
        press(moderator, "Save and go on to the next")

    officer = somebody(tabs, site, lead)
    officer.goto(f"{round_}/results")
    press(officer, "Compute the results")
    assert "80" in body(officer)
    officer.goto(f"{round_}/decisions")
    press(officer, "as suggested")
    assert "exclusion checks" in body(officer), "a tenderer is recommended that nobody has looked at"
    officer.goto(f"{round_}/exclusions/{evaluation.applications[0]}")
    officer.get_by_label("What you looked at").fill("Its declarations and Companies House.")
    officer.get_by_label("Nothing found").check()
    officer.get_by_label("Your reasons").fill("No entry was found.")
    press(officer, "Record the check")
    officer.goto(f"{round_}/decisions")
    press(officer, "as suggested")
    assert status_of(officer, "/approvals") == 403, "whoever recommends must not approve"

    provider = somebody(tabs, site, providers[0].email)
    outcome = f"/applications/{evaluation.applications[0]}/outcome"
    assert status_of(provider, outcome) == 404, "an outcome is readable before its release"

    checker = somebody(tabs, site, approver)
    checker.goto(f"{round_}/decisions")
    assert not checker.get_by_role("button", name="Recommend").count(), "whoever approves must not recommend"
    checker.goto("/approvals")
    press(checker, "Approve all 2")
    officer.goto(f"{round_}/letters")
    assert "A letter is written once its summary is approved" in body(officer)
    officer.goto(f"{round_}/summaries")
    press(officer, "Draft what is missing")
    for application in evaluation.applications:
        officer.goto(f"{round_}/summaries/{application}")
        press(officer, "Save and send for approval")
    checker.goto(f"{round_}/summaries")
    press(checker, "Approve all 2")
    assert status_of(provider, outcome) == 404
    officer.goto(f"{round_}/letters")
    for _ in range(2):
        press(officer, "I have read this letter")
    press(officer, "Release all 2 letters")
    press(officer, "Cancel the release")
    assert status_of(provider, outcome) == 404, "a release that was cancelled has told something"
    officer.get_by_label("Minutes in which you can still cancel").fill("0")
    press(officer, "Release all 2 letters")

    provider.goto(outcome)
    assert "You are admitted" in body(provider) and AGREED in body(provider)
    assert status_of(provider, f"/applications/{evaluation.applications[1]}/outcome") == 404
    refused = somebody(tabs, site, providers[1].email)
    refused.goto(f"/applications/{evaluation.applications[1]}/outcome")
    assert "You are not admitted" in body(refused) or "not admitted" in body(refused)
