"""What a school is told before it offers an agreement: time limits, and the registration test.

Warnings alone: nothing is refused because of them, and no other school's child is told of.
"""

from collections.abc import Iterator

from portal.agreements.terms import Terms
from portal.hours.queries import level_with, rules_in_force
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
    level = level_with(version_id)
    if level:
        yield (
            "With this agreement the hours that all schools have agreed with this provider "
            + ("meet" if level > 1 else "are near")
            + " the test for registration as a school. No law says how many hours count: the council looks"
            " at it, and you can go on. Ask the provider whether it is registered or has applied to be."
        )
