"""What the play's providers answer: real words for every question of the default pack, and real files."""

from __future__ import annotations

from portal.development.demonstration.papers import paper
from portal.development.headless.checks import Failed
from portal.development.headless.client import Upload
from portal.development.headless.stage import Tenderer

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jpg": "image/jpeg",
}
FILES = {
    "finance": ("Budget and cash flow", "xlsx"),
    "safeguarding_policy": ("Safeguarding policy", "pdf"),
    "health_safety_policy": ("Health and safety policy", "docx"),
    "fire_risk": ("Fire risk assessment", "jpg"),
}
STAFF = (("Tutor", "3", "90"), ("Mentor", "2", "60"))
OTHER_PRICES = {
    "half_day.one": "80.00",
    "half_day.group": "55.00",
    "hour.one": "32.00",
    "hour.group": "21.00",
    "transport": "12.50",
}
SCORED = ("safeguarding", "curriculum", "needs", "attendance", "outcomes", "partnership")
PRICES = {"5": "95.50", "10": "62.00"}
DISGUISED = Upload("Safeguarding policy.pdf", "application/pdf", b"MZ\x90\x00" + b"\x00" * 600)
"""A program for Windows that calls itself a PDF."""


def answer_to(code: str, lot: str, tenderer: Tenderer) -> object:
    """What this provider answers, as it is kept: text, a list of choices, rows, prices, or a file."""
    if code in FILES:
        title, kind = FILES[code]
        content = paper(kind, f"{title} of {tenderer.name}")
        return Upload(f"{title}.{kind}", MEDIA_TYPES[kind], content)
    if code in SCORED:
        return _essay(code, lot, tenderer)
    answers: dict[str, object] = {
        "supplier_details": "yes",
        "platform": "yes",
        "share_code": "K7Q2-M4TX",
        "exclusion": "none",
        "registration_test": "below",
        "insurance": "yes",
        "vetting": "yes",
        "ico_number": f"ZB{tenderer.number}",
        "data_protection": "yes",
        "day_rate": PRICES.get(lot, ""),
        "summary": f"Young people learn {tenderer.trade} in a small group, with a mentor who stays.",
        "key_stages": ["KS3", "KS4"],
        "sen_needs": ["SEMH", "ASD"],
        "site_postcode": tenderer.postcode,
        "places": "8",
        "registration_status": "non_school",
        "staff": [{"role": role, "people": people, "hours": hours} for role, people, hours in STAFF],
        "other_prices": OTHER_PRICES,
    }
    if code not in answers:
        raise Failed("a question of the default pack", code)
    return answers[code]


def boxes_of(answer: object) -> dict[str, object]:
    """The boxes of a form that this answer fills: one, or one for each cell of a table or a rate card."""
    rows = [answer] if isinstance(answer, dict) else answer
    if not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
        return {"value": answer}
    return {f"value-{n}-{code}": cell for n, row in enumerate(rows) for code, cell in row.items()}


def _essay(code: str, lot: str, tenderer: Tenderer) -> str:
    where = f" in lot {lot}" if lot else ""
    return (
        f"{tenderer.name} on {code}{where}: we teach {tenderer.trade} to groups of four.\n\n"
        "Each child is visited before the first day; what they can do already is written down and read again "
        "after six weeks. In March a mentor noticed that one child came hungry, and since then there is "
        "breakfast for everybody at nine. Schools get a report every Friday, and a call the same morning "
        "when somebody does not arrive."
    )
