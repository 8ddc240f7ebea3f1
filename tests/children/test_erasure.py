"""How long it is kept who a child is, what a hold keeps, and the copy for whoever asks for it."""

import json
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import THE_PORTAL, Actor
from portal.audit.queries import reads_of, trail_of
from portal.call_offs.models import CallOff
from portal.children.erasure import ERASED
from portal.children.models import Child, ChildFile
from portal.children.queries import choice_for, identity_for
from portal.children.services import identify_child
from portal.children.subject_queries import SeveralChildren
from portal.commissioning.models import Referral
from portal.database import db
from portal.errors import NotFound
from portal.personal_data import queries, services
from portal.storage.bucket import bucket
from portal.storage.models import Document
from tests.factories.accounts import a_council, a_person, a_school_person
from tests.factories.children import (
    NAME,
    PORTAL_URL,
    Chosen,
    a_child_file,
    a_named_choice,
    a_upn,
    cancel,
    said,
)
from tests.web_client import sign_in

KINDS = ("child", "child_files")


def in_days(days: int) -> AbstractContextManager[None]:
    return clock.staged_at(clock.now() + timedelta(days=days))


def due(days: int) -> list[tuple[str, date]]:
    """What of children is due after so many days: its kind, and from when its period counts."""
    with in_days(days):
        return sorted((each.kind, each.since) for each in queries.due(most=10_000)[0] if each.kind in KINDS)


def agree(chosen: Chosen, ends_on: date, closed_on: date | None = None) -> None:
    """An agreement that both have signed, as its room will keep it."""
    facts = {"id": chosen.call_off_id, "ends": ends_on, "closed": closed_on}
    db.session.execute(
        text(
            "INSERT INTO placement_agreement (reference, call_off_id, school_id, provider_id, service_id, "
            "child_id, state, version_in_force, made_at, made_by_id, closed_on, close_reason) "
            "SELECT 'P-' || id, id, school_id, provider_id, service_id, child_id, "
            "CASE WHEN CAST(:closed AS date) IS NULL THEN 'in_force' ELSE 'ended' END, 1, now(), "
            "chosen_by_id, :closed, "
            "CASE WHEN CAST(:closed AS date) IS NULL THEN '' ELSE 'Back at school.' END "
            "FROM call_off WHERE id = :id"
        ),
        facts,
    )
    db.session.execute(
        text(
            "INSERT INTO agreement_version (agreement_id, number, starts_on, ends_on, site, sessions, "
            "session_hours, price, price_unit, notice_days, made_at, made_by_id) "
            "SELECT agreement.id, 1, CURRENT_DATE, :ends, 'The yard', '{mon_am}', 3, 90, 'day', 5, now(), "
            "made_by_id FROM placement_agreement AS agreement WHERE call_off_id = :id"
        ),
        facts,
    )


def test_a_cancelled_choice_lets_files_go_after_six_months_and_the_name_after_twelve(
    session: Session,
) -> None:
    chosen = a_named_choice()
    a_child_file(chosen)
    cancel(chosen)
    today = clock.today()
    assert due(150) == []
    assert due(200) == [("child_files", today)]
    assert due(370) == [("child", today), ("child_files", today)]


def test_a_placement_counts_from_its_last_day(session: Session) -> None:
    chosen = a_named_choice()
    ends = clock.today() + timedelta(days=400)
    agree(chosen, ends)
    assert due(700) == [] and due(400 + 366) == [("child", ends)]


def test_a_placement_that_ended_early_counts_from_then(session: Session) -> None:
    chosen = a_named_choice()
    closed = clock.today() + timedelta(days=10)
    agree(chosen, clock.today() + timedelta(days=400), closed)
    assert due(380) == [("child", closed)]


def test_without_an_agreement_it_counts_from_a_year_after_the_start(session: Session) -> None:
    start = a_named_choice().referral.start_on
    assert start
    assert due(370) == []
    assert due(770) == [("child", start + timedelta(days=365))]


def test_a_child_whose_choice_is_gone_is_not_forgotten(session: Session) -> None:
    chosen = a_named_choice()
    session.execute(text("DELETE FROM call_off WHERE id = :id"), {"id": chosen.call_off_id})
    assert due(360) == [] and due(370) == [("child", clock.today())]


def test_a_child_waits_for_the_last_of_its_choices(session: Session) -> None:
    school = a_school_person()
    cancel(a_named_choice(school))
    last = a_named_choice(school)
    ends = clock.today() + timedelta(days=100)
    agree(last, ends)
    assert due(380) == [] and due(470) == [("child", ends)]


def test_the_run_leaves_a_child_without_anything_that_says_who_it_was(session: Session) -> None:
    chosen = a_named_choice()
    a_child_file(chosen)
    child_id = session.get_one(CallOff, chosen.call_off_id).child_id or 0
    key = session.scalars(select(Document.key).join(ChildFile, ChildFile.document_id == Document.id)).one()
    cancel(chosen)
    with in_days(370):
        gone, failed = services.run(by=THE_PORTAL)
    assert gone and not failed
    session.expire_all()
    child = session.get_one(Child, child_id)
    assert child.erased_at and not (child.name_sealed or child.upn_sealed or child.upn_digest)
    assert session.scalars(select(ChildFile)).all() == [] and bucket().size(key) is None
    choice = session.get_one(CallOff, chosen.call_off_id)
    assert choice.child_id == child_id and choice.reason == choice.cancel_reason == ERASED
    assert not choice_for(chosen.school, chosen.call_off_id).known
    with pytest.raises(NotFound):
        identity_for(chosen.school, chosen.call_off_id)
    assert {line["action"] for line in trail_of("child", child_id)} >= {"child.erase", "retention.erase"}


def test_an_erased_child_is_not_named_again_and_its_page_says_so(
    client: FlaskClient, session: Session
) -> None:
    chosen = a_named_choice()
    services._ERASERS["child"](session.get_one(CallOff, chosen.call_off_id).child_id or 0, by=THE_PORTAL)
    with pytest.raises(NotFound):
        identify_child(call_off_id=chosen.call_off_id, portal_url=PORTAL_URL, by=chosen.school, **said())
    sign_in(client, chosen.school.email)
    page = client.get(f"/choices/{chosen.call_off_id}/child")
    assert page.status_code == 200 and "was erased on" in page.text
    assert client.get(f"/choices/{chosen.call_off_id}/child/identify").status_code == 404


@pytest.mark.parametrize("held", ["organisation", "provider", "referral"])
def test_a_hold_keeps_the_child_and_the_files(session: Session, held: str) -> None:
    chosen = a_named_choice()
    a_child_file(chosen)
    cancel(chosen)
    named = {
        "organisation": str(chosen.school.organisation_id),
        "provider": str(chosen.provider.organisation_id),
        "referral": chosen.referral.reference,
    }[held]
    subject = "referral" if held == "referral" else "organisation"
    services.place_hold(subject_type=subject, named=named, reason="A claim.", by=an_administrator())
    assert due(370) == []


def test_the_referral_that_was_chosen_loses_its_words_and_keeps_its_row(session: Session) -> None:
    chosen = a_named_choice()
    with in_days(366 * 12):
        assert services.run(by=THE_PORTAL)[1] == 0
        session.expire_all()
        kept = session.get_one(Referral, chosen.referral.id)
        assert kept.need_summary == kept.strengths == kept.transport == kept.answer_note == ""
        assert all(each.subject_id != kept.id for each in queries.due(most=10_000)[0])


def an_administrator() -> Actor:
    return a_person(a_council(), "administrator")


@pytest.mark.parametrize("about", [f" {NAME.upper()} ", a_upn(), a_upn().lower()])
def test_a_copy_is_found_by_name_or_number_of_one_school(session: Session, about: str) -> None:
    chosen = a_named_choice()
    a_child_file(chosen)
    agree(chosen, clock.today() + timedelta(days=30))
    a_named_choice()  # the same child of another school
    administrator = an_administrator()
    held = services.export(about=about, school=chosen.school.organisation_name.lower(), by=administrator)
    assert held is not None and json.loads(json.dumps(held)) == held
    child_id = session.get_one(CallOff, chosen.call_off_id).child_id
    assert (held["child"]["id"], held["child"]["name"], held["child"]["upn"]) == (child_id, NAME, a_upn())
    assert [each["reference"] for each in held["choices"]] == [chosen.referral.reference]
    assert [each["kind"] for each in held["files"]] == ["Risk assessment"]
    assert held["referrals"][0]["need_summary"] and held["agreements"][0]["site"] == "The yard"
    assert reads_of("child", child_id)[0]["actor_name"] == administrator.name


def test_a_copy_is_for_nobody_without_the_school_or_of_another(session: Session) -> None:
    chosen = a_named_choice()
    other = a_school_person()
    for school in ("", other.organisation_name, "Nowhere School", chosen.provider.organisation_name):
        assert services.export(about=NAME, school=school, by=an_administrator()) is None
    assert services.export(about=a_upn(2), school=chosen.school.organisation_name, by=THE_PORTAL) is None


def test_a_name_that_two_children_share_is_not_guessed(session: Session) -> None:
    school = a_school_person()
    for number in (1, 2):
        a_named_choice(school, upn=a_upn(number))
    with pytest.raises(SeveralChildren):
        services.export(about=NAME, school=school.organisation_name, by=an_administrator())
    found = services.export(about=a_upn(2), school=school.organisation_name, by=an_administrator())
    assert found is not None and found["child"]["upn"] == a_upn(2)


def test_the_administrators_page_gives_the_file_under_no_name(client: FlaskClient) -> None:
    chosen = a_named_choice()
    sign_in(client, an_administrator().email)
    typed = {"about": NAME, "school": chosen.school.organisation_name}
    answer = client.post("/administration/subject-access", data=typed)
    assert answer.status_code == 200 and answer.json["child"]["name"] == NAME  # type: ignore[index]
    assert "Jamie" not in str(answer.headers)
    client.post("/sign-out")
    sign_in(client, chosen.colleague("safeguarding_lead").email)
    assert client.get("/children/log").text.count("Child’s name and facts read") == 1
