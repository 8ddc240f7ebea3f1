"""The evaluation of a round as PDF: recipe, ranks and outcomes by lot, agreed marks with reasons, failures.

Individual reasons are in the workbook and the ledger: on paper they would fill ten times the pages.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import typst

from evaluation.outcomes.queries import round_for
from evaluation.records.tables import AGREED, CONFORMITY, DECISIONS, EVALUATORS, TOTALS, Table
from portal import clock
from portal.accounts.access import Actor
from portal.web.filters import points, uk_datetime
from tender.frameworks.queries import lots_of_round, pack_of
from tender.frameworks.recipe import how_totals_are_made

TEMPLATE = Path(__file__).parent.parent.parent / "templates" / "records" / "report.typ"
MOST_WITH_REASONS = 150  # tenders; a page needs memory until the last one is set
LEFT_OUT = (
    f"This round has more than {MOST_WITH_REASONS} tenders. Their agreed marks and reasons are in the "
    "workbook and in the score ledger."
)
# What the fonts can show: Latin with Welsh, Greek, Cyrillic, punctuation and signs. A character that they
# cannot would stop the whole PDF.
_SHOWN = re.compile(
    "[\n\t -~\u00a0-\u0377\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u04ff"
    "\u1e00-\u1eff\u2010-\u2027\u2030-\u203a\u20ac\u2122\u2212]"
)
STEPS = ("Totals and outcomes", "Agreed marks", "Pages")


def report_pdf(viewer: Actor, round_id: int, say: Callable[[str], object]) -> bytes:
    """The PDF of a round's evaluation as it is now; `say` is told each of the `STEPS`. Raises `NotFound`."""
    say(STEPS[0])
    facts = round_for(viewer, round_id)
    made = clock.now()
    data: dict[str, Any] = {
        "title": f"Evaluation: {facts.name}",
        "council": facts.buyer_name,
        "made": uk_datetime(made),
        "facts": [
            ["Council", facts.buyer_name],
            ["Reference", facts.reference],
            ["Closed", uk_datetime(facts.closes_at)],
            ["Tender box opened", uk_datetime(facts.opened_at)],
            ["Outcomes decided", uk_datetime(facts.decided_at, "not yet")],
        ],
        "recipe": how_totals_are_made(pack_of(round_id)),
        "lots": list(_lots(round_id)),
    }
    say(STEPS[1])
    data["tenders"] = list(islice(_tenders(round_id), MOST_WITH_REASONS + 1))
    data["left_out"] = LEFT_OUT if len(data["tenders"]) > MOST_WITH_REASONS else ""
    if data["left_out"]:
        data["tenders"] = []
    data["failures"] = [
        [
            f"{row['Provider']}{_of_lot(row)}",
            row["Condition"],
            row["Reason"] or "",
            row["Decided by"] or "the rule",
        ]
        for row in _rows(CONFORMITY, round_id)
        if row["Result"] == "fail"
    ]
    say(STEPS[2])
    compiler = typst.Compiler(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        ignore_system_fonts=True,
        sys_inputs={"data": shown(json.dumps(data, ensure_ascii=False))},
    )
    written = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=int(made.timestamp()))
    assert isinstance(written, bytes)
    return written


def shown(words: str) -> str:
    """`words` as the fonts can show them: an emoji as '[sheep]', joiners and the like left out."""
    return "".join(each if _SHOWN.match(each) else _named(each) for each in words)


def _named(character: str) -> str:
    if unicodedata.category(character) in ("Cf", "Mn", "Cc", "Cn", "Co"):
        return ""
    return f"[{unicodedata.name(character, 'unknown').lower()}]"


def _rows(table: Table, round_id: int) -> Iterator[dict[str, Any]]:
    for row in table.read(round_id):
        yield dict(zip(table.head, row, strict=True))


def _lots(round_id: int) -> Iterator[dict[str, Any]]:
    titles = {lot.number: lot.name for lot in lots_of_round(round_id)}
    own: dict[tuple[str, str], list[str]] = {}
    for row in _rows(EVALUATORS, round_id):
        of_tender = own.setdefault((row["Lot"], row["Provider"]), [])
        of_tender.append(f"{row['Evaluator']} {row['Total of 100']}")
    outcomes = {
        (row["Lot"], row["Provider"]): f"{row['Outcome']} ({row['Stands at']}). {row['Reason'] or ''}"
        for row in _rows(DECISIONS, round_id)
        if row["Outcome"]
    }
    for lot, tenders in groupby(_rows(TOTALS, round_id), lambda row: row["Lot"]):
        yield {"title": titles[lot], "tenders": [_tender(row, own, outcomes) for row in tenders]}


def _tender(
    row: dict[str, Any], own: dict[tuple[str, str], list[str]], outcomes: dict[tuple[str, str], str]
) -> list[str]:
    named = (row["Lot"], row["Provider"])
    return [
        row["Rank"] or "none",
        row["Provider"],
        row["Total of 100"] or "none",
        "; ".join(own.get(named, ())),
        outcomes.get(named, "not recommended yet"),
    ]


def _tenders(round_id: int) -> Iterator[dict[str, Any]]:
    for (provider, _), rows in groupby(_rows(AGREED, round_id), lambda row: (row["Provider"], row["Tender"])):
        yield {"provider": provider, "marks": [_mark(row) for row in rows]}


def _mark(row: dict[str, Any]) -> dict[str, str]:
    weight = points(Decimal(row["Weight"]))
    return {
        "question": f"{row['Question']}{_of_lot(row)}, {weight}%",
        "points": f"individually {row['Individual marks']}; agreed {row['Agreed mark']} of {row['Highest']}.",
        "reason": row["Reason"],
    }


def _of_lot(row: dict[str, Any]) -> str:
    return f" (lot {row['Lot']})" if row["Lot"] else ""
