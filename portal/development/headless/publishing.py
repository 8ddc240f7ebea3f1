"""Steps 1 and 2: an officer publishes a round from a published notice, and anyone reads it."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from portal import clock
from portal.development.headless.checks import check, check_equal, listed
from portal.development.headless.client import Page, Upload, Visitor
from portal.development.headless.forms import Value, day_parts
from portal.development.headless.stage import Stage, address_of
from portal.web.filters import uk_datetime

NOTICE = Path(__file__).parents[1] / "notices" / "manchester-tc1108-round-4.json"
OFFERED = {"5": "150.00", "10": "80.00"}
"""The numbers of the lots that the round offers, with the highest price a day in pounds."""
REWEIGHTED = {"safeguarding": "24.37", "partnership": "10.63"}
"""New weights, in per cent, of which totals with three decimals come."""
SHORTEST = 75
"""Seconds that a round is open, at least; a portal that answers slowly is given more."""
_REQUESTS = 240  # more than are made while the round is open


def publish(stage: Stage) -> None:
    """Step 1: from the notice to a published round."""
    officer = stage.council["officer"]
    officer.sign_in(address_of("officer"), stage.password)
    stage.story.checked("the procurement lead signs in and finds “What needs you now”")
    _confirm_notice(stage, officer)
    _set_up_round(stage, officer)
    _reweight(stage, officer)
    _publish(stage, officer)


def _confirm_notice(stage: Stage, officer: Visitor) -> None:
    content = NOTICE.read_bytes()
    officer.open("/frameworks")
    officer.follow("Start a framework")
    broken = Upload(NOTICE.name, "application/json", content[: len(content) // 2])
    page = officer.press("Read the notice", {"file": broken}, expect=422)
    check(bool(page.problems), "a sentence about the broken notice", page.described)
    stage.story.checked(f"half a notice is refused: {page.problems[0]}")
    page = officer.press("Read the notice", {"file": Upload(NOTICE.name, "application/json", content)})
    page.says("Check what the notice says", "We recognised these in its description")
    description = json.loads(content)["releases"][0]["tender"]["description"]
    titles = page.tree.xpath("//input[contains(@name, '-title') and @value != '']/@value")
    check_equal("the number of lots read", len(titles), 10)
    strange = [title for title in titles if title not in description]
    check(not strange, "every lot's title in the notice's own words", strange)
    stage.story.checked(
        "the notice is read: ten lots in the words of its description, offered for confirmation"
    )
    page = officer.press("Start the framework", {"reference": "TC1108", **_running_term(page)})
    page.says("10 lots", "£30,000,000", "The Public Contracts Regulations 2015 still apply")
    stage.story.checked(f"the framework stands with ten lots and £30,000,000 at {page.path}")


def _running_term(page: Page) -> dict[str, Value]:
    """The framework's term, corrected when the notice's own is not running today."""
    today = clock.today()

    def read(name: str) -> date:
        day, month, year = (
            int(page.tree.xpath(f"//input[@name='{name}-{part}']/@value")[0]) for part in _DAY
        )
        return date(year, month, day)

    term: dict[str, Value] = {}
    if read("starts_on") > today:
        term |= day_parts("starts_on", today)
    if read("ends_on") <= today + timedelta(days=180):
        term |= day_parts("ends_on", today + timedelta(days=730))
    return term


_DAY = ("day", "month", "year")


def _moment(name: str, moment: datetime) -> dict[str, Value]:
    local = clock.london(moment)
    return {**day_parts(name, local), f"{name}-time": f"{local:%H:%M}"}


def _set_up_round(stage: Stage, officer: Visitor) -> None:
    page = officer.follow("Set up a round")
    fields: dict[str, Value] = {}
    for row in range(len(page.tree.xpath("//input[contains(@name, '-lot_id')]"))):
        box = page.tree.xpath(f"//input[@name='lots-{row}-offered']")[0]
        label = " ".join(page.tree.xpath(f"//label[@for='{box.get('id')}']")[0].text_content().split())
        number, title = re.findall(r"^Lot (\w+): (.+)$", label)[0]
        fields[f"lots-{row}-offered"] = number in OFFERED
        if number in OFFERED:
            fields[f"lots-{row}-ceiling"] = OFFERED[number]
            stage.lots[number] = title
    check_equal("the lots on the form", sorted(stage.lots), sorted(OFFERED))
    past = clock.now() - timedelta(days=1)
    fields |= _moment("opens_at", past - timedelta(days=1)) | _moment("closes_at", past)
    page = officer.press("Make the draft round", fields, expect=422)
    kept = page.tree.xpath("//input[contains(@name, '-ceiling') and @value != '']/@value")
    check_equal("the prices that were typed", len(kept), len(OFFERED))
    stage.story.checked(
        f"a closing time in the past is refused, and nothing typed is lost: {page.problems[0]}"
    )
    opens_at = clock.now() - timedelta(minutes=1)
    tomorrow = clock.now() + timedelta(days=1)
    page = officer.press(
        "Make the draft round", _moment("opens_at", opens_at) | _moment("closes_at", tomorrow)
    )
    stage.round = page.path
    stage.story.checked(f"a draft round with the default pack offers lots {listed(sorted(OFFERED, key=int))}")


def _reweight(stage: Stage, officer: Visitor) -> None:
    first, second = REWEIGHTED
    officer.open(f"{stage.round}/pack/questions/{first}")
    officer.press("Save the question", {"weight": REWEIGHTED[first]})
    page = officer.open(f"{stage.round}/publish").says("They must make exactly 100%")
    check(not page.offers("Publish the round"), "no button to publish", page.described)
    stage.story.checked("weights that do not make exactly 100% keep the round from publication")
    officer.open(f"{stage.round}/pack/questions/{second}")
    officer.press("Save the question", {"weight": REWEIGHTED[second]})


def _publish(stage: Stage, officer: Visitor) -> None:
    officer.open(f"{stage.round}/edit")
    lead = max(SHORTEST, _REQUESTS * stage.pace.usual)
    soonest = clock.now() + timedelta(seconds=lead)
    stage.closes_at = soonest.replace(second=0, microsecond=0) + timedelta(minutes=1)
    officer.press("Save", _moment("closes_at", stage.closes_at))
    _assess_conflicts(stage, officer)
    officer.open(stage.round)
    page = officer.follow("Check and publish").says(uk_datetime(stage.closes_at), "24.37%")
    page = officer.press("Publish the round")
    page.says("Open", "Nobody at the council can read an application before you open the tender box")
    check(not page.offers("Open the tender box"), "no button to open the tender box", page.described)
    stage.story.checked(f"the round is published and closes at {uk_datetime(stage.closes_at)}")
    officer.refused(f"{stage.round}/pack/questions/safeguarding", f"{stage.round}/edit", status=409)
    stage.story.checked("what is published is frozen: questions, lots and times cannot be changed")
    stage.opportunity = f"/opportunities/{stage.round.rsplit('/', 1)[1]}"


def _assess_conflicts(stage: Stage, officer: Visitor) -> None:
    officer.open(f"{stage.round}/publish").says("No conflicts of interest have been assessed")
    officer.open(f"{stage.round}/conflicts")
    people = "Procurement lead: runs the round\nEvaluators: mark by themselves"
    page = officer.press("Keep the assessment", {"people": people, "found": "none"})
    page.says("As it stands", "The assessment is kept")
    stage.story.checked("conflicts of interest are assessed before the round is published")


def read_publicly(stage: Stage) -> None:
    """Step 2: anyone reads the opportunity without signing in."""
    anyone = stage.visitor("anyone")
    anyone.open("/opportunities")
    links = anyone.page.links(stage.opportunity)
    check(bool(links), f"a link to {stage.opportunity}", anyone.page.described)
    page = anyone.open(links[0]).says(uk_datetime(stage.closes_at), "How to apply")
    page.says(*(f"Lot {number}: {title}" for number, title in stage.lots.items()))
    page.says(*(f"£{Decimal(price).normalize():f}" for price in OFFERED.values()))
    stage.story.checked("signed out: lots with the highest price, dates with their zone, how to apply")
    summary = {key: value for key, value in _facts(page).items() if "minimum mark" in value}
    stage.weights = {title: Decimal(value.partition("%")[0]) for title, value in summary.items()}
    check_equal("the weights together", sum(stage.weights.values()), 100)
    check_equal("the scored questions", len(stage.weights), 6)
    page.says("0: No answer", "5: Excellent", "Safeguarding policy", "minimum mark 3 of 5")
    stage.story.checked(
        "six scored questions whose weights make 100%, their minimums, and the scale from 0 to 5"
    )
    anyone.open(f"{stage.round}")
    check_equal("where a council page leads", anyone.page.path, "/sign-in")
    stage.story.checked("the council's own page of the round asks to sign in")


def _facts(page: Page) -> dict[str, str]:
    """The summary lists of a page."""
    keys = (" ".join(each.text_content().split()) for each in page.tree.xpath("//dt"))
    values = (" ".join(each.text_content().split()) for each in page.tree.xpath("//dd"))
    return dict(zip(keys, values, strict=True))
