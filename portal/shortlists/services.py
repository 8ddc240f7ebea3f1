"""Freezing a search, deciding on what was found, signing, and letting go."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, insert, select, text

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import Doer, record
from portal.database import db, transaction
from portal.directory.identifiers import identifier_in
from portal.directory.queries import search
from portal.directory.search import SearchCriteria
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused, move
from portal.shortlists.evidence import MOST_KEPT, address_without_home, digest_of, found_by, record_of
from portal.shortlists.lifecycle import SHORTLIST
from portal.shortlists.models import Shortlist, ShortlistChoice
from portal.web.words import count_words

LONGEST_LABEL = 100  # characters
LONGEST_REASON = 60  # words
VERDICTS = ("kept", "left_out")
_KEPT_LONG = "Shortlists are kept for years, so they must not say who a child is."


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody decided on the service at a place of the list; an empty `verdict` leaves it open."""

    place: int
    verdict: str = ""
    reason: str = ""


class ChoicesRefused(Refusal):
    """Something is wrong with some choices. `problems` has a sentence for each of these places."""

    def __init__(self, problems: dict[int, str]) -> None:
        self.problems = problems
        super().__init__(next(iter(problems.values())))


def freeze_search(*, criteria: SearchCriteria, address: str, label: str, token: UUID, by: Actor) -> Shortlist:
    """Search now and keep the first MOST_KEPT results in words, for the actor's school.

    The same `token` sent again gives the shortlist that it made. Raises `NotFound` for who may not keep any,
    and `Refusal` for a label that is too long, or a label or words that could say who a child is.
    """
    if not by.may("shortlist:keep") or by.organisation_id is None or by.person_id is None:
        raise NotFound()
    if len(label.strip()) > LONGEST_LABEL:
        raise Refusal(f"Use {LONGEST_LABEL} characters or fewer.", field="label")
    if problem := identifier_in(label, because=_KEPT_LONG):
        raise Refusal(problem, field="label")
    if problem := identifier_in(criteria.words, because=f"{_KEPT_LONG} Search again without it."):
        raise Refusal(problem)
    with transaction() as session:
        # Two clicks at once: the second waits here, and then finds what the first has made.
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"shortlist {token}"))))
        if made := session.scalar(_made_with(token, by)):
            return made
        at = clock.now()
        result = search(criteria.but(page=1, size=MOST_KEPT))
        found = found_by(criteria, result, school=by.organisation_name, by=by.signature, at=at)
        shortlist = Shortlist(
            token=token,
            school_id=by.organisation_id,
            label=label.strip(),
            address=address_without_home(address, criteria),
            found=found,
            sha256=digest_of(found),
            frozen_at=at,
            frozen_by_id=by.person_id,
        )
        session.add(shortlist)
        session.flush()
        listed = [
            {"shortlist_id": shortlist.id, "place": place, "service_id": hit.service.id}
            for place, hit in enumerate(result.hits, 1)
        ]
        if listed:
            session.execute(insert(ShortlistChoice), listed)
        record(
            "shortlist.freeze", "shortlist", shortlist.id, by=by, listed=len(listed), sha256=shortlist.sha256
        )
    return shortlist


def decide(
    *,
    shortlist_id: int,
    version: int,
    choices: Iterable[Choice],
    reason_for_all: str = "",
    leave_out_rest: bool = False,
    by: Actor,
) -> None:
    """Keep what was decided on each service of a draft.

    `reason_for_all` is the reason of all that are left out without one of their own; with `leave_out_rest`
    whatever is not decided is left out as well. Raises `NotFound`, `MoveRefused` when it is signed,
    `Conflict` when somebody else saved after `version`, and `ChoicesRefused` for missing or long reasons or
    those that could say who a child is.
    """
    common = reason_for_all.strip()
    _check_common(common, leave_out_rest)
    wanted = {each.place: _completed(each, common, leave_out_rest) for each in choices}
    if problems := {
        place: problem for place, each in wanted.items() if (problem := _problem_of(each)) is not None
    }:
        raise ChoicesRefused(problems)
    with transaction() as session:
        shortlist = _draft(shortlist_id, version, by)
        rows = session.scalars(
            select(ShortlistChoice).where(ShortlistChoice.shortlist_id == shortlist_id)
        ).all()
        for row in rows:
            if each := wanted.get(row.place):
                row.verdict, row.reason = each.verdict or None, each.reason
        shortlist.version += 1
        record(
            "shortlist.decide",
            "shortlist",
            shortlist_id,
            by=by,
            kept=sum(row.verdict == "kept" for row in rows),
            left_out=sum(row.verdict == "left_out" for row in rows),
        )


def close_shortlist(*, shortlist_id: int, version: int, by: Actor) -> None:
    """Sign a draft in which everything is decided. Signed twice by the same person it is signed once.

    Raises `NotFound`, `MoveRefused` when somebody else has signed it, `Conflict` when it was changed after
    `version`, and `Refusal` while a service waits to be decided on.
    """
    with transaction() as session:
        signed = session.get(Shortlist, shortlist_id)
        if signed is not None and (signed.state, signed.closed_by_id) == ("closed", by.person_id):
            return  # a second click
        shortlist = _draft(shortlist_id, version, by)
        choices = session.execute(
            select(ShortlistChoice.place, ShortlistChoice.verdict, ShortlistChoice.reason)
            .where(ShortlistChoice.shortlist_id == shortlist_id)
            .order_by(ShortlistChoice.place)
        ).all()
        if any(verdict is None for _, verdict, _ in choices):
            raise Refusal("Decide on every service before you sign: keep it, or leave it out with a reason.")
        at = clock.now()
        said = record_of(
            shortlist.found,
            label=shortlist.label,
            choices=[(place, str(verdict), reason) for place, verdict, reason in choices],
            signed_by=by.signature,
            signed_at=at,
        )
        shortlist.closed_by_name, shortlist.closed_sha256 = by.signature, digest_of(said)
        move(SHORTLIST, shortlist, "close", by=by, sha256=shortlist.closed_sha256)
        shortlist.closed_at = at  # the moment that the digest holds


def remove_draft(*, shortlist_id: int, by: Actor) -> None:
    """Throw a draft away. Raises `NotFound`, and `MoveRefused` when it is signed."""
    with transaction() as session:
        shortlist = _locked(shortlist_id)
        _require_own_draft(shortlist, by)
        record("shortlist.remove", "shortlist", shortlist_id, by=by, sha256=shortlist.sha256)
        session.delete(shortlist)


def erase_shortlist(shortlist_id: int, *, by: Doer) -> None:
    """Let a shortlist go whose period is over, signed or not. Raises `NotFound`.

    The database lets a signed one go for this alone, by the word `portal.erasing`.
    """
    with transaction() as session:
        shortlist = _locked(shortlist_id)
        word = text("SELECT set_config('portal.erasing', :word, true)")
        session.execute(word, {"word": f"shortlist {shortlist_id}"})
        record("shortlist.erase", "shortlist", shortlist_id, by=by)
        session.delete(shortlist)
        session.flush()
        session.execute(word, {"word": ""})


def _made_with(token: UUID, by: Actor) -> Select[tuple[Shortlist]]:
    return select(Shortlist).where(Shortlist.token == token, Shortlist.school_id == by.organisation_id)


def _locked(shortlist_id: int) -> Shortlist:
    found = db.session.get(Shortlist, shortlist_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise NotFound()
    return found


def _require_own_draft(shortlist: Shortlist, by: Actor) -> None:
    if not by.may("shortlist:keep") or shortlist.school_id != by.organisation_id:
        raise NotFound()
    if not SHORTLIST.allows("close", shortlist.state):
        raise MoveRefused(SHORTLIST["close"].refusal)


def _draft(shortlist_id: int, version: int, by: Actor) -> Shortlist:
    """A draft of the actor's school as the actor saw it, locked."""
    shortlist = _locked(shortlist_id)
    _require_own_draft(shortlist, by)
    if shortlist.version != version:
        raise Conflict(
            "A colleague has saved this shortlist since you opened the page. Open it again and compare."
        )
    return shortlist


def _check_common(reason: str, leave_out_rest: bool) -> None:
    if problem := _problem_of_words(reason):
        raise Refusal(problem, field="reason_for_all")
    if leave_out_rest and not reason:
        raise Refusal("Give the reason why the others are left out.", field="reason_for_all")


def _completed(choice: Choice, common: str, leave_out_rest: bool) -> Choice:
    """A choice with what is said for several at once."""
    verdict, reason = choice.verdict, choice.reason.strip()
    if not verdict and leave_out_rest:
        verdict = "left_out"
    if verdict == "left_out" and not reason:
        reason = common
    return Choice(choice.place, verdict, reason)


def _problem_of(choice: Choice) -> str | None:
    if choice.verdict and choice.verdict not in VERDICTS:
        return "Choose to keep it or to leave it out."
    if choice.verdict == "left_out" and not choice.reason:
        return "Say why it is left out."
    return _problem_of_words(choice.reason)


def _problem_of_words(reason: str) -> str | None:
    if count_words(reason) > LONGEST_REASON:
        return f"Use {LONGEST_REASON} words or fewer for a reason."
    return identifier_in(reason, because=_KEPT_LONG)
