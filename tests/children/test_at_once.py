"""Two people at the same moment, each on a connection of their own, against the committed database."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.call_offs.models import CallOff
from portal.children.file_services import remove_file
from portal.children.models import Child, ChildFile
from portal.children.services import KnownChild
from portal.database import db
from portal.mail.models import Letter
from tests.factories.accounts import a_school_person
from tests.factories.children import PORTAL_URL, a_child_file, a_choice, a_named_choice, name_child
from tests.tender.applications.test_at_once import both, committed  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("committed")


def test_two_clicks_at_once_name_one_child_and_write_one_letter(app: Flask) -> None:
    with app.app_context():
        chosen = a_choice()
    named = both(app, lambda _: name_child(chosen), many=3)
    with app.app_context():
        assert [*db.session.scalars(select(Child.id))] == [named[0]] and len(set(named)) == 1
        about = Letter.subject_type == "call_off"
        assert db.session.scalar(select(func.count()).select_from(Letter).where(about)) == 1


def test_one_child_for_two_choices_at_once_is_one_row(app: Flask) -> None:
    with app.app_context():
        school = a_school_person()
        one, other = a_choice(school), a_choice(school)
    both(app, lambda number: name_child((one, other)[number]))
    with app.app_context():
        (child_id,) = db.session.scalars(select(Child.id))
        assert [*db.session.scalars(select(CallOff.child_id))] == [child_id, child_id]


def test_of_two_who_say_different_things_of_one_child_the_second_is_asked(app: Flask) -> None:
    with app.app_context():
        school = a_school_person()
        one, other = a_choice(school), a_choice(school)
    names = ("James Invented", "Jim Invented")
    said = both(app, lambda number: name_child((one, other)[number], name=names[number]))
    assert sum(isinstance(each, KnownChild) for each in said) == 1
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Child)) == 1


def test_a_file_removed_twice_at_once_is_removed_once(app: Flask) -> None:
    with app.app_context():
        chosen = a_named_choice()
        file_id = a_child_file(chosen)
    asked = {"call_off_id": chosen.call_off_id, "file_id": file_id, "portal_url": PORTAL_URL}
    assert both(app, lambda _: remove_file(**asked, by=chosen.school)) == [None, None]
    with app.app_context():
        assert not db.session.scalars(select(ChildFile.id)).all()
        removed = Letter.title.contains("was removed")
        assert db.session.scalar(select(func.count()).select_from(Letter).where(removed)) == 1
