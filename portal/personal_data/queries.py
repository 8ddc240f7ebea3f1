"""Reading periods, holds, and what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import RowMapping, func, select, text
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.models import Organisation, Person
from portal.commissioning.models import Referral
from portal.database import db
from portal.errors import NotFound
from portal.personal_data.models import LegalHold, RetentionPolicy
from portal.web.text import id_in
from tender.frameworks.models import Framework, Round

# When a choice is over: the day of its cancelling, the last day of its agreement or, where none was signed, a
# year after the day on which the child was to start.
_CHOICES = """
  SELECT call_off.id, call_off.child_id, call_off.referral_id, reference, call_off.school_id, provider_id,
         CASE WHEN call_off.state = 'cancelled' THEN (cancelled_at AT TIME ZONE 'Europe/London')::date
              ELSE coalesce(
                (SELECT coalesce(closed_on, ends_on)
                 FROM placement_agreement AS agreement
                      JOIN agreement_version ON agreement_id = agreement.id AND number = version_in_force
                 WHERE agreement.call_off_id = call_off.id),
                coalesce(start_on, (chosen_at AT TIME ZONE 'Europe/London')::date) + 365
              ) END AS over_on
  FROM call_off JOIN referral ON referral.id = referral_id
"""
# Every record that a period is for: whose it is and from which day (in the United Kingdom) its period counts.
_RECORDS = f"""
  SELECT CASE WHEN state = 'accepted' THEN 'referral_placed' ELSE 'referral_not_placed' END AS kind,
         'referral' AS subject_type, referral.id AS subject_id, 'Referral ' || reference AS title,
         CASE WHEN state = 'accepted' THEN start_on
              ELSE coalesce((coalesce(answered_at, withdrawn_at, released_at)
                             AT TIME ZONE 'Europe/London')::date, start_wanted_on) END AS since,
         NULL::bigint AS round_id, ARRAY[school_id, provider_id] AS organisations, NULL::bigint[] AS referrals
  FROM referral JOIN service ON service.id = service_id WHERE need_summary <> ''
  UNION ALL
  SELECT 'child', 'child', child.id,
         'Child of ' || coalesce(string_agg(reference, ', ' ORDER BY choice.id), 'a choice that is gone'),
         coalesce(max(over_on), (entered_at AT TIME ZONE 'Europe/London')::date), NULL,
         array_agg(choice.provider_id) || child.school_id, array_agg(referral_id)
  FROM child LEFT JOIN ({_CHOICES}) AS choice ON choice.child_id = child.id
  WHERE erased_at IS NULL GROUP BY child.id
  UNION ALL
  SELECT 'child_files', 'call_off', choice.id, 'Files about the child of ' || reference, over_on, NULL,
         ARRAY[school_id, provider_id], ARRAY[referral_id]
  FROM ({_CHOICES}) AS choice WHERE EXISTS (SELECT FROM child_file WHERE call_off_id = choice.id)
  UNION ALL
  SELECT 'agreement', 'placement_agreement', placement_agreement.id, 'Placement agreement ' || reference,
         coalesce(closed_on, (SELECT max(ends_on) FROM agreement_version
                              WHERE agreement_id = placement_agreement.id
                                AND number = coalesce(version_in_force, number))),
         NULL, ARRAY[school_id, provider_id],
         ARRAY[(SELECT referral_id FROM call_off WHERE call_off.id = call_off_id)]
  FROM placement_agreement
  UNION ALL
  SELECT 'application_draft', 'application', application.id,
         'Application of ' || organisation.name || ' to ' || framework.title || ', round ' || round.number,
         (closes_at AT TIME ZONE 'Europe/London')::date, round.id, ARRAY[provider_id], NULL
  FROM application JOIN round ON round.id = round_id JOIN framework ON framework.id = framework_id
       JOIN organisation ON organisation.id = provider_id
  WHERE application.state <> 'submitted' AND application.erased_at IS NULL
  UNION ALL
  SELECT CASE WHEN standing.ends_on IS NULL THEN 'tender_not_admitted' ELSE 'tender_admitted' END,
         'application', application.id,
         CASE round.state WHEN 'withdrawn' THEN 'A tender that was never opened'
              ELSE 'Tender of ' || organisation.name END
         || ' to ' || framework.title || ', round ' || round.number,
         coalesce(standing.ends_on,
                  (coalesce(round.released_at, round.withdrawn_at) AT TIME ZONE 'Europe/London')::date),
         round.id, ARRAY[provider_id], NULL
  FROM application JOIN round ON round.id = round_id JOIN framework ON framework.id = framework_id
       JOIN organisation ON organisation.id = provider_id
       LEFT JOIN (SELECT application_id, max(ends_on) AS ends_on FROM standing GROUP BY application_id)
         AS standing ON standing.application_id = application.id
  WHERE application.state = 'submitted' AND application.erased_at IS NULL
        AND round.state IN ('released', 'withdrawn', 'terminated')
  UNION ALL
  SELECT 'letter', 'letter', id, 'Letter to ' || to_address || ': ' || letter.title,
         (delivered_at AT TIME ZONE 'Europe/London')::date, NULL, array_remove(ARRAY[organisation_id], NULL),
         NULL
  FROM letter WHERE state = 'delivered' AND body <> ''
  UNION ALL
  SELECT 'person', 'person', person.id, 'Account of ' || email,
         (coalesce((SELECT at FROM audit_line WHERE actor_id = person.id ORDER BY audit_line.id DESC LIMIT 1),
                   registered_at) AT TIME ZONE 'Europe/London')::date,
         NULL, ARRAY(SELECT organisation_id FROM membership WHERE person_id = person.id), NULL
  FROM person
  WHERE erased_at IS NULL
    AND (NOT active OR NOT EXISTS (SELECT FROM membership WHERE person_id = person.id))
  UNION ALL
  SELECT 'connected_person', 'connected_person', connected_person.id,
         'Connected person of ' || organisation.name,
         coalesce(until, (SELECT (max(at) AT TIME ZONE 'Europe/London')::date FROM audit_line
                          WHERE action = 'organisation.deactivate' AND subject_type = 'organisation'
                            AND subject_id = organisation.id::text AND organisation.state = 'deactivated')),
         NULL, ARRAY[provider_id], NULL
  FROM connected_person JOIN organisation ON organisation.id = provider_id
  UNION ALL
  SELECT 'shortlist', 'shortlist', id, 'Shortlist ' || id || ' of ' || (found ->> 'school'),
         (coalesce(closed_at, frozen_at) AT TIME ZONE 'Europe/London')::date, NULL, ARRAY[school_id], NULL
  FROM shortlist
  UNION ALL
  SELECT 'declined_need', 'declined_need', id, 'Need that was declined on ' || noted_on, noted_on, NULL,
         '{{}}', NULL
  FROM declined_need
"""
_DUE = text(
    f"""
  WITH in_force AS (
    SELECT DISTINCT ON (kind) kind, id AS policy_id, months FROM retention_policy
    WHERE applies_from <= :today ORDER BY kind, applies_from DESC
  )
  SELECT kind, subject_type, subject_id, title, since, policy_id, months, count(*) OVER () AS total
  FROM ({_RECORDS}) AS record JOIN in_force USING (kind)
  WHERE since + make_interval(months => months) <= :today
    AND (CAST(:subject_type AS text), CAST(:subject_id AS bigint)) IN ((subject_type, subject_id), ('', 0))
    AND NOT EXISTS (
      SELECT FROM legal_hold WHERE state = 'in_force' AND (
        (legal_hold.subject_type, legal_hold.subject_id) = (record.subject_type, record.subject_id)
        OR (legal_hold.subject_type = 'round' AND legal_hold.subject_id = round_id)
        OR (legal_hold.subject_type = 'referral' AND legal_hold.subject_id = ANY (referrals))
        OR (legal_hold.subject_type = 'organisation' AND legal_hold.subject_id = ANY (organisations))
      )
    )
  ORDER BY since, kind, subject_id LIMIT :most OFFSET :skip
"""
)


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose period is over and that no hold keeps. `since` is the day its period counts from."""

    kind: str
    subject_type: str
    subject_id: int
    title: str
    since: date
    policy_id: int
    months: int


def due(*, most: int, skip: int = 0) -> tuple[list[Due], int]:
    """What is to go today, the oldest first, and how much there is in all. One statement."""
    return _due(most=most, skip=skip)


def still_due(record: Due) -> bool:
    """Whether the record is due now, with the periods and holds of this moment."""
    found, _ = _due(most=1, subject_type=record.subject_type, subject_id=record.subject_id)
    return bool(found)


def _due(*, most: int, skip: int = 0, subject_type: str = "", subject_id: int = 0) -> tuple[list[Due], int]:
    rows = db.session.execute(
        _DUE,
        {
            "today": clock.today(),
            "most": most,
            "skip": skip,
            "subject_type": subject_type,
            "subject_id": subject_id,
        },
    ).all()
    return [Due(*row[:7]) for row in rows], (rows[0].total if rows else 0)


def policies() -> dict[str, list[RowMapping]]:
    """Every period of each kind, the newest first, with `in_force`, `set_by` and `months`. One statement."""
    rows = (
        db.session.execute(
            select(
                RetentionPolicy.id,
                RetentionPolicy.kind,
                RetentionPolicy.months,
                RetentionPolicy.applies_from,
                RetentionPolicy.source,
                RetentionPolicy.set_at,
                Person.name.label("set_by"),
                (
                    RetentionPolicy.applies_from
                    == select(func.max(_other.applies_from))
                    .where(_other.kind == RetentionPolicy.kind, _other.applies_from <= clock.today())
                    .scalar_subquery()
                ).label("in_force"),
            )
            .outerjoin(Person, Person.id == RetentionPolicy.set_by_id)
            .order_by(RetentionPolicy.kind, RetentionPolicy.applies_from.desc())
        )
        .mappings()
        .all()
    )
    by_kind: dict[str, list[RowMapping]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row)
    return by_kind


_other = aliased(RetentionPolicy)


def holds(*, most: int, skip: int = 0) -> tuple[Sequence[RowMapping], int]:
    """Legal holds, those in force first, then the newest; and how many there are."""
    placer, lifter = aliased(Person), aliased(Person)
    rows = (
        db.session.execute(
            select(
                *(column for column in LegalHold.__table__.columns),
                placer.name.label("placed_by"),
                lifter.name.label("lifted_by"),
                func.count().over().label("total"),
            )
            .join(placer, placer.id == LegalHold.placed_by_id)
            .outerjoin(lifter, lifter.id == LegalHold.lifted_by_id)
            .order_by(LegalHold.state, LegalHold.placed_at.desc(), LegalHold.id.desc())
            .limit(most)
            .offset(skip)
        )
        .mappings()
        .all()
    )
    return rows, (rows[0]["total"] if rows else 0)


def hold(hold_id: int) -> RowMapping:
    """One hold. Raises `NotFound`."""
    found = (
        db.session.execute(select(*LegalHold.__table__.columns).where(LegalHold.id == hold_id))
        .mappings()
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def subject_of(subject_type: str, named: str) -> tuple[int, str] | None:
    """The id and title of what somebody wants to hold, from how people name it; None when there is no such.

    An organisation is named by its whole name or its number in the portal, a round as its page is ("Round 4
    of Mentoring") or as a hold is, or by its number in the portal, a referral by its reference, a person by
    e-mail address.
    """
    number = id_in(named, None)
    of_round = func.concat(Framework.title, ", round ", Round.number)
    round_of = func.concat("Round ", Round.number, " of ", Framework.title)
    finders: dict[str, Any] = {
        "organisation": select(Organisation.id, Organisation.name).where(
            (Organisation.id == number) if number else (func.lower(Organisation.name) == named.lower())
        ),
        "round": select(Round.id, of_round)
        .join(Framework, Framework.id == Round.framework_id)
        .where(
            (Round.id == number)
            if number
            else func.lower(named).in_((func.lower(of_round), func.lower(round_of)))
        ),
        "referral": select(Referral.id, func.concat("Referral ", Referral.reference)).where(
            Referral.reference == named.upper()
        ),
        "person": select(Person.id, Person.email).where(func.lower(Person.email) == named.lower()),
    }
    found = db.session.execute(finders[subject_type].order_by("id").limit(2)).all()
    return (found[0][0], found[0][1]) if len(found) == 1 else None
