"""The tables of a disclosure pack that a decision report tells in words, a short section each."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from evaluation.assignments.panel_words import events_of
from evaluation.assignments.proposal_queries import sections_of as titles_of
from evaluation.exclusions.parts import PARTS
from evaluation.records.disclosure_tables import APPROVALS, EXCLUSIONS, INQUIRIES, MEETINGS, SUMMARIES
from evaluation.records.tables import PRICES, RETURNED, UNLOCKED, Table
from evaluation.reports.paper import ended
from evaluation.reports.queries import Section
from portal.accounts.models import Person
from portal.audit.models import AuditLine
from portal.database import db
from portal.profiles.words import GROUND_NAMES
from portal.web.filters import plural, uk_date, uk_datetime
from tender.frameworks.queries import lots_of_round

Entry = tuple[str, str]
Row = dict[str, Any]


def sections_of(round_id: int) -> list[Section]:
    """What the record of a round says of exclusion, clarifications, meetings, marks that were returned or
    unlocked, prices, its panel and the assessment summaries, these word for word. A statement or two each,
    for any number of tenders. Whether the viewer may have it the caller checks."""
    told = (
        ("Exclusion and debarment", _exclusions),
        ("Clarifications of tenders", _inquiries),
        ("Moderation meetings", _meetings),
        (RETURNED.title, _returned),
        (UNLOCKED.title, _unlocked),
        (PRICES.title, _prices),
        ("Changes of the panel, and sections released", _panel),
        ("Assessment summaries", _approvals),
        ("What the assessment summaries say", _summaries),
    )
    return [Section(title, tuple(entries(round_id))) for title, entries in told]


def _rows(table: Table, round_id: int) -> Iterator[Row]:
    return (dict(zip(table.head, row, strict=True)) for row in table.read(round_id))


def _exclusions(round_id: int) -> Iterator[Entry]:
    """Each ground and each open question; looks that found nothing are counted by who took them."""
    clear: dict[tuple[str, str], list[date]] = defaultdict(list)
    for row in _rows(EXCLUSIONS, round_id):
        title, on = PARTS[row["Part"]].title, date.fromisoformat(row["Checked on"])
        if row["Result"] == "nothing_found":
            clear[title, row["Recorded by"]].append(on)
            continue
        by = f"Checked on {uk_date(on)}, recorded by {row['Recorded by']}, {uk_datetime(row['Recorded at'])}."
        looked = f"Looked at: {ended(row['Looked at'])}"
        if row["Result"] == "refer":
            yield (
                f"{row['Provider']}, {title.lower()}",
                f"To be decided. {ended(row['Reasons'])} {looked} {by}",
            )
            continue
        follows = "excluded for it" if row["Excludes"] == "yes" else "not excluded for it"
        ground = GROUND_NAMES.get(row["Ground"], row["Ground"])
        cleaned = f"Self-cleaning: {ended(row['Self-cleaning'])}"
        yield (
            f"{row['Provider']}, {title.lower()}",
            f"{ended(ground)} The tenderer is {follows}. {ended(row['Reasons'])} {cleaned} {looked} {by}",
        )
    for (title, name), days in clear.items():
        first, last = uk_date(min(days)), uk_date(max(days))
        when = first if first == last else f"{first} to {last}"
        yield title, f"Nothing was found in {plural(len(days), 'look')} by {name}, {when}."


def _inquiries(round_id: int) -> Iterator[Entry]:
    for row in _rows(INQUIRIES, round_id):
        said = [f"Asked by {row['Asked by']}, {uk_datetime(row['Asked at'])}: {ended(row['Asked'])}"]
        if row["Answered at"]:
            by = f"{row['Answered by']}, {uk_datetime(row['Answered at'])}"
            said.append(f"Answered by {by}: {ended(row['Answer'] or 'with files')}")
        elif row["Withdrawn because"]:
            said.append(f"Withdrawn: {ended(row['Withdrawn because'])}")
        else:
            said.append(f"Not answered; due by {uk_datetime(row['Due at'])}.")
        if row["Shown to evaluators at"]:
            said.append(f"Shown to evaluators {uk_datetime(row['Shown to evaluators at'])}.")
        yield f"{row['Provider']}, {_question(row)}", " ".join(said)


def _meetings(round_id: int) -> Iterator[Entry]:
    meetings: dict[int, list[Row]] = defaultdict(list)
    for row in _rows(MEETINGS, round_id):
        meetings[row["Meeting"]].append(row)
    for number, people in enumerate(meetings.values(), 1):
        first = people[0]
        said = [f"Begun by {first['Started by']}, {uk_datetime(first['Started at'])}."]
        if first["Ended at"]:
            said.append(f"Ended by {first['Ended by']}, {uk_datetime(first['Ended at'])}.")
        for words, answer in (("There", "yes"), ("Away", "no")):
            names = [f"{row['Person']} ({row['Serves as']})" for row in people if row["Was there"] == answer]
            said += [f"{words}: {', '.join(names)}."] if names else []
        for head in ("Others in the room", "Views of those away"):
            said += [f"{head}: {ended(first[head])}"] if first[head] else []
        yield f"Meeting {number}", " ".join(said)


def _returned(round_id: int) -> Iterator[Entry]:
    for row in _rows(RETURNED, round_id):
        now = f" It is {row['Mark now']} now." if row["Mark now"] is not None else ""
        yield (
            f"{row['Provider']}, {_question(row)}",
            f"{row['Evaluator']} had given {row['Mark']}: {ended(row['Reason'])} Returned by "
            f"{row['Returned by']}, {uk_datetime(row['Returned at'])}, because: "
            f"{ended(row['Returned because'])}{now}",
        )


def _unlocked(round_id: int) -> Iterator[Entry]:
    for row in _rows(UNLOCKED, round_id):
        yield (
            f"{row['Provider']}, {_question(row)}",
            f"{row['Mark']} had been agreed by {row['Agreed by']}, {uk_datetime(row['Agreed at'])}: "
            f"{ended(row['Reason'])} Unlocked by {row['Unlocked by']}, {uk_datetime(row['Unlocked at'])}, "
            f"because: {ended(row['Unlocked because'])}",
        )


def _prices(round_id: int) -> Iterator[Entry]:
    for row in _rows(PRICES, round_id):
        counts = "The price counts" if row["Counts"] == "yes" else "The price does not count"
        yield (
            f"{row['Provider']}, lot {row['Lot']}",
            f"{counts}. {ended(row['Reason'])} {row['Decided by']}, {uk_datetime(row['Decided at'])}."
            + ("" if row["Stands"] == "yes" else " It was decided anew."),
        )


def _panel(round_id: int) -> Iterator[Entry]:
    """All that the trail says of the panel, oldest first: changes, and sections set apart and released."""
    line = AuditLine.__table__.c
    lines = (
        db.session.execute(
            select(line.at, line.actor_name, line.action, line.details)
            .where(
                line.subject_type == "round",
                line.subject_id == str(round_id),
                line.action.startswith("panel."),
            )
            .order_by(line.id)
        )
        .mappings()
        .all()
    )
    people = {person for each in lines for person in _people_in(each["details"])}
    named = db.session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    names = {person_id: name for person_id, name in named}
    lots = {lot.id: lot.number for lot in lots_of_round(round_id)}
    titles = titles_of(round_id)
    for each, event in zip(lines, events_of(lines, names, lots, titles), strict=True):
        codes = [each["details"].get("section"), *each["details"].get("apart", ())]
        which = ", ".join(titles.get(code, code) for code in codes if code)
        said = " ".join(filter(None, [f"{which}." if which else "", str(event["body"])]))
        by = f"{each['actor_name']}, {uk_datetime(each['at'])}."
        yield str(event["title"]), f"{said} {by}".strip()


def _people_in(details: Row) -> Iterator[int]:
    for key in ("added", "removed", "changed"):
        yield from (person for person, _ in details.get(key, ()))
    if "person" in details:
        yield details["person"]


def _approvals(round_id: int) -> Iterator[Entry]:
    for row in _rows(APPROVALS, round_id):
        said = []
        if row["Sent for approval by"]:
            by = f"{row['Sent for approval by']}, {_when(row['Sent at'])}"
            said.append(f"Sent for approval by {by}.")
        if row["Returned by"]:
            by = f"{row['Returned by']}, {_when(row['Returned at'])}"
            said.append(f"Returned by {by}, because: {ended(row['Returned because'])}")
        if row["Approved by"]:
            said.append(f"Approved by {row['Approved by']}, {_when(row['Approved at'])}.")
        yield row["Provider"], " ".join(said) or "Not sent for approval yet."


def _summaries(round_id: int) -> Iterator[Entry]:
    """The newest text for each answer, with how it stands: what the letters give as reasons."""
    newest: dict[tuple[str, str], Row] = {}
    for row in _rows(SUMMARIES, round_id):
        newest[row["Tender"], _question(row)] = row
    for (_, question), row in newest.items():
        higher = f" Why not higher: {ended(row['Why not higher'])}" if row["Why not higher"] else ""
        stands = "" if row["Stands at"] == "approved" else " This text is not approved yet."
        yield f"{row['Provider']}, {question}", f"{ended(row['Explanation'])}{higher}{stands}"


def _when(moment: datetime | None) -> str:
    return uk_datetime(moment, empty="at a time that was not kept")


def _question(row: Row) -> str:
    return row["Question"] + (f" (lot {row['Lot']})" if row["Lot"] else "")
