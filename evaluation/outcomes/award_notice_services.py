"""Noting the contract award notice with which a standstill begins."""

from datetime import date, timedelta

from evaluation.outcomes.release_models import AwardNotice
from evaluation.outcomes.release_queries import award_notice_of, last_release
from evaluation.outcomes.services import ChangedMeanwhile, locked_round
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.errors import Conflict, Refusal
from portal.web.filters import uk_date
from portal.working_days import add_working_days


class NothingBegins(Conflict):
    """No standstill of this round waits for a notice."""

    sentence = (
        "No standstill of this round begins with a contract award notice, or it is over already. Reload the "
        "page to see where it stands."
    )


def note_award_notice(*, round_id: int, published_on: date, reference: str, seen: int, by: Actor) -> None:
    """Note on which day the contract award notice was published: the standstill's working days begin with it
    (Procurement Act 2023, section 51). `seen` is the version on the page, 0 for none; noted again it puts an
    earlier one right, until the standstill is over.

    Noted twice with the same words it is noted once. Raises `NotFound`, `NothingBegins`, `ChangedMeanwhile`,
    and `Refusal` naming the field that is wrong.
    """
    with transaction() as session:
        locked_round(round_id, by)
        release, newest = last_release(round_id), award_notice_of(round_id)
        if release is None or not release["awaits_notice"]:
            raise NothingBegins
        said = (published_on, reference.strip())
        if newest and (newest["published_on"], newest["reference"]) == said:
            return
        if newest and newest["admits_after"] < clock.today():
            raise NothingBegins
        if (newest["version"] if newest else 0) != seen:
            raise ChangedMeanwhile
        _check(published_on, reference, clock.london(release["sent_at"]).date())
        # The day of the notice is itself the first of the days, where it is a working day.
        until = add_working_days(published_on - timedelta(days=1), release["standstill_days"])
        session.add(
            AwardNotice(
                round_id=round_id,
                version=seen + 1,
                published_on=published_on,
                reference=reference.strip(),
                admits_after=until,
                noted_at=clock.now(),
                noted_by_id=by.person_id,
            )
        )
        record(
            "round.note_award_notice", "round", round_id, by=by,
            published_on=published_on.isoformat(), reference=reference.strip(), until=until.isoformat(),
        )  # fmt: skip


def _check(published_on: date, reference: str, told_on: date) -> None:
    if published_on > clock.today():
        raise Refusal("Note the notice once it is published: this day is after today.", field="published_on")
    if published_on < told_on:
        raise Refusal(
            "The assessment summaries go before the contract award notice. The letters went on "
            f"{uk_date(told_on)}: give that day or a later one.",
            field="published_on",
        )
    if not reference.strip():
        raise Refusal("Give the notice's reference, as Find a Tender shows it.", field="reference")
