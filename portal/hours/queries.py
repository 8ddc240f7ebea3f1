"""What is agreed in hours at each provider, registration cases, and the figures that count."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import RowMapping, func, select, text

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import NotFound
from portal.hours.agreed import AGREED, BY_CHILD, BY_PROVIDER, CHILD_KEY, PROVIDER_FACTS
from portal.hours.models import FINDINGS, FINDINGS_OF_CHILD, HoursRule, RegistrationCase
from portal.hours.rules import Rules
from portal.tasks import Task, Waiting

PAGE_SIZE = 20
MOST_LONG = 50
ONE_CHILD = "The week of one child"
# Over `known`, a case of the same provider or child, and `now`, the facts of a day: `RegistrationCase`.
_SAYS_SO = "(known.state = 'open' OR (now.facts <@ known.facts AND now.day <= known.settled_until))"
LEVELS = {2: "At the test", 1: "Near the test", 0: ""}


@dataclass(frozen=True, slots=True)
class AtProvider:
    """Hours a week agreed at one provider, on the day that matters most from today on.

    `children` and `hours` all of them together, `most` those of one child; `full_time` how many count as
    full-time, `protected` how many of those have a plan or are looked after. `level` 2: the figures meet the
    test, 1: they are near it.
    """

    provider_id: int
    provider: str
    day: date
    children: int
    hours: Decimal
    most: Decimal
    full_time: int
    protected: int
    level: int
    case_id: int | None

    @property
    def words(self) -> str:
        """The level in words; empty where nothing is near."""
        return LEVELS[self.level]


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its page shows it: about a provider, or about a child, of whom no name is shown."""

    id: int
    provider_id: int | None
    provider: str | None
    child_id: int | None
    state: str
    day: date
    full_time: int
    protected: int
    hours: Decimal
    agreed_hours: Decimal | None
    clashes: int
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    finding: str
    note: str
    settled_until: date | None

    @property
    def shown_day(self) -> date:
        """The day whose agreements its page shows: of an open case none that has passed."""
        return max(self.day, clock.today()) if self.state == "open" else self.day

    @property
    def about(self) -> str:
        """What it is about, as a title."""
        return self.provider or ONE_CHILD

    @property
    def findings(self) -> Mapping[str, str]:
        """What can be found of it."""
        return FINDINGS_OF_CHILD if self.child_id else FINDINGS


def rules_in_force() -> Rules:
    """The council's figures that count now."""
    row = db.session.execute(
        select(*(getattr(HoursRule, each.name) for each in fields(Rules)))
        .order_by(HoursRule.id.desc())
        .limit(1)
    ).one()
    return Rules(*row)


def intensive_weeks() -> int:
    """Within how many weeks the council means an intensive placement to end."""
    return rules_in_force().intensive_weeks


def rules_before(most: int = 20) -> Sequence[RowMapping]:
    """What counted when, the newest first: the figures, `set_at` and `set_by` (None: the portal's own)."""
    return (
        db.session.execute(
            select(
                *(getattr(HoursRule, each.name) for each in fields(Rules)),
                HoursRule.set_at,
                Person.name.label("set_by"),
            )
            .outerjoin(Person, Person.id == HoursRule.set_by_id)
            .order_by(HoursRule.id.desc())
            .limit(most)
        )
        .mappings()
        .all()
    )


def at_providers(viewer: Actor, page: int) -> tuple[list[AtProvider], int]:
    """A page of providers with agreed hours outside registered schools, those at or near the test first: of
    those that a framework of the viewer's council has admitted."""
    found = db.session.execute(
        text(
            f"WITH {AGREED}, {BY_PROVIDER}"
            " SELECT found.provider_id, organisation.name, found.day, found.children, found.hours,"
            "        found.most, found.full_time, found.protected, found.level, open_case.id,"
            "        count(*) OVER ()"
            " FROM by_provider AS found JOIN organisation ON organisation.id = found.provider_id"
            " LEFT JOIN registration_case AS open_case ON open_case.provider_id = found.provider_id"
            "   AND open_case.state = 'open' AND open_case.council_id = :council"
            " WHERE EXISTS (SELECT FROM standing JOIN lot ON lot.id = standing.lot_id"
            "   JOIN framework ON framework.id = lot.framework_id"
            "   WHERE standing.provider_id = found.provider_id AND framework.council_id = :council)"
            " ORDER BY found.level DESC, found.full_time DESC, found.most DESC, organisation.name"
            " LIMIT :size OFFSET :skip"
        ),
        _figures() | {"council": viewer.organisation_id, "size": PAGE_SIZE, "skip": (page - 1) * PAGE_SIZE},
    ).all()
    return [AtProvider(*row[:-1]) for row in found], (found[0][-1] if found else 0)


def if_agreed(version_id: int, rules: Rules) -> tuple[int, bool]:
    """How near the provider of a version would be to the test by these rules if it were agreed (`LEVELS`),
    and whether another commissioner has agreed hours for the same child in its term. One statement."""
    row = db.session.execute(
        text(
            f"WITH {AGREED}, {BY_PROVIDER},"
            " proposed AS (SELECT agreement.* FROM placement_agreement AS agreement"
            "   JOIN agreement_version AS version ON version.agreement_id = agreement.id"
            "   WHERE version.id = :proposed)"
            " SELECT (SELECT level FROM by_provider JOIN proposed USING (provider_id)) AS level, EXISTS ("
            "   SELECT FROM agreed AS mine JOIN proposed ON proposed.id = mine.agreement_id"
            "   JOIN agreed AS other ON other.child_key = mine.child_key"
            "     AND other.school_id <> mine.school_id"
            "     AND other.starts_on <= mine.ends_on AND other.ends_on >= mine.starts_on) AS elsewhere"
        ),
        _figures(rules) | {"proposed": version_id},
    ).one()
    return row.level or 0, row.elsewhere


def providers_at_the_test() -> Sequence[RowMapping]:
    """Those whose hours meet the test on some day from today on, unless a case says so already.

    Columns: provider_id, day, full_time, protected; council_id, that of the framework that admitted them.
    """
    return (
        db.session.execute(
            text(
                f"WITH {AGREED}, {BY_PROVIDER}, {PROVIDER_FACTS},"
                " unknown AS ("
                "   SELECT DISTINCT ON (provider_id) by_day.*"
                "   FROM by_day JOIN provider_facts AS now USING (provider_id, day)"
                "   WHERE level = 2 AND NOT EXISTS ("
                "     SELECT FROM registration_case AS known"
                f"    WHERE known.provider_id = by_day.provider_id AND {_SAYS_SO}"
                "   )"
                "   ORDER BY provider_id, (full_time + protected) DESC, day"
                " )"
                " SELECT DISTINCT ON (unknown.provider_id) unknown.provider_id, day,"
                "        unknown.full_time, unknown.protected, framework.council_id"
                " FROM unknown"
                " JOIN standing ON standing.provider_id = unknown.provider_id"
                " JOIN lot ON lot.id = standing.lot_id JOIN framework ON framework.id = lot.framework_id"
                " ORDER BY unknown.provider_id, framework.id DESC"
            ),
            _figures(),
        )
        .mappings()
        .all()
    )


def long_placements(viewer: Actor) -> Sequence[RowMapping]:
    """Placements under the viewer's council's frameworks that are longer and fuller than its time limits:
    running or to come.

    Columns: agreement_id, reference, provider, school, starts_on (the first version's), ends_on, sessions
    (how many), weeks. A variation that makes a placement longer counts from where the placement began.
    """
    rules = rules_in_force()
    return (
        db.session.execute(
            text(
                f"WITH {AGREED}"
                " SELECT agreement_id, agreed.reference, provider.name AS provider, school.name AS school,"
                "        agreed.first_day AS starts_on, agreed.ends_on,"
                "        cardinality(agreed.sessions) AS sessions,"
                "        ceil((agreed.ends_on - agreed.first_day + 1) / 7.0)::integer AS weeks"
                " FROM agreed JOIN organisation AS provider ON provider.id = agreed.provider_id"
                " JOIN organisation AS school ON school.id = agreed.school_id"
                " JOIN service ON service.id = agreed.service_id"
                " JOIN standing ON standing.id = service.standing_id JOIN lot ON lot.id = standing.lot_id"
                " JOIN framework ON framework.id = lot.framework_id AND framework.council_id = :council"
                " WHERE agreed.ends_on >= :today AND agreed.ends_on >= agreed.starts_on"
                "   AND NOT agreed.registered_school AND cardinality(agreed.sessions) > :part_time"
                "   AND agreed.ends_on - agreed.first_day + 1 > 7 * :weeks"
                " ORDER BY agreed.ends_on DESC, agreement_id LIMIT :most"
            ),
            {
                "proposed": None,
                "council": viewer.organisation_id,
                "today": clock.today(),
                "part_time": rules.part_time_sessions,
                "weeks": rules.intensive_weeks,
                "most": MOST_LONG,
            },
        )
        .mappings()
        .all()
    )


def case_for(viewer: Actor, case_id: int) -> Case:
    """A case of the viewer's council. Raises `NotFound`."""
    row = db.session.execute(
        select(
            RegistrationCase.id,
            RegistrationCase.provider_id,
            Organisation.name,
            RegistrationCase.child_id,
            RegistrationCase.state,
            RegistrationCase.day,
            RegistrationCase.full_time,
            RegistrationCase.protected,
            RegistrationCase.hours,
            RegistrationCase.agreed_hours,
            RegistrationCase.clashes,
            RegistrationCase.opened_at,
            RegistrationCase.closed_at,
            Person.name,
            RegistrationCase.finding,
            RegistrationCase.note,
            RegistrationCase.settled_until,
        )
        .outerjoin(Organisation, Organisation.id == RegistrationCase.provider_id)
        .outerjoin(Person, Person.id == RegistrationCase.closed_by_id)
        .where(RegistrationCase.id == case_id, RegistrationCase.council_id == viewer.organisation_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return Case(*row)


def facts_on(day: date, *, provider_id: int | None, child_id: int | None) -> list[str]:
    """What counts on a day at a provider, or for a child, as `RegistrationCase.facts` keeps it. One
    statement; the caller has checked who may read of them."""
    if provider_id:
        query = (
            f"WITH {AGREED}, {BY_PROVIDER}, {PROVIDER_FACTS}"
            " SELECT facts FROM provider_facts WHERE provider_id = :about AND day = :today"
        )
    else:
        query = (
            f"WITH {AGREED}, {BY_CHILD} SELECT facts FROM child_beyond WHERE day = :today"
            f" AND child_key = (SELECT {CHILD_KEY} FROM child WHERE id = :about)"
        )
    found = db.session.scalars(
        text(query), _figures() | {"today": day, "about": provider_id or child_id}
    ).one_or_none()
    return found or []


def closed_cases(viewer: Actor, most: int = 20) -> Sequence[RowMapping]:
    """The viewer's council's closed cases, the newest first: id, about, closed_at, finding."""
    return (
        db.session.execute(
            select(
                RegistrationCase.id,
                func.coalesce(Organisation.name, ONE_CHILD).label("about"),
                RegistrationCase.closed_at,
                RegistrationCase.finding,
            )
            .outerjoin(Organisation, Organisation.id == RegistrationCase.provider_id)
            .where(RegistrationCase.council_id == viewer.organisation_id, RegistrationCase.state == "closed")
            .order_by(RegistrationCase.closed_at.desc(), RegistrationCase.id.desc())
            .limit(most)
        )
        .mappings()
        .all()
    )


def children_beyond() -> Sequence[RowMapping]:
    """Children whose agreements of all commissioners together need a look, unless a case says so already.

    Columns: child_id, day, hours, protected, full_time, clashes; council_id, that of a framework under which
    one of them was agreed.
    """
    return (
        db.session.execute(
            text(
                f"WITH {AGREED}, {BY_CHILD},"
                " unknown AS ("
                "   SELECT DISTINCT ON (child_key) * FROM child_beyond AS now"
                "   WHERE NOT EXISTS ("
                "     SELECT FROM registration_case AS known JOIN child ON child.id = known.child_id"
                f"    WHERE {CHILD_KEY} = now.child_key AND {_SAYS_SO}"
                "   )"
                "   ORDER BY child_key, clashes DESC, hours DESC, day"
                " )"
                " SELECT child_id, day, hours, protected, full_time, clashes, framework.council_id"
                " FROM unknown JOIN service ON service.id = service_id"
                " JOIN standing ON standing.id = service.standing_id JOIN lot ON lot.id = standing.lot_id"
                " JOIN framework ON framework.id = lot.framework_id"
            ),
            _figures(),
        )
        .mappings()
        .all()
    )


def open_children(viewer: Actor) -> Sequence[RowMapping]:
    """The viewer's council's open cases about children, the oldest first: id, agreed_hours, clashes,
    opened_at."""
    return (
        db.session.execute(
            select(
                RegistrationCase.id,
                RegistrationCase.agreed_hours,
                RegistrationCase.clashes,
                RegistrationCase.opened_at,
            )
            .where(RegistrationCase.council_id == viewer.organisation_id, RegistrationCase.state == "open")
            .where(RegistrationCase.child_id.is_not(None))
            .order_by(RegistrationCase.opened_at, RegistrationCase.id)
            .limit(MOST_LONG)
        )
        .mappings()
        .all()
    )


def hours_of(child_id: int, day: date) -> Sequence[RowMapping]:
    """Who has a child when, over all who commission for it, on a day: for the council's officers, without its
    name.

    Columns: reference, provider, school, sessions, hours, ends_on, registered_school.
    """
    return (
        db.session.execute(
            text(
                f"WITH {AGREED}"
                " SELECT agreed.reference, provider.name AS provider, school.name AS school, sessions, hours,"
                "        ends_on, registered_school"
                " FROM agreed JOIN organisation AS provider ON provider.id = agreed.provider_id"
                " JOIN organisation AS school ON school.id = agreed.school_id"
                f" WHERE child_key = (SELECT {CHILD_KEY} FROM child WHERE id = :child)"
                "   AND :day BETWEEN starts_on AND ends_on"
                " ORDER BY starts_on, agreement_id"
            ),
            {"proposed": None, "child": child_id, "day": day},
        )
        .mappings()
        .all()
    )


def hours_at(provider_id: int, day: date) -> Sequence[RowMapping]:
    """Whose hours those are: agreed at a provider on a day, outside registered schools.

    Columns: reference, school, year_group, hours, child (a number of the day, the same for one child at two
    schools), protected. No child is named.
    """
    return (
        db.session.execute(
            text(
                f"WITH {AGREED}"
                " SELECT reference, school.name AS school, year_group, hours,"
                "        dense_rank() OVER (ORDER BY child_key) AS child,"
                "        bool_or(protected) OVER (PARTITION BY child_key) AS protected,"
                "        sum(hours) OVER (PARTITION BY child_key) AS together"
                " FROM agreed JOIN organisation AS school ON school.id = agreed.school_id"
                " WHERE agreed.provider_id = :provider AND :day BETWEEN starts_on AND ends_on"
                "   AND NOT registered_school"
                " ORDER BY together DESC, child, reference"
            ),
            {"proposed": None, "provider": provider_id, "day": day},
        )
        .mappings()
        .all()
    )


def waiting_for(viewer: Actor) -> Waiting:
    """For whoever decides them: registration cases that are open."""
    if not viewer.may("hours:decide"):
        return Waiting()
    cases = db.session.execute(
        select(RegistrationCase.id, Organisation.name, RegistrationCase.opened_at)
        .outerjoin(Organisation, Organisation.id == RegistrationCase.provider_id)
        .where(RegistrationCase.council_id == viewer.organisation_id, RegistrationCase.state == "open")
        .order_by(RegistrationCase.opened_at, RegistrationCase.id)
        .limit(10)
    ).all()
    return Waiting(
        now=tuple(
            Task(
                sentence=f"The hours agreed at {name} may meet the test for registration as a school."
                if name
                else "The hours agreed for one child, by all who commission for it, need a look.",
                verb="Look at the case",
                endpoint="hours.show_case",
                values={"case_id": case_id},
                detail=f"Open since {clock.london(opened_at):%-d %B %Y}.",
            )
            for case_id, name, opened_at in cases
        )
    )


def _figures(rules: Rules | None = None) -> dict[str, Any]:
    """The rules (those in force) and today, as the SQL of `agreed` takes them."""
    said = asdict(rules or rules_in_force())
    names = ("full_time_hours", "near_hours", "pupils", "near_pupils")
    return {name: said[name] for name in names} | {"today": clock.today(), "proposed": None}
