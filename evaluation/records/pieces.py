"""What each kind of record file is made of, and how its pieces become one file."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from evaluation.outcomes.queries import round_for
from evaluation.records import disclosure_files
from evaluation.records.disclosure_tables import DISCLOSURE
from evaluation.records.ledger import chained
from evaluation.records.ledger_queries import contents_of
from evaluation.records.report_sections import sections_of
from evaluation.records.tables import WORKBOOK, Table
from evaluation.records.trail_queries import Compared, compared_with_trail
from evaluation.reports.paper import decision_report
from evaluation.reports.queries import has_results, report_for
from portal import clock
from portal.accounts.access import Actor
from portal.storage.refusals import DocumentLost, DocumentWithheld
from portal.storage.sending import Sending
from portal.storage.services import read_document
from portal.web.spreadsheets import csv_blocks
from portal.web.workbooks import write_workbook

Said = Callable[[str], object]
"""Told the title of each piece when it is begun."""

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BLOCK = 1024 * 1024
_LEDGER = "score-ledger.jsonl"
_WORKBOOK = "evaluation.xlsx"
_REPORT = "decision-report.pdf"
_LEVEL = 6
README = """\
Disclosure pack: {round}
Reference: {reference}
Made at: {made}

index.csv lists every file with its size, its SHA-256, and what to look at before it leaves the council.
Tables are CSV in UTF-8; the workbook holds those of the evaluation again, a sheet each.

score-ledger.jsonl holds every mark in the order of its making, each line chained to the one before. Verify it
without the portal's database:

    python3 -m portal ledger verify score-ledger.jsonl

or by hand: the SHA-256 of {{"content", "line", "previous"}} of each line as canonical JSON (RFC 8785) is its
"sha256", and "previous" is the "sha256" of the line before.

Files that tenderers gave with clarifications are in the folder clarification-files, under names of ours;
clarification-files.csv says which is which. A file that the portal gives to nobody, such as one with a virus,
is listed there and left out.

This pack is the whole record of the evaluation. Nothing in it is redacted.
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record file: what people call it, its file's name and type, its pieces, how it is written."""

    title: str
    ending: str
    media_type: str
    steps: int
    write: Callable[[Actor, int, Sending, Said], str]
    """Writes the file, and says what a person has to know of it, if anything."""


def _ledger(viewer: Actor, round_id: int, to: Sending, say: Said) -> str:
    say("Score ledger")
    compared = compared_with_trail(round_id)
    for block in _ledger_blocks(viewer, round_id, compared):
        to.write(block)
    return compared.warning


def _ledger_blocks(viewer: Actor, round_id: int, compared: Compared) -> Iterator[bytes]:
    return _in_blocks(chained(contents_of(viewer, round_id, compared)))


def _report(viewer: Actor, round_id: int, to: Sending, say: Said) -> str:
    say("What was decided, and why")
    compared = compared_with_trail(round_id)
    found = report_for(viewer, round_id, sections_of(round_id), compared.proof)
    say("Pages")
    to.write(decision_report(found, at=clock.now())[0])
    return compared.warning


def _report_blocks(viewer: Actor, round_id: int, compared: Compared) -> Iterator[bytes]:
    found = report_for(viewer, round_id, sections_of(round_id), compared.proof)
    yield decision_report(found, at=clock.now())[0]


def _workbook(viewer: Actor, round_id: int, to: Sending, say: Said) -> str:
    for block in _workbook_blocks(round_id, say):
        to.write(block)
    return ""


def _workbook_blocks(round_id: int, say: Said) -> Iterator[bytes]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / _WORKBOOK
        sheets = ((table.title, table.head, _announced(table, round_id, say)) for table in WORKBOOK)
        for _ in write_workbook(path, sheets):
            pass
        with path.open("rb") as written:
            while block := written.read(_BLOCK):
                yield block


def _announced(table: Table, round_id: int, say: Said) -> Iterator[Iterable[object]]:
    say(table.title)
    yield from table.read(round_id)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file in a disclosure pack: what it holds, what to look at before it leaves, and its bytes."""

    name: str
    title: str
    personal: str
    blocks: Callable[[], Iterator[bytes]]


def _disclosure(viewer: Actor, round_id: int, to: Sending, say: Said) -> str:
    """A zip that is sent while it is written; the index comes last, as it names the hash of every file."""
    facts, compared = round_for(viewer, round_id), compared_with_trail(round_id)
    made = clock.london(clock.now())
    about = README.format(
        round=facts.name, reference=facts.reference, made=made.isoformat(timespec="seconds")
    )
    entries = [
        _Entry("read-me-first.txt", "About this pack", "", lambda: iter([about.encode()])),
        *(_table_entry(table, round_id) for table in (*DISCLOSURE, *WORKBOOK)),
        _Entry(
            _LEDGER,
            "Score ledger",
            "Names of evaluators; what tenders say.",
            lambda: _ledger_blocks(viewer, round_id, compared),
        ),
        _Entry(
            _WORKBOOK,
            "Workbook",
            "As the tables of the evaluation.",
            lambda: _workbook_blocks(round_id, lambda title: None),
        ),
    ]
    if has_results(round_id):
        entries.append(
            _Entry(
                _REPORT,
                "Decision report",
                "Names of evaluators; what tenders say; totals of providers that were not admitted; "
                "facts about connected persons.",
                lambda: _report_blocks(viewer, round_id, compared),
            )
        )
    index: list[tuple[object, ...]] = []
    with ZipFile(to, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as pack:  # type: ignore[arg-type] - it is only written to
        for entry in entries:
            say(entry.title)
            size, digest = _packed(pack, entry.name, entry.blocks())
            index.append((entry.name, entry.title, size, digest, entry.personal))
        say(disclosure_files.TITLE)
        index += _clarification_files(pack, round_id)
        head = ("File", "What it holds", "Bytes", "SHA-256", "Look at before it leaves the council")
        _packed(pack, "index.csv", (block.encode() for block in csv_blocks(head, index)))
    return compared.warning


def _clarification_files(pack: ZipFile, round_id: int) -> Iterator[tuple[object, ...]]:
    """Put the files of clarifications into the pack, and a list that says which is which and which is not
    there: one that the portal gives to nobody leaves it in no pack either. Lines of the index."""
    lines, personal = [], disclosure_files.PERSONAL
    for file in disclosure_files.files_given_in(round_id):
        try:
            with closing(read_document(file.document)) as body:
                size, digest = _packed(pack, file.name, iter(lambda: body.read(_BLOCK), b""))
        except (DocumentWithheld, DocumentLost) as refusal:
            lines.append(file.line(str(refusal)))
        else:
            lines.append(file.line(""))
            yield file.name, disclosure_files.TITLE, size, digest, personal
    blocks = (block.encode() for block in csv_blocks(disclosure_files.HEAD, lines))
    size, digest = _packed(pack, disclosure_files.LISTED_AS, blocks)
    yield disclosure_files.LISTED_AS, disclosure_files.TITLE, size, digest, personal


def _table_entry(table: Table, round_id: int) -> _Entry:
    def blocks() -> Iterator[bytes]:
        return (block.encode() for block in csv_blocks(table.head, table.read(round_id)))

    return _Entry(f"{table.name}.csv", table.title, table.personal, blocks)


def _packed(pack: ZipFile, name: str, blocks: Iterable[bytes]) -> tuple[int, str]:
    """Put a file into the pack; its size in bytes and its SHA-256."""
    entry = ZipInfo(name, clock.london(clock.now()).timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    size, digest = 0, sha256()
    with pack.open(entry, "w") as written:
        for block in blocks:
            written.write(block)
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def _in_blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of some size: writing line by line takes longer than reading them."""
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= _BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


MADE_AS: dict[str, Kind] = {
    "ledger": Kind("Score ledger", "jsonl", "application/jsonl", 1, _ledger),
    "workbook": Kind("Workbook of the evaluation", "xlsx", XLSX, len(WORKBOOK), _workbook),
    "report": Kind("Decision report", "pdf", "application/pdf", 2, _report),
    "disclosure": Kind(
        "Disclosure pack", "zip", "application/zip", len(DISCLOSURE) + len(WORKBOOK) + 5, _disclosure
    ),
}
