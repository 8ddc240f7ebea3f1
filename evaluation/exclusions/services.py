"""Recording what somebody found when they looked at a tenderer, and refusing who is not clear."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.exclusions.models import ExclusionFinding
from evaluation.exclusions.parts import PARTS, grounds_for, parts_of
from evaluation.exclusions.queries import RECORDED_IN, Tenderer, first_not_clear
from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.database import transaction
from portal.directory.indexing import refresh_search_rows
from portal.directory.models import Standing
from portal.errors import Conflict, NotFound, Refusal
from portal.web.filters import plural
from tender.applications.closed_queries import refuse_closed
from tender.applications.models import Application
from tender.frameworks.models import Framework, Round

RESULTS: Mapping[str, str] = {
    "nothing_found": "Nothing found",
    "ground_applies": "A ground applies, or may apply",
    "refer": "Refer: somebody has to look again",
}

_WHERE = "see Exclusion checks on the round's page."
_listeners: list[Callable[[int, Actor], None]] = []
_standing_listeners: list[Callable[[int, Actor], None]] = []


class NotClear(Refusal):
    """A tenderer is recommended for admission that is not through the checks of exclusion grounds."""


class ChecksOver(Refusal):
    """The round's tender box is not open yet."""

    sentence = "Exclusion grounds are checked once the tender box is opened. This one is not open yet."


class FoundMeanwhile(Conflict):
    """Somebody recorded a finding on one of these parts after the page was drawn."""

    sentence = (
        "A colleague recorded a check while you had the page open. It is shown above the form: read it, then "
        "save again if yours is still needed."
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """What somebody looked at and found. The last four are for a ground that applies or may apply; `heard`
    is how the tenderer could answer before it is excluded."""

    result: str
    checked_on: date
    looked_at: str
    reasons: str
    ground: str = ""
    self_cleaning: str = ""
    excludes: bool | None = None
    heard: str = ""


def record_finding(
    *, application_id: int, parts: Sequence[str], found: Finding, seen: Mapping[str, int], by: Actor
) -> None:
    """Record what was found in one part, or that nothing was found (or all is referred) in several at once.

    `seen` gives the version of each part's newest finding on the page, 0 for none. The same finding sent
    twice is kept once. A tenderer that is not clear any more is told to whoever listens, and so is each of
    its standings that this excludes, or excludes no longer. Raises `NotFound`, also where the tender is
    closed to them, `NotDeclaredYet`, `ChecksOver`, `FoundMeanwhile`, and `Refusal` with the field that is
    wrong.
    """
    with transaction() as session:
        law = _locked_round_law(session, application_id, by)
        refuse_closed(by, application_id)
        kept = _checked(found, parts, law)
        newest = _newest_of(session, application_id)
        to_add = [part for part in parts if not _is_same(newest.get(part), kept, by)]
        if any((newest[part].version if part in newest else 0) != seen.get(part, 0) for part in to_add):
            raise FoundMeanwhile
        before = _standings_of(session, application_id)
        for part in to_add:
            session.add(
                ExclusionFinding(
                    application_id=application_id,
                    part=part,
                    version=seen.get(part, 0) + 1,
                    **asdict(kept),
                    recorded_at=clock.now(),
                    recorded_by_id=by.person_id or 0,
                )
            )
            record(
                "exclusion_finding.record", "application", application_id, by=by,
                part=part, result=kept.result, ground=kept.ground, excludes=kept.excludes,
            )  # fmt: skip
        session.flush()
        if to_add:  # the database has told the standings; the search follows
            _refresh_search_of(session, application_id)
        if to_add and first_not_clear([application_id]):
            for listener in _listeners:
                listener(application_id, by)
        for standing_id in sorted(dict(_standings_of(session, application_id) - before)):
            for listener in _standing_listeners:
                listener(standing_id, by)


def _refresh_search_of(session: Session, application_id: int) -> None:
    provider_id = session.scalar(select(Application.provider_id).where(Application.id == application_id))
    refresh_search_rows("service.provider_id = :provider_id", provider_id=provider_id)


def _standings_of(session: Session, application_id: int) -> set[tuple[int, bool]]:
    """Each standing of the tenderer, and whether it is excluded; by columns, as the database changes them
    behind whatever the session holds."""
    return {
        (standing_id, excluded)
        for standing_id, excluded in session.execute(
            select(Standing.id, Standing.excluded)
            .join(Application, Application.provider_id == Standing.provider_id)
            .where(Application.id == application_id)
        )
    }


def when_exclusion_moves(listener: Callable[[int, Actor], None]) -> None:
    """Call `listener(standing_id, by)` inside the transaction of every finding that excludes a standing, or
    ends that. Called when the application is put together."""
    if listener not in _standing_listeners:
        _standing_listeners.append(listener)


def when_no_longer_clear(listener: Callable[[int, Actor], None]) -> None:
    """Call `listener(application_id, by)` inside the transaction of every finding after which a tenderer is
    not clear. Called when the application is put together."""
    if listener not in _listeners:
        _listeners.append(listener)


def refuse_unless_clear(application_ids: Iterable[int], *, today: bool = False) -> None:
    """Raise `NotClear` naming the first of these tenderers that is not through every check (Procurement Act
    2023, section 45(6); Public Contracts Regulations 2015, on exclusion grounds). With `today` a check that
    is too old to count today (`Part.lasts`) is to be made again: so before letters go, and before an
    admission takes effect."""
    tenderer = first_not_clear(application_ids, today=today)
    if tenderer is not None:
        raise NotClear(_why_not(tenderer), field="outcome")


def _why_not(tenderer: Tenderer) -> str:
    if tenderer.excluded:
        return f"{tenderer.name} is excluded: a ground of exclusion applies. It cannot be admitted."
    if tenderer.referred:
        return (
            f"A check of {tenderer.name} for exclusion is referred. Somebody has to look again before it can "
            f"be admitted: {_WHERE}"
        )
    if tenderer.settled >= tenderer.needed:
        old = ", ".join(
            f"{part.title.lower()} (older than {plural(part.lasts, 'day')})"
            for part in PARTS.values()
            if part.code in tenderer.old
        )
        return (
            f"An exclusion check of {tenderer.name} was made so long ago that somebody has to look again "
            f"before it is admitted: {old}; {_WHERE}"
        )
    left = tenderer.needed - tenderer.settled
    return (
        f"{left} of {tenderer.needed} exclusion checks of {tenderer.name} "
        f"{'is' if left == 1 else 'are'} still to be made before it can be admitted: {_WHERE}"
    )


def _locked_round_law(session: Session, application_id: int, by: Actor) -> str:
    """The law of the application's round, which is locked. Raises `NotFound` and `ChecksOver`."""
    session.flush()
    row = session.execute(
        select(Round, Framework.legal_regime)
        .join(Framework, Framework.id == Round.framework_id)
        .join(Application, Application.round_id == Round.id)
        .where(
            Application.id == application_id,
            Application.state == "submitted",
            Framework.council_id == by.organisation_id,
        )
        .with_for_update(of=Round)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or not by.may("conformity:decide"):
        raise NotFound
    if row[0].state not in RECORDED_IN:
        raise ChecksOver
    return row[1]


def _newest_of(session: Session, application_id: int) -> dict[str, ExclusionFinding]:
    rows = session.scalars(
        select(ExclusionFinding)
        .where(ExclusionFinding.application_id == application_id)
        .order_by(ExclusionFinding.version)
    )
    return {row.part: row for row in rows}


def _is_same(newest: ExclusionFinding | None, kept: Finding, by: Actor) -> bool:
    """Whether this person has just recorded exactly this: the second press of a double click."""
    return (
        newest is not None
        and newest.recorded_by_id == by.person_id
        and all(getattr(newest, name) == value for name, value in asdict(kept).items())
    )


def _checked(found: Finding, parts: Sequence[str], law: str) -> Finding:
    """The finding as it is kept. Raises `Refusal` with the field that is wrong."""
    if not parts or not set(parts) <= {part.code for part in parts_of(law)}:
        raise Refusal("Choose what you checked.", field="parts")
    if found.result not in RESULTS:
        raise Refusal("Choose what you found.", field="result")
    if found.checked_on > clock.today():
        raise Refusal("The day of the check must be today or earlier.", field="checked_on")
    if not found.looked_at.strip():
        raise Refusal("Say what you looked at, so that somebody else could do it again.", field="looked_at")
    if not found.reasons.strip():
        raise Refusal("Give your reasons. A challenge would ask for them.", field="reasons")
    said = Finding(found.result, found.checked_on, found.looked_at.strip(), found.reasons.strip())
    return _with_ground(said, found, parts, law) if found.result == "ground_applies" else said


def _with_ground(said: Finding, found: Finding, parts: Sequence[str], law: str) -> Finding:
    if len(parts) > 1:
        raise Refusal("Record a ground under one check at a time.", field="parts")
    known = {code for grounds in grounds_for(parts[0], law).values() for code in grounds}
    if found.ground not in known:
        raise Refusal(f"Choose a ground that {PARTS[parts[0]].title.lower()} can be about.", field="ground")
    if not found.self_cleaning.strip():
        raise Refusal(
            "Say what the tenderer has done about it and how you weighed that, even if it was nothing.",
            field="self_cleaning",
        )
    if found.excludes is None:
        raise Refusal("Say whether the tenderer is excluded.", field="excludes")
    if found.excludes and not found.heard.strip():
        # The Procurement Act 2023, section 58, lets nobody be excluded before they could make representations
        # and give evidence; under the earlier regulations a tenderer may show its self-cleaning as well.
        raise Refusal(
            "Say when and how the tenderer could answer, and what it said. Nobody is excluded unheard.",
            field="heard",
        )
    return replace(
        said,
        ground=found.ground,
        self_cleaning=found.self_cleaning.strip(),
        excludes=found.excludes,
        heard=found.heard.strip(),
    )
