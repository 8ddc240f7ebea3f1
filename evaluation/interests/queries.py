"""Reading interests, and what of a tenderer resembles a panel member."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import RowMapping, Select, select

from evaluation.interests.models import Interest
from evaluation.interests.resemblance import alike_organisations, alike_people
from portal.accounts.access import Actor
from portal.accounts.models import Organisation
from portal.database import db
from portal.profiles.models import ConnectedPerson, Profile

_WORDS = {
    "governor": "is a governor of",
    "trustee": "is a trustee or director of",
    "employment": "works or worked for",
    "ownership": "owns a part of",
    "close": "is close to somebody who has to do with",
}


@dataclass(frozen=True)
class Consideration:
    """A resemblance between a member of the panel and a tenderer, in words."""

    person_id: int
    provider_id: int
    provider_name: str
    sentence: str


@dataclass
class _Provider:
    """A tenderer by its names, with its connected persons: names and what they are to it."""

    name: str
    names: set[str]
    connected: list[tuple[str, str]] = field(default_factory=list)


def interests_of(viewer: Actor) -> Sequence[RowMapping]:
    """The viewer's own interests, by name: id, kind, organisation_name, declared_at."""
    return (
        db.session.execute(
            select(Interest.id, Interest.kind, Interest.organisation_name, Interest.declared_at)
            .where(Interest.person_id == viewer.person_id)
            .order_by(Interest.organisation_name, Interest.id)
        )
        .mappings()
        .all()
    )


def considerations(
    people: Mapping[int, str], provider_ids: Collection[int] | Select[tuple[int]]
) -> list[Consideration]:
    """What of these providers resembles these people (names by id) or their interests; in two statements.

    The connected persons are those that stand in the providers' profiles now. Who may see their names is the
    caller's to check.
    """
    providers = _providers(provider_ids)
    interests = db.session.execute(
        select(Interest.person_id, Interest.kind, Interest.organisation_name)
        .where(Interest.person_id.in_(list(people)))
        .order_by(Interest.organisation_name, Interest.id)
    ).all()
    return [
        Consideration(person_id, provider_id, provider.name, sentence)
        for provider_id, provider in providers.items()
        for person_id, name in people.items()
        for sentence in (
            *_alike_names(name, provider),
            *(
                sentence
                for owner, kind, organisation in interests
                if owner == person_id
                for sentence in _alike_interests(name, kind, organisation, provider)
            ),
        )
    ]


def _providers(provider_ids: Collection[int] | Select[tuple[int]]) -> dict[int, _Provider]:
    rows = db.session.execute(
        select(
            Organisation.id,
            Organisation.name,
            Profile.trading_name,
            ConnectedPerson.name.label("connected"),
            ConnectedPerson.nature,
        )
        .outerjoin(Profile, Profile.provider_id == Organisation.id)
        .outerjoin(ConnectedPerson, ConnectedPerson.provider_id == Organisation.id)
        .where(Organisation.id.in_(provider_ids))
        .order_by(Organisation.name, Organisation.id, ConnectedPerson.name)
    ).mappings()
    providers: dict[int, _Provider] = {}
    for row in rows:
        names = {name for name in (row["name"], row["trading_name"]) if name}
        provider = providers.setdefault(row["id"], _Provider(row["name"], names))
        if row["connected"]:
            provider.connected.append((row["connected"], row["nature"]))
    return providers


def _alike_names(name: str, provider: _Provider) -> Iterator[str]:
    for connected, nature in provider.connected:
        if alike_people(name, connected):
            yield f"{_who(connected, nature)} of {provider.name} has the same last name as {name}."


def _alike_interests(name: str, kind: str, organisation: str, provider: _Provider) -> Iterator[str]:
    said = f"{name} {_WORDS[kind]} {organisation}"
    if any(alike_organisations(organisation, other) for other in provider.names):
        yield f"{said}; the tenderer is {provider.name}."
    for connected, nature in provider.connected:
        if alike_organisations(organisation, connected):
            yield f"{said}; {_who(connected, nature)} is connected with {provider.name}."


def _who(connected: str, nature: str) -> str:
    return f"{connected} ({nature})" if nature else connected
