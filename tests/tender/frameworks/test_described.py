"""What a framework is for stands on the public page and can change; its end and its insurances are minded."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from tender.frameworks import queries
from tender.frameworks.framework_services import edit_lot
from tender.frameworks.models import Framework, Round
from tender.frameworks.publication import problems_before_publication
from tender.frameworks.readiness import problems_of
from tender.frameworks.services import LotDetails
from tender.frameworks.time_warnings import time_warnings
from tests.factories.clarifications import PORTAL_URL
from tests.factories.drafting import added
from tests.factories.frameworks import a_draft_round, a_framework, a_procurement_lead, a_published_round
from tests.tender.frameworks.test_pages import text_of
from tests.tender.packs.test_pages import all_typed_in
from tests.web_client import sign_in

COVER = {"document_type": "public_liability", "least_cover": "5000000"}


@pytest.fixture
def lead(session: Session) -> Actor:
    return a_procurement_lead()


def framework_of(session: Session, subject: Round) -> Framework:
    found = select(Framework).where(Framework.id == subject.framework_id)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def test_what_the_framework_is_for_stands_on_the_public_page(app: Flask, lead: Actor) -> None:
    published = a_published_round(1, lead)
    page = text_of(app.test_client().get(f"/opportunities/{published.id}"))
    assert page.count("What it is for") == 2 and "A framework that was made up." in page


@pytest.mark.parametrize("published", [False, True])
def test_description_and_codes_change_before_publication_and_after_it_with_a_reason(
    client: FlaskClient, session: Session, lead: Actor, published: bool
) -> None:
    subject = a_published_round(1, lead) if published else a_draft_round(1, lead)
    sign_in(client, lead.email)
    address = f"/frameworks/{subject.framework_id}/edit"
    fields = all_typed_in(client.get(address).get_data(as_text=True))
    assert fields["description"] == "A framework that was made up." and fields["cpv"] == ""
    wanted = fields | {"description": "For children out of school.", "cpv": "80000000-4, 85312000"}
    answer = client.post(address, data=wanted)
    assert answer.status_code == (422 if published else 303)
    if published:
        assert client.post(address, data=wanted | {"reason": "The notice was corrected."}).status_code == 303
    framework = framework_of(session, subject)
    assert framework.description == "For children out of school."
    assert framework.cpv_codes == ["80000000", "85312000"]
    line = trail_of("framework", framework.id)[0]
    assert line["details"]["before"]["description"] == "A framework that was made up."
    assert line["details"]["after"]["cpv_codes"] == "80000000, 85312000"


def test_a_code_without_eight_digits_is_refused(client: FlaskClient, lead: Actor) -> None:
    framework = a_framework(1, lead)
    sign_in(client, lead.email)
    address = f"/frameworks/{framework.id}/edit"
    fields = all_typed_in(client.get(address).get_data(as_text=True))
    answer = client.post(address, data=fields | {"cpv": "800"})
    assert answer.status_code == 422 and "“800” is no code" in text_of(answer)


def warnings(lead: Actor, closes_at: datetime, *cut_offs: datetime) -> str:
    draft = a_draft_round(1, lead, closes_at=closes_at)
    return " ".join(time_warnings(queries.round_for(lead, draft.id), cut_offs))


def test_a_close_or_a_cut_off_after_the_frameworks_end_is_said(lead: Actor) -> None:
    last = clock.london(clock.now()).replace(year=2032, month=5, day=31, hour=12)
    assert "after the framework's term" not in warnings(lead, last)
    late = last + timedelta(days=1)
    assert "The round closes on 1 June 2032, after the framework's term" in warnings(lead, late)
    found = warnings(lead, last, late)
    assert "An intake's cut-off is on 1 June 2032, after the framework's term" in found
    assert "The round closes on 1 June" not in found


def thoughts(lead: Actor, draft: Round) -> list[str]:
    facts, pack = queries.round_for(lead, draft.id), queries.pack_of(draft.id)
    _, found = problems_before_publication(facts, pack, queries.lots_of_round(draft.id))
    return [each.sentence for each in found if "over" in each.sentence]


def insured(lead: Actor, draft: Round, **cover: Any) -> None:
    lot = queries.lots_of_round(draft.id)[0]
    edit_lot(by=lead, framework_id=draft.framework_id, lot_id=lot.id, portal_url=PORTAL_URL,
             details=LotDetails(lot.number, lot.title, registered_only=True, **cover))  # fmt: skip


@pytest.mark.parametrize(
    ("cover", "said"), [(Decimal(10_000_000), True), (Decimal(5_000_000), False), (None, False)]
)
def test_another_cover_than_the_lots_own_is_worth_a_thought(
    lead: Actor, cover: Decimal | None, said: bool
) -> None:
    draft = a_draft_round(1, lead)
    added(draft, "file", by=lead, code="proof", title="Proof", shape=COVER)
    insured(lead, draft, public_liability=cover)
    sentence = (
        "“Proof” asks for cover of £5,000,000, and lot 1 for £10,000,000 of public liability. Let both say "
        "the same."
    )
    assert thoughts(lead, draft) == ([sentence] if said else [])


def test_a_cover_of_which_no_question_speaks_is_worth_a_thought(lead: Actor) -> None:
    draft = a_draft_round(1, lead)
    insured(lead, draft, public_liability=Decimal(1_000_000))
    assert thoughts(lead, draft) == []
    pack = queries.pack_of(draft.id)
    silent = replace(pack, sections=tuple(replace(each, questions=()) for each in pack.sections))
    times = {"opens_at": draft.opens_at, "closes_at": draft.closes_at, "at": draft.opens_at}
    found = problems_of(silent, **times, lots=queries.lots_of_round(draft.id))
    sentence = "A least cover is given for lot 1, and no question asks about insurance."
    assert sentence in [each.sentence for each in found if not each.stops]
