"""What addresses name: for each set of parameters whose it is, and the states in which the rules know it."""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.records.tables import WORKBOOK
from tests.architecture.places import INVITATION_TOKEN
from tests.architecture.places import ROUNDS as STAGED_ROUNDS

ROUND_STATES = ("draft", "open", "closed", "opened", "marking", "decided", "released")
OPENED = ("opened", "marking", "decided", "released")
SEALED = ("open", "closed")


@dataclass(frozen=True)
class Thing:
    """Something that an address names by `parameters`.

    `owners` says by kind of organisation, or for one "person", which column of the database names its owner.
    `states` are those that the world must hold.
    """

    name: str
    parameters: frozenset[str]
    owners: Mapping[str, str]
    states: tuple[str, ...]
    statement: str


def _thing(
    name: str,
    source: str,
    states: tuple[str, ...],
    *,
    state: str,
    owners: Mapping[str, str],
    **parameters: str,
) -> Thing:
    columns = [*((column, name) for name, column in parameters.items()), (state, "state")]
    columns += [(column, f"owner_{kind}") for kind, column in owners.items()]
    chosen = ", ".join(f"{column} AS {name}" for column, name in columns)
    order = ", ".join(str(place) for place in range(1, len(parameters) + 1)) or "1"
    statement = f"SELECT {chosen} FROM {source} ORDER BY {order}"
    return Thing(name, frozenset(parameters), owners, states, statement)


# Where a round stands; the stages of marking are one.
PHASE = "CASE WHEN phase IN ('computed', 'recommended') THEN 'marking' ELSE phase END"
ROUNDS = f"{STAGED_ROUNDS} JOIN framework ON framework.id = round.framework_id"
COUNCIL = {"council": "framework.council_id"}
APPLICATIONS = f"{ROUNDS} JOIN application ON application.round_id = round.id"
TENDER = f"concat_ws(' ', {PHASE}, application.state)"
BOTH_SIDES = {"provider": "application.provider_id", **COUNCIL}
# Draft and submitted applications in every state that they reach; a draft stays one when its round closes.
TENDER_STATES = (
    "open draft",
    "open submitted",
    "closed draft",
    *(f"{phase} submitted" for phase in ("closed", *OPENED)),
)
ANSWERS = f"{APPLICATIONS} JOIN answer ON answer.application_id = application.id"
QUESTIONS = f"{APPLICATIONS} JOIN question ON question.round_id = round.id AND question.kind <> 'file'"
FILES_ASKED = f"{APPLICATIONS} JOIN question ON question.round_id = round.id AND question.kind = 'file'"
LOTS = "JOIN application_lot ON application_lot.application_id = application.id"
ASSIGNMENTS = f"{APPLICATIONS} JOIN assignment ON assignment.application_id = application.id"
ASSIGNED = {"person": "assignment.evaluator_id", **COUNCIL}
PROVIDERS = {"provider": "provider_id"}
JOINED = dict.fromkeys(("provider", "school", "school_group"), "organisation_id")
ANYONES = {**JOINED, "council": "organisation_id"}
PROMISED = f"""
  {ANSWERS} JOIN promised_file ON promised_file.answer_id = answer.id
  JOIN question ON question.id = answer.question_id
"""
ON_THEIR_WAY = f"""
  {APPLICATIONS} JOIN question ON question.round_id = round.id
  JOIN upload ON upload.place LIKE concat('application ', application.id, ', ', question.code, ', lot %')
"""
MARKED = f"""
  {ASSIGNMENTS} JOIN answer ON answer.application_id = application.id
  JOIN question ON question.id = answer.question_id AND question.judged_as = 'scored'
"""
# An answer comes before the panel when everybody who marks its tender has locked.
AGENDA = f"""
  {ANSWERS} JOIN question ON question.id = answer.question_id AND question.judged_as = 'scored'
  CROSS JOIN LATERAL (
    SELECT coalesce(bool_and(state = 'locked'), false) AS complete FROM assignment
    WHERE application_id = application.id AND state NOT IN ('conflicted', 'declined')
  ) AS panel
"""
COMPLETE = "CASE WHEN panel.complete THEN 'complete' ELSE 'incomplete' END"


PRACTICE = f"""
  {ASSIGNMENTS} AND assignment.state IN ('assigned', 'accepted', 'locked')
  JOIN question ON question.round_id = round.id
  JOIN practice_answer ON practice_answer.question_id = question.id
"""
# Providers as the council knows them: admitted to a lot, judged, or no more than a sealed application.
KNOWN = """
  organisation
  CROSS JOIN LATERAL (
    SELECT CASE WHEN EXISTS (SELECT FROM standing WHERE provider_id = organisation.id AND state <> 'removed')
                THEN 'admitted'
                WHEN EXISTS (SELECT FROM application JOIN round ON round.id = round_id
                             WHERE provider_id = organisation.id AND application.state = 'submitted'
                               AND round.state IN ('opened', 'marking', 'decided', 'released'))
                THEN 'applied, opened'
                WHEN EXISTS (SELECT FROM application WHERE provider_id = organisation.id
                             AND application.state = 'submitted')
                THEN 'applied, sealed' END AS state
  ) AS known
  CROSS JOIN LATERAL (
    SELECT council_id FROM framework
    JOIN round ON round.framework_id = framework.id JOIN application ON round_id = round.id
    WHERE provider_id = organisation.id ORDER BY application.id LIMIT 1
  ) AS to_council
"""
STANDINGS = """
  standing JOIN lot ON lot.id = standing.lot_id JOIN framework ON framework.id = lot.framework_id
"""
COUNCIL_OF_KNOWN = {"council": "to_council.council_id"}
PRICES = f"""
  {APPLICATIONS} {LOTS} JOIN question ON question.round_id = round.id AND question.judged_as = 'priced'
"""

THINGS: tuple[Thing, ...] = (
    _thing("round", ROUNDS, ROUND_STATES, state=PHASE, owners=COUNCIL, round_id="round.id"),
    _thing(
        "version of a pack",
        f"{ROUNDS} JOIN pack_version ON pack_version.round_id = round.id",
        ("open",),
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        number="pack_version.number",
    ),
    _thing("framework", "framework", ("",), state="''", owners=COUNCIL, framework_id="framework.id"),
    _thing(
        "lot of a framework",
        "lot JOIN framework ON framework.id = lot.framework_id",
        ("",),
        state="''",
        owners=COUNCIL,
        framework_id="framework.id",
        lot_id="lot.id",
    ),
    _thing(
        "question of a pack",
        f"{ROUNDS} JOIN question ON question.round_id = round.id",
        ROUND_STATES,
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        code="question.code",
    ),
    _thing(
        "section of a pack",
        f"{ROUNDS} CROSS JOIN LATERAL jsonb_array_elements(round.sections) AS part",
        ROUND_STATES,
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        section="part ->> 'code'",
    ),
    _thing(
        "kind of question",
        f"{ROUNDS} CROSS JOIN LATERAL jsonb_array_elements(round.sections) AS part",
        ROUND_STATES,
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        section="part ->> 'code'",
        kind="'number'::text",
    ),
    _thing(
        "scale of a pack",
        f"{ROUNDS} JOIN scale ON scale.round_id = round.id",
        ROUND_STATES,
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        scale_id="scale.id",
    ),
    _thing(
        "paper of a round",
        f"{ROUNDS} JOIN round_document ON round_document.round_id = round.id",
        ("draft", "open"),
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        round_document_id="round_document.id",
    ),
    _thing(
        "paper",
        f"{ROUNDS} JOIN round_document ON round_document.round_id = round.id AND NOT EXISTS "
        "(SELECT FROM round_document AS later WHERE later.follows_id = round_document.id)",
        ("draft", "open"),
        state=PHASE,
        owners=COUNCIL,
        round_document_id="round_document.id",
    ),
    _thing(
        "opening of the box",
        f"{ROUNDS} JOIN box_opening ON box_opening.round_id = round.id",
        ("closed",),
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        opening_id="box_opening.id",
    ),
    _thing(
        "application",
        APPLICATIONS,
        TENDER_STATES,
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
    ),
    _thing(
        "document of an application",
        f"{ANSWERS} JOIN answer_file ON answer_file.answer_id = answer.id",
        TENDER_STATES,
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        document_id="answer_file.document_id",
    ),
    _thing(
        "answer",
        f"{QUESTIONS} AND NOT question.per_lot",
        TENDER_STATES,
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        code="question.code",
    ),
    _thing(
        "answer for a lot",
        f"{QUESTIONS} AND question.per_lot {LOTS}",
        TENDER_STATES,
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        code="question.code",
        lot_id="application_lot.lot_id",
    ),
    _thing(
        "file asked for",
        f"{FILES_ASKED} AND NOT question.per_lot",
        TENDER_STATES,
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        code="question.code",
    ),
    _thing(
        "file asked for a lot",
        f"{FILES_ASKED} AND question.per_lot {LOTS}",
        TENDER_STATES,
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        code="question.code",
        lot_id="application_lot.lot_id",
    ),
    _thing(
        "promised file",
        f"{PROMISED} AND NOT question.per_lot",
        ("open draft",),
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        code="question.code",
        promise_id="promised_file.id",
    ),
    _thing(
        "promised file for a lot",
        f"{PROMISED} AND question.per_lot {LOTS}",
        ("open draft",),
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        code="question.code",
        promise_id="promised_file.id",
        lot_id="application_lot.lot_id",
    ),
    _thing(
        "file on its way",
        f"{APPLICATIONS} JOIN upload ON upload.place = concat('application ', application.id, ', promised')",
        ("open submitted",),
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        upload_id="upload.id",
    ),
    _thing(
        "file on its way to an answer",
        f"{ON_THEIR_WAY} AND NOT question.per_lot",
        ("open draft",),
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        code="question.code",
        upload_id="upload.id",
    ),
    _thing(
        "file on its way to an answer for a lot",
        f"{ON_THEIR_WAY} AND question.per_lot {LOTS}",
        ("open draft",),
        state=TENDER,
        owners=BOTH_SIDES,
        application_id="application.id",
        code="question.code",
        upload_id="upload.id",
        lot_id="application_lot.lot_id",
    ),
    _thing(
        "tender",
        APPLICATIONS,
        TENDER_STATES,
        state=TENDER,
        owners=COUNCIL,
        round_id="round.id",
        application_id="application.id",
    ),
    _thing(
        "tender for a lot",
        f"{APPLICATIONS} {LOTS}",
        TENDER_STATES,
        state=TENDER,
        owners=COUNCIL,
        round_id="round.id",
        application_id="application.id",
        lot_id="application_lot.lot_id",
    ),
    _thing(
        "condition of a tender",
        f"{APPLICATIONS} JOIN conformity_check ON conformity_check.application_id = application.id",
        OPENED,
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        check_id="conformity_check.id",
    ),
    _thing(
        "assignment",
        ASSIGNMENTS,
        ("assigned", "accepted", "conflicted", "locked"),
        state="assignment.state",
        owners=ASSIGNED,
        assignment_id="assignment.id",
    ),
    _thing(
        "answer to mark",
        MARKED,
        ("assigned", "accepted", "conflicted", "locked"),
        state="assignment.state",
        owners=ASSIGNED,
        assignment_id="assignment.id",
        answer_id="answer.id",
    ),
    _thing(
        "document to mark",
        f"{MARKED} JOIN answer_file ON answer_file.answer_id = answer.id",
        ("accepted",),
        state="assignment.state",
        owners=ASSIGNED,
        assignment_id="assignment.id",
        answer_id="answer.id",
        document_id="answer_file.document_id",
    ),
    _thing(
        "answer to agree on",
        AGENDA,
        ("incomplete", "complete"),
        state=COMPLETE,
        owners=COUNCIL,
        answer_id="answer.id",
    ),
    _thing(
        "assignment of a colleague",
        f"{ASSIGNMENTS} AND round.state = 'marking'",
        ("assigned", "accepted", "locked"),
        state="assignment.state",
        owners=COUNCIL,
        assignment_id="assignment.id",
    ),
    _thing(
        "declared conflict",
        f"{ASSIGNMENTS} AND assignment.conflict_kind <> ''",
        ("",),
        state="''",
        owners=COUNCIL,
        assignment_id="assignment.id",
    ),
    _thing(
        "part of a panel",
        f"{ROUNDS} JOIN panel_member ON panel_member.round_id = round.id AND panel_member.role = 'evaluator'",
        ("marking", "decided"),
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        person_id="panel_member.person_id",
    ),
    _thing(
        "scored question",
        f"{ROUNDS} JOIN question ON question.round_id = round.id AND question.judged_as = 'scored'",
        ROUND_STATES,
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        code="question.code",
    ),
    _thing(
        "practice",
        PRACTICE,
        ("",),
        state="''",
        owners=ASSIGNED,
        round_id="round.id",
    ),
    _thing(
        "answer to practise on",
        PRACTICE,
        ("",),
        state="''",
        owners=ASSIGNED,
        round_id="round.id",
        code="question.code",
    ),
    _thing("interest", "interest", ("",), state="''", owners={"person": "person_id"}, interest_id="id"),
    _thing(
        "decision",
        f"{APPLICATIONS} JOIN decision ON decision.application_id = application.id",
        ("recommended", "approved", "released"),
        state="decision.state",
        owners=COUNCIL,
        decision_id="decision.id",
    ),
    _thing(
        "question to a tenderer",
        f"{APPLICATIONS} JOIN inquiry ON inquiry.application_id = application.id",
        ("asked", "answered", "withdrawn"),
        state="inquiry.state",
        owners=BOTH_SIDES,
        inquiry_id="inquiry.id",
    ),
    _thing(
        "document of a tenderer's answer",
        f"{APPLICATIONS} JOIN inquiry ON inquiry.application_id = application.id "
        "JOIN inquiry_file ON inquiry_file.inquiry_id = inquiry.id",
        ("answered",),
        state="inquiry.state",
        owners=BOTH_SIDES,
        inquiry_id="inquiry.id",
        document_id="inquiry_file.document_id",
    ),
    _thing(
        "meeting of a panel",
        f"{ROUNDS} JOIN moderation_meeting ON moderation_meeting.round_id = round.id",
        ("running", "ended"),
        state="CASE WHEN ended_at IS NULL THEN 'running' ELSE 'ended' END",
        owners=COUNCIL,
        meeting_id="moderation_meeting.id",
    ),
    _thing(
        "record of an evaluation",
        f"{ROUNDS} JOIN record_file ON record_file.round_id = round.id AND record_file.kind <> 'disclosure'",
        ("waiting", "failed", "removed"),
        state="record_file.state",
        owners=COUNCIL,
        round_id="round.id",
        file_id="record_file.id",
    ),
    _thing(
        "disclosure of an evaluation",
        f"{ROUNDS} JOIN record_file ON record_file.round_id = round.id AND record_file.kind = 'disclosure'",
        ("ready",),
        state="record_file.state",
        owners=COUNCIL,
        round_id="round.id",
        file_id="record_file.id",
    ),
    _thing(
        "table of an evaluation",
        f"{ROUNDS} CROSS JOIN (SELECT '{WORKBOOK[0].name}'::text AS name) AS sheet",
        ("draft", "open", "closed", "opened", "decided", "released"),
        state=PHASE,
        owners=COUNCIL,
        round_id="round.id",
        sheet="sheet.name",
    ),
    _thing(
        "challenge",
        f"{ROUNDS} JOIN challenge ON challenge.round_id = round.id",
        ("open", "answered"),
        state="challenge.state",
        owners=COUNCIL,
        challenge_id="challenge.id",
    ),
    _thing(
        "condition of an admission",
        f"{APPLICATIONS} JOIN decision ON decision.application_id = application.id "
        "JOIN admission_condition ON admission_condition.decision_id = decision.id "
        "AND decision.state = 'released'",
        ("open", "met"),
        state="CASE WHEN met_at IS NULL THEN 'open' ELSE 'met' END",
        owners=COUNCIL,
        condition_id="admission_condition.id",
    ),
    _thing(
        "clarification",
        f"{ROUNDS} JOIN clarification ON clarification.round_id = round.id",
        ("waiting", "published"),
        state="clarification.state",
        owners={"provider": "clarification.organisation_id", **COUNCIL},
        clarification_id="clarification.id",
    ),
    _thing(
        "service",
        "service JOIN standing ON standing.id = service.standing_id",
        ("admitted", "suspended", "lapsed"),
        state="CASE WHEN open_until < CURRENT_DATE THEN 'lapsed' ELSE standing.state END",
        owners={"provider": "service.provider_id"},
        service_id="service.id",
    ),
    _thing(
        "standing",
        STANDINGS,
        ("admitted", "suspended"),
        state="standing.state",
        owners=COUNCIL,
        standing_id="standing.id",
    ),
    _thing(
        "change of a standing",
        f"{STANDINGS} JOIN standing_change ON standing_change.standing_id = standing.id",
        ("made", "proposed"),
        state="standing_change.state",
        owners={"provider": "standing.provider_id", **COUNCIL},
        change_id="standing_change.id",
    ),
    _thing(
        "document that a lot asks for",
        f"{STANDINGS} JOIN lot_evidence ON lot_evidence.lot_id = standing.lot_id "
        "JOIN evidence ON evidence.provider_id = standing.provider_id AND evidence.type = document_type "
        "JOIN evidence_version ON evidence_version.evidence_id = evidence.id "
        "AND NOT EXISTS (SELECT FROM evidence_version AS later "
        "WHERE later.evidence_id = evidence.id AND later.version > evidence_version.version)",
        ("",),
        state="''",
        owners=COUNCIL,
        document_id="evidence_version.document_id",
    ),
    _thing(
        "lot of a register",
        "lot JOIN framework ON framework.id = lot.framework_id",
        ("",),
        state="''",
        owners=COUNCIL,
        lot_id="lot.id",
    ),
    _thing(
        "referral",
        "referral JOIN service ON service.id = referral.service_id",
        ("sent", "accepted", "declined", "withdrawn"),
        state="referral.state",
        owners={"provider": "service.provider_id", "school": "referral.school_id"},
        referral_id="referral.id",
    ),
    _thing("evidence", "evidence", ("",), state="''", owners=PROVIDERS, evidence_id="evidence.id"),
    _thing(
        "version of evidence",
        "evidence JOIN evidence_version ON evidence_version.evidence_id = evidence.id",
        ("",),
        state="''",
        owners=PROVIDERS,
        evidence_id="evidence.id",
        version="evidence_version.version",
    ),
    _thing("connected person", "connected_person", ("",), state="''", owners=PROVIDERS, connected_id="id"),
    _thing("exclusion ground", "exclusion_ground", ("",), state="''", owners=PROVIDERS, ground_id="id"),
    _thing(
        "share code",
        f"{KNOWN} JOIN share_code ON share_code.provider_id = organisation.id",
        ("applied, opened",),
        state="known.state",
        owners=COUNCIL_OF_KNOWN,
        organisation_id="share_code.provider_id",
        share_code_id="share_code.id",
    ),
    _thing("kept form", "kept_form", ("",), state="''", owners={"person": "person_id"}, kept_id="id"),
    _thing("passkey", "passkey", ("",), state="''", owners={"person": "person_id"}, passkey_id="id"),
    _thing(
        "membership",
        "membership",
        ("active", "suspended"),
        state="CASE WHEN active THEN 'active' ELSE 'suspended' END",
        owners=ANYONES,
        membership_id="id",
    ),
    _thing(
        "organisation",
        "organisation",
        ("waiting", "checked", "refused", "deactivated"),
        state="state",
        owners={},
        organisation_id="id",
    ),
    _thing(
        "request to join",
        "join_request",
        ("asked",),
        state="state",
        owners={**JOINED, "person": "person_id"},
        request_id="id",
    ),
    _thing(
        "invitation",
        "invitation LEFT JOIN person ON lower(person.email) = lower(invitation.email)",
        ("sent",),
        state="state",
        owners={**ANYONES, "person": "person.id"},
        invitation_id="invitation.id",
    ),
    _thing("person", "person", ("",), state="''", owners={"person": "id"}, person_id="id"),
    _thing("legal hold", "legal_hold", ("",), state="''", owners={}, hold_id="id"),
    _thing(
        "letter with an invitation",
        "(SELECT) AS one",
        ("",),
        state="''",
        owners={},
        token=f"'{INVITATION_TOKEN}'",
    ),
    _thing("colours", "(SELECT) AS one", ("",), state="''", owners={}, colours="'5c0b3f-none'"),
    _thing(
        "logo", "settings_version WHERE logo_sha256 <> ''", ("",), state="''", owners={}, sha256="logo_sha256"
    ),
    _thing(
        "organisation to join",
        "organisation WHERE kind <> 'council'",
        ("checked", "waiting", "refused", "deactivated"),
        state="state",
        owners={},
        organisation_id="id",
    ),
    _thing(
        "known provider",
        KNOWN,
        ("admitted", "applied, opened", "applied, sealed"),
        state="known.state",
        owners=COUNCIL_OF_KNOWN,
        organisation_id="organisation.id",
    ),
    _thing("round with prices", PRICES, ("marking",), state=PHASE, owners=COUNCIL, round_id="round.id"),
    _thing(
        "price",
        PRICES,
        ("marking submitted",),
        state=TENDER,
        owners=COUNCIL,
        round_id="round.id",
        application_id="application.id",
        lot_id="application_lot.lot_id",
    ),
    _thing("nothing", "(SELECT) AS one", ("",), state="''", owners={}),
)

# Where two things have the same parameters the second is that of these routes alone.
OF_ROUTES = {
    "providers.show": ("known provider",),
    "records.fetch": ("disclosure of an evaluation",),
    **dict.fromkeys(("returns.show", "returns.send_back"), ("assignment of a colleague",)),
    **dict.fromkeys(("waivers.show", "waivers.propose", "waivers.decide"), ("declared conflict",)),
    **dict.fromkeys(("practice.edit", "practice.write"), ("scored question",)),
    **dict.fromkeys(("practice.mine", "practice.lock"), ("practice",)),
    **dict.fromkeys(("practice.answer", "practice.mark"), ("answer to practise on",)),
    "organisations.join": ("organisation to join",),
    "prices.show": ("round with prices",),
    "prices.price": ("price",),
    "prices.decide": ("price",),
    **dict.fromkeys(("uploads.begin", "promises.promise"), ("file asked for", "file asked for a lot")),
}
_BY_NAME = {thing.name: thing for thing in THINGS}
_BY_PARAMETERS = {thing.parameters: thing for thing in reversed(THINGS)}


def thing_of(endpoint: str, parameters: frozenset[str]) -> Thing | None:
    """What a route's addresses name; None where nobody has said."""
    own = (_BY_NAME[name] for name in OF_ROUTES.get(endpoint, ()))
    return next((thing for thing in own if thing.parameters == parameters), _BY_PARAMETERS.get(parameters))
