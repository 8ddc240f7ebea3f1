"""Importing schools from the national register (Get Information about Schools, "edubasealldata" CSV).

https://get-information-schools.service.gov.uk/Downloads: one row an establishment, closed ones too, in
Windows-1252. The file is read as a stream and looked up batch by batch, so that its size does not matter.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from sqlalchemy import select

from portal.accounts.access import THE_PORTAL, Actor
from portal.accounts.models import Organisation, OrganisationIdentifier
from portal.accounts.organisation_services import deactivate, reactivate, update_facts
from portal.accounts.services import register_organisation
from portal.database import db, transaction
from portal.errors import Refusal
from portal.web.text import clean_text

URN, UID = "GB-URN", "GB-UID"
BATCH = 500
# What the register calls a place that children can be registered at today.
OPEN = ("Open", "Open, but proposed to close")
NEEDED = ("URN", "EstablishmentName", "EstablishmentStatus (name)", "LA (code)")
CLOSED_REASON = "The national register of schools says that it has closed."


@dataclass
class Report:
    """What an import did. `bad` is (line, reason) for each line that was skipped."""

    read: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    closed: int = 0
    reopened: int = 0
    groups: int = 0
    left_out: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


class NotTheRegister(Refusal):
    """The file is not the register's CSV."""


@dataclass(frozen=True, slots=True)
class _School:
    line: int
    urn: str
    is_open: bool
    group_number: str
    group_name: str
    facts: dict[str, str]


def import_schools(
    stream: BinaryIO,
    *,
    authority: str | None = None,
    by: Actor = THE_PORTAL,
    report: Callable[[str], object] = lambda words: None,
) -> Report:
    """Add open schools, bring known ones up to date by URN, deactivate those that have closed; delete none.

    `authority` limits it to one local authority (its three-digit code). A line that cannot be read is told in
    the report and skipped. Run again, it changes nothing. Raises `NotTheRegister`.
    """
    done = Report()
    groups: dict[str, int] = {}
    lines = _schools(stream, authority, done)
    while batch := list(islice(lines, BATCH)):
        with transaction():
            _take(batch, groups, done, by)
        db.session.expunge_all()
        report(f"{done.read} lines read, {done.added} schools added, {done.changed} changed")
    return done


def _schools(stream: BinaryIO, authority: str | None, done: Report) -> Iterator[_School]:
    """The lines that count. What cannot be read goes into the report."""
    reader = csv.DictReader(_text(stream))
    if missing := [name for name in NEEDED if name not in (reader.fieldnames or ())]:
        raise NotTheRegister(
            f"The file has no column {', '.join(missing)}. Take the CSV with all establishments from"
            " https://get-information-schools.service.gov.uk/Downloads."
        )
    seen: set[str] = set()
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            done.bad.append((reader.line_num, f"not a line of a CSV file ({error})"))
            continue
        done.read += 1
        said = {
            name: clean_text(text).strip() for name, text in row.items() if name and isinstance(text, str)
        }
        if reason := _what_is_wrong(said, row, seen):
            done.bad.append((reader.line_num, reason))
        elif authority and said["LA (code)"] != authority:
            done.left_out += 1
        else:
            seen.add(said["URN"])
            yield _school(reader.line_num, said)


def _what_is_wrong(said: Mapping[str, str], row: Mapping[object, object], seen: set[str]) -> str:
    if None in row or any(value is None for value in row.values()):
        return "it has more or fewer columns than the first line"
    if not re.fullmatch(r"\d{6}", said["URN"], re.ASCII):
        return f"'{said['URN'][:20]}' is not a URN of six digits"
    if said["URN"] in seen:
        return f"the URN {said['URN']} stands in the file twice"
    if not said["EstablishmentName"]:
        return "it has no name"
    return ""


def _school(line: int, said: Mapping[str, str]) -> _School:
    def get(*names: str) -> str:
        return next((said[name] for name in names if said.get(name)), "")

    website = get("SchoolWebsite")
    if website and "://" not in website:
        website = f"https://{website}"
    street = (get(name) for name in ("Street", "Locality", "Address3", "Town", "County (name)"))
    return _School(
        line=line,
        urn=said["URN"],
        is_open=said["EstablishmentStatus (name)"] in OPEN,
        group_number=get("Trusts (code)"),
        group_name=get("Trusts (name)"),
        facts={
            "name": said["EstablishmentName"][:200],
            "address": ", ".join(part for part in street if part)[:300],
            "postcode": get("Postcode").upper()[:8],
            "website": website[:300] if re.match(r"https?://", website) else "",
            "telephone": get("TelephoneNum")[:30],
            "phase": get("PhaseOfEducation (name)"),
            "authority": get("LA (name)"),
        },
    )


def _text(stream: BinaryIO) -> Iterable[str]:
    """The file's lines: UTF-8 where it begins so, else Windows-1252, in which the register writes."""
    start = stream.read(64 * 1024)
    stream.seek(0)
    try:
        start.decode("utf-8")
        encoding = "utf-8-sig"
    except UnicodeDecodeError as error:
        # The piece may end in the middle of a character.
        encoding = "utf-8-sig" if error.start >= len(start) - 3 else "cp1252"
    return io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")


def _take(batch: list[_School], groups: dict[str, int], done: Report, by: Actor) -> None:
    known = {
        value: organisation
        for value, organisation in db.session.execute(
            select(OrganisationIdentifier.value, Organisation)
            .join(Organisation, Organisation.id == OrganisationIdentifier.organisation_id)
            .where(OrganisationIdentifier.scheme == URN)
            .where(OrganisationIdentifier.value.in_([school.urn for school in batch]))
        )
    }
    for school in batch:
        before = known.get(school.urn)
        if before is not None and before.kind != "school":
            done.bad.append((school.line, f"the URN {school.urn} belongs to a {before.kind} in the portal"))
        elif before is None:
            _add(school, groups, done, by)
        else:
            _update(before, school, groups, done, by)


def _add(school: _School, groups: dict[str, int], done: Report, by: Actor) -> None:
    if not school.is_open:
        done.left_out += 1
        return
    group_id = _group(school, groups, done, by)
    register_organisation(
        kind="school",
        name=school.facts["name"],
        address=school.facts["address"],
        postcode=school.facts["postcode"],
        website=school.facts["website"],
        telephone=school.facts["telephone"],
        phase=school.facts["phase"],
        authority=school.facts["authority"],
        identifiers=[(URN, school.urn)],
        group=db.session.get(Organisation, group_id) if group_id else None,
        checked=True,
        by=by,
    )
    done.added += 1


def _update(before: Organisation, school: _School, groups: dict[str, int], done: Report, by: Actor) -> None:
    if not school.is_open:
        if before.state == "checked":
            deactivate(organisation_id=before.id, reason=CLOSED_REASON, by=by)
            done.closed += 1
        else:
            done.unchanged += 1
        return
    facts = {**school.facts, "group_id": _group(school, groups, done, by)}
    changed = update_facts(organisation=before, facts=facts, by=by)
    if before.state == "deactivated" and before.state_reason == CLOSED_REASON:
        reactivate(organisation_id=before.id, by=by)
        done.reopened += 1
    elif changed:
        done.changed += 1
    else:
        done.unchanged += 1


def _group(school: _School, groups: dict[str, int], done: Report, by: Actor) -> int | None:
    """The trust of a school, added when the portal does not know it."""
    number = school.group_number
    if not number or not school.group_name:
        return None
    if number not in groups:
        found = db.session.scalar(
            select(OrganisationIdentifier.organisation_id).where(
                OrganisationIdentifier.scheme == UID, OrganisationIdentifier.value == number
            )
        )
        if found is None:
            found = register_organisation(
                kind="school_group",
                name=school.group_name[:200],
                identifiers=[(UID, number)],
                checked=True,
                by=by,
            ).id
            done.groups += 1
        groups[number] = found
    return groups[number]
