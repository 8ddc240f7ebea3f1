"""Reading who follows a round, and who is to be told of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, select

from portal.accounts.access import Actor
from portal.accounts.models import Membership
from portal.accounts.permissions import permissions_of
from portal.accounts.queries import members_of
from portal.database import db
from tender.applications.models import Application
from tender.followers.models import RoundFollower
from tender.frameworks.facts import Detail, RoundFacts


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody at a provider who is told."""

    person_id: int
    name: str
    address: str
    organisation_id: int


def may_follow(viewer: Actor) -> bool:
    """Whether the viewer works on applications of a provider."""
    return viewer.organisation_kind == "provider" and viewer.may("application:edit")


def _follows(facts: RoundFacts, viewer: Actor) -> ColumnElement[bool] | None:
    followed = (RoundFollower.round_id == facts.id, RoundFollower.person_id == viewer.person_id)
    return exists().where(*followed) if may_follow(viewer) else None


# For the public page of a round: whether the viewer follows it, None for whoever cannot.
ON_OPPORTUNITY = Detail("follows", _follows, lambda facts, follows: follows)


def recipients_of(round_id: int, applications: Sequence[int] | None = None) -> list[Recipient]:
    """Everyone who is told of the round, each once, in three statements however many they are.

    They are the people who may work on an application at each provider that has started one, and those who
    follow the round. With `applications` (ids), only the people of those applications' providers.
    """
    applied_here = select(Application.provider_id).where(Application.round_id == round_id)
    if applications is not None:
        return _people(set(db.session.scalars(applied_here.where(Application.id.in_(applications)))), {})
    followers = db.session.execute(
        select(Membership.person_id, Membership.organisation_id)
        .join(RoundFollower, RoundFollower.person_id == Membership.person_id)
        .where(RoundFollower.round_id == round_id)
    )
    organisations = {person_id: organisation_id for person_id, organisation_id in followers}
    return _people(set(db.session.scalars(applied_here)), organisations)


def _people(applied: set[int], followers: Mapping[int, int]) -> list[Recipient]:
    """The people of these providers, and those of the followers (organisation by person) who still may."""
    found: dict[int, Recipient] = {}
    for organisation_id, members in members_of(applied | set(followers.values())).items():
        for person in members:
            concerned = organisation_id in applied or person["person_id"] in followers
            if concerned and "application:edit" in permissions_of("provider", person["roles"]):
                found[person["person_id"]] = Recipient(
                    person["person_id"], person["name"], person["email"], organisation_id
                )
    return [found[person_id] for person_id in sorted(found)]
