"""The words of the letters that follow a submission and a withdrawal."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.accounts.access import Actor
from portal.accounts.queries import members_with_permission
from portal.mail.services import write_letter
from portal.storage.refusals import in_megabytes
from portal.web.filters import plural, uk_datetime
from tender.applications.queries import ApplicationFacts
from tender.applications.receipts import exact_moment


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody at the provider who is told."""

    person_id: int
    name: str
    address: str


def send_receipt(
    facts: ApplicationFacts,
    manifest: dict[str, Any],
    sha256: str,
    *,
    at: datetime,
    portal_url: str,
    by: Actor,
) -> None:
    """Write the receipt to whoever submitted and to the provider's administrators, once for each receipt."""
    number = manifest["receipt"]
    lines = [
        f"{facts.provider_name} has submitted its application to {facts.name}.",
        f"Receipt: {number}\nSubmitted: {exact_moment(at)}\nSubmitted by: {manifest['submitted_by']}",
        "Lots:\n" + _list(f"Lot {lot['number']}: {lot['title']}" for lot in manifest["lots"]),
        *_left_out(manifest["left_out"]),
        *_certified(manifest["certificate"]),
        f"We hold {plural(len(manifest['answers']), 'answer')} and {plural(len(manifest['files']), 'file')}.",
        "Answers (SHA-256 of each):\n"
        + _list(f"{_named(each)}: {each['sha256']}" for each in manifest["answers"]),
        "Files (SHA-256 of each):\n"
        + _list(
            f"{each['name']}, {in_megabytes(each['size'])}, for {_named(each)}: {each['sha256']}"
            for each in manifest["files"]
        ),
        *_promised(facts, manifest.get("promised", ())),
        f"SHA-256 of this receipt: {sha256}",
        f"Until {uk_datetime(facts.closes_at)} you can withdraw the application, change it and submit it "
        "again. Nobody at the council can read it before then.",
        "Keep this letter. You find the receipt in the portal too, also as a PDF. Whoever has its number and "
        "its SHA-256 can check in the portal, under “Check a receipt”, that it is genuine.",
        *_link("The receipt", portal_url, f"/applications/{facts.id}/receipt"),
        *_link("Check a receipt", portal_url, "/receipts/verify"),
    ]
    _write(facts, f"Receipt {number}: your application is submitted", lines, f"receipt:{number}", by)


def send_request_to_certify(
    facts: ApplicationFacts, certificate_id: int, *, portal_url: str, by: Actor
) -> None:
    """Ask everybody who may certify, but for whoever asks."""
    lines = [
        f"{by.name} asks you to certify the application of {facts.provider_name} to {facts.name}.",
        "Sign in, read it, and certify it if it is true and complete. Any change after that makes the "
        "certificate void.",
        f"It is saved, not submitted. The round closes at {uk_datetime(facts.closes_at)}.",
        *_link("Read and certify it", portal_url, f"/applications/{facts.id}/check"),
    ]
    for row in members_with_permission(facts.provider_id, "application:certify"):
        if row["person_id"] != by.person_id:
            person = Recipient(row["person_id"], row["name"], row["email"])
            _write_to(
                person, facts, "Please certify your application", lines, f"certify:{certificate_id}", by
            )


def send_withdrawal(
    facts: ApplicationFacts, number: str, *, at: datetime, portal_url: str, by: Actor
) -> None:
    """Tell the same people that the application is a draft again and that its receipt no longer stands."""
    lines = [
        f"{by.name} has withdrawn the application of {facts.provider_name} to {facts.name}.",
        f"Receipt {number} no longer stands. Withdrawn: {exact_moment(at)}",
        "Everything you wrote and uploaded is still there. The application is saved, not submitted: if you "
        f"want it to be considered, submit it again before {uk_datetime(facts.closes_at)}.",
        *_link("The application", portal_url, f"/applications/{facts.id}"),
    ]
    _write(facts, f"Your application is withdrawn (receipt {number})", lines, f"withdrawal:{number}", by)


def _write(facts: ApplicationFacts, title: str, lines: list[str], key: str, by: Actor) -> None:
    for person in _recipients(facts, by):
        _write_to(person, facts, title, lines, key, by)


def _write_to(
    person: Recipient, facts: ApplicationFacts, title: str, lines: list[str], key: str, by: Actor
) -> None:
    write_letter(
        key=f"{key}:{person.person_id}",
        to_name=person.name,
        to_address=person.address,
        title=title,
        body="\n\n".join([f"Dear {person.name}", *lines, facts.buyer_name]) + "\n",
        subject_type="application",
        subject_id=facts.id,
        organisation_id=facts.provider_id,
        by=by,
    )


def _recipients(facts: ApplicationFacts, by: Actor) -> list[Recipient]:
    people = [Recipient(by.person_id, by.name, by.email)] if by.person_id else []
    for row in members_with_permission(facts.provider_id, "application:submit"):
        if row["person_id"] != by.person_id:
            people.append(Recipient(row["person_id"], row["name"], row["email"]))
    return people


def _link(words: str, portal_url: str, path: str) -> list[str]:
    """A line that leads to a page; none where the portal's address is not told."""
    return [f"{words}:\n{portal_url}{path}"] if portal_url else []


def _promised(facts: ApplicationFacts, files: Collection[dict[str, Any]]) -> list[str]:
    if not files:
        return []
    named = (f"{each['name']}, {in_megabytes(each['size'])}: {each['sha256']}" for each in files)
    until = uk_datetime(facts.files_follow_until)
    return [
        f"Promised, and not here yet (SHA-256 of each):\n{_list(named)}",
        f"Upload these very files by {until}. What has not arrived by then is missing from your application.",
    ]


def _left_out(lots: list[dict[str, Any]]) -> list[str]:
    named = "Left out of it, because they were not complete:\n"
    return [named + _list(f"Lot {lot['number']}: {lot['title']}" for lot in lots)] if lots else []


def _certified(certificate: dict[str, Any] | None) -> list[str]:
    if certificate is None:
        return []
    at = exact_moment(datetime.fromisoformat(certificate["at"]))
    return [f"Certified by {certificate['by']}: {at}\n{certificate['statement']}"]


def _named(each: dict[str, Any]) -> str:
    return each["title"] + (f" (lot {each['lot']})" if each["lot"] else "")


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "- none"
