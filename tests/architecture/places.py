"""Values for the parameters of every route: for each set of names one statement that picks rows.

It picks one row for each combination of states that a page may show differently, the viewer's own apart from
others', and calls that combination the `label`. `:person` and `:organisation` are the viewer's.
"""

from collections.abc import Mapping

from evaluation.records.tables import WORKBOOK
from portal.agreements.terms import STEPS
from portal.provision.facts import PARTS
from tender.frameworks.kinds import KINDS

# Where a round stands, in a word; several may be in marking, each further than the other, one without names.
ROUNDS = """
  (SELECT round.*,
     CASE WHEN state = 'published' AND closes_at > now() THEN 'open'
          WHEN state = 'published' THEN 'closed'
          WHEN state <> 'marking' THEN state
          WHEN names_hidden THEN 'nameless'
          WHEN EXISTS (SELECT FROM decision JOIN application ON application.id = application_id
                       WHERE application.round_id = round.id) THEN 'recommended'
          WHEN EXISTS (SELECT FROM computation WHERE round_id = round.id) THEN 'computed'
          ELSE 'marking' END AS phase
   FROM round) AS round
"""
APPLICATIONS = f"""
  {ROUNDS} JOIN (
    SELECT *, CASE WHEN provider_id = :organisation THEN 'own' ELSE 'other' END AS whose FROM application
  ) AS application ON application.round_id = round.id
"""
INQUIRIES = f"""
  {APPLICATIONS} JOIN (
    SELECT *, shown_at IS NOT NULL AS shown FROM inquiry
  ) AS inquiry ON inquiry.application_id = application.id
"""
QUESTIONS = f"{APPLICATIONS} JOIN question ON question.round_id = round.id"
LOTS = "JOIN application_lot ON application_lot.application_id = application.id"
FILES = "JOIN answer_file ON answer_file.answer_id = answer.id"
ASSIGNMENTS = f"""
  {ROUNDS} JOIN application ON application.round_id = round.id
  JOIN (
    SELECT *, CASE WHEN evaluator_id = :person THEN 'own' ELSE 'other' END AS whose FROM assignment
  ) AS assignment ON assignment.application_id = application.id
"""
# A conflict that was declared on the list of somebody's own tender to mark is the assignment's.
NOT_WITH_A_TENDER = (
    "NOT EXISTS (SELECT FROM assignment WHERE assignment.application_id = conflict_declaration.application_id"
    " AND evaluator_id = conflict_declaration.person_id AND assignment.conflict_kind <> '')"
)
SCORED = f"""
  {ASSIGNMENTS} JOIN answer ON answer.application_id = application.id
  JOIN question ON question.id = answer.question_id AND question.judged_as = 'scored'
  LEFT JOIN mark ON mark.answer_id = answer.id AND mark.evaluator_id = assignment.evaluator_id
"""
# What an evaluator reads beside it: sections that others mark apart, once these are released.
READ = SCORED.replace(
    "question.judged_as = 'scored'",
    """(question.judged_as = 'scored' OR EXISTS (
    SELECT FROM apart_section
    WHERE apart_section.round_id = question.round_id AND apart_section.section = question.section
      AND released_at IS NOT NULL
  ))""",
)
RELEASED = "CASE WHEN question.judged_as <> 'scored' THEN 'released' END"
AGENDA = f"""
  {ROUNDS} JOIN application ON application.round_id = round.id
  JOIN answer ON answer.application_id = application.id
  JOIN question ON question.id = answer.question_id AND question.judged_as = 'scored'
  LEFT JOIN agreed_mark ON agreed_mark.answer_id = answer.id
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_and(state = 'locked'), false) AS ready FROM assignment
    WHERE application_id = application.id AND state NOT IN ('conflicted', 'declined')
  ) AS panel
"""
DECISIONS = f"""
  {ROUNDS} JOIN application ON application.round_id = round.id AND application.state = 'submitted' {LOTS}
  LEFT JOIN decision ON decision.application_id = application.id AND decision.lot_id = application_lot.lot_id
    AND decision.state <> 'superseded'
  LEFT JOIN price_check ON price_check.application_id = application.id
    AND price_check.lot_id = application_lot.lot_id
"""
SERVICES = """
  (
    SELECT *, CASE WHEN provider_id = :organisation THEN 'own' ELSE 'other' END AS whose FROM service
  ) AS service
  JOIN standing ON standing.id = service.standing_id
  LEFT JOIN (
    SELECT service_id AS proposed_for, state AS page FROM service_proposal WHERE state <> 'published'
  ) AS proposal ON proposal.proposed_for = service.id
"""
KEPT = """
  (SELECT *, CASE WHEN person_id = :person THEN 'own' ELSE 'other' END AS whose FROM kept_form) AS kept_form
"""
SAVED = """
  (SELECT *, CASE WHEN person_id = :person THEN 'own' ELSE 'other' END AS whose FROM saved_search)
  AS saved_search
"""
INTERESTS = """
  (SELECT *, CASE WHEN person_id = :person THEN 'own' ELSE 'other' END AS whose FROM interest) AS interest
"""
PASSKEYS = (
    "(SELECT *, CASE WHEN person_id = :person THEN 'own' ELSE 'other' END AS whose FROM passkey) AS passkey"
)
SHORTLISTS = """
  (
    SELECT *, CASE WHEN school_id = :organisation THEN 'own' ELSE 'other' END AS whose FROM shortlist
  ) AS shortlist
"""
REFERRALS = """
  referral JOIN service ON service.id = referral.service_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN :organisation IN (school_id, provider_id) THEN 'own' ELSE 'other' END AS whose
  ) AS viewer
"""
AGREEMENTS = """
  (
    SELECT *, CASE WHEN :organisation IN (school_id, provider_id) THEN 'own' ELSE 'other' END AS whose,
           (SELECT max(number) FROM agreement_version
            WHERE agreement_id = placement_agreement.id) AS versions,
           (SELECT state FROM agreement_version WHERE agreement_id = placement_agreement.id
            AND state IN ('draft', 'offered')) AS opened
    FROM placement_agreement
  ) AS placement_agreement
"""
AGREED_CHILDREN = """
  (
    SELECT *, CASE WHEN school_id = :organisation THEN 'own' ELSE 'other' END AS whose FROM child
  ) AS child
  JOIN placement_agreement ON placement_agreement.child_id = child.id
    AND placement_agreement.version_in_force IS NOT NULL
"""
REQUESTS = f"""
  {REFERRALS} CROSS JOIN LATERAL (
    SELECT CASE WHEN EXISTS (
      SELECT FROM call_off WHERE call_off.request_id = referral.request_id AND call_off.state = 'chosen'
    ) THEN 'chosen' END AS chosen
  ) AS choice
"""
BLOCKS = """
  place_block CROSS JOIN LATERAL (
    SELECT CASE WHEN :organisation IN (buyer_id, provider_id) THEN 'own' ELSE 'other' END AS whose
  ) AS viewer
"""
COMPETITIONS = """
  (
    SELECT *, CASE WHEN school_id = :organisation THEN 'own' ELSE 'other' END AS whose FROM competition
  ) AS competition
"""
STANDINGS = """
  (
    SELECT *, CASE WHEN provider_id = :organisation THEN 'own' ELSE 'other' END AS whose FROM standing
  ) AS standing
"""
CHANGES = f"{STANDINGS} JOIN standing_change ON standing_change.standing_id = standing.id"

MEMBERSHIPS = """
  (
    SELECT *, CASE WHEN organisation_id = :organisation THEN 'own' ELSE 'other' END AS whose FROM membership
  ) AS membership
  JOIN organisation ON organisation.id = membership.organisation_id
"""
ORGANISATIONS = """
  (
    SELECT *, CASE WHEN id = :organisation THEN 'own' ELSE 'other' END AS whose FROM organisation
  ) AS organisation
"""
JOIN_REQUESTS = """
  (
    SELECT *, CASE WHEN organisation_id = :organisation THEN 'to us' WHEN person_id = :person THEN 'own'
                   ELSE 'other' END AS whose
    FROM join_request
  ) AS join_request
"""
INVITATIONS = """
  (
    SELECT invitation.*, CASE WHEN organisation_id = :organisation THEN 'from us' WHEN person.id = :person
                              THEN 'own' ELSE 'other' END AS whose
    FROM invitation LEFT JOIN person ON lower(person.email) = lower(invitation.email)
  ) AS invitation
"""
PEOPLE = "(SELECT *, CASE WHEN id = :person THEN 'own' ELSE 'other' END AS whose FROM person) AS person"
# A token that the world has put into one invitation; the table holds hashes alone.
INVITATION_TOKEN = "invitation-of-the-world"


VAULTS = """
  (
    SELECT *, CASE WHEN provider_id = :organisation THEN 'own' ELSE 'other' END AS whose FROM evidence
  ) AS evidence
  JOIN (
    SELECT *, version > 1 AS replaced, coalesce(expires_on < CURRENT_DATE, false) AS expired
    FROM evidence_version
  ) AS evidence_version ON evidence_version.evidence_id = evidence.id
"""

CHOICES_OF_CHILDREN = """
  (
    SELECT *, CASE WHEN :organisation IN (school_id, provider_id) THEN 'own' ELSE 'other' END AS whose
    FROM call_off
  ) AS call_off
"""


def _own_or_other(table: str) -> str:
    whose = "CASE WHEN provider_id = :organisation THEN 'own' ELSE 'other' END AS whose"
    return f"(SELECT *, {whose} FROM {table}) AS {table}"


def _one_each(states: str, source: str, **columns: str) -> str:
    chosen = ", ".join(f"{column} AS {name}" for name, column in columns.items())
    order = ", ".join(columns.values())
    return (
        f"SELECT DISTINCT ON ({states}) {chosen}, concat_ws(' ', {states}) AS label "
        f"FROM {source} ORDER BY {states}, {order}"
    )


_STATEMENTS = (
    _one_each("phase", ROUNDS, round_id="round.id"),
    _one_each(
        "phase, pack_version.number",
        f"{ROUNDS} JOIN pack_version ON pack_version.round_id = round.id",
        round_id="round.id",
        number="pack_version.number",
    ),
    _one_each("notice IS NULL", "framework", framework_id="framework.id"),
    _one_each(
        "lot.registered_only, published",
        "lot CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM round_lot JOIN round ON round.id = round_id "
        "WHERE lot_id = lot.id AND state <> 'draft') AS published) AS standing",
        framework_id="lot.framework_id",
        lot_id="lot.id",
    ),
    _one_each("phase, application.state, whose", APPLICATIONS, application_id="application.id"),
    _one_each(
        "phase, whose",
        f"{APPLICATIONS} JOIN answer ON answer.application_id = application.id {FILES}",
        application_id="application.id",
        document_id="answer_file.document_id",
    ),
    _one_each(
        "whose, application.state = 'draft', question.kind",
        f"{QUESTIONS} AND NOT question.per_lot",
        application_id="application.id",
        code="question.code",
    ),
    _one_each(
        "whose, application.state = 'draft', question.kind",
        f"{QUESTIONS} AND question.per_lot {LOTS}",
        application_id="application.id",
        code="question.code",
        lot_id="application_lot.lot_id",
    ),
    _one_each(
        "phase = 'draft', phase = 'open', question.kind, question.judged_as, "
        "CASE WHEN practice_answer.id IS NOT NULL THEN 'practised' END",
        f"{ROUNDS} JOIN question ON question.round_id = round.id "
        "LEFT JOIN practice_answer ON practice_answer.question_id = question.id",
        round_id="round.id",
        code="question.code",
    ),
    _one_each(
        "phase = 'draft'",
        f"{ROUNDS} CROSS JOIN LATERAL jsonb_array_elements(round.sections) AS part",
        round_id="round.id",
        section="part ->> 'code'",
    ),
    _one_each(
        "phase = 'draft', phase = 'open', kinds.kind",
        f"{ROUNDS} CROSS JOIN unnest(ARRAY{list(KINDS)}) AS kinds(kind)",
        round_id="round.id",
        section="'quality'::text",
        kind="kinds.kind",
    ),
    _one_each(
        "phase = 'draft'",
        f"{ROUNDS} JOIN scale ON scale.round_id = round.id",
        round_id="round.id",
        scale_id="scale.id",
    ),
    _one_each("phase, assignment.state, whose", ASSIGNMENTS, assignment_id="assignment.id"),
    _one_each(
        f"phase, assignment.state, whose, mark.id IS NULL, {RELEASED}",
        READ,
        assignment_id="assignment.id",
        answer_id="answer.id",
    ),
    _one_each(
        f"assignment.state, whose, {RELEASED}",
        f"{READ} {FILES}",
        assignment_id="assignment.id",
        answer_id="answer.id",
        document_id="answer_file.document_id",
    ),
    _one_each(
        "phase, result",
        f"{ROUNDS} JOIN application ON application.round_id = round.id "
        "JOIN conformity_check ON conformity_check.application_id = application.id",
        round_id="round.id",
        check_id="conformity_check.id",
    ),
    _one_each(
        "phase, record_file.kind, record_file.state",
        f"{ROUNDS} JOIN record_file ON record_file.round_id = round.id",
        round_id="round.id",
        file_id="record_file.id",
    ),
    _one_each(
        "phase, sheets.name",
        f"{ROUNDS} CROSS JOIN unnest(ARRAY{[table.name for table in WORKBOOK]}) AS sheets(name)",
        round_id="round.id",
        sheet="sheets.name",
    ),
    _one_each("phase, ready, agreed_mark.id IS NULL", AGENDA, answer_id="answer.id"),
    _one_each("ended_at IS NULL", "moderation_meeting", meeting_id="moderation_meeting.id"),
    _one_each(
        "phase, waiting, late",
        f"{ROUNDS} JOIN application ON application.round_id = round.id JOIN conflict_declaration "
        "ON conflict_declaration.application_id = application.id AND conflict_kind <> '' CROSS JOIN LATERAL "
        "(SELECT EXISTS (SELECT FROM conflict_waiver WHERE declaration_id = conflict_declaration.id "
        "AND decided_at IS NULL) AS waiting, EXISTS (SELECT FROM assignment WHERE state = 'locked' AND "
        "evaluator_id = person_id AND assignment.application_id = application.id) AS late) AS waiver "
        f"WHERE {NOT_WITH_A_TENDER}",
        declaration_id="conflict_declaration.id",
    ),
    _one_each(
        "phase, panel_member.role",
        f"{ROUNDS} JOIN panel_member ON panel_member.round_id = round.id",
        round_id="round.id",
        person_id="panel_member.person_id",
    ),
    _one_each("whose", INTERESTS, interest_id="interest.id"),
    _one_each(
        "phase, application.state",
        f"{ROUNDS} JOIN application ON application.round_id = round.id",
        round_id="round.id",
        application_id="application.id",
    ),
    _one_each(
        "phase, decision.state, decision.outcome, price_check.counts",
        DECISIONS,
        round_id="round.id",
        application_id="application.id",
        lot_id="application_lot.lot_id",
    ),
    _one_each(
        "phase, decision.state, decision.outcome",
        f"{DECISIONS} WHERE decision.id IS NOT NULL",
        decision_id="decision.id",
    ),
    _one_each(
        "met_at IS NULL, due_on < CURRENT_DATE, moved",
        "admission_condition JOIN decision ON decision.id = decision_id AND decision.state = 'released' "
        "CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM condition_extension "
        "WHERE condition_id = admission_condition.id) AS moved) AS later",
        condition_id="admission_condition.id",
    ),
    _one_each("state, finding, held_at IS NULL, lifted_at IS NULL", "challenge", challenge_id="challenge.id"),
    _one_each(
        "decision.outcome, decision.replaces_id IS NULL",
        f"{DECISIONS} JOIN challenge ON challenge.round_id = round.id "
        "AND challenge.finding IN ('upheld', 'partly_upheld') "
        "AND coalesce(challenge.lot_id, decision.lot_id) = decision.lot_id",
        challenge_id="challenge.id",
        application_id="application.id",
        lot_id="application_lot.lot_id",
    ),
    _one_each(
        "reconsideration.state, reconsideration.outcome",
        "reconsideration",
        reconsideration_id="reconsideration.id",
    ),
    _one_each(
        "phase, round_withdrawal.approved",
        f"{ROUNDS} JOIN round_withdrawal ON round_withdrawal.round_id = round.id",
        round_id="round.id",
        withdrawal_id="round_withdrawal.id",
    ),
    _one_each(
        "phase, clarification.state, whose",
        f"{ROUNDS} JOIN (SELECT *, CASE WHEN organisation_id = :organisation THEN 'own' ELSE 'other' END "
        "AS whose FROM clarification) AS clarification ON clarification.round_id = round.id",
        clarification_id="clarification.id",
    ),
    _one_each("phase, inquiry.state, shown, whose", INQUIRIES, inquiry_id="inquiry.id"),
    _one_each(
        "phase, inquiry.state, shown, whose",
        f"{INQUIRIES} JOIN inquiry_file ON inquiry_file.inquiry_id = inquiry.id",
        inquiry_id="inquiry.id",
        document_id="inquiry_file.document_id",
    ),
    _one_each(
        "phase, round_document.version",
        f"{ROUNDS} JOIN round_document ON round_document.round_id = round.id",
        round_id="round.id",
        round_document_id="round_document.id",
    ),
    _one_each(
        "phase, round_document.version",
        f"{ROUNDS} JOIN round_document ON round_document.round_id = round.id",
        round_document_id="round_document.id",
    ),
    _one_each(
        "box_opening.confirmed_at IS NULL",
        "box_opening",
        round_id="box_opening.round_id",
        opening_id="box_opening.id",
    ),
    _one_each(
        "whose, standing.state, page, CASE WHEN open_until < CURRENT_DATE THEN 'lapsed' END",
        SERVICES,
        service_id="service.id",
    ),
    _one_each(
        "whose, standing.state, page, parts.part",
        f"{SERVICES} CROSS JOIN unnest(ARRAY{list(PARTS)}) AS parts(part)",
        service_id="service.id",
        part="parts.part",
    ),
    _one_each("service_proposal.state", "service_proposal", proposal_id="service_proposal.id"),
    _one_each("part", "service_own_words", own_words_id="service_own_words.id"),
    _one_each("whose", SAVED, search_id="saved_search.id"),
    _one_each("registration_case.state", "registration_case", case_id="registration_case.id"),
    _one_each("whose", AGREED_CHILDREN, child_id="child.id"),
    _one_each(
        "whose, referral.state, chosen, CASE WHEN competition_id IS NOT NULL THEN 'competing' END",
        REQUESTS,
        referral_id="referral.id",
    ),
    _one_each("whose, place_block.state", BLOCKS, block_id="place_block.id"),
    _one_each("whose, competition.state", COMPETITIONS, competition_id="competition.id"),
    _one_each(
        "whose, competition.state",
        f"{COMPETITIONS} JOIN competition_entry ON competition_id = competition.id AND opened_at IS NOT NULL "
        "AND submitted_at IS NOT NULL",
        entry_id="competition_entry.id",
    ),
    _one_each("whose, referral.state, chosen", REQUESTS, referral_request="referral.request_id"),
    _one_each("whose, shortlist.state", SHORTLISTS, shortlist_id="shortlist.id"),
    _one_each(
        "whose, placement_agreement.state, opened, versions > 1, closed_on < CURRENT_DATE",
        AGREEMENTS,
        agreement_id="placement_agreement.id",
    ),
    _one_each(
        "whose, opened = 'draft', steps.step",
        f"{AGREEMENTS} CROSS JOIN unnest(ARRAY{list(STEPS)}) AS steps(step)",
        agreement_id="placement_agreement.id",
        step="steps.step",
    ),
    _one_each(
        "whose, placement_agreement.state, agreement_version.state",
        f"{AGREEMENTS} JOIN agreement_version ON agreement_version.agreement_id = placement_agreement.id",
        agreement_id="placement_agreement.id",
        version="agreement_version.number",
    ),
    _one_each("standing.state, evidence_until < CURRENT_DATE", STANDINGS, standing_id="standing.id"),
    _one_each(
        "whose, step, standing_change.state, represented_at IS NOT NULL",
        CHANGES,
        change_id="standing_change.id",
    ),
    _one_each(
        "evidence.type, evidence_check.id IS NOT NULL",
        "evidence JOIN evidence_version ON evidence_version.evidence_id = evidence.id "
        "JOIN lot_evidence ON document_type = evidence.type "
        "JOIN standing ON standing.provider_id = evidence.provider_id "
        "AND standing.lot_id = lot_evidence.lot_id "
        "LEFT JOIN evidence_check ON evidence_check.document_id = evidence_version.document_id "
        "WHERE NOT EXISTS (SELECT FROM evidence_version AS later "
        "WHERE later.evidence_id = evidence.id AND later.version > evidence_version.version)",
        document_id="evidence_version.document_id",
    ),
    _one_each(
        "lot_evidence.lot_id IS NULL",
        "lot LEFT JOIN lot_evidence ON lot_evidence.lot_id = lot.id",
        lot_id="lot.id",
    ),
    _one_each("whose, replaced, expired", VAULTS, evidence_id="evidence.id"),
    _one_each("whose, version", VAULTS, evidence_id="evidence.id", version="evidence_version.version"),
    _one_each("whose, call_off.state, child_id IS NULL", CHOICES_OF_CHILDREN, call_off_id="call_off.id"),
    _one_each(
        "whose, call_off.state, kind",
        f"{CHOICES_OF_CHILDREN} JOIN child_file ON child_file.call_off_id = call_off.id",
        call_off_id="call_off.id",
        file_id="child_file.id",
    ),
    _one_each("whose, kind", _own_or_other("connected_person"), connected_id="connected_person.id"),
    _one_each("whose", _own_or_other("exclusion_ground"), ground_id="exclusion_ground.id"),
    _one_each("whose", KEPT, kept_id="kept_form.id"),
    _one_each("whose, kind, membership.active", MEMBERSHIPS, membership_id="membership.id"),
    _one_each("whose, kind, organisation.state", ORGANISATIONS, organisation_id="organisation.id"),
    _one_each("whose, join_request.state", JOIN_REQUESTS, request_id="join_request.id"),
    _one_each("whose, invitation.state", INVITATIONS, invitation_id="invitation.id"),
    _one_each("whose, person.active", PEOPLE, person_id="person.id"),
    _one_each("lifted_at IS NULL", "legal_hold", hold_id="legal_hold.id"),
    _one_each("whose", PASSKEYS, passkey_id="passkey.id"),
    _one_each(
        "invitation.state",
        f"invitation WHERE token_hash = encode(sha256('{INVITATION_TOKEN}'), 'hex')",
        token=f"'{INVITATION_TOKEN}'::text",
    ),
    _one_each("kind", "organisation WHERE kind = 'council'", colours="'5c0b3f-none'::text"),
    _one_each(
        "logo_sha256 = ''", "settings_version WHERE logo_sha256 <> ''", sha256="settings_version.logo_sha256"
    ),
)


def _names(statement: str) -> frozenset[str]:
    columns = statement.partition(") ")[2].partition(", concat_ws")[0]
    return frozenset(column.rpartition(" AS ")[2] for column in columns.split(", "))


PLACES: Mapping[frozenset[str], str] = {_names(statement): statement for statement in _STATEMENTS}
"""The statement by the names of the parameters."""
assert len(PLACES) == len(_STATEMENTS), "of two statements for the same parameters one would not count"

SELF_CHECKED = (
    "platform=yes&registration=below&lead=yes&vetting=yes&policies=yes&staff=yes&premises=yes&data=yes"
    "&insurance=can&finance=yes&attendance=yes&own_day_rate=yes"
)
FURTHER: Mapping[str, tuple[str, ...]] = {
    "children.logs": ("who=others", "page=999"),
    "children.log": ("who=others",),
    "directory.search": (
        "words=construction",
        "words=zzzzzz",
        "words=cookery&postcode=M5+4WT&within=5&sort=distance&key_stages=KS3&needs=SEMH&places=y",
        "postcode=nowhere",
        "page=999",
        "lots=1&key_stages=KS1&needs=PD",
        "words=cookrey",
        "view=map&postcode=M5+4WT",
        "view=map&words=zzzzzz",
        "sessions=mon_am&places=y&price=110&tiers=tier2&modes=at_site&subjects=maths&registration=registered",
        "price=cheap",
    ),
    "finding.compare": ("service=1&service=2&service=3&service=4&service=5", "service=x"),
    "finding.new": ("words=cookery&key_stages=KS3", "address=x&price=cheap"),
    "finding.export": ("words=cookery&postcode=M5",),
    "finding.unmet": ("page=99",),
    "shortlists.new": ("words=cookery&postcode=M5+4WT&within=5", "words=zzzzzz&address=x"),
    "shortlists.index": ("page=99",),
    "service_checks.index": ("page=99",),
    "service_checks.own_words": ("page=99",),
    "conformity.show": ("only=fail", "only=refer&lot=1", "only=nonsense&lot=x"),
    "conformity.rehearse": ("only=changes", "only=undecided&page=99"),
    "moderation.agenda": ("show=all", "page=99"),
    "moderation.differences": ("page=99",),
    "identical.show": ("page=99",),
    "meetings.index": ("page=99",),
    "meetings.show": ("page=99",),
    "answer_versions.show": ("version=1", "page=99"),
    "self_check.show": (
        SELF_CHECKED,
        f"policies=old&{SELF_CHECKED}",
        f"vetting=no&{SELF_CHECKED}",
        "data=yes",
    ),
    "opportunities.index": ("page=99",),
    "evidence.index": ("page=99",),
    "providers.show": ("page=99",),
    "frameworks.index": ("page=99",),
    "commissioning.index": ("page=99",),
    "agreements.index": ("page=99",),
    "placements.index": ("page=99", "state=over", "q=zzzzzz", "lot=x&state=nonsense"),
    "placements.download": ("state=all",),
    "commissioning.refer": ("like=nonsense",),
    "standings.index": ("status=soon", "status=suspended&q=zzzzzz", "lot=x&status=nonsense", "page=99"),
    "evidence_checks.index": ("page=99",),
    "administration.organisations": ("state=waiting", "q=zzzzzz", "page=99", "kind=nonsense"),
    "administration.people": ("q=council.example.org", "q=zzzzzz", "page=99"),
    "organisations.find_to_join": ("q=kettle", "q=zzzzzz", "q=m"),
    "scoring.index": ("page=99",),
    "panels.proposal": ("each=3", "page=99"),
    "release.letters": ("letter=2", "letter=99"),
    "outcomes.results": ("page=99",),
    "outcomes.decisions": ("page=99",),
    "prices.show": ("page=99",),
    "summaries.index": ("page=99",),
    "conditions.index": ("page=99",),
    "sensitivity.show": ("page=99",),
    "records.show": ("still=yes",),
    "auditing.index": (
        "subject=application&person=lead&action=round.open_box",
        "subject=referral+1&before=3",
        "since-day=1&since-month=1&since-year=2026&until-day=31&until-month=12&until-year=2026",
        "since-day=40",
        "action=nothing.like_it",
    ),
    "mailbox.index": ("to=nobody@example.org",),
    "sign_in.sign_in": ("next=/search",),
    "sign_in.register": ("next=/opportunities",),
    "factors.recovery_codes": ("next=/marking",),
    "letters.confirm_link": ("token=unknown",),
    "letters.reset": ("token=unknown",),
}
"""Addresses beside the plain one, by endpoint: what follows the question mark."""
