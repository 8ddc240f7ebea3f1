"""Step 5: outcomes are recommended, approved by a second person, told by letter, and take effect."""

from __future__ import annotations

from portal.development.headless.checks import check, check_equal, listed
from portal.development.headless.judging import declare_on_all
from portal.development.headless.stage import Stage, Tenderer

LETTER = "Outcome of your application"


def decide(stage: Stage) -> None:
    """Step 5."""
    _check_for_exclusion(stage)
    _recommend(stage)
    _summarise(stage)
    _approve(stage)
    _hold(stage)
    _release(stage)


def _check_for_exclusion(stage: Stage) -> None:
    officer = stage.council["officer"]
    officer.open(f"{stage.round}/decisions")
    page = officer.press("Recommend all", expect=422)
    check("exclusion checks" in " ".join(page.problems), "exclusion checks to be asked for", page.described)
    officer.open(stage.round).says("2 tenderers to check for exclusion")
    tenderers = officer.follow("Check them").links("/exclusions/")
    check_equal("the tenderers to check", len(tenderers), 2)
    for path in tenderers:
        officer.open(path)
        officer.press(
            "Record the check",
            {
                "looked_at": "The declarations, Companies House and the debarment list, for all named there.",
                "result": "nothing_found",
                "reasons": "No entry and no ground was found.",
            },
        ).says("Clear")
    officer.open(stage.round).hides("to check for exclusion")
    stage.story.checked("nobody is recommended before exclusion grounds and the debarment list are checked")


def _recommend(stage: Stage) -> None:
    officer, approver = stage.council["officer"], stage.council["approver"]
    page = officer.open(f"{stage.round}/decisions").says("Do not admit.", "below the minimum")
    for number in stage.lots:
        if f"Lot {number}: {stage.lots[number]} (shown below)" not in page.text:
            page = officer.follow(f"Lot {number}:")
        page = officer.press("Recommend").says("recommended as suggested", "Recommended: admit")
    stage.story.checked("the officer recommends an outcome for each tender and lot, with the reason shown")
    approver.open("/approvals")
    declare_on_all(stage, "approver")
    waiting = approver.open("/approvals")
    decisions = waiting.links("/approvals/")
    check(bool(decisions), "decisions that wait", waiting.described)
    officer.refused("/approvals", *decisions, status=403)
    check(
        not approver.open(f"{stage.round}/decisions").offers("Recommend"),
        "no button",
        approver.page.described,
    )
    stage.story.checked("who recommended cannot reach the approval; who approves cannot recommend")


def _summarise(stage: Stage) -> None:
    officer, approver = stage.council["officer"], stage.council["approver"]
    page = officer.open(f"{stage.round}/summaries").says("lacking", "0 of")
    check(not page.offers("Send all"), "nothing to send before it is written", page.described)
    officer.press("Draft what is missing").says("drafted from the agreed reasons")
    page = officer.open(f"{stage.round}/summaries").says("0 of")
    for tender in sorted(set(page.links("/summaries/"))):
        officer.open(tender).says("drafted from the scale's words")
        officer.press("Save", {}).says("Saved.")
    officer.open(f"{stage.round}/summaries")
    page = officer.press("Send all").says("sent for approval")
    check(not page.offers("Approve"), "no button to approve one's own", page.described)
    approver.open("/").says("What needs you now")
    approver.open(f"{stage.round}/summaries").says("To be approved")
    approver.press("Approve").says("approved")
    stage.story.checked(
        "each mark's explanation is drafted from the agreed reasons, confirmed and approved by another"
    )


def _approve(stage: Stage) -> None:
    approver = stage.council["approver"]
    approver.open("/approvals")
    approved = 0
    while approver.page.offers("Approve"):
        approved += len(approver.page.links("/approvals/"))
        approver.open("/approvals")
        approver.press("Approve")
    approver.page.says("Nothing waits for you")
    check_equal("the approved decisions", approved, 3)
    stage.story.checked(f"{approver.name} reads and approves {approved} decisions, lot by lot")


def _hold(stage: Stage) -> None:
    officer = stage.council["officer"]
    officer.open(f"{stage.round}/letters").says("2 letters written and held, 0 read")
    for tenderer in stage.tenderers[:2]:
        tenderer.visitor.refused(f"{tenderer.application}/outcome")
        check(not stage.letters(tenderer.email, LETTER), "no outcome letter yet", tenderer.email)
    stage.story.checked("two letters are written and held; no provider can read its outcome yet")


def _release(stage: Stage) -> None:
    officer = stage.council["officer"]
    one, other, late = stage.tenderers
    at_once = {"minutes": "0", "wait": "no"}
    page = officer.send(f"{stage.round}/letters", at_once, expect=422)
    check(any("not been read" in problem for problem in page.problems), "letters read first", page.described)
    officer.open(f"{stage.round}/letters").says("2 letters have not been read")
    officer.follow("Read the 2").says("2 letters have not been read")
    officer.press("I have read").says("2 letters written and held, 2 read")
    officer.press("Release all", {"minutes": "60"}).says("Until then you can cancel", "Cancel the release")
    for tenderer in stage.tenderers[:2]:
        tenderer.visitor.refused(f"{tenderer.application}/outcome")
    officer.press("Cancel the release").says("No letter has gone")
    stage.story.checked("letters are read one by one, released, and called back before the window is over")
    officer.press("Release all", at_once).says("The letters are on their way")
    admitted, refused = (_letter(stage, each) for each in (one, other))
    check(f"Lot 10: {stage.lots['10']}" in admitted, "every lot in the letter", admitted[:1500])
    check("minimum" in refused, "the minimum that was missed in the letter", refused[:1500])
    for text, tenderer, stranger in ((admitted, one, other), (refused, other, one)):
        check(tenderer.name in text, f"{tenderer.name} in its letter", text[:500])
        check(stranger.name not in text, f"nothing of {stranger.name} in another's letter", text[:500])
        page = tenderer.visitor.open(f"{tenderer.application}/outcome")
        check(page.heading == "Your outcome letter", "the letter in the portal", page.described)
    check(not stage.letters(late.email, LETTER), "no letter to who did not submit", late.email)
    names = listed([one.name, other.name])
    stage.story.checked(f"released together: {names} each have their own letter, by e-mail and in the portal")


def _letter(stage: Stage, tenderer: Tenderer) -> str:
    return stage.delivered(tenderer.email, LETTER)
