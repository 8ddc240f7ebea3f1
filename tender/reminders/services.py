"""Writing reminders, and turning them off and on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.queries import members_with_permission
from portal.audit.services import Doer, record
from portal.database import transaction
from portal.mail.services import write_letter
from portal.web.filters import plural, time_left, uk_datetime
from portal.worker import Job
from tender.applications.item_queries import lacking_of
from tender.applications.models import Application
from tender.reminders.models import Reminder, RemindersOff
from tender.reminders.queries import drafts_closing, who_want_none, written

RULES: Mapping[str, timedelta] = {
    "7 days": timedelta(days=7),
    "2 days": timedelta(days=2),
    "4 hours": timedelta(hours=4),
}

REMINDERS_OF_DRAFTS = Job(
    "remind of drafts",
    lambda settings, by: remind_waiting(portal_url=settings.public_url, by=by),
    pause=60,
)


def rule_due(started_at: datetime, closes_at: datetime, now: datetime) -> str | None:
    """The reminder that is due: the nearest to the close whose moment has come. None before the first, after
    the close, and while the application is younger than that moment."""
    reached = [rule for rule, before in RULES.items() if closes_at - before <= now < closes_at]
    if not reached:
        return None
    nearest = min(reached, key=RULES.__getitem__)
    return nearest if started_at <= closes_at - RULES[nearest] else None


def remind_waiting(*, portal_url: str, by: Doer) -> int:
    """Write every reminder that is due and was not written before; return how many letters that made.

    Each application in a transaction of its own. Two workers at once write one: the key is unique.
    """
    now = clock.now()
    drafts = drafts_closing(now, max(RULES.values()))
    before = written([draft["id"] for draft in drafts])
    letters = 0
    for draft in drafts:
        rule = rule_due(draft["started_at"], draft["closes_at"], now)
        if rule and (rule, draft["id"], draft["closes_at"]) not in before:
            letters += _remind(rule, draft, portal_url=portal_url, by=by)
    return letters


def turn_reminders(*, on: bool, by: Actor) -> None:
    """Remind this person, or no longer. Doing it twice does it once."""
    with transaction() as session:
        if on:
            session.execute(delete(RemindersOff).where(RemindersOff.person_id == by.person_id))
        else:
            off = insert(RemindersOff).values(person_id=by.person_id, since=clock.now())
            session.execute(off.on_conflict_do_nothing())
        record("reminders.turn", "person", by.person_id, by=by, on=on)


def _remind(rule: str, draft: Mapping[str, Any], *, portal_url: str, by: Doer) -> int:
    """Write the letters of one reminder, unless the application was submitted meanwhile."""
    letters = 0
    with transaction() as session:
        held = select(Application.state).where(Application.id == draft["id"]).with_for_update(read=True)
        if session.scalar(held) != "draft":
            return 0
        people = members_with_permission(draft["provider_id"], "application:edit")
        lacking = lacking_of({draft["id"]: draft["lot_ids"]})[draft["id"]]
        spared = who_want_none([person["person_id"] for person in people])
        for person in people:
            if person["person_id"] not in spared and _is_new(session, rule, draft, person["person_id"]):
                _write(rule, draft, person, lacking=lacking, portal_url=portal_url, by=by)
                letters += 1
        if letters:
            record("application.remind", "application", draft["id"], by=by, rule=rule, letters=letters)
    return letters


def _is_new(session: Any, rule: str, draft: Mapping[str, Any], person_id: int) -> bool:
    """Enter the reminder into the ledger; False when it was there before."""
    entered = session.scalar(
        insert(Reminder)
        .values(
            rule=rule,
            application_id=draft["id"],
            closes_at=draft["closes_at"],
            person_id=person_id,
            written_at=clock.now(),
        )
        .on_conflict_do_nothing()
        .returning(Reminder.person_id)
    )
    return entered is not None


def _write(
    rule: str,
    draft: Mapping[str, Any],
    person: Mapping[str, Any],
    *,
    lacking: int,
    portal_url: str,
    by: Doer,
) -> None:
    closes_at = draft["closes_at"]
    stands = f"{plural(lacking, 'thing')} to put right before it can be submitted."
    lines = [
        f"Dear {person['name']}",
        f"Your organisation's application to {draft['name']} is saved, not submitted.",
        f"The round closes at {uk_datetime(closes_at)}: {time_left(closes_at)}. An application that reaches "
        "us at that moment or later is not considered.",
        stands if lacking else "Nothing is missing: it only has to be submitted.",
        f"See what is missing, and submit it:\n{portal_url}/applications/{draft['id']}",
        "You can submit early: until the close you can withdraw it, change it and submit it again.",
        f"You can turn these reminders off:\n{portal_url}/reminders",
        draft["buyer_name"],
    ]
    write_letter(
        key=f"reminder:{rule}:{draft['id']}:{closes_at.isoformat()}:{person['person_id']}",
        to_name=person["name"],
        to_address=person["email"],
        title=f"Saved, not submitted: {time_left(closes_at)} for your application to {draft['name']}",
        body="\n\n".join(lines) + "\n",
        subject_type="application",
        subject_id=draft["id"],
        organisation_id=draft["provider_id"],
        by=by,
    )
