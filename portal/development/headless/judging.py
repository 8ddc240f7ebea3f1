"""Step 4: the box is opened, conditions are decided, two mark blind, one agrees, exact totals come out."""

from __future__ import annotations

import hashlib
import re
from fractions import Fraction

from sqlalchemy import select

from evaluation.outcomes.models import Result
from portal.database import db
from portal.development.headless.checks import check, check_equal, listed
from portal.development.headless.client import Page, Visitor
from portal.development.headless.stage import Stage, address_of
from tender.frameworks.models import Lot

HIGHEST = 5
# What the panel agrees, by provider and the question's place; the second provider misses its first minimum.
_POINTS = {"Kiln Lane Workshop": (4, 5, 4, 3, 4, 3), "Falcon Yard": (2, 3, 3, 2, 3, 2)}
_LOT_POINTS = {"10": (3, 4)}  # the two questions asked for each lot, where they differ from the first lot's


def judge(stage: Stage) -> None:
    """Step 4."""
    _open_the_box(stage)
    _ask_one_tenderer(stage)
    _decide_conditions(stage)
    _name_the_panel(stage)
    _mark_blind(stage)
    _agree(stage)
    _compute(stage)


def _open_the_box(stage: Stage) -> None:
    officer, late = stage.council["officer"], stage.tenderers[2]
    officer.open(stage.round)
    officer.press("Open the tender box").says("A second person has to confirm")
    check(not officer.page.offers("Confirm the opening"), "no button for one's own", officer.page.described)
    approver = stage.council["approver"]
    approver.open(stage.round).says(f"{officer.name} has begun to open")
    approver.press("Confirm the opening").says("Tenders being checked", "Opening of the tender box")
    officer.open(stage.round).says("Tender box opened", approver.name)
    stage.story.checked("the officer and the approver open the tender box together; log and trail name both")
    officer.open("/").says("Have you a conflict of interest with a tenderer")
    officer.open(f"{stage.tenderers[0].application}/tender").hides(stage.tenderers[0].receipt)
    declare_on_all(stage, "officer")
    stage.story.checked("nobody opens a tender before declaring on every tenderer")
    for tenderer in stage.tenderers[:2]:
        page = officer.open(f"{tenderer.application}/tender").says(tenderer.name, tenderer.receipt)
        check_equal("the documents to read", page.links("/documents/"), tenderer.documents)
        for path, upload in zip(tenderer.documents, tenderer.uploads, strict=True):
            read = hashlib.sha256(officer.open(path).body).hexdigest()
            check_equal(f"the SHA-256 of {upload.name}", read, hashlib.sha256(upload.content).hexdigest())
    officer.refused(late.application, f"{late.application}/tender")
    stage.story.checked("both tenders and their files can be read; what was never submitted stays closed")


def _ask_one_tenderer(stage: Stage) -> None:
    officer, (one, other, _) = stage.council["officer"], stage.tenderers
    questions = f"{stage.round}/tenders/{one.application.rpartition('/')[2]}/questions"
    page = officer.open(questions).says("never be helped to improve its tender")
    point = page.tree.xpath("//select[@name='point']/option/@value")[1]
    officer.press("Send the question", {"point": point, "text": "Which year do you mean?", "days": "2"})
    one.visitor.open("/").says("The council asks you about your tender")
    one.visitor.follow("Answer: The council asks you")
    one.visitor.press("Send the answer", {"text": "We mean the last school year."})
    other.visitor.open("/").hides("The council asks you")
    other.visitor.refused(one.visitor.page.path)
    officer.open(questions).says("We mean the last school year.", "The evaluators cannot read it")
    stage.story.checked(
        f"{one.name} is asked what a point means and answers; the other tenderer is told nothing"
    )


def _decide_conditions(stage: Stage) -> None:
    officer = stage.council["officer"]
    page = officer.open(f"{stage.round}/conformity").says("to decide")
    page.hides(stage.tenderers[2].name)
    officer.send(f"{stage.round}/start-marking", {}, expect=422).says("Decide every referred condition first")
    officer.follow("Decide the first")
    decided = 0
    while officer.page.path != f"{stage.round}/conformity":
        officer.press(
            "Save and go on to the next",
            {"result": "pass", "reason": "The answer and the document were read and are in order."},
        )
        decided += 1
    officer.page.says("Every condition is decided")
    stage.story.checked(
        f"rules decide what they can; a person decides the other {decided} conditions, with a reason"
    )
    officer.press("Start marking").says("Marking has started")


def _name_the_panel(stage: Stage) -> None:
    officer = stage.council["officer"]
    names = {key: stage.council[key].name for key in ("first", "second", "moderator")}
    evaluators = [names["first"], names["second"]]
    page = officer.press(
        "Save the panel", {"evaluators": evaluators[:1], "moderators": [names["moderator"]]}, expect=422
    )
    check(
        "Choose at least two evaluators." in page.problems, "two evaluators to be asked for", page.described
    )
    officer.press("Save the panel", {"evaluators": evaluators, "moderators": [names["moderator"]]})
    officer.press("Hand the tenders out").says("4 new assignments made")
    stage.story.checked(f"a panel of one is refused; {listed(evaluators)} are given both tenders")


def _mark_blind(stage: Stage) -> None:
    first, second = stage.council["first"], stage.council["second"]
    second.sign_in(address_of("second"), stage.password)
    own = {visitor.name: _accept_all(stage, visitor) for visitor in (first, second)}
    stage.story.checked("both evaluators say that they have no conflict before they read a tender")
    _refuse_a_bad_mark(stage, first, own[first.name][0])
    for visitor, less in ((first, 0), (second, 1)):
        for assignment in own[visitor.name]:
            _mark_tender(stage, visitor, assignment, less)
    _lock(first, own[first.name])
    page = first.open(first.open(own[first.name][0]).links("/answers/")[0])
    page.says("appear here when all of them have locked").hides(second.name)
    first.refused(*own[second.name])
    moderator = stage.council["moderator"]
    moderator.open(f"{stage.round}/moderation")
    declare_on_all(stage, "moderator")
    moderator.open(f"{stage.round}/moderation").says("0 ready to be agreed")
    results = stage.council["officer"].open(f"{stage.round}/results")
    results.says("There is no total until every answer that counts has an agreed mark").hides(
        _reason_of(second)
    )
    stage.story.checked(
        "one has locked, one has marked: neither the other, nor moderator or officer, sees a mark"
    )
    _lock(second, own[second.name])
    first.open(page.path).says(second.name, _reason_of(second))
    stage.story.checked("once both have locked, each sees the other's marks and reasons")


def _accept_all(stage: Stage, evaluator: Visitor) -> list[str]:
    """Accept both tenders from the home page on; return the pages of the assignments."""
    evaluator.open("/").says("What needs you now")
    links = [link for link in evaluator.open("/marking").links("/marking/") if link[-1].isdigit()]
    check_equal(f"the tenders of {evaluator.name}", len(links), 2)
    for link in links:
        evaluator.open(link).hides(stage.tenderers[0].trade, stage.tenderers[1].trade)
        check(evaluator.page.path.endswith("/declaration"), "the declaration first", evaluator.page.described)
        evaluator.press("Save and read the tender", {"declaration": "none"})
    return links


def _refuse_a_bad_mark(stage: Stage, evaluator: Visitor, assignment: str) -> None:
    evaluator.open(assignment)
    evaluator.follow("Mark the next answer")
    path, version = evaluator.page.path, {"version": "0"}
    evaluator.send(
        path, {**version, "points": "6", "reason": "Better than the scale allows for."}, expect=422
    )
    evaluator.page.says("Choose one of the marks on the scale, 0 to 5.")
    page = evaluator.press("Save and go on", {"points": "4", "reason": ""}, expect=422)
    check(bool(page.problems), "the reason to be asked for", page.described)
    stage.story.checked(
        f"a mark outside the scale and a mark without its reason are refused: {page.problems[0]}"
    )


def _mark_tender(stage: Stage, evaluator: Visitor, assignment: str, less: int) -> None:
    evaluator.open(assignment)
    evaluator.follow("Mark the next answer")
    while evaluator.page.path != assignment:
        points = _points_for(stage, evaluator.page) - less
        evaluator.press("Save and go on", {"points": str(points), "reason": _reason_of(evaluator)})
    evaluator.page.says("Lock your marks")


def _lock(evaluator: Visitor, assignments: list[str]) -> None:
    for assignment in assignments:
        evaluator.open(assignment)
        evaluator.press("Lock my marks").says("are locked")


def _reason_of(evaluator: Visitor) -> str:
    return f"The breakfast example shows it, thought {evaluator.name}, and reports arrive weekly."


def _points_for(stage: Stage, page: Page) -> int:
    """The points that the panel will agree for this page's answer; kept for the play's own calculation."""
    provider = next(each.name for each in stage.tenderers if page.caption.startswith(each.name))
    title, _, lot = page.heading.partition(" · lot ")
    number = lot.partition(":")[0]
    place = list(stage.weights).index(title)
    points = _POINTS[provider][place]
    if number in _LOT_POINTS:
        points = _LOT_POINTS[number][place - 1]
    stage.agreed[provider, title, number] = points
    return points


def _agree(stage: Stage) -> None:
    moderator, first, second = (stage.council[key] for key in ("moderator", "first", "second"))
    agenda = f"{stage.round}/moderation"
    moderator.open(agenda)
    moderator.follow("Start with the first")
    agreed = 0
    while moderator.page.path != agenda:
        moderator.page.says(first.name, second.name)
        points = _points_for(stage, moderator.page)
        reason = f"The panel agreed on {points}: the breakfast example is its own, figures are missing."
        moderator.press("Save and go on to the next", {"points": str(points), "reason": reason})
        agreed += 1
    moderator.page.says("Every answer of this round has its agreed mark.")
    check_equal("the agreed marks", agreed, len(stage.agreed))
    stage.story.checked(f"the moderator sees both marks side by side and agrees {agreed}, each with a reason")


def declare_on_all(stage: Stage, who: str) -> None:
    """Let somebody who marks nothing, and was led to the list of all tenderers, declare on it."""
    page = stage.council[who].page
    check_equal("the page before any tender", page.path, f"{stage.round}/declarations")
    page.says(*(tenderer.name for tenderer in stage.tenderers[:2])).hides(stage.tenderers[2].name)
    stage.council[who].press("I have no conflict with any other on this list").says("is recorded")


def total_of(stage: Stage, provider: str, lot: str, less: int = 0) -> Fraction:
    """The total out of 100 by this play's own calculation: weight x points / highest, added up exactly."""
    return sum(
        (
            Fraction(stage.weights[title]) * (points - less) / HIGHEST
            for (name, title, number), points in stage.agreed.items()
            if name == provider and number in ("", lot)
        ),
        Fraction(),
    )


def shown(total: Fraction) -> str:
    """A total as a table shows it: rounded half up, always to two places."""
    cents = (total * 100 + Fraction(1, 2)).__floor__()
    return f"{cents // 100}.{cents % 100:02}"


def _compute(stage: Stage) -> None:
    officer = stage.council["officer"]
    officer.open(f"{stage.round}/results")
    page = officer.press("Compute the results").says("3 totals computed twice, with the same outcome.")
    _check_exact(stage)
    one, other = stage.tenderers[:2]
    for lot, providers in (("5", (one, other)), ("10", (one,))):
        if lot != "5":
            page = officer.follow(f"Lot {lot}:")
        rows = {row[1]: row for row in page.rows if len(row) == 6}
        for tenderer in providers:
            total = total_of(stage, tenderer.name, lot)
            row = rows.get(tenderer.name, ["no row"] * 6)
            check_equal(f"the total of {tenderer.name} in lot {lot}", row[2], shown(total))
            own = [shown(total_of(stage, tenderer.name, lot, less)) for less in (0, 1)]
            check_equal("each evaluator's own total", re.findall(r"\d+(?:\.\d+)?", row[3]), own)
            check_equal(f"the rank of {tenderer.name}", row[0], "1" if tenderer is one else "none")
    totals = [shown(total_of(stage, each.name, "5")) for each in (one, other)]
    stage.story.checked(f"the pages show {listed(totals)} in lot 5, and the one below a minimum has no rank")


def _check_exact(stage: Stage) -> None:
    """The stored totals, unrounded, against this play's own fractions."""
    with stage.app.app_context():
        rows = db.session.execute(select(Result, Lot.number).join(Lot, Lot.id == Result.lot_id)).all()
        stored = {(result.application_id, number): result.total for result, number in rows}
        db.session.remove()
    own = {
        (int(each.application.rsplit("/", 1)[1]), lot): total_of(stage, each.name, lot)
        for each in stage.tenderers[:2]
        for lot in each.lots
    }
    check_equal("the stored totals", stored, own)
    exact = [f"{total.numerator}/{total.denominator}" for total in own.values()]
    stage.story.checked(f"three totals are exact to the last digit: {listed(exact)}")
