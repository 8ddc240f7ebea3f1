"""Saying who a child is: by its school, once or again, and whom the letters tell what."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.models import Organisation
from portal.call_offs.models import CallOff
from portal.children.models import Child
from portal.children.queries import identity_for
from portal.children.services import ChangedMeanwhile, KnownChild, identify_child
from portal.errors import NotFound, Refusal
from portal.mail.models import Letter
from tests.factories.accounts import a_council, a_person, a_provider_person, a_school_person
from tests.factories.children import (
    NAME,
    PORTAL_URL,
    Chosen,
    a_choice,
    a_named_choice,
    a_upn,
    cancel,
    name_child,
    said,
)


def change(chosen: Chosen, seen: int = 1, **changes: Any) -> int:
    return identify_child(
        call_off_id=chosen.call_off_id,
        seen=seen,
        portal_url=PORTAL_URL,
        by=chosen.school,
        **said(**changes),
    )


def letters(session: Session, chosen: Chosen) -> list[Letter]:
    about = (Letter.subject_type == "call_off", Letter.subject_id == str(chosen.call_off_id))
    return list(session.scalars(select(Letter).where(*about).order_by(Letter.id)))


def test_what_a_school_says_the_chosen_provider_reads(session: Session) -> None:
    chosen = a_named_choice()
    read = identity_for(chosen.provider, chosen.call_off_id)
    assert (read.name, read.born_on, read.upn) == (NAME, date(2012, 3, 4), a_upn())
    assert read.has_ehcp and not read.looked_after


def test_said_twice_it_is_kept_once_and_written_once(session: Session) -> None:
    chosen = a_choice()
    assert name_child(chosen) == name_child(chosen)
    assert [letter.to_address for letter in letters(session, chosen)] == [chosen.provider.email]


def test_who_is_not_of_the_school_or_may_not_says_nothing(session: Session) -> None:
    chosen = a_choice()
    others = (
        a_school_person(),
        chosen.provider,
        a_provider_person(),
        chosen.colleague("placement_coordinator"),
        chosen.colleague("safeguarding_lead"),
        chosen.colleague("administrator"),
        *(a_person(a_council(), role) for role in ("administrator", "quality_officer", "auditor")),
    )
    for other in others:
        with pytest.raises(NotFound):
            identify_child(call_off_id=chosen.call_off_id, portal_url=PORTAL_URL, by=other, **said())
    assert session.get_one(CallOff, chosen.call_off_id).child_id is None


def test_nobody_is_named_for_a_choice_that_was_cancelled(session: Session) -> None:
    chosen = a_choice()
    cancel(chosen)
    with pytest.raises(NotFound):
        name_child(chosen)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 151}, "name"),
        ({"born_on": clock.today() + timedelta(days=1)}, "born_on"),
        ({"born_on": clock.today() - timedelta(days=365)}, "born_on"),
        ({"born_on": date(1985, 1, 1)}, "born_on"),
        ({"upn": "A999999980001"}, "upn"),
        ({"upn": ""}, "upn"),
        ({"upn": "", "no_upn_reason": "lost"}, "upn"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(session: Session, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        name_child(a_choice(), **wrong)
    assert refused.value.field == field


def test_a_child_without_a_number_is_kept_with_the_reason(session: Session) -> None:
    chosen = a_named_choice(upn="", no_upn_reason="new_arrival")
    read = identity_for(chosen.provider, chosen.call_off_id)
    assert read.upn == "" and read.upn_in_words == "None. The child is new to the country or to state schools"


def test_the_same_child_is_known_again_by_its_number(session: Session) -> None:
    school = a_school_person()
    one, other = a_named_choice(school), a_choice(school)
    assert name_child(other) == session.get_one(CallOff, one.call_off_id).child_id
    assert len(letters(session, one)) == 1  # nothing changed for the first provider


def test_what_differs_replaces_what_was_kept_only_when_it_is_confirmed(session: Session) -> None:
    school = a_school_person()
    one, other = a_named_choice(school), a_choice(school)
    with pytest.raises(
        KnownChild, match="differs in the name and whether the child is looked after"
    ) as asked:
        name_child(other, name="James Invented", looked_after=True)
    assert asked.value.field == "same_child" and NAME not in asked.value.sentence
    assert f"for referral {one.referral.reference}" in asked.value.sentence
    name_child(other, name="James Invented", looked_after=True, same_child=True)
    assert identity_for(one.provider, one.call_off_id).name == "James Invented"
    assert [letter.title[:9] for letter in letters(session, one)] == ["You can r", "Something"]


def test_another_schools_child_with_the_number_is_another_row_and_not_told(session: Session) -> None:
    one, other = a_named_choice(), a_named_choice(name="James Invented")
    assert identity_for(one.school, one.call_off_id).name == NAME
    assert identity_for(other.school, other.call_off_id).name == "James Invented"


def test_a_change_is_told_to_the_provider_and_counted(session: Session) -> None:
    chosen = a_named_choice()
    change(chosen, has_ehcp=False)
    change(chosen, seen=1, has_ehcp=False)  # a second click
    assert identity_for(chosen.provider, chosen.call_off_id).revision == 2
    assert [letter.title.split()[0] for letter in letters(session, chosen)] == ["You", "Something"]


def test_a_change_upon_a_page_that_is_out_of_date_is_refused(session: Session) -> None:
    chosen = a_named_choice()
    change(chosen, has_ehcp=False)
    with pytest.raises(ChangedMeanwhile):
        change(chosen, seen=1, looked_after=True)


def test_a_number_is_corrected_but_never_to_another_childs(session: Session) -> None:
    school = a_school_person()
    chosen, _ = a_named_choice(school), a_named_choice(school, upn=a_upn(2), name="Somebody Invented")
    change(chosen, upn=a_upn(3))
    with pytest.raises(Refusal, match="belongs to another child") as refused:
        change(chosen, seen=2, upn=a_upn(2))
    assert refused.value.field == "upn"


def test_a_cancelled_choice_gets_no_letter_about_a_change(session: Session) -> None:
    school = a_school_person()
    gone, stands = a_named_choice(school), a_named_choice(school)
    cancel(gone)
    change(stands, has_ehcp=False)
    assert (len(letters(session, gone)), len(letters(session, stands))) == (1, 2)


def test_letters_go_to_those_who_read_of_the_child_alone(session: Session) -> None:
    chosen = a_choice()
    home = session.get_one(Organisation, chosen.provider.organisation_id)
    editor, certifier = a_person(home, "editor"), a_person(home, "certifier")
    name_child(chosen)
    assert {letter.to_address for letter in letters(session, chosen)} == {chosen.provider.email, editor.email}
    assert certifier.email not in {letter.to_address for letter in letters(session, chosen)}


def test_the_row_of_a_child_counts_its_changes(session: Session) -> None:
    chosen = a_named_choice()
    child = session.scalars(select(Child).order_by(Child.id.desc())).first()
    assert child is not None and child.revision == 1
    change(chosen, name="James Invented")
    assert child.revision == 2
