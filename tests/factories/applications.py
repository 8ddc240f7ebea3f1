"""Applications in each state, with real documents in the store, built through the services."""

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from portal import clock
from portal.accounts.access import Actor
from portal.database import transaction
from portal.evidence.facts import Facts
from portal.storage.inspection import KINDS
from tender.applications.answer_services import attach_document, save_answer
from tender.applications.contents import Item
from tender.applications.grids import columns_of
from tender.applications.queries import own_application_for, tender_of
from tender.applications.services import choose_lots, start_application, submit_application
from tender.applications.vault_services import keep_for_next_time
from tender.frameworks.models import Round
from tender.frameworks.opening_services import open_box
from tests.factories.accounts import a_provider_person
from tests.factories.frameworks import a_closed_round, a_procurement_lead, lot_ids, while_open
from tests.storage import corpus


def a_draft(round: Round, by: Actor, lots: Sequence[int] = ()) -> int:
    """A draft for these lots (by id), with no answers; its id. Works on closed rounds too."""
    with clock.staged_at(while_open(round)):
        application_id = start_application(round_id=round.id, by=by)
        if lots:
            choose_lots(application_id=application_id, lot_ids=lots, by=by)
    return application_id


def a_complete_draft(
    round: Round, by: Actor, lots: Sequence[int], answers: dict[str, Any] | None = None
) -> int:
    """A draft that lacks nothing. `answers` replaces what is answered to a question, by code."""
    # One transaction for all answers: each of its own would take twice as long.
    with clock.staged_at(while_open(round)), transaction():
        application_id = a_draft(round, by, lots)
        done: set[str] = set()
        while items := [item for item in _items(application_id, by) if item.anchor not in done]:
            for item in items:
                answer(application_id, item, by, (answers or {}).get(item.asked.code, an_answer(item)))
                done.add(item.anchor)
    return application_id


def _items(application_id: int, by: Actor) -> Sequence[Item]:
    """What is asked now; an answer may bring up another question."""
    return tender_of(own_application_for(by, application_id)).items


def a_submitted_application(
    round: Round,
    lots: Sequence[int],
    by: Actor | None = None,
    answers: dict[str, Any] | None = None,
    *,
    certified: bool = False,
) -> int:
    """A submitted application of a new provider (or of `by`'s) to an open or closed round; its id."""
    by = by or a_provider_person()
    with clock.staged_at(while_open(round)), transaction():
        application_id = a_complete_draft(round, by, lots, answers)
        submit_application(application_id=application_id, declared=True, certified=certified, by=by)
    return application_id


def an_opened_round_with(*providers: Actor, lots: int = 2) -> tuple[Round, list[int]]:
    """A round whose box was opened with an application of each of these providers, for all its lots."""
    closed = a_closed_round(lots)
    application_ids = [a_submitted_application(closed, lot_ids(closed), by) for by in providers]
    open_box(by=a_procurement_lead(closed), round_id=closed.id)
    return closed, application_ids


def answer(application_id: int, item: Item, by: Actor, value: Any) -> None:
    """Answer one item: by a document that says what is asked of it, where one is asked for, else by the
    value."""
    place = {"application_id": application_id, "code": item.asked.code, "lot_id": item.lot_id, "by": by}
    if item.asked.kind == "file":
        document_id = attach_document(**place, **a_file(item.asked.accepted[0]))
        shape = item.asked.shape
        if shape.get("needs_expiry") or shape.get("least_cover"):
            facts = Facts(cover=Decimal(shape.get("least_cover") or 1), expires_on=date(2099, 1, 1))
            keep_for_next_time(
                application_id=application_id, document_id=document_id, facts=facts, by=by,
                type=shape.get("document_type") or "other", title=item.asked.title,
            )  # fmt: skip
    else:
        save_answer(**place, value=value, version=item.version)


_A_CELL = {"short_text": "Tutor", "number": "12", "money": "95.50", "date": "2026-03-06"}


def an_answer(item: Item) -> Any:
    """A value that answers an item."""
    return {
        "long_text": "We ring home before half past nine, and write down what we heard and what we did.",
        "short_text": "ZA123456",
        "number": "12",
        "money": "95.50",
        "date": "2026-03-06",
        "yes_no": "yes",
        "declaration": "yes",
        "postcode": "M1 1AE",
        "choice": item.asked.options[0][0] if item.asked.options else "",
        "choices": [option[0] for option in item.asked.options[:2]],
        "table": [{column.code: _A_CELL[column.kind] for column in columns_of("table", item.asked.shape)}]
        * item.asked.shape.get("least_rows", 1),
        "rate_card": {column.code: "95.50" for column in columns_of("rate_card", item.asked.shape)},
        "file": None,
    }[item.asked.kind]


def a_file(ending: str = "pdf", name: str = "policy") -> dict[str, Any]:
    """A real file of this kind, as `attach_document` takes it."""
    return {"stream": io.BytesIO(_content(ending)), "filename": f"{name}.{ending}"}


@cache
def _content(ending: str) -> bytes:
    kind = next(kind for kind, described in KINDS.items() if ending in described.endings)
    makers = {"pdf": corpus.pdf, "docx": corpus.word, "xlsx": corpus.excel}
    return {**makers, "jpeg": corpus.jpeg, "png": corpus.png}[kind]()
