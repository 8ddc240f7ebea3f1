"""Starting, answering, opening, marking and concluding mini-competitions.

`portal_url` is the address under which people reach the portal, for the links in letters.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.services import record
from portal.call_offs.models import CallOff
from portal.call_offs.queries import routes_of_referral, routes_open_for
from portal.call_offs.routes import require_time
from portal.call_offs.services import call_off
from portal.commissioning.answer_services import offer_on
from portal.commissioning.models import Referral
from portal.commissioning.offers import Offer, check_offer, check_price
from portal.commissioning.queries import profile_for
from portal.commissioning.release_services import lock_request
from portal.commissioning.services import send_referral
from portal.commissioning.telling import address_of, locked_referral, tell
from portal.competitions import letters
from portal.competitions.closing import closes_at
from portal.competitions.criteria import CRITERIA, HIGHEST, MARKED
from portal.competitions.lifecycle import COMPETITION
from portal.competitions.models import Competition, Entry, EntryMark
from portal.competitions.queries import answers_in, competition_for, going_on, ranking_of
from portal.database import db, transaction
from portal.directory.identifiers import identifier_in
from portal.directory.models import Service
from portal.errors import Conflict, NotFound, Refusal
from portal.lifecycle import MoveRefused, move
from portal.web.filters import points, uk_datetime
from portal.web.words import count_words

FEWEST, MOST = 2, 8
"""How many providers compete."""
LONGEST_REASON = 100  # words


class Sealed(Conflict):
    """Answers are opened together, not before the close."""


class Closed(Conflict):
    """The time to answer is over."""

    @classmethod
    def at(cls, moment: datetime) -> "Closed":
        """With the moment at which it ended."""
        return cls(
            f"The mini-competition closed at {uk_datetime(moment)}, before this reached us. It is not kept. "
            "What you typed stands below, so that you can copy it."
        )


class Decides(Conflict):
    """What the providers were promised is how the choice is made."""

    sentence = (
        "A mini-competition decides for this child. Conclude it, or end it and say why, before you choose by "
        "another route."
    )


class GoingOn(Conflict):
    """A child has one competition at a time."""

    sentence = "A mini-competition for this child is going on already. Conclude it before you start another."


def start_competition(*, like: int, service_ids: Sequence[int], portal_url: str, by: Actor) -> Competition:
    """Invite these services to compete for the child of a referral of one's own school.

    Whoever was asked before and has not answered joins with that referral; others are sent one. Raises
    `NotFound`, `CannotWait` in an emergency, `GoingOn`, `Refusal` for too few or too many services or a
    closed route, and what `portal.commissioning.services.send_referral` raises.
    """
    profile, request_id = profile_for(by, like)
    require_time("mini_competition", routes_of_referral(like), urgent=profile.urgent)
    chosen = list(dict.fromkeys(service_ids))
    if not FEWEST <= len(chosen) <= MOST:
        raise Refusal(f"Choose {FEWEST} to {MOST} services that compete.", field="services")
    started = clock.now()
    until = closes_at(started)
    with transaction() as session:
        asked = {each.service_id: each for each in lock_request(request_id, by)}
        _check_start(request_id, chosen, asked)
        competition = Competition(
            request_id=request_id,
            school_id=by.organisation_id,
            days_a_week=profile.days_a_week,
            sessions_wanted=list(profile.sessions_wanted),
            start_wanted_on=profile.start_wanted_on,
            started_at=started,
            started_by_id=by.person_id,
            closes_at=until,
        )
        session.add(competition)
        try:
            session.flush()
        except IntegrityError:
            raise GoingOn() from None
        for service_id in chosen:
            referral = asked.get(service_id)
            if referral is None:
                referral = send_referral(
                    service_id=service_id, profile=profile, token=uuid4(), portal_url=portal_url, by=by,
                    request_id=request_id, competing_until=until,
                )  # fmt: skip
            else:
                _join(referral, competition, portal_url, by)
            referral.competition_id, referral.answer_by = competition.id, until
            session.add(Entry(competition_id=competition.id, referral_id=referral.id))
        record("competition.start", "competition", competition.id, by=by, services=chosen)
    return competition


def answer_competition(*, referral_id: int, offer: Offer, words: Mapping[str, str], by: Actor) -> None:
    """Keep a provider's answer, which nobody else reads before the opening; again until the close.

    Raises `NotFound` for another provider's referral, or one that never competed, `Closed` after the close,
    and `Refusal` with the field for what cannot be kept.
    """
    offer = offer.tidy
    check_offer(offer)
    if offer.price <= 0:
        raise Refusal("The price must be more than £0.", field="price")
    said = {code: words.get(code, "").strip() for code in MARKED}
    for code, text in said.items():
        if not text:
            raise Refusal("Answer this question.", field=code)
        if (count := count_words(text)) > CRITERIA[code].words:
            raise Refusal(f"This is {count} words. The limit is {CRITERIA[code].words}.", field=code)
    with transaction() as session:
        referral = locked_referral(referral_id)
        service = session.get_one(Service, referral.service_id)
        if not by.may("referral:answer") or service.provider_id != by.organisation_id:
            raise NotFound()
        entry = _entry_of(session, referral)
        competition = session.get_one(Competition, entry.competition_id)
        over = referral.competition_id != competition.id or competition.state != "running"
        if over or clock.arrived() >= competition.closes_at:
            raise Closed.at(competition.ended_at)
        if referral.state != "sent":
            raise Closed("You have declined this referral, or it is over.")
        values = {
            "start_on": offer.start_on,
            "sessions": list(offer.sessions),
            "price": offer.price,
            "price_unit": offer.unit,
            "price_reason": check_price(offer, service),
            "note": offer.note,
            **said,
        }
        if entry.submitted_at and all(getattr(entry, name) == value for name, value in values.items()):
            return  # a second click
        for name, value in values.items():
            setattr(entry, name, value)
        entry.submitted_at, entry.submitted_by_id = clock.now(), by.person_id
        record("competition.answer", "competition", competition.id, by=by, referral=referral.reference)


def open_answers(*, competition_id: int, portal_url: str, by: Actor) -> None:
    """Open all answers together: they become offers. Whoever has not answered is out of the competition, and
    can answer its referral as any other.

    Raises `NotFound`, `MoveRefused` and, before the close, `Sealed` unless everybody has answered.
    """
    with transaction() as session:
        competition = _locked(session, competition_id, by)
        if competition.state == "opened":
            return  # a second click
        entries = _entries(session, competition)
        waiting = [e for e, referral in entries if e.submitted_at is None and referral.state == "sent"]
        if competition.state == "running" and waiting and clock.now() < competition.closes_at:
            raise Sealed(
                f"Not everybody has answered. The answers can be opened at"
                f" {uk_datetime(competition.closes_at)}."
            )
        move(COMPETITION, competition, "open", by=by)
        for entry, referral in entries:
            referral.competition_id = None
            if entry.submitted_at and referral.state == "sent":
                offer_on(referral, _offer_of(entry), by=by)
                referral.answered_at, referral.answered_by_id = entry.submitted_at, entry.submitted_by_id


def mark_answer(*, entry_id: int, given: Mapping[str, tuple[int, str]], by: Actor) -> None:
    """Give an opened answer its points (0 to 5) for each criterion that is marked, each with a reason.

    Raises `NotFound`, `Conflict` once the competition is over, and `Refusal` with the field.
    """
    for code in MARKED:
        number, reason = given.get(code, (-1, ""))
        if not 0 <= number <= HIGHEST:
            raise Refusal("Choose the points.", field=f"{code}_points")
        if not reason.strip():
            raise Refusal("Say why, in words that the provider could read.", field=f"{code}_reason")
        if (count := count_words(reason)) > LONGEST_REASON:
            raise Refusal(f"This is {count} words. The limit is {LONGEST_REASON}.", field=f"{code}_reason")
        if sentence := identifier_in(reason):
            raise Refusal(sentence, field=f"{code}_reason")
    with transaction() as session:
        entry = session.get(Entry, entry_id)
        if entry is None:
            raise NotFound()
        competition = _locked(session, entry.competition_id, by)
        if competition.state != "opened" or entry.submitted_at is None:
            raise Conflict("Answers are marked after the opening, until the competition is concluded.")
        known = {
            mark.criterion: mark
            for mark in session.scalars(select(EntryMark).where(EntryMark.entry_id == entry_id))
        }
        for code in MARKED:
            number, reason = given[code]
            mark = known.get(code) or EntryMark(entry_id=entry_id, criterion=code)
            if (mark.points, mark.reason) == (number, reason.strip()):
                continue
            mark.points, mark.reason = number, reason.strip()
            mark.marked_at, mark.marked_by_id = clock.now(), by.person_id
            session.add(mark)
            session.flush()
            record("competition.mark", "competition", competition.id, by=by, entry=entry_id, criterion=code,
                   points=number)  # fmt: skip


def award(
    *,
    competition_id: int,
    entry_id: int,
    reason: str,
    pupil_preference: str,
    parent_preference: str,
    portal_url: str,
    by: Actor,
) -> CallOff:
    """Choose the first-ranked offer. Among equal ones the reason decides, and only there is it asked for.

    Raises `NotFound`, `MoveRefused`, `Refusal` while something is not marked, for an offer that is not first,
    and for a tie without a reason; and what `portal.call_offs.services.call_off` raises.
    """
    with transaction() as session:
        competition = _locked(session, competition_id, by)
        facts = competition_for(by, competition_id)
        places = {place.entry_id: place for place in ranking_of(facts, answers_in(facts))}
        if not COMPETITION.allows("award", competition.state):
            raise MoveRefused(COMPETITION["award"].refusal)
        if entry_id not in places:
            raise Refusal("Choose the offer that is first.")
        if not all(place.complete for place in places.values()):
            raise Refusal("Mark every answer first.")
        if places[entry_id].rank != 1:
            raise Refusal(
                "Another offer is first. Choose that one; or end the competition, and say in a direct award "
                "why you choose this provider."
            )
        equal = [place for place in places.values() if place.rank == 1]
        if len(equal) > 1 and not reason.strip():
            raise Refusal("Several offers are first. Say what decides between them.", field="reason")
        ranked = sum(1 for place in places.values() if place.rank)
        said = f"Ranked first of {ranked} with {points(places[entry_id].total)} out of 100."
        competition.conclusion = " ".join(filter(None, (said, reason.strip())))
        move(COMPETITION, competition, "award", by=by, entry=entry_id)
        referral_id = session.get_one(Entry, entry_id).referral_id
        choice = call_off(
            referral_id=referral_id,
            route="mini_competition",
            reason=competition.conclusion,
            pupil_preference=pupil_preference,
            parent_preference=parent_preference,
            portal_url=portal_url,
            by=by,
        )
        for entry, referral in _entries(session, competition):
            if entry.id in places:
                _tell_how_judged(referral, entry, referral.id == referral_id, portal_url, by)
        return choice


def conclude_without_winner(*, competition_id: int, portal_url: str, by: Actor) -> None:
    """Conclude a competition in which every answer is below the minimum of a criterion; each provider reads
    how its own was judged. The offers stand, and can be chosen by another route.

    Raises `NotFound`, `MoveRefused`, and `Refusal` while something is not marked or where an offer is first.
    """
    with transaction() as session:
        competition = _locked(session, competition_id, by)
        if competition.state == "no_winner":
            return  # a second click
        facts = competition_for(by, competition_id)
        places = {place.entry_id: place for place in ranking_of(facts, answers_in(facts))}
        if COMPETITION.allows("conclude", competition.state):
            if not places or not all(place.complete for place in places.values()):
                raise Refusal("Mark every answer first.")
            if any(place.rank for place in places.values()):
                raise Refusal("An offer is first. Choose it, or end the competition and say why.")
            competition.conclusion = "No answer reached the minimum, so no offer came first."
        move(COMPETITION, competition, "conclude", by=by)
        for entry, referral in _entries(session, competition):
            if entry.id in places:
                _tell_how_judged(referral, entry, None, portal_url, by)


def abandon(*, competition_id: int, reason: str, portal_url: str, by: Actor) -> None:
    """End a competition without a winner; its opened offers stand, and can be chosen by another route.

    Answers that were not opened are never read. Raises `NotFound`, `MoveRefused`, `Refusal` without a reason.
    """
    if not reason.strip():
        raise Refusal("Say why you end it. The providers are told.", field="ending")
    if sentence := identifier_in(reason):
        raise Refusal(sentence, field="ending")
    with transaction() as session:
        competition = _locked(session, competition_id, by)
        if (competition.state, competition.conclusion) == ("abandoned", reason.strip()):
            return  # a second click
        if COMPETITION.allows("abandon", competition.state):
            competition.conclusion = reason.strip()
        move(COMPETITION, competition, "abandon", by=by)
        for _, referral in _entries(session, competition):
            referral.competition_id = None
            if referral.state in ("sent", "accepted"):
                provider_id = session.get_one(Service, referral.service_id).provider_id
                words = letters.abandoned(
                    reference=referral.reference, school=by.organisation_name, reason=reason.strip(),
                    answered=referral.state == "accepted", address=address_of(portal_url, referral),
                )  # fmt: skip
                event = f"competition {competition.id} ended"
                tell(words, referral, event, provider_id, "referral:answer", by)


def blank_answers_of(referral_id: int) -> None:
    """Take away the words of a referral's answers, and the reasons of their marks, in the caller's
    transaction: they speak of a child that is to be forgotten. The points stay."""
    session = db.session()
    for entry in session.scalars(select(Entry).where(Entry.referral_id == referral_id).with_for_update()):
        entry.fit = entry.travel = entry.note = entry.price_reason = ""
        for mark in session.scalars(select(EntryMark).where(EntryMark.entry_id == entry.id)):
            mark.reason = "Erased"


def nothing_decides(request_id: UUID, route: str) -> None:
    """Raise `Decides` for a choice past a competition that is going on."""
    if route != "mini_competition" and _going_on(request_id):
        raise Decides()


def _going_on(request_id: UUID) -> bool:
    return bool(db.session.scalar(select(going_on(literal(request_id)))))


def _check_start(request_id: UUID, chosen: Sequence[int], asked: Mapping[int, Referral]) -> None:
    if _going_on(request_id):
        raise GoingOn()
    for service_id in chosen:
        if service_id in asked and asked[service_id].state != "sent":
            raise Refusal(
                "A provider that has answered already cannot compete for the same child.", field="services"
            )
        if "mini_competition" not in routes_open_for(service_id):
            raise Refusal(
                "The framework of one of these services opens no mini-competition.", field="services"
            )
    rivals = select(func.count(Service.provider_id.distinct())).where(Service.id.in_(chosen))
    if (db.session.scalar(rivals) or 0) < FEWEST:
        raise Refusal(f"Choose services of at least {FEWEST} different providers.", field="services")


def _join(referral: Referral, competition: Competition, portal_url: str, by: Actor) -> None:
    """Tell a provider that was asked before that its referral is now answered in a competition."""
    provider_id = db.session.get_one(Service, referral.service_id).provider_id
    words = letters.joined(
        reference=referral.reference,
        school=by.organisation_name,
        closes_at=competition.closes_at,
        address=address_of(portal_url, referral),
    )
    tell(words, referral, f"competition {competition.id}", provider_id, "referral:answer", by)


def _tell_how_judged(
    referral: Referral, entry: Entry, first: bool | None, portal_url: str, by: Actor
) -> None:
    words = letters.judged(
        reference=referral.reference,
        school=by.organisation_name,
        first=first,
        address=f"{portal_url}/competitions/answers/{entry.id}/result",
    )
    provider_id = db.session.get_one(Service, referral.service_id).provider_id
    tell(words, referral, f"competition {entry.competition_id} judged", provider_id, "referral:answer", by)


def _locked(session: Session, competition_id: int, by: Actor) -> Competition:
    competition = session.get(Competition, competition_id, with_for_update=True, populate_existing=True)
    if competition is None or not by.may("referral:send") or competition.school_id != by.organisation_id:
        raise NotFound()
    return competition


def _entry_of(session: Session, referral: Referral) -> Entry:
    """The newest one of a referral: a competition may have ended, and another begun."""
    entry = session.scalar(
        select(Entry)
        .where(Entry.referral_id == referral.id)
        .order_by(Entry.id.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if entry is None:
        raise NotFound()
    return entry


def _entries(session: Session, competition: Competition) -> list[tuple[Entry, Referral]]:
    """The entries with their referrals, all locked."""
    rows = session.execute(
        select(Entry, Referral)
        .join(Referral, Referral.id == Entry.referral_id)
        .where(Entry.competition_id == competition.id)
        .order_by(Referral.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return [(entry, referral) for entry, referral in rows]


def _offer_of(entry: Entry) -> Offer:
    assert entry.start_on is not None and entry.price is not None  # a submitted one, by its constraint
    return Offer(
        entry.start_on, entry.sessions, entry.price, entry.price_unit, entry.note, entry.price_reason
    )
