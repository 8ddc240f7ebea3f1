"""Importing schools from the national register's CSV."""

import csv
import io

import pytest
from sqlalchemy import select

from portal.accounts.models import Membership, Organisation, OrganisationIdentifier
from portal.accounts.queries import actor_by_email
from portal.database import db
from portal.organisations.schools import BATCH, NotTheRegister, import_schools
from tests.factories.accounts import a_person

COLUMNS = (
    "URN", "LA (code)", "LA (name)", "EstablishmentNumber", "EstablishmentName", "TypeOfEstablishment (name)",
    "EstablishmentStatus (code)", "EstablishmentStatus (name)", "PhaseOfEducation (name)", "Street",
    "Locality", "Address3", "Town", "County (name)", "Postcode", "SchoolWebsite", "TelephoneNum",
    "Trusts (flag)", "Trusts (code)", "Trusts (name)",
)  # fmt: skip


def a_line(urn: str = "900001", **changes: str) -> dict[str, str]:
    """A school of the register."""
    facts = {
        "URN": urn, "LA (code)": "352", "LA (name)": "Manchester",
        "EstablishmentName": f"Invented School {urn}", "EstablishmentStatus (name)": "Open",
        "PhaseOfEducation (name)": "Secondary", "Street": "1 Canal Street",
        "Town": "Manchester", "Postcode": "M1 1AE", "SchoolWebsite": "www.school.example.org",
        "TelephoneNum": "01610000000",
    }  # fmt: skip
    return dict.fromkeys(COLUMNS, "") | facts | changes


def a_file(*lines: dict[str, str], encoding: str = "cp1252", more: str = "") -> io.BytesIO:
    """The register's CSV with these lines."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(lines)
    return io.BytesIO((text.getvalue() + more).encode(encoding))


def school(urn: str) -> Organisation | None:
    found = select(Organisation).join(OrganisationIdentifier).where(OrganisationIdentifier.value == urn)
    return db.session.scalar(found.execution_options(populate_existing=True))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-8-sig"])
def test_an_open_school_comes_in_checked_with_what_the_register_says(session, encoding):
    done = import_schools(a_file(a_line(EstablishmentName="École Saint-Rémi"), encoding=encoding))
    found = school("900001")
    assert (done.added, done.bad) == (1, [])
    assert (found.name, found.kind, found.state) == ("École Saint-Rémi", "school", "checked")
    assert (found.address, found.postcode) == ("1 Canal Street, Manchester", "M1 1AE")
    assert (found.website, found.phase, found.authority) == (
        "https://www.school.example.org", "Secondary", "Manchester",
    )  # fmt: skip


def test_importing_again_changes_nothing(session):
    import_schools(a_file(a_line(), a_line("900002")))
    done = import_schools(a_file(a_line(), a_line("900002")))
    assert (done.added, done.changed, done.unchanged) == (0, 0, 2)


def test_a_school_is_brought_up_to_date_by_its_urn(session):
    import_schools(a_file(a_line()))
    done = import_schools(a_file(a_line(EstablishmentName="Renamed School")))
    assert (done.added, done.changed) == (0, 1)
    assert school("900001").name == "Renamed School"


@pytest.mark.parametrize("status", ["Closed", "Proposed to open", ""])
def test_what_is_not_open_does_not_come_in(session, status):
    done = import_schools(a_file(a_line(**{"EstablishmentStatus (name)": status})))
    assert (done.added, done.left_out, school("900001")) == (0, 1, None)


def test_a_school_that_closed_is_deactivated_and_its_people_can_do_nothing(session):
    import_schools(a_file(a_line()))
    person = a_person(school("900001"), "commissioner")
    done = import_schools(a_file(a_line(**{"EstablishmentStatus (name)": "Closed"})))
    assert done.closed == 1 and school("900001").state == "deactivated"
    assert actor_by_email(person.email).permissions == frozenset()
    assert import_schools(a_file(a_line())).reopened == 1


def test_a_school_that_the_council_deactivated_stays_so(session):
    import_schools(a_file(a_line()))
    found = school("900001")
    found.state, found.state_reason = "deactivated", "The council's own reason."
    session.flush()
    assert import_schools(a_file(a_line())).reopened == 0
    assert school("900001").state == "deactivated"


def test_only_one_local_authority_if_so_wanted(session):
    elsewhere = a_line("900002", **{"LA (code)": "353"})
    done = import_schools(a_file(a_line(), elsewhere), authority="352")
    assert (done.added, done.left_out, school("900002")) == (1, 1, None)


def test_a_trust_comes_with_its_schools_once(session):
    in_trust = {"Trusts (code)": "4321", "Trusts (name)": "Invented Trust"}
    done = import_schools(a_file(a_line(**in_trust), a_line("900002", **in_trust)))
    assert done.groups == 1
    assert school("900001").group_id == school("900002").group_id == school("4321").id
    assert school("4321").kind == "school_group"
    assert import_schools(a_file(a_line(**in_trust))).groups == 0


def test_bad_lines_are_told_with_their_number_and_skipped(session):
    lines = (a_line("12"), a_line(), a_line(), a_line("900003", EstablishmentName=" "), a_line("900004"))
    done = import_schools(a_file(*lines, more="900005,too short\r\n"))
    assert done.added == 2
    assert [line for line, _ in done.bad] == [2, 4, 5, 7]
    assert [reason for _, reason in done.bad] == [
        "'12' is not a URN of six digits",
        "the URN 900001 stands in the file twice",
        "it has no name",
        "it has more or fewer columns than the first line",
    ]


def test_an_imported_school_has_nobody(session):
    import_schools(a_file(a_line()))
    held = select(Membership.id).where(Membership.organisation_id == school("900001").id)
    assert db.session.scalar(held) is None


@pytest.mark.parametrize("content", [b"", b"URN,Name\r\n1,2\r\n", b"\x89PNG\r\n\x1a\n" + bytes(range(256))])
def test_another_file_is_refused_in_words(session, content):
    with pytest.raises(NotTheRegister, match="has no column"):
        import_schools(io.BytesIO(content))


def test_a_file_of_several_batches_is_committed_batch_by_batch(session):
    told = []
    lines = [a_line(f"{900_000 + n}") for n in range(BATCH + 100)]
    assert import_schools(a_file(*lines), report=told.append).added == BATCH + 100
    assert [words.split(" ", 1)[0] for words in told] == [str(BATCH), str(BATCH + 100)]
    assert import_schools(a_file(*lines)).unchanged == BATCH + 100
