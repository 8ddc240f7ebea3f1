"""What says who a child is, is kept so that the database alone tells nothing."""

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.children.models import Child
from portal.children.queries import identity_for
from portal.children.sealing import WrongKey, configure_sealing, digest, seal, unseal
from portal.database import transaction
from portal.errors import NotFound
from tests.factories.accounts import a_school_person
from tests.factories.children import BORN_ON, NAME, a_choice, a_named_choice, a_upn, name_child

ONE, OTHER = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def keys(app: Flask) -> Iterator[None]:
    yield
    configure_sealing(app.config["PORTAL"].child_data_keys)


def test_the_same_name_is_sealed_differently_each_time(session: Session) -> None:
    assert seal(NAME) != seal(NAME) and unseal(seal(NAME)) == NAME


def test_no_table_holds_a_childs_name_birthday_or_number_in_clear(session: Session) -> None:
    a_named_choice()
    tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
    for table in tables:
        for row in session.execute(text(f'SELECT t::text FROM "{table}" AS t')).scalars():
            for secret in (NAME, "Invented-Example", BORN_ON.isoformat(), a_upn()):
                assert secret not in row and secret.encode().hex() not in row, table


def test_two_schools_rows_of_a_child_share_the_digest_and_nothing_else(session: Session) -> None:
    a_named_choice()
    a_named_choice(name="Jamie Example")
    rows = session.scalars(select(Child)).all()
    assert len({row.upn_digest for row in rows}) == 1
    assert len({row.upn_sealed for row in rows}) == len({row.born_on_sealed for row in rows}) == 2


def test_a_new_key_in_front_seals_and_the_old_one_still_opens(keys: None) -> None:
    configure_sealing([ONE])
    old, known = seal(NAME), digest(a_upn())
    configure_sealing([OTHER, ONE])
    assert unseal(old) == NAME and digest(a_upn()) == known
    new = seal(NAME)
    configure_sealing([ONE])
    with pytest.raises(WrongKey):
        unseal(new)


def test_the_digest_cannot_be_made_without_the_key(keys: None) -> None:
    configure_sealing([ONE])
    known = digest(a_upn())
    configure_sealing([OTHER])
    assert digest(a_upn()) != known


def test_a_wrong_key_says_so_plainly_and_seals_nothing(session: Session, keys: None) -> None:
    chosen = a_named_choice()
    configure_sealing([OTHER])
    with pytest.raises(WrongKey, match="CHILD_DATA_KEY"):
        identity_for(chosen.provider, chosen.call_off_id)
    fresh = a_choice()
    with pytest.raises(WrongKey):
        name_child(fresh)
    with pytest.raises(NotFound):
        identity_for(fresh.provider, fresh.call_off_id)


def test_the_database_takes_no_child_of_another_school_for_a_choice(session: Session) -> None:
    child = session.scalars(select(Child.id).where(Child.id == name_child(a_choice()))).one()
    with pytest.raises(IntegrityError, match="another school"), transaction():
        session.execute(
            text("UPDATE call_off SET child_id = :child WHERE id = :id"),
            {"child": child, "id": a_choice().call_off_id},
        )


def test_the_database_never_changes_which_child_a_choice_is_for(session: Session) -> None:
    school = a_school_person()
    chosen, other = a_named_choice(school), a_named_choice(school, upn=a_upn(2))
    with pytest.raises(IntegrityError, match="another child"), transaction():
        session.execute(
            text(
                "UPDATE call_off SET child_id = (SELECT child_id FROM call_off WHERE id = :other)"
                " WHERE id = :id"
            ),
            {"other": other.call_off_id, "id": chosen.call_off_id},
        )
