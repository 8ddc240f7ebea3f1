"""A decision report as PDF: tagged for screen readers (PDF/UA-1), with its own SHA-256 in its keywords.

The SHA-256 is of what the report says, not of the file: two reports with the same one say the same.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import typst
from sqlalchemy import RowMapping

from evaluation.challenges.models import FINDINGS, KINDS
from evaluation.outcomes.assessment import OUTCOME_WORDS, Assessment, LotOutcome, two_places
from evaluation.reports.queries import Proof, Report
from portal.accounts.permissions import role_list
from portal.web.filters import plural, points, uk_date, uk_datetime
from tender.frameworks.models import LEGAL_REGIMES
from tender.frameworks.recipe import NOTHING_MARKED, Minimums, how_totals_are_made

TEMPLATE = Path(__file__).parent.parent.parent / "templates" / "reports" / "decision.typ"
Row = list[str]
# A page needs memory until the last one is set: about 5 MB for a tender of 25 questions and three evaluators.
MOST_MARKS = 7_500
LEFT_OUT = (
    f"This round has more than {MOST_MARKS:,} individual marks, too many for pages. All marks, individual "
    "and agreed, stand with their reasons in the files “Score ledger” (score-ledger.jsonl in a disclosure "
    "pack) and “Workbook of the evaluation” (evaluation.xlsx, the sheets “Individual marks” and “Agreed "
    "marks”), which the portal makes under “Records”."
)
# What the fonts can show: Latin with Welsh, Greek, Cyrillic, punctuation and signs. A character that they
# cannot would stop the whole PDF.
_UNSHOWN = re.compile(
    "[^\n\t -~\u00a0-\u0377\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u04ff"
    "\u1e00-\u1eff\u2010-\u2027\u2030-\u203a\u20ac\u2122\u2212]"
)
_DRAFT = "This is a draft. Not every decision is approved yet."
_ENDED = "The council ended this round without an outcome. What is decided below was told to nobody."
_ROLES = {"evaluator": "Evaluator", "moderator": "Moderator"}
_DECLARED = {"assigned": "Not declared yet", "accepted": "No conflict", "locked": "No conflict"}


def decision_report(report: Report, *, at: datetime) -> tuple[bytes, str]:
    """The PDF as it stands `at` this moment, and the SHA-256 of what it says."""
    said = said_by(report)
    digest = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
    data = {**said, "sha256": digest, "made": f"Made {uk_datetime(at)}"}
    compiler = typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        ignore_system_fonts=True,
        sys_inputs={"data": shown(json.dumps(data, ensure_ascii=False))},
    )
    written = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=int(at.timestamp()))
    assert isinstance(written, bytes)
    return written, digest


def shown(words: str) -> str:
    """`words` as the fonts can show them: an emoji as '[sheep]', joiners and the like left out."""
    return _UNSHOWN.sub(lambda found: _named(found[0]), words)


def _named(character: str) -> str:
    if unicodedata.category(character) in ("Cf", "Mn", "Cc", "Cn", "Co"):
        return ""
    return f"[{unicodedata.name(character, 'unknown').lower()}]"


def minimums_in(assessments: Iterable[Assessment]) -> Minimums:
    """The totals that were asked for, by lot, of the lots that somebody applied for."""
    lots = (outcome for each in assessments for outcome in each.outcomes)
    return {lot.lot_number: lot.minimum_total for lot in sorted(lots, key=lambda lot: lot.lot_id)}


def said_by(report: Report) -> dict[str, Any]:
    """All that the report says, as JSON."""
    facts = report.facts
    final = facts.state in ("decided", "released")
    left_out = sum(map(len, report.marks.values())) > MOST_MARKS
    return {
        "title": f"Decision report: {facts.name}",
        "council": facts.buyer_name,
        "draft": None if final else _ENDED if report.ended else _DRAFT,
        "facts": _facts(report),
        "weighed": bool(report.pack.weighed),
        "recipe": list(how_totals_are_made(report.pack, minimums_in(report.assessments))) or [NOTHING_MARKED],
        "questions": [
            [
                asked.title,
                f"{points(asked.weight)}%",
                str(asked.minimum) if asked.scored else "",
                str(report.pack.scale_of(asked).highest) if asked.scored else "by price",
            ]
            for asked in report.pack.weighed
        ],
        "panel": _panel(report),
        "declared": _declared(report),
        "openings": [
            [
                f"{begun_by}, {_told(begun_at)}",
                f"{confirmed_by}, {_told(confirmed_at)}" if confirmed_at else "not confirmed in time",
            ]
            for begun_by, begun_at, confirmed_by, confirmed_at in report.record["openings"] or ()
        ],
        "receipts": [
            [provider, number, _told(submitted_at), sha256]
            for provider, number, submitted_at, sha256 in report.record["receipts"] or ()
        ],
        **_conformity(report.checks),
        "lots": _lots(report),
        "left_out": _left_out(report.proof) if left_out else None,
        "tenders": []
        if left_out
        else [_tender(each, report) for each in report.assessments if each.criteria],
        "sections": [
            {"title": each.title, "entries": [list(entry) for entry in each.entries]}
            for each in report.sections
        ],
        "after": _after(report),
        "records": _records(report),
    }


def _left_out(proof: Proof | None) -> str:
    """Where the marks are that stand on no page, and by what anybody knows that they are those."""
    if proof is None:
        return LEFT_OUT
    return (
        f"{LEFT_OUT} The SHA-256 of these {proof.marks:,} marks together is {proof.sha256}; the first line "
        "of the score ledger says the same as compared_with_trail."
    )


def _facts(report: Report) -> list[Row]:
    facts = report.facts
    told = [
        ("Framework", f"{facts.title} ({facts.reference})"),
        ("Law", LEGAL_REGIMES[facts.legal_regime]),
        ("Notice", facts.notice_identifier or ""),
        ("Open for applications", f"{uk_datetime(facts.opens_at)} to {uk_datetime(facts.closes_at)}"),
        ("Tender box opened", f"{uk_datetime(facts.opened_at)}, by {report.record['opened_by']}"),
        ("Results computed", uk_datetime(report.record["computed_at"], empty="")),
        ("Outcomes decided", uk_datetime(facts.decided_at, empty="")),
        ("Letters released", uk_datetime(facts.released_at, empty="")),
    ]
    if report.ended:
        told += [
            ("Ended without an outcome", uk_datetime(facts.withdrawn_at)),
            ("Why no outcome", report.ended.reason),
            ("Ended by", f"{report.ended.proposed_by}, and {report.ended.decided_by}, who approved it"),
        ]
    return [[key, value] for key, value in told if value]


def _panel(report: Report) -> list[Row]:
    """Each person of the panel with each declaration."""
    return [
        [
            row["name"],
            _ROLES[row["role"]],
            row["provider_name"] or "",
            _with_the_tender(row, report),
            uk_datetime(row["declined_at"] if row["state"] == "declined" else row["declared_at"], empty=""),
        ]
        for row in report.people
    ]


def _with_the_tender(row: RowMapping, report: Report) -> str:
    """What somebody declared of a tender that was theirs to mark, and what became of it."""
    said = _DECLARED.get(row["state"] or "", "")
    if row["conflict_kind"]:
        waivers = report.waivers.get((row["application_id"], row["person_id"]), ())
        stands = row["state"] == "conflicted"
        said = _conflict(row["conflict_kind"], row["conflict"], waivers, stands=stands)
    if row["state"] != "declined":
        return said
    back = f"Taken back by {row['taken_back_by']}" if row["taken_back_by"] else "Handed back"
    return f"{said} {back}: {row['decline_reason']}".strip()


def _conflict(
    kind: str, words: str, waivers: Sequence[RowMapping], *, of: str = "", stands: bool = False
) -> str:
    """A declared conflict with what was decided on it; one that `stands` was declared after any waiver."""
    granted = next((each for each in waivers if each["granted"] and not stands), None)
    if granted:
        return (
            f"{kind.capitalize()} conflict{of}, waived by {granted['decider']}, "
            f"{uk_datetime(granted['decided_at'])}, because: {ended(granted['reason'])} What was declared: "
            f"{ended(words)} Mitigation: {ended(granted['mitigation'])}"
            + (f" Sections left out: {', '.join(granted['left_out'])}." if granted["left_out"] else "")
        )
    told = [f"{kind.capitalize()} conflict{of}: {ended(words)}"]
    told += [
        f"Not waived, by {each['decider']}, {uk_datetime(each['decided_at'])}, because: "
        f"{ended(each['reason'])}"
        for each in waivers
        if each["granted"] is False
    ]
    return " ".join(told)


def ended(words: str) -> str:
    """`words` as a sentence that others can follow."""
    return words if words.endswith((".", "!", "?")) else f"{words}."


def _declared(report: Report) -> list[Row]:
    """Each person with what they declared on the list of tenderers: whom they have no conflict with, counted,
    and each conflict."""
    rows: list[Row] = []
    for row in report.declared:
        who = [row["name"], _ROLES[row["role"]] if row["role"] else role_list(row["roles"] or ())]
        if row["none"]:
            free = f"No conflict with {plural(row['none'], 'tenderer')}"
            rows.append([*who, free, uk_datetime(row["declared_at"])])
        for provider, kind, words, at, application_id in row["conflicts"] or ():
            waivers = report.waivers.get((application_id, row["person_id"]), ())
            rows.append([*who, _conflict(kind, words, waivers, of=f" with {provider}"), _told(at)])
    return rows


def _conformity(checks: Sequence[RowMapping]) -> dict[str, Any]:
    """What failed and what a person decided, row by row; what a rule passed by itself is counted."""
    told = [row for row in checks if row["result"] != "pass" or row["decided_by"]]
    passed = plural(len(checks) - len(told), "condition was", "conditions were")
    return {
        "passed": f"{passed} passed by a published rule alone. What failed and what a person decided:",
        "checks": [
            [
                row["provider_name"],
                row["title"] + (f" (lot {row['lot_number']})" if row["lot_number"] else ""),
                {"pass": "Passed", "fail": "Failed", "refer": "To be decided"}[row["result"]],
                f"{row['reason']} ({row['decided_by']})" if row["decided_by"] else row["reason"],
            ]
            for row in told
        ],
    }


def _lots(report: Report) -> list[dict[str, Any]]:
    """Each lot's tenders as the page of results has them, with what was decided and by whom."""
    by_lot: dict[int, list[LotOutcome]] = {}
    for outcome in (each for assessment in report.assessments for each in assessment.outcomes):
        by_lot.setdefault(outcome.lot_id, []).append(outcome)
    lots = []
    for found in by_lot.values():
        found.sort(key=lambda each: (not each.stands, each.rank or 10**9, -(each.total or 0)))
        lots.append(
            {
                "name": found[0].lot_name,
                "results": [_result(each, report) for each in found],
                "decisions": [_decision(each) for each in found],
            }
        )
    return lots


def _result(outcome: LotOutcome, report: Report) -> Row:
    own = report.totals.get((outcome.application_id, outcome.lot_id), ())
    missed = [f"{each.title} ({each.points}, minimum {each.minimum})" for each in outcome.missed]
    missed += [outcome.short_of_total] if outcome.rank is None and outcome.short_of_total else []
    failed = [f"{each.title}: {each.reason}" for each in outcome.failures]
    refused = [f"Price does not count: {outcome.price_refused}"] if outcome.price_refused else []
    return [
        outcome.ranked or "none",
        outcome.provider_name,
        two_places(outcome.total),
        "; ".join(f"{name} {two_places(total, 'incomplete')}" for name, total in own),
        "; ".join([*missed, *failed, *refused]),
    ]


def _decision(outcome: LotOutcome) -> Row:
    conditions = [f"Condition, {each.in_words}" for each in outcome.conditions]
    ground = [f"Ground: {outcome.ground}."] if outcome.ground else []
    return [
        outcome.provider_name,
        outcome.in_words or "none yet",
        " ".join([outcome.reason or "", *ground, *conditions]),
        f"{outcome.recommended_by}, {uk_datetime(outcome.recommended_at)}" if outcome.recommended_by else "",
        f"{outcome.approved_by}, {uk_datetime(outcome.approved_at)}" if outcome.approved_by else "",
    ]


def _tender(assessment: Assessment, report: Report) -> dict[str, Any]:
    lots = {outcome.lot_id: outcome.lot_number for outcome in assessment.outcomes}
    return {
        "provider": assessment.provider_name,
        "marks": [
            [
                each.title + (f" (lot {lots.get(each.lot_id)})" if each.lot_id else ""),
                f"{each.points} of {each.highest}" if each.points is not None else "none",
                each.reason or "",
                [
                    [row["name"], str(row["points"]), row["reason"]]
                    for row in report.marks.get(each.answer_id, ())
                ],
            ]
            for each in assessment.criteria
        ],
    }


def _after(report: Report) -> list[Row]:
    record = report.record
    told: list[Row] = []
    if record["staged_at"]:
        told.append(["Release staged", f"{record['staged_by']}, {uk_datetime(record['staged_at'])}"])
        told.append(["Letters sent", uk_datetime(record["sent_at"], empty="not sent")])
    if record["admits_after"]:
        told.append(["Standstill until", uk_date(record["admits_after"])])
    told += [_challenge(each) for each in record["challenges"] or ()]
    told += [_made_anew(each) for each in record["replaced"] or ()]
    return told


def _challenge(came: Mapping[str, Any]) -> Row:
    due, received = (uk_date(date.fromisoformat(came[day])) for day in ("answer_due_on", "received_on"))
    found = FINDINGS[came["finding"]].lower() if came["finding"] else ""
    said = [
        f"{came['sender']}, {received}, {came['about']}. {came['summary']}",
        f"Answered: {came['answer']}" if came["answer"] else f"Due by {due}.",
        f"Finding: {found}. {came['finding_reason']}".strip() if found else "",
        "It holds admissions." if came["holds"] else "",
    ]
    return [KINDS[came["kind"]], " ".join(filter(None, said))]


def _made_anew(made: Mapping[str, Any]) -> Row:
    before, after = (OUTCOME_WORDS[made[when]].lower() for when in ("before", "after"))
    return [
        "Decided anew",
        f"{made['provider']}, lot {made['lot']}: from “{before}” to “{after}”, because of the "
        f"{KINDS[made['kind']].lower()} of {made['sender']}. {made['reason']} Proposed by "
        f"{made['proposed_by']}, approved by {made['approved_by']}, {_told(made['approved_at'])}. The reason "
        f"before: {made['reason_before']}",
    ]


def _records(report: Report) -> list[Row]:
    record = report.record
    rows = []
    if record["computed_at"]:
        rows += [
            ["Agreed marks in the totals", f"{record['marks']}, versions together {record['marks_version']}"],
            ["Totals computed by", record["computed_by"] or "The portal"],
        ]
    if report.proof:
        compared = report.proof.warning or "None differs from what the audit trail kept when it was saved."
        rows.append(["All marks compared with the audit trail", f"{report.proof.marks:,}. {compared}"])
        rows.append(["SHA-256 of all marks together, as in the score ledger", report.proof.sha256])
    if record["line"]:
        line = f"{record['line']}, {uk_datetime(record['line_at'])}, {record['line_hash'].hex()}"
        rows.append(["Audit trail, newest line of the round", line])
    return rows


def _told(moment: str) -> str:
    """A moment of a list of the record, in words."""
    return uk_datetime(datetime.fromisoformat(moment))
