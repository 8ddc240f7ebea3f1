"""Gathering a decision report: a round, its recipe, its people, its tenders and its decisions."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import RowMapping, and_, func, select, text
from sqlalchemy.orm import aliased

from evaluation.assignments.coverage_queries import complete_applications
from evaluation.assignments.declaration_queries import declared_in
from evaluation.assignments.models import Assignment, ConflictDeclaration, ConflictWaiver, PanelMember
from evaluation.conformity.models import ConformityCheck
from evaluation.outcomes import queries as outcomes
from evaluation.outcomes.assessment import Assessment
from evaluation.outcomes.mark_queries import assessments_of, evaluators_totals_by_lot
from evaluation.outcomes.totals import WEIGHS
from evaluation.scoring.models import Mark
from portal.accounts.access import Actor
from portal.accounts.models import Organisation, Person
from portal.database import db
from portal.errors import Conflict
from tender.applications.models import Answer, Application
from tender.frameworks.facts import RoundFacts
from tender.frameworks.models import Lot, Question
from tender.frameworks.pack import RoundPack
from tender.frameworks.queries import pack_of
from tender.frameworks.withdrawal_queries import Withdrawal, withdrawal_of


class NoReportYet(Conflict):
    """A report needs results."""

    sentence = (
        "There is no decision report before the results of this round are computed. Compute them first."
    )


# What is known of the round beside its tenders, once there are results or none to wait for: who computed,
# opened, released and when, what was received and what came afterwards, and where the audit trail stands.
# Lists are JSON, with moments as ISO 8601.
_RECORD = text(
    f"""
    SELECT computation.computed_at, computation.marks, computation.marks_version,
           computer.name AS computed_by, opener.name AS opened_by,
           release.staged_at, stager.name AS staged_by, release.sent_at, release.admits_after,
           chain.id AS line, chain.at AS line_at, chain.hash AS line_hash,
           (
             SELECT jsonb_agg(
                      jsonb_build_array(
                        begun.name, box_opening.begun_at, confirmed.name, box_opening.confirmed_at
                      ) ORDER BY box_opening.begun_at
                    )
             FROM box_opening
             JOIN person AS begun ON begun.id = begun_by_id
             LEFT JOIN person AS confirmed ON confirmed.id = confirmed_by_id
             WHERE box_opening.round_id = round.id
           ) AS openings,
           (
             SELECT jsonb_agg(
                      jsonb_build_array(
                        organisation.name, receipt.number, receipt.submitted_at, receipt.sha256
                      ) ORDER BY organisation.name, receipt.id
                    )
             FROM receipt
             JOIN application ON application.id = receipt.application_id AND application.state = 'submitted'
             JOIN organisation ON organisation.id = application.provider_id
             WHERE application.round_id = round.id AND receipt.withdrawn_at IS NULL
           ) AS receipts,
           (
             SELECT jsonb_agg(
                      jsonb_build_object(
                        'kind', kind, 'sender', received_from, 'received_on', received_on,
                        'about', coalesce('lot ' || lot.number, 'every lot'), 'summary', summary,
                        'answer_due_on', answer_due_on, 'answer', answer, 'finding', finding,
                        'finding_reason', finding_reason, 'holds', held_at IS NOT NULL AND lifted_at IS NULL
                      ) ORDER BY received_on, challenge.id
                    )
             FROM challenge LEFT JOIN lot ON lot.id = challenge.lot_id
             WHERE challenge.round_id = round.id
           ) AS challenges,
           (
             SELECT jsonb_agg(
                      jsonb_build_object(
                        'provider', organisation.name, 'lot', lot.number, 'before', earlier.outcome,
                        'reason_before', earlier.reason, 'after', later.outcome, 'reason', later.reason,
                        'kind', challenge.kind, 'sender', challenge.received_from, 'proposed_by',
                        proposer.name, 'approved_by', approver.name, 'approved_at', later.approved_at
                      ) ORDER BY later.id
                    )
             FROM decision AS later
             JOIN decision AS earlier ON earlier.id = later.replaces_id
             JOIN challenge ON challenge.id = later.challenge_id
             JOIN application ON application.id = later.application_id
             JOIN organisation ON organisation.id = application.provider_id
             JOIN lot ON lot.id = later.lot_id
             JOIN person AS proposer ON proposer.id = later.recommended_by_id
             JOIN person AS approver ON approver.id = later.approved_by_id
             WHERE application.round_id = round.id
           ) AS replaced
    FROM round
    LEFT JOIN computation ON computation.round_id = round.id
    LEFT JOIN person AS opener ON opener.id = round.opened_by_id
    LEFT JOIN person AS computer ON computer.id = computation.computed_by_id
    LEFT JOIN LATERAL (
      SELECT * FROM outcome_release WHERE round_id = round.id ORDER BY id DESC LIMIT 1
    ) AS release ON true
    LEFT JOIN person AS stager ON stager.id = release.staged_by_id
    LEFT JOIN LATERAL (
      SELECT id, at, hash FROM audit_line
      WHERE subject_type = 'round' AND subject_id = round.id::text ORDER BY id DESC LIMIT 1
    ) AS chain ON true
    WHERE round.id = :round
      AND (computation.round_id IS NOT NULL OR NOT {WEIGHS} AND round.marking_started_at IS NOT NULL)
    """
)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a report that is read from records: its title, and what each entry is about and says."""

    title: str
    entries: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Proof:
    """The SHA-256 of all marks of the round together, as its score ledger has it, how many they are, and what
    to say where some are not what the audit trail kept."""

    sha256: str
    marks: int
    warning: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on which a round's decisions rest, as it stands.

    `record` is what is known of the round beside its tenders: computed_at, marks, marks_version, computed_by,
    opened_by, staged_at, staged_by, sent_at, admits_after; line, line_at and line_hash of the audit trail's
    newest line about it; and as lists openings, receipts, challenges, and the decisions that were made anew
    (replaced). `totals` are the evaluators' own by application and lot, `marks` their marks by answer,
    `waivers` what was proposed against conflicts and decided, by application and person, newest first;
    `proof` is there where the marks were compared with the audit trail, `ended` where the council ended the
    round without an outcome.
    """

    facts: RoundFacts
    pack: RoundPack
    record: RowMapping
    people: Sequence[RowMapping]
    declared: Sequence[RowMapping]
    waivers: Mapping[tuple[int, int], Sequence[RowMapping]]
    checks: Sequence[RowMapping]
    assessments: Sequence[Assessment]
    totals: Mapping[tuple[int, int], Sequence[tuple[str, Fraction | None]]]
    marks: Mapping[int, Sequence[RowMapping]]
    sections: Sequence[Section] = ()
    proof: Proof | None = None
    ended: Withdrawal | None = None


def has_results(round_id: int) -> bool:
    """Whether there is something to report: the results of a round are computed, or, where conditions alone
    decide, these are decided."""
    return db.session.execute(_RECORD, {"round": round_id}).first() is not None


def report_for(
    viewer: Actor, round_id: int, sections: Sequence[Section] = (), proof: Proof | None = None
) -> Report:
    """A round's report, in eleven statements and one for each lot, and one more where it ended without an
    outcome; `sections` and `proof` stand in it as they are given.

    Whether the viewer may have it the caller checks. Raises `NotFound` for another council's round;
    `NoReportYet` without results."""
    facts = outcomes.round_for(viewer, round_id)
    record = db.session.execute(_RECORD, {"round": round_id}).mappings().one_or_none()
    if record is None:
        raise NoReportYet
    assessments = assessments_of(round_id)
    return Report(
        facts=facts,
        pack=pack_of(round_id),
        record=record,
        people=_people(round_id),
        declared=declared_in(round_id),
        waivers=_waivers(round_id),
        checks=_checks(round_id),
        assessments=assessments,
        totals=_totals(assessments),
        marks=_marks(round_id),
        sections=sections,
        proof=proof,
        ended=withdrawal_of(facts) if facts.abandoned else None,
    )


def _totals(
    assessments: Sequence[Assessment],
) -> Mapping[tuple[int, int], Sequence[tuple[str, Fraction | None]]]:
    outcomes = [outcome for assessment in assessments for outcome in assessment.outcomes]
    lots, tenders = {each.lot_id for each in outcomes}, {each.application_id for each in outcomes}
    return {
        (application_id, lot_id): own
        for lot_id, totals in evaluators_totals_by_lot(lots, tenders).items()
        for application_id, own in totals.items()
    }


def _rows(statement: Any) -> Sequence[RowMapping]:
    return db.session.execute(statement).mappings().all()


def _people(round_id: int) -> Sequence[RowMapping]:
    """Panel members with their declarations: person_id, name, role, application_id, provider_name, state,
    conflict_kind, conflict, declared_at, decline_reason, declined_at, and taken_back_by, where it was not the
    evaluator who handed the tender back."""
    decliner = aliased(Person)
    theirs = (
        select(
            Assignment.evaluator_id,
            Assignment.application_id,
            Organisation.name.label("provider_name"),
            Assignment.state,
            Assignment.conflict_kind,
            Assignment.conflict,
            Assignment.declared_at,
            Assignment.decline_reason,
            Assignment.declined_at,
            decliner.name.label("taken_back_by"),
        )
        .join(Application, Application.id == Assignment.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .outerjoin(
            decliner,
            and_(decliner.id == Assignment.declined_by_id, decliner.id != Assignment.evaluator_id),
        )
        .where(Application.round_id == round_id)
        .subquery()
    )
    return _rows(
        select(
            Person.id.label("person_id"),
            Person.name,
            PanelMember.role,
            *(column for column in theirs.c if column.key != "evaluator_id"),
        )
        .join(Person, Person.id == PanelMember.person_id)
        .outerjoin(theirs, theirs.c.evaluator_id == PanelMember.person_id)
        .where(PanelMember.round_id == round_id)
        .order_by(PanelMember.role, Person.name, Person.id, theirs.c.provider_name)
    )


def _waivers(round_id: int) -> Mapping[tuple[int, int], Sequence[RowMapping]]:
    """By application and person whose conflict it is: mitigation, left_out (codes of sections), granted (None
    while it waits), reason, decided_at, decider."""
    found: dict[tuple[int, int], list[RowMapping]] = defaultdict(list)
    waiver = ConflictWaiver
    about = func.coalesce(Assignment.application_id, ConflictDeclaration.application_id)
    for row in _rows(
        select(
            about.label("application_id"),
            waiver.evaluator_id,
            waiver.mitigation,
            waiver.left_out,
            waiver.granted,
            waiver.reason,
            waiver.decided_at,
            Person.name.label("decider"),
        )
        .select_from(waiver)
        .outerjoin(Assignment, Assignment.id == waiver.assignment_id)
        .outerjoin(ConflictDeclaration, ConflictDeclaration.id == waiver.declaration_id)
        .join(Application, Application.id == about)
        .outerjoin(Person, Person.id == waiver.decided_by_id)
        .where(Application.round_id == round_id)
        .order_by(waiver.id.desc())
    ):
        found[row["application_id"], row["evaluator_id"]].append(row)
    return found


def _checks(round_id: int) -> Sequence[RowMapping]:
    """A condition's result: provider_name, title, lot_number, result, reason, decided_by (None: a rule)."""
    return _rows(
        select(
            Organisation.name.label("provider_name"),
            Question.title,
            Lot.number.label("lot_number"),
            ConformityCheck.result,
            ConformityCheck.reason,
            Person.name.label("decided_by"),
        )
        .join(Application, Application.id == ConformityCheck.application_id)
        .join(Organisation, Organisation.id == Application.provider_id)
        .join(Question, Question.id == ConformityCheck.question_id)
        .outerjoin(Lot, Lot.id == ConformityCheck.lot_id)
        .outerjoin(Person, Person.id == ConformityCheck.decided_by_id)
        .where(Application.round_id == round_id, Application.state == "submitted")
        .order_by(Organisation.name, Application.id, Question.position, Lot.position)
    )


def _marks(round_id: int) -> Mapping[int, Sequence[RowMapping]]:
    """Individual marks by answer: name, points, reason. Only where all evaluators of the tender locked."""
    found: dict[int, list[RowMapping]] = defaultdict(list)
    tenders = select(Application.id).where(Application.round_id == round_id)
    for row in _rows(
        select(Mark.answer_id, Person.name, Mark.points, Mark.reason)
        .join(Answer, Answer.id == Mark.answer_id)
        .join(Application, Application.id == Answer.application_id)
        .join(Person, Person.id == Mark.evaluator_id)
        .join(
            Assignment,
            and_(
                Assignment.application_id == Application.id,
                Assignment.evaluator_id == Mark.evaluator_id,
                Assignment.state == "locked",
            ),
        )
        .where(Application.round_id == round_id, Application.id.in_(complete_applications(tenders)))
        .order_by(Mark.answer_id, Person.name, Person.id)
    ):
        found[row["answer_id"]].append(row)
    return found
