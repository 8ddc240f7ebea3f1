"""What an agreement says: its terms, and the words in which its page, its signature and its PDF say them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any

from portal.commissioning.models import PRICE_UNITS
from portal.commissioning.need_profile import EHC_PLANS
from portal.directory.offer import TIERS, session_names
from portal.web.filters import money, plural, points, uk_date

Content = list[dict[str, Any]]
"""Sections in order: {"code", "title", "rows": [[code, title, words]]}. JSON, as it is kept and hashed."""

STEPS: Mapping[str, str] = {
    "times": "Times and place",
    "price": "Price and transport",
    "aims": "Aims, plan and reviews",
    "care": "Safeguarding, information and ending",
}
"""The pages on which an agreement is written, and its sections after the parties."""
OF_THE_CHILD = "aims"
"""The section that speaks of the child: of it the council reads when the reviews are, and no more."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What school and provider agree, apart from who they are. The fields are columns of `agreement_version`;
    `sessions` are codes of `portal.directory.offer.SESSIONS`, `session_hours` how long each one is.

    A variation counts from `starts_on`; `began_on`, no column, is then the first day of the placement.
    """

    starts_on: date
    ends_on: date
    longest_weeks: int | None = None
    tier: str = ""
    site: str = ""
    sessions: Sequence[str] = ()
    session_hours: Decimal = Decimal("2.5")
    price: Decimal | None = None
    price_unit: str = "day"
    price_covers: str = ""
    transport: str = ""
    ehc_plan: str = ""
    objectives: str = ""
    baseline: str = ""
    baseline_attendance: Decimal | None = None
    plan: str = ""
    curriculum: str = ""
    school_contact: str = ""
    school_safeguarding_lead: str = ""
    provider_safeguarding_lead: str = ""
    vetting_confirmed_on: date | None = None
    attendance_reported_by: str = ""
    reviews_on: Sequence[date] = field(default=())
    reintegration: str = ""
    data_sharing: str = ""
    notice_days: int = 14
    began_on: date | None = None

    @property
    def first_day(self) -> date:
        """The first day of the placement, whichever version began it."""
        return self.began_on or self.starts_on

    @property
    def hours(self) -> Decimal:
        """Hours a week."""
        return len(set(self.sessions)) * self.session_hours

    @property
    def weeks(self) -> int:
        """Weeks from the placement's first day to its last; a week that has begun counts."""
        return -(-((self.ends_on - self.first_day).days + 1) // 7)

    @property
    def week_costs(self) -> Decimal | None:
        """What a full week costs, in pounds without VAT. Two half days are a day."""
        if self.price is None:
            return None
        sessions = len(set(self.sessions))
        units = {"day": Decimal(sessions) / 2, "half_day": Decimal(sessions), "hour": self.hours}
        return (self.price * units[self.price_unit]).quantize(Decimal("0.01"))


TERMS = tuple(each.name for each in fields(Terms) if each.name != "began_on")
"""The columns."""

NEEDED: Mapping[str, tuple[str, str]] = {
    "longest_weeks": ("times", "Enter the longest period: after how many weeks it ends at the latest."),
    "site": ("times", "Say where the child learns."),
    "sessions": ("times", "Choose the half days."),
    "tier": ("times", "Choose the tier of alternative provision."),
    "price": ("price", "Enter the price."),
    "transport": ("price", "Say how the child gets there and back."),
    "ehc_plan": ("aims", "Say whether the child has an education, health and care plan."),
    "objectives": ("aims", "Say what the placement is to achieve."),
    "baseline_attendance": ("aims", "Enter the child’s attendance at the point of referral."),
    "baseline": ("aims", "Say where the child starts from."),
    "plan": ("aims", "Say what the child will do there."),
    "curriculum": ("aims", "Say which subjects and qualifications the child works at."),
    "reviews_on": ("aims", "Enter the days of the reviews."),
    "reintegration": ("aims", "Say how you will know that the child is ready to come back."),
    "school_contact": ("care", "Say whom to call at the school."),
    "school_safeguarding_lead": ("care", "Name the school’s designated safeguarding lead."),
    "provider_safeguarding_lead": ("care", "Name the provider’s designated safeguarding lead."),
    "vetting_confirmed_on": (
        "care",
        "Enter the day on which the provider confirmed its safeguarding checks in writing.",
    ),
    "attendance_reported_by": ("care", "Say who reports an absence, to whom and by when."),
    "data_sharing": ("care", "Say what information is shared, and how."),
}
"""What may be missing while a version is a draft, and not when it is offered: the step, and what to do."""


def missing(terms: Terms) -> dict[str, tuple[str, str]]:
    """What of `NEEDED` is not there yet, by field."""
    return {name: about for name, about in NEEDED.items() if getattr(terms, name) in ("", None, (), [])}


@dataclass(frozen=True, slots=True)
class Parties:
    """Between whom an agreement is, and about what, as the first section says it."""

    reference: str
    school_name: str
    provider_name: str
    council_name: str
    framework_title: str
    framework_reference: str
    lot_number: str
    lot_title: str
    service_title: str
    referral_reference: str
    year_group: int
    school_kind: str = "school"
    block_id: int | None = None
    paid_by: str | None = None
    bought_until: date | None = None

    @property
    def side(self) -> str:
        """What whoever commissions is: 'school', or 'council' where it places a child itself."""
        return "council" if self.school_kind == "council" else "school"

    def bought(self, starts_on: date) -> str:
        """From which purchase the place is, and who pays for it, in a version that counts from a day; empty
        by any other route, and once the purchase is over."""
        if self.bought_until is None or starts_on > self.bought_until:
            return ""
        return f"From purchase {self.block_id}, paid by {self.paid_by}"


def content_of(parties: Parties, number: int, reason: str, terms: Terms) -> Content:
    """All that a version says, in the words that are shown and signed. No name of a child stands in it."""
    return [
        _section(
            "parties",
            "Who agrees, and about what",
            ("reference", "Agreement", f"{parties.reference}, version {number}"),
            ("reason", "Why this version", reason),
            ("school", parties.side.capitalize(), parties.school_name),
            ("provider", "Provider", parties.provider_name),
            ("service", "Service", parties.service_title),
            ("lot", "Lot", f"Lot {parties.lot_number}: {parties.lot_title}"),
            (
                "framework",
                "Framework",
                f"{parties.framework_title} ({parties.framework_reference}), {parties.council_name}",
            ),
            (
                "child",
                "Child",
                f"The child of referral {parties.referral_reference}, year {parties.year_group}",
            ),
        ),
        _section(
            "times",
            STEPS["times"],
            ("starts_on", "First day", uk_date(terms.first_day, weekday=True)),
            (
                "counts_from",
                "This version counts from",
                uk_date(terms.starts_on, weekday=True) if terms.began_on else "",
            ),
            (
                "ends_on",
                "Last day",
                f"{uk_date(terms.ends_on, weekday=True)} ({plural(terms.weeks, 'week')})",
            ),
            ("longest_weeks", "Longest period", longest_words(terms)),
            ("sessions", "Half days", session_names(terms.sessions)),
            ("session_hours", "Length of a half day", plural_hours(terms.session_hours)),
            ("hours", "Hours a week", plural_hours(terms.hours)),
            ("site", "Where", terms.site),
            ("tier", "Tier", TIERS.get(terms.tier, "")),
        ),
        _section(
            "price",
            STEPS["price"],
            ("bought", "The place", parties.bought(terms.starts_on)),
            ("price", "Price", price_words(terms)),
            ("week_costs", "A full week costs", cost_words(terms)),
            ("price_covers", "The price covers", terms.price_covers),
            ("transport", "Transport", terms.transport),
        ),
        _section(
            "aims",
            STEPS["aims"],
            ("ehc_plan", "Education, health and care plan", EHC_PLANS.get(terms.ehc_plan, "")),
            ("objectives", "What the placement is to achieve", terms.objectives),
            (
                "baseline_attendance",
                "Attendance at the point of referral",
                f"{points(terms.baseline_attendance, 1)}%" if terms.baseline_attendance is not None else "",
            ),
            ("baseline", "Where the child starts from", terms.baseline),
            ("plan", "The plan", terms.plan),
            ("curriculum", "Subjects and qualifications", terms.curriculum),
            ("reviews_on", "Reviews", "; ".join(uk_date(day, weekday=True) for day in terms.reviews_on)),
            ("reintegration", "Ready to come back when", terms.reintegration),
        ),
        _section(
            "care",
            STEPS["care"],
            ("school_contact", f"Whom to call at the {parties.side}", terms.school_contact),
            (
                "school_safeguarding_lead",
                f"{parties.side.capitalize()}’s safeguarding lead",
                terms.school_safeguarding_lead,
            ),
            ("provider_safeguarding_lead", "Provider’s safeguarding lead", terms.provider_safeguarding_lead),
            (
                "vetting_confirmed_on",
                "Safeguarding checks confirmed in writing",
                uk_date(terms.vetting_confirmed_on, empty=""),
            ),
            ("attendance_reported_by", "Attendance", terms.attendance_reported_by),
            ("data_sharing", "Information that is shared", terms.data_sharing),
            ("notice_days", "Notice to end early", plural(terms.notice_days, "day")),
        ),
    ]


def sha256_of(content: Content) -> str:
    """The SHA-256 of a content, as both sign it: of its JSON, keys in order, without spaces."""
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def without_the_child(content: Content) -> Content:
    """A content without what speaks of the child: why a version varies the one before it, and its aims; the
    days of the reviews stay."""
    return [
        {
            **section,
            "rows": [
                row
                for row in section["rows"]
                if row[0] != "reason" and (section["code"] != OF_THE_CHILD or row[0] == "reviews_on")
            ],
        }
        for section in content
    ]


def longest_words(terms: Terms) -> str:
    """After how many weeks it ends at the latest, in words; empty while nobody has said."""
    if terms.longest_weeks is None:
        return ""
    return f"{plural(terms.longest_weeks, 'week')} from the first day, all changes included"


def price_words(terms: Terms) -> str:
    """'£95 a day, without VAT'; empty without a price."""
    if terms.price is None:
        return ""
    return f"{money(terms.price)} {PRICE_UNITS[terms.price_unit]}, without VAT"


def cost_words(terms: Terms) -> str:
    """What a full week costs, in words; empty without a price."""
    return "" if terms.week_costs is None else f"{money(terms.week_costs)}, without VAT"


def plural_hours(hours: Decimal) -> str:
    """'2.5 hours', '1 hour'."""
    said = points(hours, 1)
    return f"{said} hour{'' if said == '1' else 's'}"


def _section(code: str, title: str, *rows: tuple[str, str, str]) -> dict[str, Any]:
    return {"code": code, "title": title, "rows": [list(row) for row in rows if row[2] or row[0] in NEEDED]}
