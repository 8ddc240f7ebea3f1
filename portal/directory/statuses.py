"""What a standing is worth today, in one word: from its state, its term and its evidence, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case

from portal.accounts.models import Organisation
from portal.directory.models import Standing


@dataclass(frozen=True, slots=True)
class Status:
    """A status in words, the colour of its tag, and what it means for children: to others, and said to the
    provider itself."""

    words: str
    colour: str
    meaning: str
    to_provider: str


STATUSES: Mapping[str, Status] = {
    "admitted": Status(
        "Admitted",
        "green",
        "Schools find the provider and can refer children.",
        "Schools find you and can refer children.",
    ),
    "evidence_expired": Status(
        "Evidence expired",
        "orange",
        "Schools do not find the provider, and no new child can be placed, until the council has checked a "
        "document that is in force. Children who are there already stay.",
        "Schools do not find you, and no new child can be placed with you, until the council has checked a "
        "document that is in force. Children who are with you already stay.",
    ),
    "suspended_new": Status(
        "Suspended for new referrals",
        "orange",
        "Schools do not find the provider, and no new child can be placed. Children who are there stay.",
        "Schools do not find you, and no new child can be placed with you. Children who are with you stay.",
    ),
    "suspended": Status(
        "Suspended",
        "red",
        "Schools do not find the provider, and no child may be placed or taught there until this is lifted.",
        "Schools do not find you, and no child may be placed with you or taught by you until this is lifted.",
    ),
    "conditional": Status(
        "Conditions open",
        "yellow",
        "Schools do not find the provider before every condition of its admission is met.",
        "Schools do not find you before every condition of your admission is met.",
    ),
    "excluded": Status(
        "Excluded by the council",
        "red",
        "A ground of exclusion applies. Schools do not find the provider, and no child can be placed.",
        "The council has found that a ground of exclusion applies to you. Schools do not find you, and no "
        "child can be placed with you. Ask the council what it has found.",
    ),
    "not_started": Status(
        "Not started",
        "grey",
        "The term of this admission has not begun.",
        "The term of your admission has not begun.",
    ),
    "expired": Status(
        "Term ended",
        "grey",
        "The term of the framework is over. No new child can be placed.",
        "The term of the framework is over. No new child can be placed with you.",
    ),
    "inactive": Status(
        "Provider deactivated",
        "grey",
        "The council has deactivated the organisation, so schools find nothing of it.",
        "The council has deactivated your organisation, so schools do not find you.",
    ),
    "removed": Status(
        "Removed",
        "grey",
        "The provider was taken off this lot. Only a later round brings it back.",
        "You were taken off this lot. Only a new application in a later round brings you back.",
    ),
}


def status_on(day: date, provider: type[Organisation] = Organisation) -> ColumnElement[str]:
    """The status on `day` (a key of `STATUSES`), in a statement over `Standing` and its `provider`.

    The one rule of who takes new children: `admitted` alone. What the search keeps (`indexing`) and what an
    entry says of itself (`ServiceEntry.live`) say the same.
    """
    return case(
        (Standing.state == "removed", "removed"),
        (Standing.excluded, "excluded"),
        (Standing.ends_on < day, "expired"),
        (provider.state != "checked", "inactive"),
        (Standing.state != "admitted", Standing.state),
        (Standing.starts_on > day, "not_started"),
        (Standing.evidence_until < day, "evidence_expired"),
        else_="admitted",
    )
