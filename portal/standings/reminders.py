"""Letters about standings that close to new children by themselves, because evidence or a term runs out.

30 and 7 days before and on the last day, the provider is written to, once each. The day after, whoever
listens (`when_one_lapses`) tells the schools with a child there. The closing itself needs no job: it is a
comparison with today, at every search and every referral.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sqlalchemy import and_, case, exists, literal, or_
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.accounts.models import Organisation
from portal.accounts.queries import members_with_permission
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.directory.models import Standing
from portal.mail.services import write_to_each
from portal.standings.evidence_queries import asked_of
from portal.standings.letters import closing
from portal.standings.models import RULES, StandingLapse, StandingReminder
from portal.standings.queries import StandingLine, lines
from portal.web.filters import uk_date
from portal.worker import Job

LATE = timedelta(days=7)
"""How long after a term has ended schools are still told, should nobody have run this in time."""
AT_MOST = 200  # standings a round
_OPEN = ("conditional", "admitted", "suspended_new", "suspended")
_TAUGHT = ("conditional", "admitted", "suspended_new")

Listener = Callable[[StandingLine, Doer], object]
_listeners: list[Listener] = []


def when_one_lapses(listener: Listener) -> None:
    """Call `listener(standing, by)` in the transaction that notes that a standing under which children may be
    taught has closed."""
    if listener not in _listeners:
        _listeners.append(listener)


def remind(*, portal_url: str, by: Doer) -> int:
    """Write the letters that are due today and return how many. Run as often as you like.

    Of several rules that have passed only the nearest counts. A provider's standings that close on the same
    day stand in one letter.
    """
    today, written = clock.today(), 0
    with transaction():
        together: dict[tuple[int, date, int], list[StandingLine]] = defaultdict(list)
        for line, rule in _closing(today):
            together[line.provider_id, line.open_until, rule].append(line)
        for (provider_id, open_until, rule), standings in together.items():
            written += _write(provider_id, open_until, rule, standings, portal_url, by)
    return written + _note_lapses(today, by)


def _closing(today: date) -> list[tuple[StandingLine, int]]:
    """Standings that close within the longest rule, each with the rule that is due and not yet written."""
    days_left = Standing.open_until - literal(today)
    rule = case(*((days_left <= rule, rule) for rule in sorted(RULES)))
    sent = exists().where(
        StandingReminder.provider_id == Standing.provider_id,
        StandingReminder.open_until == Standing.open_until,
        StandingReminder.rule == rule,
    )
    rows = db.session.execute(
        lines()
        .add_columns(rule)
        .where(Standing.state.in_(_OPEN), Organisation.state == "checked", ~sent)
        .where(Standing.open_until.between(today, today + timedelta(days=max(RULES))))
        .order_by(Standing.open_until, Standing.id)
        .limit(AT_MOST)
        .with_for_update(of=Standing, skip_locked=True)
    ).all()
    return [(StandingLine(*row[:-1]), row[-1]) for row in rows]


def _write(
    provider_id: int,
    open_until: date,
    rule: int,
    standings: Sequence[StandingLine],
    portal_url: str,
    by: Doer,
) -> int:
    words = closing(
        _with_what_runs_out(standings),
        open_until=open_until,
        address=f"{portal_url}/your-standing",
    )
    written = 0
    for person in members_with_permission(provider_id, "standing:follow"):
        entered = db.session.scalar(
            insert(StandingReminder)
            .values(
                provider_id=provider_id,
                open_until=open_until,
                rule=rule,
                person_id=person["person_id"],
                written_at=clock.now(),
            )
            .on_conflict_do_nothing()
            .returning(StandingReminder.person_id)
        )
        if entered is None:
            continue
        write_to_each(
            [person],
            words,
            key=f"standings:{provider_id}:{open_until}:{rule}",
            subject_type="standing",
            subject_id=standings[0].id,
            organisation_id=provider_id,
            by=by,
        )
        written += 1
    return written


def _with_what_runs_out(standings: Sequence[StandingLine]) -> list[tuple[StandingLine, list[str]]]:
    """Each with the documents that close it; with none where its term ends."""
    asked = asked_of(standings)
    return [
        (
            each,
            [
                f"{kind.name}, {'valid until' if kind.checked else 'asked for after'} {uk_date(kind.until)}"
                for kind in asked[each.id]
                if kind.until == each.open_until < each.ends_on
            ],
        )
        for each in standings
    ]


def _note_lapses(today: date, by: Doer) -> int:
    """Note every standing that has closed since, unless it is suspended, and let the listeners tell others of
    it: where new children are suspended too, children are taught whose school has to know."""
    noted = 0
    with transaction() as session:
        told = exists().where(
            and_(StandingLapse.standing_id == Standing.id, StandingLapse.open_until == Standing.open_until)
        )
        rows = session.execute(
            lines()
            .where(Standing.state.in_(_TAUGHT), Standing.open_until < today, ~told)
            # A document that is found wrong closes a standing from a day long past.
            .where(or_(Standing.open_until >= today - LATE, Standing.evidence_until == Standing.open_until))
            .order_by(Standing.id)
            .limit(AT_MOST)
            .with_for_update(of=Standing, skip_locked=True)
        ).all()
        for row in rows:
            line = StandingLine(*row)
            session.add(StandingLapse(standing_id=line.id, open_until=line.open_until, told_at=clock.now()))
            record("standing.lapse", "standing", line.id, by=by, open_until=line.open_until.isoformat())
            for listener in _listeners:
                listener(line, by)
            noted += 1
    return noted


CLOSINGS = Job(
    "write of standings that close",
    lambda settings, by: remind(portal_url=settings.public_url, by=by),
    pause=60 * 60,
    delay=60,
)
