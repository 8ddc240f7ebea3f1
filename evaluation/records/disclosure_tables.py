"""The further tables of a disclosure pack: opening, declarations, meetings, letters, questions, trail."""

from evaluation.records.afterwards_tables import (
    ADMITTED_ON,
    CHALLENGES,
    LETTERS,
    NEW_DECISIONS,
    REOPENED,
)
from evaluation.records.tables import Table
from evaluation.records.tables import listed as table

_PRIVATE = "Private lives of evaluators and others who declared, and of those whom they name."
OPENING = table(
    "opening",
    "Publication, opening and award notices",
    ("At", "What", "By", "Confirmed by", "Confirmed at", "Reason"),
    """
    SELECT * FROM (
      SELECT round.published_at AS at, 'Round published' AS what, person.name AS by, NULL AS confirmed_by,
             NULL::timestamptz AS confirmed_at, '' AS reason
      FROM round LEFT JOIN person ON person.id = round.published_by_id WHERE round.id = :round
      UNION ALL
      SELECT extension.extended_at, 'More time given', person.name, NULL, NULL, extension.reason
      FROM extension JOIN person ON person.id = extension.extended_by_id WHERE extension.round_id = :round
      UNION ALL
      SELECT round.closes_at, 'Published closing time', NULL, NULL, NULL, '' FROM round WHERE id = :round
      UNION ALL
      SELECT box_opening.begun_at,
             CASE WHEN box_opening.confirmed_at IS NULL THEN 'Opening begun, not confirmed in time'
                  ELSE 'Opening begun and confirmed' END,
             person.name, witness.name, box_opening.confirmed_at, ''
      FROM box_opening JOIN person ON person.id = box_opening.begun_by_id
      LEFT JOIN person AS witness ON witness.id = box_opening.confirmed_by_id
      WHERE box_opening.round_id = :round
      UNION ALL
      SELECT round.opened_at, 'Tender box opened', person.name, NULL, NULL, ''
      FROM round LEFT JOIN person ON person.id = round.opened_by_id WHERE round.id = :round
      UNION ALL
      SELECT round.marking_started_at, 'Marking started', person.name, NULL, NULL, ''
      FROM round LEFT JOIN person ON person.id = round.marking_started_by_id WHERE round.id = :round
      UNION ALL
      SELECT round.decided_at, 'Outcomes decided', person.name, NULL, NULL, ''
      FROM round LEFT JOIN person ON person.id = round.decided_by_id WHERE round.id = :round
      UNION ALL
      SELECT round.released_at, 'Letters released', person.name, NULL, NULL, ''
      FROM round LEFT JOIN person ON person.id = round.released_by_id WHERE round.id = :round
      UNION ALL
      SELECT notice.noted_at,
             'Contract award notice of ' || notice.published_on || ' noted: ' || notice.reference,
             person.name, NULL, NULL, ''
      FROM award_notice AS notice JOIN person ON person.id = notice.noted_by_id
      WHERE notice.round_id = :round
    ) AS happened WHERE at IS NOT NULL ORDER BY at, what
    """,
)
RECEIVED = table(
    "received",
    "Tenders received",
    ("Provider", "Tender", "Receipt", "Received at", "By", "SHA-256", "Withdrawn at"),
    """
    SELECT organisation.name, application.reference, receipt.number, receipt.submitted_at, person.name,
           receipt.sha256, receipt.withdrawn_at
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN receipt ON receipt.application_id = application.id
    JOIN person ON person.id = receipt.submitted_by_id
    WHERE application.round_id = :round ORDER BY receipt.submitted_at, receipt.id
    """,
    "Names of providers' people.",
)
CONDITIONS = table(
    "conditions-decided",
    "Decisions on conditions",
    ("Provider", "Tender", "Lot", "Condition", "Version", "Result", "Reason", "Decided by", "Decided at"),
    """
    SELECT organisation.name, application.reference, lot.number, question.title, decided.version,
           decided.result, decided.reason, person.name, decided.decided_at
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN conformity_check ON conformity_check.application_id = application.id
    JOIN conformity_decision AS decided ON decided.check_id = conformity_check.id
    JOIN question ON question.id = conformity_check.question_id
    JOIN person ON person.id = decided.decided_by_id
    LEFT JOIN lot ON lot.id = conformity_check.lot_id
    WHERE application.round_id = :round AND application.state = 'submitted'
    ORDER BY organisation.name, application.id, conformity_check.id, decided.version
    """,
    "What tenders say.",
)
EXCLUSIONS = table(
    "exclusions",
    "Exclusion and debarment",
    ("Provider", "Tender", "Part", "Version", "Result", "Ground", "Excludes", "Looked at", "Self-cleaning",
     "How it was heard", "Reasons", "Checked on", "Recorded by", "Recorded at"),
    """
    SELECT organisation.name, application.reference, found.part, found.version, found.result, found.ground,
           CASE WHEN found.excludes THEN 'yes' WHEN NOT found.excludes THEN 'no' END, found.looked_at,
           found.self_cleaning, found.heard, found.reasons, found.checked_on::text, person.name,
           found.recorded_at
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN exclusion_finding AS found ON found.application_id = application.id
    JOIN person ON person.id = found.recorded_by_id
    WHERE application.round_id = :round
    ORDER BY organisation.name, application.id, found.part, found.version
    """,
    "Convictions and other facts about connected persons.",
)  # fmt: skip
INQUIRIES = table(
    "clarifications",
    "Clarifications of tenders",
    ("Provider", "Tender", "Lot", "Question", "Asked", "Asked by", "Asked at", "Due at", "Stands at",
     "Answer", "Answered by", "Answered at", "Withdrawn because", "Shown to evaluators at"),
    """
    SELECT organisation.name, application.reference, lot.number, question.title, inquiry.text, asker.name,
           inquiry.asked_at, inquiry.due_at, inquiry.state, inquiry.answer, answerer.name,
           inquiry.answered_at, inquiry.withdrawn_because, inquiry.shown_at
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN inquiry ON inquiry.application_id = application.id
    JOIN question ON question.id = inquiry.question_id
    JOIN person AS asker ON asker.id = inquiry.asked_by_id
    LEFT JOIN person AS answerer ON answerer.id = inquiry.answered_by_id
    LEFT JOIN lot ON lot.id = inquiry.lot_id
    WHERE application.round_id = :round ORDER BY organisation.name, application.id, inquiry.id
    """,
    "What tenders say.",
)  # fmt: skip
PANEL = table(
    "panel",
    "Panel",
    ("Person", "Serves as", "Lots", "Sections", "Skills"),
    """
    SELECT person.name, panel_member.role,
           CASE WHEN panel_member.role <> 'evaluator' THEN ''
                WHEN panel_member.lots = '{}' THEN 'all'
                ELSE (
                  SELECT string_agg(lot.number, '; ' ORDER BY lot.position) FROM lot
                  WHERE lot.id = ANY (panel_member.lots)
                ) END,
           CASE WHEN panel_member.role <> 'evaluator' THEN ''
                WHEN panel_member.sections = '{}' THEN 'all that are not marked apart'
                ELSE (
                  SELECT string_agg(part ->> 'title', '; ' ORDER BY place)
                  FROM jsonb_array_elements(round.sections) WITH ORDINALITY AS listed (part, place)
                  WHERE part ->> 'code' = ANY (panel_member.sections)
                ) END,
           array_to_string(panel_member.skills, '; ')
    FROM panel_member
    JOIN round ON round.id = panel_member.round_id
    JOIN person ON person.id = panel_member.person_id
    WHERE panel_member.round_id = :round ORDER BY panel_member.role, person.name, person.id
    """,
)
DECLARATIONS = table(
    "declarations",
    "Declarations",
    ("Provider", "Tender", "Declared by", "Declared with", "Stands at", "Kind", "Conflict declared",
     "Declared at", "Locked at"),
    """
    SELECT organisation.name, application.reference, person.name, 'the tender', assignment.state,
           assignment.conflict_kind, assignment.conflict, assignment.declared_at, assignment.locked_at
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN assignment ON assignment.application_id = application.id
    JOIN person ON person.id = assignment.evaluator_id
    WHERE application.round_id = :round
    UNION ALL
    SELECT organisation.name, application.reference, person.name,
           'the list of tenderers',
           CASE WHEN conflict_kind = '' THEN 'no conflict'
                WHEN EXISTS (SELECT FROM conflict_waiver
                             WHERE declaration_id = conflict_declaration.id AND granted) THEN 'waived'
                ELSE 'conflicted' END,
           conflict_kind, conflict_declaration.conflict, conflict_declaration.declared_at, NULL
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN conflict_declaration ON conflict_declaration.application_id = application.id
    JOIN person ON person.id = conflict_declaration.person_id
    WHERE application.round_id = :round
    ORDER BY 1, 2, 3, 8
    """,
    _PRIVATE,
)  # fmt: skip
WAIVERS = table(
    "waivers",
    "Mitigation of conflicts, and waivers",
    ("Provider", "Tender", "Conflict of", "Kind", "Conflict declared", "Mitigation",
     "Sections left out", "Proposed by", "Proposed at", "Waived", "Reason", "Decided by", "Decided at"),
    """
    SELECT organisation.name, application.reference, person.name,
           coalesce(nullif(assignment.conflict_kind, ''), declared.conflict_kind),
           coalesce(nullif(assignment.conflict, ''), declared.conflict), waiver.mitigation,
           array_to_string(waiver.left_out, ', '), proposer.name, waiver.proposed_at,
           CASE WHEN waiver.granted THEN 'yes' WHEN NOT waiver.granted THEN 'no' END,
           waiver.reason, decider.name, waiver.decided_at
    FROM conflict_waiver AS waiver
    LEFT JOIN assignment ON assignment.id = waiver.assignment_id
    LEFT JOIN conflict_declaration AS declared ON declared.id = waiver.declaration_id
    JOIN application ON application.id = coalesce(assignment.application_id, declared.application_id)
    JOIN organisation ON organisation.id = application.provider_id
    JOIN person ON person.id = waiver.evaluator_id
    JOIN person AS proposer ON proposer.id = waiver.proposed_by_id
    LEFT JOIN person AS decider ON decider.id = waiver.decided_by_id
    WHERE application.round_id = :round
    ORDER BY organisation.name, application.id, waiver.id
    """,
    _PRIVATE,
)  # fmt: skip
MEETINGS = table(
    "meetings",
    "Moderation meetings",
    ("Meeting", "Started at", "Started by", "Ended at", "Ended by", "Person", "Serves as", "Was there",
     "Others in the room", "Views of those away"),
    """
    SELECT moderation_meeting.id, moderation_meeting.started_at, starter.name, moderation_meeting.ended_at,
           ender.name, person.name, meeting_attendance.role,
           CASE WHEN meeting_attendance.present THEN 'yes' WHEN NOT meeting_attendance.present THEN 'no' END,
           moderation_meeting.observers, moderation_meeting.absent_views
    FROM moderation_meeting
    JOIN person AS starter ON starter.id = moderation_meeting.started_by_id
    LEFT JOIN person AS ender ON ender.id = moderation_meeting.ended_by_id
    LEFT JOIN meeting_attendance ON meeting_attendance.meeting_id = moderation_meeting.id
    LEFT JOIN person ON person.id = meeting_attendance.person_id
    WHERE moderation_meeting.round_id = :round
    ORDER BY moderation_meeting.id, meeting_attendance.role, person.name, person.id
    """,
)  # fmt: skip
SUMMARIES = table(
    "summaries",
    "Assessment summaries",
    ("Provider", "Tender", "Stands at", "Lot", "Question", "Version", "Explanation", "Why not higher",
     "Of the agreed mark's version", "Drafted by the portal", "Written by", "Written at"),
    """
    SELECT organisation.name, application.reference, summary.state, lot.number, question.title, said.version,
           said.explanation, said.not_higher, said.mark_version,
           CASE WHEN said.drafted THEN 'yes' ELSE 'no' END, person.name, said.written_at
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN answer ON answer.application_id = application.id
    JOIN summary_text AS said ON said.answer_id = answer.id
    JOIN question ON question.id = answer.question_id
    JOIN person ON person.id = said.written_by_id
    LEFT JOIN assessment_summary AS summary ON summary.application_id = application.id
    LEFT JOIN lot ON lot.id = answer.lot_id
    WHERE application.round_id = :round
    ORDER BY organisation.name, application.id, question.position, lot.position, said.version
    """,
    "What tenders say.",
)  # fmt: skip
APPROVALS = table(
    "summary-approvals",
    "Who approved assessment summaries",
    ("Provider", "Tender", "Stands at", "Sent for approval by", "Sent at", "Approved by", "Approved at",
     "Returned by", "Returned at", "Returned because"),
    """
    SELECT organisation.name, application.reference, summary.state, offerer.name, summary.offered_at,
           approver.name, summary.approved_at, returner.name, summary.returned_at, summary.return_reason
    FROM application
    JOIN organisation ON organisation.id = application.provider_id
    JOIN assessment_summary AS summary ON summary.application_id = application.id
    LEFT JOIN person AS offerer ON offerer.id = summary.offered_by_id
    LEFT JOIN person AS approver ON approver.id = summary.approved_by_id
    LEFT JOIN person AS returner ON returner.id = summary.returned_by_id
    WHERE application.round_id = :round ORDER BY organisation.name, application.id
    """,
)  # fmt: skip
QUESTIONS = table(
    "messages",
    "Questions and answers",
    ("Number", "Asked by", "Of", "Asked at", "Question as asked", "Stands at", "Question as published",
     "Answer", "Answered to its asker alone because", "Answered by", "Answered at", "Left unanswered because",
     "Corrected since"),
    """
    SELECT clarification.number, person.name, organisation.name, clarification.asked_at, clarification.text,
           clarification.state, clarification.published_text, clarification.answer,
           clarification.private_reason, answerer.name, clarification.answered_at, clarification.left_reason,
           (SELECT string_agg(corrected_at || ': ' || reason || ' | ' || correction.text || ' | '
                              || correction.answer, E'\n' ORDER BY correction.number)
            FROM clarification_correction AS correction WHERE clarification_id = clarification.id)
    FROM clarification
    JOIN person ON person.id = clarification.asked_by_id
    JOIN organisation ON organisation.id = clarification.organisation_id
    LEFT JOIN person AS answerer ON answerer.id = clarification.answered_by_id
    WHERE clarification.round_id = :round ORDER BY clarification.asked_at, clarification.id
    """,
    "Who asked; questions that were answered to their asker alone.",
)  # fmt: skip
TRAIL = table(
    "trail",
    "Audit trail of the round",
    ("Line", "At", "By", "What", "About", "Number", "Details", "SHA-256"),
    """
    WITH about AS MATERIALIZED (
      SELECT 'round' AS kind, CAST(:round AS bigint)::text AS number
      UNION ALL
      SELECT 'application', id::text FROM application WHERE round_id = :round AND state = 'submitted'
      UNION ALL
      SELECT 'assignment', assignment.id::text FROM assignment
      JOIN application ON application.id = assignment.application_id WHERE application.round_id = :round
      UNION ALL
      SELECT 'conflict_declaration', conflict_declaration.id::text FROM conflict_declaration
      JOIN application ON application.id = conflict_declaration.application_id
      WHERE application.round_id = :round
      UNION ALL
      SELECT 'agreed_mark', answer.id::text FROM answer
      JOIN question ON question.id = answer.question_id WHERE question.round_id = :round
        AND question.judged_as = 'scored'
      UNION ALL
      SELECT 'decision', decision.id::text FROM decision
      JOIN application ON application.id = decision.application_id WHERE application.round_id = :round
      UNION ALL
      SELECT 'inquiry', inquiry.id::text FROM inquiry
      JOIN application ON application.id = inquiry.application_id WHERE application.round_id = :round
      UNION ALL
      SELECT 'assessment_summary', application.id::text FROM assessment_summary
      JOIN application ON application.id = assessment_summary.application_id
      WHERE application.round_id = :round
      UNION ALL
      SELECT 'outcome_release', id::text FROM outcome_release WHERE round_id = :round
      UNION ALL
      SELECT 'clarification', id::text FROM clarification WHERE round_id = :round
      UNION ALL
      SELECT 'certificate', certificate.id::text FROM certificate
      JOIN application ON application.id = certificate.application_id
      WHERE application.round_id = :round AND application.state = 'submitted'
      UNION ALL
      SELECT 'challenge', id::text FROM challenge WHERE round_id = :round
      UNION ALL
      SELECT 'reconsideration', reconsideration.id::text FROM reconsideration
      JOIN application ON application.id = reconsideration.application_id WHERE application.round_id = :round
      UNION ALL
      SELECT 'record_file', id::text FROM record_file WHERE round_id = :round
    )
    SELECT line.id, line.at, line.actor_name, line.action, line.subject_type, line.subject_id,
           line.details::text, encode(line.hash, 'hex')
    FROM about
    JOIN audit_line AS line ON line.subject_type = about.kind AND line.subject_id = about.number
    ORDER BY line.id
    """,
)

DISCLOSURE: tuple[Table, ...] = (
    OPENING,
    RECEIVED,
    CONDITIONS,
    EXCLUSIONS,
    INQUIRIES,
    PANEL,
    DECLARATIONS,
    WAIVERS,
    MEETINGS,
    SUMMARIES,
    APPROVALS,
    REOPENED,
    ADMITTED_ON,
    LETTERS,
    CHALLENGES,
    NEW_DECISIONS,
    QUESTIONS,
    TRAIL,
)
