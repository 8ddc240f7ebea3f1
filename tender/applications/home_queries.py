"""What waits for a provider's people in their applications, for their home page."""

from collections.abc import Sequence

from portal.accounts.access import Actor
from portal.database import db
from portal.tasks import GoingOn, Task, Waiting
from portal.web.filters import plural, uk_datetime
from tender.applications.contents import Item, missing, those_asked
from tender.applications.item_queries import item_from, items_select
from tender.applications.models import Application
from tender.applications.queries import ApplicationFacts, newest_of

MOST_ON_THE_HOME_PAGE = 20


def waiting_for(viewer: Actor) -> Waiting:
    """For a provider's people: drafts with what they lack and by when, files that they promised; then what
    was submitted or came too late. Two statements."""
    found = newest_of(viewer, MOST_ON_THE_HOME_PAGE)
    drafts = [facts for facts in found if facts.editable]
    lacking = _lacking(drafts)
    return Waiting(
        now=(
            *(_task(viewer, facts, lacking[facts.id]) for facts in drafts),
            *(_promised(facts) for facts in found if facts.files_awaited),
        ),
        going_on=tuple(_going_on(facts) for facts in found if facts not in drafts),
    )


def _task(viewer: Actor, facts: ApplicationFacts, lacking: int) -> Task:
    if facts.stage in ("ready to certify", "certified") and viewer.may("application:certify"):
        asked = facts.stage == "ready to certify"
        return Task(
            f"Your application to {facts.name} is {facts.stage}, not submitted.",
            "Read and certify it" if asked else "Submit it",
            "applications.check",
            {"application_id": facts.id},
            facts.closes_at,
            "A colleague asks you to certify it." if asked else "Any change makes its certificate void.",
            closes_of=facts.id,
        )
    return Task(
        f"Your application to {facts.name} is saved, not submitted.",
        "Go on with it" if lacking else "Check and submit it",
        "applications.show" if lacking else "applications.check",
        {"application_id": facts.id},
        facts.closes_at,
        f"{plural(lacking, 'thing is', 'things are')} missing." if lacking else "Nothing is missing.",
        closes_of=facts.id,
    )


def _promised(facts: ApplicationFacts) -> Task:
    count = facts.files_to_follow
    return Task(
        f"Your application to {facts.name} is submitted, and {plural(count, 'file')} that you promised "
        f"{'is' if count == 1 else 'are'} not here yet.",
        "Upload what you promised",
        "promises.show",
        {"application_id": facts.id},
        facts.files_follow_until,
        "What does not arrive in time is missing from your application.",
    )


def _going_on(facts: ApplicationFacts) -> GoingOn:
    values = {"application_id": facts.id}
    if facts.round_state == "withdrawn":
        what = "submitted, and never opened" if facts.state == "submitted" else "not submitted"
        told = f"It was {what}. You can read it, and take it to another round"
        return GoingOn(
            f"Your application to {facts.name}", "round withdrawn", "applications.show", values, told
        )
    if facts.round_state == "terminated" and facts.state == "submitted":
        told = "The council ended the round without an outcome. You can read it, and take it to another round"
        return GoingOn(f"Your application to {facts.name}", "round ended", "applications.show", values, told)
    if facts.state == "submitted":
        detail = f"Receipt {facts.receipt_number}, {uk_datetime(facts.submitted_at)}"
        if facts.left_out:
            detail += f". Without lot {', '.join(facts.left_out)}, not complete at the time"
        return GoingOn(
            f"Your application to {facts.name}", "submitted", "applications.receipt", values, detail
        )
    closed = f"The round closed at {uk_datetime(facts.closes_at)}"
    detail = f"{closed}. Open it to see whether you can go on in another round"
    return GoingOn(f"Your application to {facts.name}", "not submitted", "applications.show", values, detail)


def _lacking(drafts: Sequence[ApplicationFacts]) -> dict[int, int]:
    """How many things each of these drafts lacks, in one statement (none for no drafts)."""
    if not drafts:
        return {}
    items: dict[int, list[Item]] = {facts.id: [] for facts in drafts}
    for row in db.session.execute(items_select().where(Application.id.in_(items))):
        items[row.application_id].append(item_from(row))
    chosen = {facts.id: tuple(facts.lot_ids) for facts in drafts}
    return {
        application_id: len(missing(chosen[application_id], those_asked(of_one)))
        for application_id, of_one in items.items()
    }
