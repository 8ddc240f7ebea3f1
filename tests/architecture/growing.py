"""Ten times as much of everything: rows copied under new ids, so that lists grow and pages stay the same.

Every copy is made from the rows that there were at first, and what points from one copied row to another
points to its copy. Foreign keys and triggers are asleep meanwhile: sealed applications are copied too.
"""

from collections.abc import Collection

from sqlalchemy import Column, text

from portal.database import Base, db, transaction

OFFERED = (
    *("framework", "lot", "round", "round_lot", "scale", "scale_band", "question"),
    *(
        "panel_member",
        "moderation_meeting",
        "meeting_attendance",
        "computation",
        "clarification",
        "round_document",
        "challenge",
        "outcome_release",
        "award_notice",
    ),
)
JUDGED = (
    *(
        "application",
        "application_lot",
        "answer",
        "answer_version",
        "answer_file",
        "promised_file",
        "receipt",
    ),
    *("conflict_declaration", "conformity_check", "conformity_decision", "exclusion_finding", "inquiry"),
    "inquiry_file",
    *("assignment", "price_check", "former_price_check"),
    *("mark", "agenda_item", "agreed_mark", "result", "evaluator_total", "decision", "reconsideration"),
    "decision_version",
    *("admission_condition", "condition_extension", "assessment_summary", "summary_text"),
    *(
        "standing",
        "service",
        "service_site",
        "service_proposal",
        "service_own_words",
        "search_row",
        "letter",
        "letter_reading",
    ),
)
AGREED = (
    *("referral", "call_off", "placement_agreement"),
    *("agreement_version", "agreement_signature"),
)
# Frameworks with all their rounds (so that each provider has more tenders), tenders of further providers in
# the same rounds (so that each round has more), referrals between the same schools and services, and what
# people keep of their searches.
PARTS = (
    (*OFFERED, *JUDGED),
    ("organisation", *JUDGED),
    ("referral",),
    ("shortlist", "shortlist_choice"),
    ("saved_search",),
)
# the same rounds (so that each round has more), and referrals between the same schools and services with what
# came of them.
PARTS = ((*OFFERED, *JUDGED), ("organisation", *JUDGED), AGREED)
FAR = 10_000_000
"""The distance from a row's id to its copy's."""

NEW_VALUES = {
    "framework.reference": "reference || '-' || :copy",
    "application.reference": "reference || '-' || :copy",
    "receipt.number": "number || '-' || :copy",
    "referral.reference": "reference || '-' || :copy",
    "referral.token": "gen_random_uuid()",
    "referral.request_id": "gen_random_uuid()",
    "shortlist.token": "gen_random_uuid()",
    "call_off.request_id": "gen_random_uuid()",
    "placement_agreement.reference": "reference || '-' || :copy",
    "letter.key": "key || '-' || :copy",
    "letter.subject_id": "CASE WHEN subject_id ~ '^[0-9]+$' THEN (subject_id::bigint + :distance)::text END",
}
_RESULTS_REST_ON_ALL_MARKS = """
  UPDATE computation SET (marks, marks_version) = (
    SELECT count(*), coalesce(sum(agreed_mark.version), 0)
    FROM question JOIN agreed_mark ON agreed_mark.question_id = question.id
    WHERE question.round_id = computation.round_id
  )
"""


def grow(times: int) -> None:
    """Make everything `times` as much."""
    copy = 0
    with transaction() as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        for names in PARTS:
            for _ in range(times - 1):
                copy += 1
                for name in names:
                    _copy(name, names, copy)
        session.execute(text(_RESULTS_REST_ON_ALL_MARKS))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _copy(name: str, names: Collection[str], copy: int) -> None:
    columns = [column for column in Base.metadata.tables[name].columns if column.computed is None]
    into = ", ".join(column.name for column in columns)
    values = ", ".join(_value(column, names) for column in columns)
    first = " AND ".join(f"coalesce({column.name}, 0) < {FAR}" for column in columns if _moves(column, names))
    db.session.execute(
        text(
            f"INSERT INTO {name} ({into}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {name} WHERE {first}"
        ),
        {"copy": str(copy), "distance": copy * FAR},
    )


def _value(column: Column, names: Collection[str]) -> str:
    if _moves(column, names):
        return f"{column.name} + :distance"
    return NEW_VALUES.get(str(column), column.name)


def _moves(column: Column, names: Collection[str]) -> bool:
    """Whether a column is the id of a copied row."""
    if column.name == "id":
        return True
    pointed_at = {column.name.removesuffix("_id"), *(key.column.table.name for key in column.foreign_keys)}
    return column.name.endswith("_id") and bool(pointed_at & set(names))
