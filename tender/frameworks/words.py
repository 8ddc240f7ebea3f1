"""How a framework and a round read: the law, what a question asks for, the trail.

Everything here is made from the round's own rows, so that a page never says what the round does not do.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from portal.audit.words import happened
from portal.evidence.document_types import type_name
from portal.web.filters import money, number, plural, uk_date
from tender.frameworks.facts import LotFacts, RoundFacts
from tender.frameworks.kinds import KINDS
from tender.frameworks.models import KEY_STAGES, PRICE_UNITS
from tender.frameworks.pack import AskedQuestion, RoundPack
from tender.frameworks.readiness import INSURANCES, answers_to, lots_in_words, number_in

# Procurements whose first notice was published before 24 February 2025, and what is done under the frameworks
# they set up, stay under the earlier law (Find a Tender, "Notice types and sequences").
LAW = {
    "PA2023": "The Procurement Act 2023 applies, with its light touch rules for services such as education.",
    "PCR2015": "The Public Contracts Regulations 2015 still apply, because this framework was started under "
    "them before the Procurement Act 2023 replaced them.",
}
PHASES = {
    "draft": "Draft",
    "upcoming": "Opens soon",
    "open": "Open",
    "closed": "Closed",
    "opened": "Tenders being checked",
    "marking": "Being marked",
    "decided": "Decided",
    "released": "Results sent",
    "withdrawn": "Withdrawn",
    "terminated": "Ended",
}
PHASE_COLOURS = {
    "draft": "yellow",
    "upcoming": "blue",
    "open": "green",
    "closed": "grey",
    "released": "grey",
    "withdrawn": "red",
    "terminated": "red",
}
ENDINGS = {
    "withdraw": {
        "name": "Withdraw the round",
        "short": "withdraw",
        "done": "The round is withdrawn",
        "means": "A round that is withdrawn ends here. Nobody opens or judges an application, and nobody is "
        "admitted by it. Applications stay sealed; their providers go on reading their own.",
    },
    "end": {
        "name": "End the round without an outcome",
        "short": "end",
        "done": "The round has ended without an outcome",
        "means": "A round that is ended stops here. No mark, decision or letter follows, and nobody is "
        "admitted by it. What was read and judged until now is kept, and stays to be read. Letters that are "
        "held are taken back, and what tenderers were asked need not be answered.",
    },
}
"""What the pages say of ending a round, by the move that ends it (see `lifecycle.ending_from`)."""
TERMINATION = {
    "PA2023": "Publish a procurement termination notice as soon as reasonably practicable (Procurement Act "
    "2023, section 55).",
    "PCR2015": "Tell every tenderer the grounds as soon as possible: the public page and our letters do. "
    "Keep them for the report on the procedure (Public Contracts Regulations 2015, regulations 55 and 84).",
}
"""What the council still does once it has ended a round without an outcome, by the law that applies."""
_ENDINGS = {
    "pdf": "PDF",
    "docx": "Word (.docx)",
    "xlsx": "Excel (.xlsx)",
    "jpg": "JPEG",
    "jpeg": "JPEG",
    "png": "PNG",
}


def phase_in_words(facts: RoundFacts) -> str:
    """Where a round stands: 'Open'."""
    decided_at_once = facts.phase == "marking" and facts.by_conditions
    return "Being decided" if decided_at_once else PHASES[facts.phase]


def percent(weight: Decimal) -> str:
    """'25%' or '12.5%'."""
    return f"{weight.normalize():f}%"


def asks(question: AskedQuestion) -> str:
    """What an answer consists of, with its limits: 'A written answer of up to 750 words, for each lot'."""
    words = KINDS[question.kind].words
    if places := question.shape.get("places"):
        words += f" with up to {plural(places, 'decimal place')}"
    if question.word_limit:
        words += f" of up to {question.word_limit:,} words"
    if question.kind == "file" and question.accepted:
        kinds = list(dict.fromkeys(_ENDINGS.get(ending, ending.upper()) for ending in question.accepted))
        words += f": {or_(kinds)}"
    if columns := question.shape.get("columns"):
        words += f" with {and_([label for _, label, _ in columns])}"
    if units := question.shape.get("units"):
        words += f" for {and_([PRICE_UNITS[unit] for unit in units])}"
    if question.max_bytes:
        words += f", up to {question.max_bytes // 1024**2} MB each"
    words += _demands(question)
    if question.per_lot:
        words += ", for each lot you apply for"
    return words + (" (optional)" if not question.required else "")


RANGES = {
    "number": ("least", "most", lambda text: number(Decimal(text))),
    "money": ("least", "most", lambda text: money(Decimal(text))),
    "date": ("earliest", "latest", lambda text: uk_date(date.fromisoformat(text))),
}
"""The kinds whose answers lie between two bounds: their names in a shape, and how one is written."""


def between(kind: str, shape: Mapping[str, Any]) -> str:
    """'from 1 to 100', 'at least £5', '6 March 2026 or later'; empty where the kind or the shape has none."""
    if kind not in RANGES:
        return ""
    first, last, written = RANGES[kind]
    least, most = (written(str(shape[name])) if shape.get(name) else "" for name in (first, last))
    if least and most:
        return f"from {least} to {most}"
    if kind == "date":
        return f"{least} or later" if least else f"{most} or earlier" if most else ""
    return f"at least {least}" if least else f"at most {most}" if most else ""


def rows_between(shape: Mapping[str, Any]) -> str:
    """'at least 2 rows and at most 10 rows'; empty where a table may have any number."""
    bounds = (("least", shape.get("least_rows")), ("most", shape.get("most_rows")))
    return " and ".join(f"at {word} {plural(count, 'row')}" for word, count in bounds if count)


def _demands(question: AskedQuestion) -> str:
    """What an answer has to keep to beyond its kind, after a comma: bounds, rows, what a document shows."""
    shape = question.shape
    told = [between(question.kind, shape), rows_between(shape)]
    if code := shape.get("document_type"):
        told.append(f"of this kind: {type_name(code)}")
    if shape.get("needs_expiry"):
        told.append("it must say until when it is valid")
    if cover := shape.get("least_cover"):
        told.append(f"it must show cover of at least {money(Decimal(cover))}")
    return "".join(f", {each}" for each in told if each)


def passes_when(question: AskedQuestion) -> str:
    """The rule of a condition with its value: 'passes when the answer is at least £5,000,000'."""
    if question.rule == "must_be_one_of" and question.rule_value:
        labels = dict(question.options)
        return f"passes with {or_([f'“{labels.get(value, value)}”' for value in question.rule_value])}"
    bound = number_in(question.rule_value) if question.rule in ("at_least", "at_most") else None
    if bound is not None:
        least_or_most = str(question.rule).replace("_", " ")
        written = money(bound) if question.kind == "money" else number(bound)
        return f"passes when the answer is {least_or_most} {written}"
    if question.rule == "must_be_yes":
        return "passes when it is confirmed" if question.kind == "declaration" else "passes with Yes"
    if question.rule == "must_be_provided":
        return "passes when it is provided" if question.kind == "file" else "passes when it is answered"
    if question.rule == "at_most_ceiling":
        return "passes when no price is above the highest price of the lot"
    decided = question.rule == "person_decides"
    return "a person decides" if decided else "its rule is not complete yet"


def counts_as(question: AskedQuestion) -> str:
    """What the answer counts for: 'Pass or fail: passes with Yes', '25% of the total, minimum mark 3'."""
    if question.scored and question.weight is not None:
        ties = "; its mark decides between equal totals" if question.breaks_ties else ""
        return f"{percent(question.weight)} of the total, minimum mark {question.minimum}{ties}"
    if question.priced and question.weight is not None:
        return f"{percent(question.weight)} of the total, scored by price"
    condition = question.judged_as == "condition"
    return f"Pass or fail: {passes_when(question)}" if condition else "For information, not judged"


def asked_when(pack: RoundPack, question: AskedQuestion, lots: Sequence[LotFacts]) -> str:
    """Of whom it is asked and after which answer: 'Asked for lots 1 and 3 only.' Empty when of everybody.

    `lots` are those that the round offers.
    """
    sentences = []
    if chosen := [lot for lot in lots if question.lots and question.asked_of(lot.id)]:
        sentences.append(f"Asked for {lots_in_words(chosen)} only.")
    condition = question.ask_if or {"question": None, "answers": ()}
    for earlier in pack.questions:
        answers = [f"“{label}”" for value, label in answers_to(earlier) if value in condition["answers"]]
        if earlier.code == condition["question"] and answers:
            sentences.append(f"Asked only if the answer to “{earlier.title}” is {or_(answers)}.")
    return " ".join(sentences)


def weights_in_words(pack: RoundPack, lots: Sequence[LotFacts]) -> str:
    """What the weights make: '100%', or '100% for lots 1 and 2; 90% for lot 3' where lots differ."""
    sums: dict[Decimal, list[LotFacts]] = {}
    for lot in lots:
        sums.setdefault(pack.weight_of(lot.id), []).append(lot)
    if len(sums) == 1:
        return percent(next(iter(sums)))
    return "; ".join(f"{percent(total)} for {lots_in_words(sharing)}" for total, sharing in sums.items())


def lot_conditions(lot: LotFacts) -> list[str]:
    """What a lot asks of whoever joins it, a phrase each: 'Any provider', '15 to 25 hours a week'."""
    told = ["Registered schools only" if lot.registered_only else "Any provider", _hours(lot)]
    if lot.key_stages:
        told.append(", ".join(KEY_STAGES[code] for code in KEY_STAGES if code in lot.key_stages))
    if lot.largest_group:
        told.append(
            "One to one" if lot.largest_group == 1 else f"Groups of at most {lot.largest_group} children"
        )
    covers = [(words, getattr(lot, name)) for name, words in INSURANCES.items()]
    insured = [f"{words} {money(cover)}" for words, cover in covers if cover is not None]
    if insured:
        told.append(f"Insurance of at least: {', '.join(insured)}")
    return [words for words in told if words]


def _hours(lot: LotFacts) -> str:
    least, most = lot.minimum_hours_a_week, lot.maximum_hours_a_week
    if least and most:
        return f"{least} hours a week" if least == most else f"{least} to {most} hours a week"
    if least or most:
        return f"At least {least} hours a week" if least else f"At most {most} hours a week"
    return ""


def trail_events(lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Lines of the audit trail as the timeline shows them."""
    return [
        {
            "title": happened(line["action"]),
            "by": line["actor_name"],
            "when": line["at"],
            "body": _told(line["details"]),
        }
        for line in lines
    ]


def _told(details: Mapping[str, Any]) -> str:
    if "submitted" in details:
        return f"{details['submitted']} submitted, {details['started']} started"
    if "question" in details:
        return f"Question: {details['question']}"
    return f"Reason: {details['reason']}" if details.get("reason") else ""


def and_(words: list[str]) -> str:
    """'a, b and c'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def or_(words: list[str]) -> str:
    """'a, b or c'."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
