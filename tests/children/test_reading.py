"""Who reads of a child, what is written down of it, and the safeguarding lead's log."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organisation
from portal.audit.models import AuditLine
from portal.audit.queries import reads_of
from portal.call_offs.models import CallOff
from portal.children.file_services import MOST, add_file, open_file, remove_file, tell_of_virus
from portal.children.log_queries import log_for
from portal.children.models import ChildFile
from portal.children.queries import choice_for, files_for, identity_for, names_for
from portal.children.steps import steps_about_child
from portal.errors import NotFound, Refusal
from portal.mail.models import Letter
from portal.storage.bucket import bucket
from portal.storage.models import Document
from tests.counting import counted
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.applications import a_file
from tests.factories.children import (
    NAME,
    PORTAL_URL,
    Chosen,
    a_child_file,
    a_choice,
    a_named_choice,
    a_upn,
    cancel,
    name_child,
)

COUNCIL = ("administrator", "procurement_lead", "evaluator", "approver", "quality_officer", "auditor")


def child_of(session: Session, chosen: Chosen) -> int:
    return session.get_one(CallOff, chosen.call_off_id).child_id or 0


def strangers(chosen: Chosen, session: Session) -> list:  # type: ignore[type-arg]
    """Everybody who must not learn of the child."""
    home = session.get_one(Organisation, chosen.provider.organisation_id)
    return [
        a_school_person(),
        a_provider_person(),
        a_person(home, "certifier"),
        chosen.colleague("administrator"),
        a_person(session.get_one(Organisation, a_school_person().organisation_id), "safeguarding_lead"),
        *(a_person(a_council(), role) for role in COUNCIL),
    ]


def test_nobody_else_reads_who_it_is_or_that_somebody_is_named(session: Session) -> None:
    chosen = a_named_choice()
    file_id = a_child_file(chosen)
    for stranger in strangers(chosen, session):
        for refused in (identity_for, choice_for):
            with pytest.raises(NotFound):
                refused(stranger, chosen.call_off_id)
        with pytest.raises(NotFound):
            open_file(call_off_id=chosen.call_off_id, file_id=file_id, by=stranger)
        assert not files_for(stranger, chosen.call_off_id) and not names_for(stranger, [chosen.call_off_id])
        assert not steps_about_child(stranger, chosen.call_off_id)
    assert not reads_of("child", child_of(session, chosen))


@pytest.mark.parametrize("role", ["commissioner", "placement_coordinator", "safeguarding_lead"])
def test_the_schools_people_read_it_also_after_cancelling(session: Session, role: str) -> None:
    chosen = a_named_choice()
    cancel(chosen)
    assert identity_for(chosen.colleague(role), chosen.call_off_id).name == NAME


def test_after_cancelling_nobody_at_the_provider_reads_anything(session: Session) -> None:
    chosen = a_named_choice()
    file_id = a_child_file(chosen)
    cancel(chosen)
    with pytest.raises(NotFound):
        identity_for(chosen.provider, chosen.call_off_id)
    with pytest.raises(NotFound):
        open_file(call_off_id=chosen.call_off_id, file_id=file_id, by=chosen.provider)
    assert not files_for(chosen.provider, chosen.call_off_id)


def test_one_choices_files_are_not_for_the_provider_of_another(session: Session) -> None:
    school = a_school_person()
    one, other = a_named_choice(school), a_named_choice(school)
    file_id = a_child_file(one)
    assert child_of(session, one) == child_of(session, other)
    assert not files_for(other.provider, other.call_off_id)
    with pytest.raises(NotFound):
        open_file(call_off_id=other.call_off_id, file_id=file_id, by=other.provider)


def test_a_reading_is_written_before_the_name_is_opened(session: Session, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    chosen = a_named_choice()

    def fails(sealed: bytes) -> str:
        raise RuntimeError("no name is opened")

    monkeypatch.setattr("portal.children.queries.unseal", fails)
    with pytest.raises(RuntimeError):
        identity_for(chosen.provider, chosen.call_off_id)
    (line,) = reads_of("child", child_of(session, chosen))
    assert line["actor_name"] == chosen.provider.name
    assert line["details"] == {
        "call_off": chosen.call_off_id,
        "organisation": chosen.provider.organisation_id,
    }


def test_many_names_cost_two_statements_and_are_each_written_down(session: Session) -> None:
    school = a_school_person()
    ids = [a_named_choice(school, upn=a_upn(number)).call_off_id for number in range(5)]
    with counted() as statements:
        assert set(names_for(school, ids).values()) == {NAME}
    assert len(statements) == 2
    lead = a_person(session.get_one(Organisation, school.organisation_id), "safeguarding_lead")
    assert sum(line.action == "child.read" for line in log_for(lead, skip=0)[0]) == 5


def test_each_side_is_told_its_own_step(session: Session) -> None:
    chosen = a_choice()
    lead = chosen.colleague("safeguarding_lead")
    people = (chosen.school, chosen.provider, lead)

    def states() -> list[list[str]]:
        return [[step.state for step in steps_about_child(each, chosen.call_off_id)] for each in people]

    assert states() == [["to_do"], ["waiting"], ["waiting"]]
    name_child(chosen)
    assert states() == [["done"], ["done"], ["done"]]
    cancel(chosen)
    assert states() == [["done"], [], ["done"]]


def test_the_log_says_who_read_what_for_which_referral(session: Session) -> None:
    chosen = a_named_choice()
    file_id = a_child_file(chosen)
    identity_for(chosen.provider, chosen.call_off_id)
    open_file(call_off_id=chosen.call_off_id, file_id=file_id, by=chosen.provider)
    lead = chosen.colleague("safeguarding_lead")
    lines, total = log_for(lead, skip=0, call_off_id=chosen.call_off_id)
    assert [line.what for line in lines] == [
        "File about a child opened: Risk assessment",
        "Child’s name and facts read",
        "File about a child given: Risk assessment",
        "Child named to the chosen provider",
    ]
    assert total == 4 and lines[0].organisation == chosen.provider.organisation_name
    assert {line.reference for line in lines} == {chosen.referral.reference}


def test_the_log_can_leave_out_the_schools_own_people(session: Session) -> None:
    chosen = a_named_choice()
    for reader in (chosen.school, chosen.provider):
        identity_for(reader, chosen.call_off_id)
    lines, total = log_for(chosen.colleague("safeguarding_lead"), skip=0, others_only=True)
    assert total == 1 and lines[0].actor_name == chosen.provider.name


def test_the_log_is_for_the_schools_own_safeguarding_lead(session: Session) -> None:
    chosen = a_named_choice()
    for other in (chosen.school, chosen.provider, chosen.colleague("placement_coordinator")):
        with pytest.raises(NotFound):
            log_for(other, skip=0)
    elsewhere = session.get_one(Organisation, a_school_person().organisation_id)
    lead = a_person(elsewhere, "safeguarding_lead")
    assert log_for(lead, skip=0) == ([], 0)
    assert log_for(lead, skip=0, call_off_id=chosen.call_off_id) == ([], 0)


def test_a_page_of_the_log_is_one_statement_however_long_it_is(session: Session) -> None:
    chosen = a_named_choice()
    lead = chosen.colleague("safeguarding_lead")
    for _ in range(60):
        identity_for(chosen.provider, chosen.call_off_id)
    with counted() as statements:
        lines, total = log_for(lead, skip=0)
    assert (len(statements), len(lines), total) == (1, 50, 61)
    assert len(log_for(lead, skip=50)[0]) == 11


def test_a_file_is_called_by_its_kind_whatever_the_school_called_it(session: Session) -> None:
    chosen = a_named_choice()
    a_child_file(chosen, "ehc_plan", name=f"EHCP {NAME}")
    (line,) = files_for(chosen.provider, chosen.call_off_id)
    assert (line.filename, line.title) == ("ehc-plan.pdf", "EHC plan")
    link = open_file(call_off_id=chosen.call_off_id, file_id=line.id, by=chosen.provider)
    assert f"{chosen.referral.reference}-ehc-plan.pdf" in link and "Jamie" not in link


def test_a_removed_file_is_gone_for_good_and_a_second_click_is_quiet(session: Session) -> None:
    chosen = a_named_choice()
    file_id = a_child_file(chosen)
    document = session.get_one(Document, session.get_one(ChildFile, file_id).document_id)
    key = document.key
    for _ in range(2):
        remove_file(call_off_id=chosen.call_off_id, file_id=file_id, portal_url=PORTAL_URL, by=chosen.school)
    assert not files_for(chosen.school, chosen.call_off_id)
    assert key not in {stored for stored, _ in bucket().stored("documents/")}
    titles = session.scalars(select(Letter.title).where(Letter.subject_id == str(chosen.call_off_id))).all()
    assert sum("was removed" in title for title in titles) == 1


def test_a_file_needs_a_named_child_a_kind_and_room(session: Session, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    chosen = a_choice()
    with pytest.raises(Refusal, match="Say first who the child is"):
        a_child_file(chosen)
    name_child(chosen)
    with pytest.raises(Refusal, match="what kind"):
        a_child_file(chosen, "diary")
    assert MOST >= 10
    monkeypatch.setattr("portal.children.file_services.MOST", 1)
    a_child_file(chosen)
    with pytest.raises(Refusal, match="which is the most"):
        a_child_file(chosen)


def test_only_the_school_that_may_say_who_it_is_gives_and_removes(session: Session) -> None:
    chosen = a_named_choice()
    file_id = a_child_file(chosen)
    for other in (chosen.provider, chosen.colleague("placement_coordinator"), a_school_person()):
        with pytest.raises(NotFound):
            add_file(
                call_off_id=chosen.call_off_id, kind="medical", portal_url=PORTAL_URL, by=other, **a_file()
            )
        with pytest.raises(NotFound):
            remove_file(call_off_id=chosen.call_off_id, file_id=file_id, portal_url=PORTAL_URL, by=other)


def test_the_school_is_told_of_a_virus_without_its_files_name(session: Session) -> None:
    chosen = a_named_choice()
    file = session.get_one(ChildFile, a_child_file(chosen, name=NAME))
    tell_of_virus(session.get_one(Document, file.document_id), by=chosen.school)
    letter = session.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None and letter.to_address == chosen.school.email
    assert "virus" in letter.title and "Jamie" not in letter.title + letter.body


def test_no_letter_and_no_line_of_the_trail_says_anything_of_the_child(session: Session) -> None:
    chosen = a_named_choice()
    a_child_file(chosen, name=f"EHCP {NAME} {a_upn()}")
    identity_for(chosen.provider, chosen.call_off_id)
    written = [f"{letter.title} {letter.body}" for letter in session.scalars(select(Letter))]
    line = AuditLine.__table__.c
    written += [str(row) for row in session.execute(select(line.details, line.subject_id, line.actor_name))]
    written += session.scalars(select(Document.filename)).all()
    for secret in ("Jamie", "Invented-Example", a_upn(), "2012-03-04", "4 March 2012"):
        assert not [text for text in written if secret in text]
