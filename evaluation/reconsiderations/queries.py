"""Reading new decisions: the tenders that a challenge is about, one proposal, what stood before, what
waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    RowMapping,
    Select,
    and_,
    case,
    func,
    select,
)
from sqlalchemy.orm import aliased

from evaluation.assignments.conflict_queries import refuse_to_open
from evaluation.challenges.models import FINDINGS, KINDS, Challenge
from evaluation.outcomes import queries as outcomes
from evaluation.outcomes.assessment import OUTCOME_WORDS, Condition, LotOutcome
from evaluation.outcomes.letter_queries import NEW_LETTER_SUBJECT
from evaluation.outcomes.models import AdmissionCondition, Decision
from evaluation.reconsiderations.models import Reconsideration
from portal import clock
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.directory.models import Standing
from portal.directory.statuses import STATUSES, status_on
from portal.errors import NotFound
from portal.mail.models import Letter
from portal.profiles.words import GROUND_NAMES
from tender.applications.models import Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Lot, Round

_Proposer, _Decider = aliased(Person), aliased(Person)


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal to decide anew, and what became of it. `conditions` as the table keeps them."""

    id: int
    state: str
    application_id: int
    lot_id: int
    lot_number: str
    lot_title: str
    provider_id: int
    provider_name: str
    round_id: int
    challenge_id: int
    challenge_kind: str
    challenge_from: str
    challenge_finding: str
    replaces_id: int
    outcome: str
    reason: str
    heard: str
    listed: Sequence[Sequence[Any]]
    proposed_at: datetime
    proposed_by_id: int
    proposed_by: str
    decided_at: datetime | None
    decided_by: str | None
    return_reason: str
    decision_id: int | None
    earlier_outcome: str
    earlier_told_at: datetime
    status: str | None

    @property
    def lot_name(self) -> str:
        """'Lot 6: Creative and media'."""
        return f"Lot {self.lot_number}: {self.lot_title}"

    @property
    def in_words(self) -> str:
        """'Admit with conditions'."""
        return OUTCOME_WORDS[self.outcome]

    @property
    def earlier(self) -> str:
        """'Do not admit': the decision that is, or was, to be replaced."""
        return OUTCOME_WORDS[self.earlier_outcome]

    @property
    def earlier_told_on(self) -> date:
        """The day on which the provider was told of that."""
        return clock.london(self.earlier_told_at).date()

    @property
    def register(self) -> str:
        """What the register says of the provider on this lot today: 'Suspended', or 'Not in the register'."""
        return STATUSES[self.status].words if self.status else "Not in the register"

    @property
    def because(self) -> str:
        """'Complaint of Brook Lane: upheld'."""
        found = FINDINGS[self.challenge_finding].lower()
        return f"{KINDS[self.challenge_kind]} of {self.challenge_from}: {found}"

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What an admission on conditions asks for."""
        return tuple(Condition(text, kind, date.fromisoformat(due)) for text, kind, due in self.listed)


@dataclass(frozen=True, slots=True)
class Made:
    """One decision on a tender and lot, whether it counts or was replaced."""

    id: int
    state: str
    outcome: str
    exclusion_ground: str | None
    reason: str
    recommended_by: str
    approved_by: str | None
    approved_at: datetime | None
    challenge_id: int | None
    challenge_kind: str | None
    challenge_from: str | None
    reconsideration_id: int | None
    listed: Sequence[Sequence[Any]] | None

    @property
    def counts(self) -> bool:
        """Whether it is the decision now."""
        return self.state != "superseded"

    @property
    def in_words(self) -> str:
        """'Do not admit'."""
        return OUTCOME_WORDS[self.outcome]

    @property
    def ground(self) -> str:
        """The exclusion ground in words; empty where there is none."""
        return GROUND_NAMES[self.exclusion_ground] if self.exclusion_ground else ""

    @property
    def because(self) -> str:
        """'Complaint of Brook Lane'; empty for the first decision."""
        return f"{KINDS[self.challenge_kind]} of {self.challenge_from}" if self.challenge_kind else ""

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What an admission on conditions asked for, by the days that were approved."""
        return tuple(Condition(text, kind, date.fromisoformat(due)) for text, kind, due in self.listed or ())


def _proposals() -> Select[Any]:
    told_at = case((Decision.replaces_id.is_(None), Round.released_at), else_=Decision.approved_at)
    status = case((Standing.id.is_not(None), status_on(clock.today())))
    return (
        select(
            Reconsideration.id,
            Reconsideration.state,
            Reconsideration.application_id,
            Reconsideration.lot_id,
            Lot.number,
            Lot.title,
            Organisation.id,
            Organisation.name,
            Application.round_id,
            Challenge.id,
            Challenge.kind,
            Challenge.received_from,
            Challenge.finding,
            Reconsideration.replaces_id,
            Reconsideration.outcome,
            Reconsideration.reason,
            Reconsideration.heard,
            Reconsideration.conditions,
            Reconsideration.proposed_at,
            Reconsideration.proposed_by_id,
            _Proposer.name,
            Reconsideration.decided_at,
            _Decider.name,
            Reconsideration.return_reason,
            Reconsideration.decision_id,
            Decision.outcome,
            told_at,
            status,
        )
        .join(Decision, Decision.id == Reconsideration.replaces_id)
        .join(Lot, Lot.id == Reconsideration.lot_id)
        .join(Application, Application.id == Reconsideration.application_id)
        .join(Round, Round.id == Application.round_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(
            Standing,
            and_(Standing.provider_id == Organisation.id, Standing.lot_id == Reconsideration.lot_id),
        )
        .join(Challenge, Challenge.id == Reconsideration.challenge_id)
        .join(_Proposer, _Proposer.id == Reconsideration.proposed_by_id)
        .outerjoin(_Decider, _Decider.id == Reconsideration.decided_by_id)
    )


def proposals_of(challenge_id: int) -> list[Proposed]:
    """Every proposal that was made because of a challenge, the newest first."""
    rows = db.session.execute(
        _proposals().where(Challenge.id == challenge_id).order_by(Reconsideration.id.desc())
    )
    return [Proposed(*row) for row in rows]


def proposal_for(viewer: Actor, reconsideration_id: int) -> tuple[RoundFacts, Proposed]:
    """A proposal about a round of the viewer's council. Raises `NotFound`, also where the viewer declared a
    conflict with the provider."""
    row = db.session.execute(_proposals().where(Reconsideration.id == reconsideration_id)).one_or_none()
    if row is None:
        raise NotFound
    found = Proposed(*row)
    facts = outcomes.round_for(viewer, found.round_id)
    refuse_to_open(viewer, found.application_id)
    return facts, found


def tender_for(
    viewer: Actor, round_id: int, application_id: int, lot_id: int
) -> tuple[RoundFacts, LotOutcome]:
    """A tender for a lot, with the decision that counts. Raises `NotFound`, also where the viewer declared a
    conflict with the provider."""
    facts = outcomes.round_for(viewer, round_id)
    tender = outcomes.outcome_of(application_id, lot_id, round_id)
    refuse_to_open(viewer, application_id)
    return facts, tender


def decisions_of(application_id: int, lot_id: int) -> list[Made]:
    """Every decision that was made on a tender for a lot, the newest first: the one that counts, and those
    before it. The caller has checked who may read them."""
    asked = (
        select(
            func.jsonb_agg(
                func.jsonb_build_array(
                    AdmissionCondition.text, AdmissionCondition.evidence_type, AdmissionCondition.due_on
                )
            )
        )
        .where(AdmissionCondition.decision_id == Decision.id)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            Decision.id,
            Decision.state,
            Decision.outcome,
            Decision.exclusion_ground,
            Decision.reason,
            _Proposer.name,
            _Decider.name,
            Decision.approved_at,
            Challenge.id,
            Challenge.kind,
            Challenge.received_from,
            Reconsideration.id,
            asked,
        )
        .join(_Proposer, _Proposer.id == Decision.recommended_by_id)
        .outerjoin(_Decider, _Decider.id == Decision.approved_by_id)
        .outerjoin(Challenge, Challenge.id == Decision.challenge_id)
        .outerjoin(Reconsideration, Reconsideration.decision_id == Decision.id)
        .where(Decision.application_id == application_id, Decision.lot_id == lot_id)
        .order_by(Decision.id.desc())
    )
    return [Made(*row) for row in rows]


def letters_about(decision_id: int) -> Sequence[RowMapping]:
    """The letters about a new decision that have gone out: to_name, to_address, state, written_at, body."""
    return (
        db.session.execute(
            select(Letter.to_name, Letter.to_address, Letter.state, Letter.written_at, Letter.body)
            .where(Letter.subject_type == NEW_LETTER_SUBJECT, Letter.subject_id == str(decision_id))
            .order_by(Letter.id)
        )
        .mappings()
        .all()
    )
