"""Step 6: a school finds the admitted provider and refers a child; then the audit trail is checked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditLine
from portal.audit.services import first_broken_line
from portal.database import db
from portal.development.headless.checks import check, check_equal
from portal.development.headless.client import Page, Visitor
from portal.development.headless.forms import Value, day_parts
from portal.development.headless.stage import SCHOOL, Stage, address_of
from portal.web.filters import uk_date

_SERVICES = 25  # ids that are tried, more than there are services
_HAPPENED = {
    "framework": "create",
    "round": "create edit edit_question publish open_box start_marking compute_results decide release",
    "application": "start choose_lots save_answer attach_document submit read_document",
    "conformity": "run decide",
    "panel": "name assign",
    "assignment": "accept lock",
    "mark": "save",
    "agreed_mark": "save",
    "decision": "recommend approve release",
    "assessment_summary": "offer approve",
    "referral": "send accept decline",
    "call_off": "choose",
}
"""What must stand in the trail after a play, by noun."""


def refer(stage: Stage) -> None:
    """Step 6."""
    school = stage.visitor("Orla Prendergast")
    school.sign_in(address_of("school"), stage.password)
    services = _search(stage, school)
    _look_for_others(stage, school, services)
    _send_and_accept(stage, school, services[0])
    _send_and_decline(stage, school, services[1])
    _check_trail(stage)


def _search(stage: Stage, school: Visitor) -> list[str]:
    one, other, late = stage.tenderers
    page = school.open("/search").says("2 services found", one.name)
    page.hides(other.name, late.name)
    services = page.links("/services/")
    check_equal("the services found", len(services), 2)
    school.open("/")
    _searched(school, {"words": one.trade, "postcode": "M1 1AE"}, 2, one.name)
    _searched(school, {"words": "falconry"}, 0, other.name)
    school.open("/search")
    lot = school.page.tree.xpath("//input[@name='lots']/@value")
    found = [_searched(school, {"words": "", "lots": [each]}, 1, one.name) for each in lot]
    check_equal("the lots to filter by", len(found), 2)
    _searched(school, {"lots": [], "key_stages": ["KS4"], "needs": ["ASD"]}, 2, one.name)
    _searched(school, {"key_stages": ["KS1"], "needs": []}, 0, one.name)
    _searched(
        school, {"key_stages": [], "postcode": "M12 6JH", "within": "5", "sort": "distance"}, 2, one.name
    )
    _searched(school, {"postcode": "LS1 4AP", "within": "20"}, 0, one.name)
    stage.story.checked(
        "the school finds the admitted provider's two services by words, lot, key stage, need and within 5 "
        "miles; from Leeds it finds none"
    )
    return services


def _searched(school: Visitor, fields: dict[str, Value], found: int, name: str) -> Page:
    """Search, and see so many services: of the provider with this name, or nothing of it."""
    page = school.press("Search", fields).says(f"{found} service{'' if found == 1 else 's'} found")
    return page.says(name) if found else page.hides(name)


def _look_for_others(stage: Stage, school: Visitor, services: list[str]) -> None:
    one, other, late = stage.tenderers
    for number in range(1, _SERVICES + 1):
        path = f"/services/{number}"
        if path in services:
            school.open(path).says(one.name, "Refer a child").hides(other.name, late.name)
        else:
            school.refused(path)
    school.refused("/frameworks", f"{stage.round}/results", status=403)
    stage.story.checked(
        f"{other.name}, not admitted, is not found, nor is there a page of it; council pages stay shut"
    )


def _profile(days: int) -> dict[str, Value]:
    return {
        "year_group": "10",
        "needs": ["SEMH"],
        "days_a_week": "3",
        "ehc_plan": "no",
        **day_parts("start_wanted_on", clock.today() + timedelta(days=days)),
        "need_summary": "Large rooms are hard at the moment. A good day has one task with an end to it.",
        "strengths": "Patient with tools, and kind to younger children.",
        "transport": "By bus with an adult for the first two weeks.",
    }


def _send(school: Visitor, service: str) -> str:
    """Describe the child, read the preview, send; return the referral's page."""
    school.open(service)
    school.follow("Refer a child").says("without saying who it is")
    school.press("Continue", _profile(14)).says(
        "Check what the provider will see", "Patient with tools", SCHOOL
    )
    return school.press("Send to").says("is sent").path


def _send_and_accept(stage: Stage, school: Visitor, service: str) -> None:
    one, other = stage.tenderers[:2]
    school.open(service)
    school.follow("Refer a child")
    named = {**_profile(14), "need_summary": "Ask the mother on 0161 496 0999, born 3 May 2012."}
    page = school.press("Continue", named, expect=422)
    stage.story.checked(f"what would say who the child is, is refused: {page.problems[0]}")
    referral = _send(school, service)
    other.visitor.refused(referral)
    check(bool(stage.delivered(one.email, "New referral")), "a letter to the provider", one.email)
    provider = one.visitor
    provider.open("/").says(f"{SCHOOL} asks for a place for a child in year 10")
    check(
        referral in provider.page.links("/referrals/"), "the referral on the provider's home page", referral
    )
    provider.open(referral).says("Patient with tools", "Large rooms are hard")
    start = clock.today() + timedelta(days=21)
    offer: dict[str, Value] = {**day_parts("start_on", start), "price": "20", "unit": "day"}
    provider.press("Offer this place", {**offer, "sessions": []}, expect=422)
    offer["sessions"] = ["mon_am", "mon_pm"]
    provider.press("Offer this place", offer).says("Your answer is sent")
    school.open(referral).says("The provider’s offer", uk_date(start, weekday=True), "£20.00 a week")
    check(
        uk_date(start) in stage.delivered(address_of("school"), "was accepted"), "the start by letter", start
    )
    stage.story.checked(
        f"the provider alone reads the referral and offers a day a week from {uk_date(start)}; "
        "the school is told"
    )
    _choose(stage, school, referral)


def _choose(stage: Stage, school: Visitor, referral: str) -> None:
    one, other = stage.tenderers[:2]
    school.follow("Compare the answers and choose").says("1 provider can take the child", "£20.00")
    school.follow(f"Choose {one.name}").says("What happens when you choose")
    reason: dict[str, Value] = {"route": "direct_award", "reason": "It knows the trade that the child wants."}
    school.press("Choose this provider", {**reason, "reason": ""}, expect=422)
    choice = school.press("Choose this provider", reason).says(f"{one.name} is chosen").path
    one.visitor.open(choice).says("You are chosen").hides("knows the trade")
    other.visitor.refused(choice)
    check(bool(stage.delivered(one.email, "You were chosen")), "a letter to the chosen provider", one.email)
    one.visitor.open(referral).says("Chosen")
    stage.story.checked(
        "the school chooses the offer, with a reason that nobody else reads; the provider hears of it"
    )


def _send_and_decline(stage: Stage, school: Visitor, service: str) -> None:
    provider = stage.tenderers[0].visitor
    referral = _send(school, service)
    provider.open(referral)
    page = provider.press("Decline this referral", expect=422)
    check(bool(page.problems), "the reason to be asked for", page.described)
    reason = "Our mentors are all placed until the summer."
    provider.press("Decline this referral", {"decline_reason": reason}).says("Your answer is sent")
    school.open(referral).says("Declined", reason)
    provider.send(f"{referral}/accept", day_parts("start_on", clock.today()), expect=422)
    school.open("/").says("cannot take the child")
    check(bool(stage.delivered(address_of("school"), "was declined")), "a letter to the school", "none")
    stage.story.checked(
        "another is declined, not without a reason; the school reads it on its page and home page"
    )


def _check_trail(stage: Stage) -> None:
    with stage.app.app_context():
        broken = first_broken_line()
        actions = list(db.session.scalars(select(AuditLine.action)))
        db.session.remove()
    check_equal("the first broken line of the audit trail", broken, None)
    wanted = {f"{noun}.{verb}" for noun, verbs in _HAPPENED.items() for verb in verbs.split()}
    missing = sorted(wanted - set(actions))
    check(not missing, "every step in the audit trail", f"nothing of {missing}")
    stage.story.checked(f"the audit trail is whole: {len(actions)} lines, each step among them")
