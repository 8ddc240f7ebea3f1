"""What a school is told before it asks for a child, and before it offers an agreement: time limits, and the
registration test.

Warnings alone: nothing is refused because of them, and no other school's child is told of.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal

from portal.agreements.terms import Terms
from portal.commissioning.need_profile import NeedProfile
from portal.directory.entries import ServiceEntry
from portal.directory.offer import HOURS_A_DAY
from portal.hours.agreed import LAST_COMPULSORY_YEAR
from portal.hours.queries import if_agreed, rules_in_force
from portal.web.filters import plural


def before_signing(version_id: int, terms: Terms) -> Iterator[str]:
    """Sentences about a version that is written or out for signing."""
    rules = rules_in_force()
    if len(terms.sessions) > rules.part_time_sessions and terms.weeks > rules.intensive_weeks:
        yield (
            f"{plural(len(terms.sessions), 'half day')} a week for {plural(terms.weeks, 'week')} is more"
            f" than the council's limit of {plural(rules.intensive_weeks, 'week')}, or of"
            f" {plural(rules.part_time_sessions, 'half day')} a week for longer. You can go on: say in the"
            " aims why the child needs it."
        )
    level, elsewhere = if_agreed(version_id, rules)
    if elsewhere:
        yield (
            "Somebody else has agreed hours for this child in the same weeks. You are not told who or where:"
            " speak to the council before you sign, which sees all of them together."
        )
    if level:
        yield (
            "With this agreement the hours that all schools have agreed with this provider "
            + ("meet" if level > 1 else "are near")
            + " the test for registration as a school. No law says how many hours count: the council looks"
            " at it, and you can go on. Ask the provider whether it is registered or has applied to be."
        )


def before_asking(profile: NeedProfile, services: Collection[ServiceEntry]) -> Mapping[int, Sequence[str]]:
    """Where a child with a plan, or who may get one, would be near full-time at a setting that is no
    registered school: one such child is enough for the test. By service."""
    if profile.ehc_plan not in ("yes", "assessed") or profile.year_group > LAST_COMPULSORY_YEAR:
        return {}
    rules = rules_in_force()
    hours = profile.half_days * Decimal(HOURS_A_DAY) / 2
    if hours < rules.near_hours:
        return {}
    plan = "an EHC plan" if profile.ehc_plan == "yes" else "an EHC plan, should it get one,"
    sentence = (
        f"Is not a registered school: {hours:g} hours a week for one child with {plan} can make it one that "
        f"has to register; the council counts {rules.full_time_hours} as full-time. Ask it, or the council"
    )
    return {service.id: (sentence,) for service in services if not service.registered_school}
