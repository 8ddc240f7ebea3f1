"""The tables of a disclosure pack about what came of decisions: those that were reopened, conditions,
letters, challenges, new decisions."""

from evaluation.records.tables import listed as table

REOPENED = table(
    "decisions-reopened",
    "Decisions as they stood before they were reopened",
    ("Provider", "Tender", "Lot", "Version", "Outcome", "Ground of exclusion", "Reason", "Conditions",
     "Recommended by", "Recommended at", "Approved by", "Approved at", "Reopened because", "Reopened by",
     "Reopened at"),
    """
    SELECT organisation.name, application.reference, lot.number, stood.version, stood.outcome,
           stood.exclusion_ground, stood.reason,
           (SELECT string_agg(concat(asked ->> 0, ' (by ', asked ->> 2, ')'), '; ' ORDER BY place)
            FROM jsonb_array_elements(stood.conditions) WITH ORDINALITY AS listed (asked, place)),
           proposer.name, stood.recommended_at, approver.name, stood.approved_at, stood.because,
           coalesce(reopener.name, 'the portal'), stood.reopened_at
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN decision ON decision.application_id = application.id
    JOIN decision_version AS stood ON stood.decision_id = decision.id
    JOIN lot ON lot.id = decision.lot_id
    JOIN person AS proposer ON proposer.id = stood.recommended_by_id
    JOIN person AS approver ON approver.id = stood.approved_by_id
    LEFT JOIN person AS reopener ON reopener.id = stood.reopened_by_id
    WHERE application.round_id = :round
    ORDER BY organisation.name, application.id, lot.position, stood.version
    """,
    "What tenders say.",
)  # fmt: skip
ADMITTED_ON = table(
    "admission-conditions",
    "Conditions of admissions, and more time for them",
    ("Provider", "Tender", "Lot", "Condition", "Approved as due by", "Due by until then", "Moved to",
     "Reason", "Moved by", "Moved at", "Met at", "Noted by", "How"),
    """
    SELECT organisation.name, application.reference, lot.number, asked.text, asked.due_on::text,
           later.was_due_on::text, later.due_on::text, later.reason, giver.name, later.given_at,
           asked.met_at, noter.name, asked.met_how
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN decision ON decision.application_id = application.id
    JOIN admission_condition AS asked ON asked.decision_id = decision.id
    JOIN lot ON lot.id = decision.lot_id
    LEFT JOIN condition_extension AS later ON later.condition_id = asked.id
    LEFT JOIN person AS giver ON giver.id = later.given_by_id
    LEFT JOIN person AS noter ON noter.id = asked.met_by_id
    WHERE application.round_id = :round
    ORDER BY organisation.name, application.id, lot.position, asked.position, later.due_on
    """,
    "What tenders say.",
)  # fmt: skip
LETTERS = table(
    "letters",
    "Outcome letters, and those about new decisions",
    ("Provider", "To", "Title", "Words", "Stands at", "Written at", "Released at", "Delivered at"),
    """
    SELECT organisation.name, letter.to_name, letter.title, letter.body, letter.state, letter.written_at,
           letter.released_at, letter.delivered_at
    FROM application
    CROSS JOIN LATERAL (
      SELECT 'outcome' AS kind, application.id::text AS number
      UNION ALL
      SELECT 'admission', application.id::text
      UNION ALL
      SELECT 'new_decision', decision.id::text FROM decision
      WHERE decision.application_id = application.id AND decision.replaces_id IS NOT NULL
    ) AS about
    JOIN letter ON letter.subject_type = about.kind AND letter.subject_id = about.number
    JOIN organisation ON organisation.id = application.provider_id
    WHERE application.round_id = :round ORDER BY organisation.name, letter.id
    """,
    "Names of providers' people.",
)
CHALLENGES = table(
    "challenges",
    "Complaints and challenges",
    ("Kind", "Lot", "From", "Received on", "What it says", "Answer due", "Answer", "Answered by",
     "Answered at", "Finding", "Found because", "Found by", "Found at", "Held admissions from", "Because",
     "Hold lifted", "Lifted because"),
    """
    SELECT challenge.kind, lot.number, challenge.received_from, challenge.received_on::text,
           challenge.summary, challenge.answer_due_on::text, challenge.answer, answerer.name,
           challenge.answered_at, challenge.finding, challenge.finding_reason, finder.name,
           challenge.found_at, challenge.held_at, challenge.hold_reason, challenge.lifted_at,
           challenge.lift_reason
    FROM challenge
    LEFT JOIN lot ON lot.id = challenge.lot_id
    LEFT JOIN person AS answerer ON answerer.id = challenge.answered_by_id
    LEFT JOIN person AS finder ON finder.id = challenge.found_by_id
    WHERE challenge.round_id = :round ORDER BY challenge.received_on, challenge.id
    """,
    "Who complained, and of what.",
)  # fmt: skip
NEW_DECISIONS = table(
    "new-decisions",
    "New decisions that were proposed, and what they replaced",
    ("Lot", "Provider", "Because of", "Decision before", "Its reason", "Approved before by",
     "Approved before at", "New decision", "Reason", "How the provider was heard", "Proposed by",
     "Proposed at", "Stands at", "Decided by", "Decided at", "Returned because"),
    """
    SELECT lot.number, organisation.name, challenge.kind || ' of ' || challenge.received_from,
           earlier.outcome, earlier.reason, first.name, earlier.approved_at, proposal.outcome,
           proposal.reason, proposal.heard, proposer.name, proposal.proposed_at, proposal.state,
           decider.name, proposal.decided_at, proposal.return_reason
    FROM reconsideration AS proposal
    JOIN application ON application.id = proposal.application_id
    JOIN organisation ON organisation.id = application.provider_id
    JOIN lot ON lot.id = proposal.lot_id
    JOIN challenge ON challenge.id = proposal.challenge_id
    JOIN decision AS earlier ON earlier.id = proposal.replaces_id
    JOIN person AS proposer ON proposer.id = proposal.proposed_by_id
    LEFT JOIN person AS first ON first.id = earlier.approved_by_id
    LEFT JOIN person AS decider ON decider.id = proposal.decided_by_id
    WHERE application.round_id = :round ORDER BY proposal.id
    """,
    "What providers said when they were heard.",
)  # fmt: skip
