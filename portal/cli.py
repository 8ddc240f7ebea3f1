"""The `portal` command: each subcommand is a function in the table at the end, with its imports inside.

A subcommand gets its own arguments, without its name, and returns the exit code.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DATA = Path(".data")
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SERVICES = ("DATABASE_URL", "S3_", "SMTP_", "MAILBOX_FOLDER", "PORTAL_ENV", "PORTAL_DATA", "SECRET_KEY")


def main(arguments: list[str] | None = None) -> int:
    """Run the subcommand that *arguments* begin with and return its exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    for length in (2, 1):
        if command := COMMANDS.get(" ".join(words[:length])):
            return command(words[length:])
    wanted_help = words[:1] in ([], ["-h"], ["--help"], ["help"])
    if not wanted_help:
        complain(f"There is no command '{' '.join(words[:2])}'.")
    say("Commands (each takes --help):")
    for name, command in COMMANDS.items():
        say(f"  portal {name:<17} {(command.__doc__ or '').splitlines()[0]}")
    return 0 if wanted_help else 2


def run(arguments: list[str]) -> int:
    """Run the portal with its demonstration council on this machine."""
    parser = _parser("run", run)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default: %(default)s)")
    parser.add_argument("--no-demonstration", action="store_true", help="leave an empty database empty")
    _add_data(parser)
    options = parser.parse_args(arguments)
    from portal.development.running import CannotStart, served_portal

    for name in STOPPING:  # also SIGINT: a script's background process inherits it as ignored
        signal.signal(name, _interrupt)
    shows = not options.no_demonstration
    try:
        with (
            served_portal(
                options.data, host=options.host, port=options.port, demonstration=shows, report=say
            ) as portal,
            _told_to_stop(),
        ):
            _welcome(
                portal.address, demonstration=shows and portal.environment["PORTAL_ENV"] == "development"
            )
            complain(portal.wait())
            return 1
    except CannotStart as refusal:
        complain(str(refusal))
        return 1
    except KeyboardInterrupt:
        return 0


def demo(arguments: list[str]) -> int:
    """Play the main job step by step on a portal of its own, checking everything (--headless)."""
    parser = _parser("demo", demo)
    parser.add_argument("--headless", action="store_true", required=True, help="play over HTTP, as a test")
    parser.add_argument(
        "--data", type=Path, metavar="FOLDER", help="an empty folder to play in (default: a temporary one)"
    )
    options = parser.parse_args(arguments)
    for name in [name for name in os.environ if name.startswith(SERVICES)]:
        del os.environ[name]  # invented people must not reach a real installation's services
    from portal.development.headless import play

    for name in STOPPING:
        signal.signal(name, _interrupt)
    try:
        return play(options.data, say)
    except KeyboardInterrupt:
        return 130


def test(arguments: list[str]) -> int:
    """Run the tests; arguments go to pytest."""
    # The tests start services of their own: an environment that names real ones must not reach them.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(SERVICES)}
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *arguments], environment)


def screenshots(arguments: list[str]) -> int:
    """Write pictures of each role's main pages (needs what the tests need)."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "tests.screenshots", *arguments])


def db_upgrade(arguments: list[str]) -> int:
    """Bring the database up to the newest migration."""
    with _environment("db upgrade", db_upgrade, arguments) as environment:
        from portal.schema import upgrade

        upgrade(environment["DATABASE_URL"])
        say("The database is up to date.")
    return 0


def db_limit(arguments: list[str]) -> int:
    """Let the database role that the portal runs as write rows, but not change records or tables."""
    parser = _parser("db limit", db_limit)
    parser.add_argument("role", help="an existing role, which is not the one that migrates")
    _add_data(parser)
    options = parser.parse_args(arguments)
    with _services(options.data) as environment:
        from portal.schema import limit_role

        limit_role(environment["DATABASE_URL"], options.role)
    say(f"{options.role} can write rows, and change neither the audit trail nor the tables.")
    return 0


def audit_verify(arguments: list[str]) -> int:
    """Check that no line of the audit trail was changed or removed, and no mark after it was saved."""
    with _application(_parser("audit verify", audit_verify), arguments):
        from evaluation.records.trail_queries import every_round_compared
        from portal.audit.services import first_broken_line, newest_line

        broken = first_broken_line()
        newest = newest_line()
        compared = list(every_round_compared())
    if broken is not None:
        complain(f"The audit trail is broken at line {broken}: it, or the line before it, was changed.")
        return 1
    say("The audit trail is whole.")
    if newest:
        # A chain cannot tell that its end was cut off: somebody has to remember where it ended.
        say(f"It ends with line {newest[0]}, {newest[1].hex()}. Keep this: a later trail must still hold it.")
    for name, found in compared:
        say(f"{found.marks:,} marks of {name} were compared with it.")
        if found.without:
            say(f"For {found.without:,} it has no digest: they were saved before one was kept.")
        if found.warning:
            complain(f"In {name}, {found.warning}")
    return 1 if any(found.differing for _, found in compared) else 0


def ledger_verify(arguments: list[str]) -> int:
    """Check a score ledger that was downloaded; needs the file alone."""
    parser = _parser("ledger verify", ledger_verify)
    parser.add_argument("file", type=Path, help="the ledger, as it was downloaded (.jsonl)")
    options = parser.parse_args(arguments)
    import hashlib

    from evaluation.records.ledger import Broken, verify

    try:
        with options.file.open("rb") as lines:
            found = verify(lines)
            lines.seek(0)
            digest = hashlib.file_digest(lines, "sha256").hexdigest()
    except OSError as problem:
        complain(str(problem))
        return 1
    if isinstance(found, Broken):
        complain(f"The ledger is broken at line {found.line}: {found.why}.")
        return 1
    say(f"The ledger is whole: {found.lines:,} lines about {found.about.get('round', 'a round')}.")
    # Whoever changes a line can chain a whole new ledger: the portal's own record tells which is genuine.
    if differing := found.about.get("compared_with_trail", {}).get("differing"):
        say(f"When it was made, {differing:,} of its marks were not what the trail kept: see its first line.")
    say(f"SHA-256 of the file: {digest}. Compare it with the one in the portal's audit trail.")
    return 0


def work(arguments: list[str]) -> int:
    """Deliver letters, scan documents, sweep leftovers until stopped; runs beside the web server."""
    _parser("work", work).parse_args(arguments)
    from threading import Event

    from portal.accounts.access import THE_PORTAL
    from portal.app import create_app
    from portal.worker import run_until

    signal.signal(signal.SIGTERM, _interrupt)
    with suppress(KeyboardInterrupt):
        run_until(Event(), create_app(), by=THE_PORTAL)
    return 0


def documents_sweep(arguments: list[str]) -> int:
    """Forget abandoned uploads, and put documents without a row into the trash (--restore undoes that)."""
    from datetime import timedelta

    parser = _parser("documents sweep", documents_sweep)
    parser.add_argument("--dry-run", action="store_true", help="only list what would be put away")
    parser.add_argument("--restore", action="store_true", help="put back what a row names after all")
    parser.add_argument("--days", type=int, default=30, help="only older than this (default: %(default)s)")
    with _application(parser, arguments) as options:
        from portal.storage.services import orphans, restore_from_trash, sweep_orphans
        from portal.storage.uploads import sweep_uploads

        if not (options.restore or options.dry_run):
            say(f"{len(sweep_uploads())} abandoned uploads forgotten.")
        age = timedelta(days=options.days)
        if options.restore:
            keys = restore_from_trash()
        else:
            keys = list(orphans(age)) if options.dry_run else sweep_orphans(age)
        for key in keys:
            say(key)
        done = "put back" if options.restore else "would go" if options.dry_run else "put into the trash"
        say(f"{len(keys)} {done}.")
    return 0


def documents_rescan(arguments: list[str]) -> int:
    """Let every document that was not scanned wait for the virus scanner."""
    with _application(_parser("documents rescan", documents_rescan), arguments):
        from portal.storage.scanning import scan_again, scanner

        if scanner() is None:
            complain("No virus scanner is set up. Set CLAMD_SOCKET or CLAMD_HOST first.")
            return 1
        say(f"{scan_again()} documents wait for their scan.")
    return 0


def retention_run(arguments: list[str]) -> int:
    """Erase the records whose retention period is over (--dry-run lists them)."""
    parser = _parser("retention run", retention_run)
    parser.add_argument("--dry-run", action="store_true", help="only list what would go")
    with _application(parser, arguments) as options:
        from portal.accounts.access import THE_PORTAL
        from portal.personal_data import queries, services

        def tell(record: queries.Due) -> None:
            say(f"{record.title} (since {record.since:%Y-%m-%d}, kept {record.months} months)")

        if options.dry_run:
            found, total = queries.due(most=services.AT_MOST)
            for record in found:
                tell(record)
            say(f"{total:,} would go.")
            return 0
        gone, failed = services.run(by=THE_PORTAL, report=tell)
        say(f"{gone:,} went.")
        if failed:
            complain(f"{failed:,} could not be erased and stay due. The log says why.")
    return 1 if failed else 0


def subject_access(arguments: list[str]) -> int:
    """Print what the portal holds on one person (e-mail address), referral (reference) or child, as JSON."""
    parser = _parser("subject access", subject_access)
    parser.add_argument(
        "about", help="an e-mail address or the reference of a referral; with --school a child's name or UPN"
    )
    parser.add_argument("--school", default="", metavar="NAME", help="the school that named the child")
    with _application(parser, arguments) as options:
        import json

        from portal.accounts.access import THE_PORTAL
        from portal.personal_data.services import export

        held = export(about=options.about, school=options.school, by=THE_PORTAL)
        if held is None:
            complain("Nobody here has this address, and no referral this reference.")
            return 1
        say(json.dumps(held, ensure_ascii=False, indent=2))
    return 0


def schools_import(arguments: list[str]) -> int:
    """Import schools from the national register's CSV with all establishments."""
    parser = _parser("schools import", schools_import)
    parser.add_argument(
        "file", type=Path, help="the CSV from https://get-information-schools.service.gov.uk/Downloads"
    )
    parser.add_argument(
        "--authority", metavar="CODE", help="only this local authority (code; Manchester: 352)"
    )
    with _application(parser, arguments) as options:
        from portal.errors import Refusal
        from portal.organisations.schools import import_schools

        try:
            with options.file.open("rb") as stream:
                done = import_schools(stream, authority=options.authority, report=say)
        except (OSError, Refusal) as problem:
            complain(str(problem))
            return 1
    for line, reason in done.bad:
        complain(f"Line {line} was skipped: {reason}.")
    say(
        f"{done.read} lines read: {done.added} schools added, {done.changed} changed, {done.unchanged} as"
        f" before, {done.closed} closed and deactivated, {done.reopened} open again, {done.groups} trusts"
        f" added, {done.left_out} left out, {len(done.bad)} skipped."
    )
    return 0


def postcodes_load(arguments: list[str]) -> int:
    """Take in an official open file of postcodes, for distances from postcode to postcode."""
    parser = _parser("postcodes load", postcodes_load)
    parser.add_argument(
        "file", type=Path, help="CSV or zip of the ONS Postcode Directory or of OS Code-Point Open"
    )
    with _application(parser, arguments) as options:
        from portal.accounts.access import THE_PORTAL
        from portal.directory.postcode_services import load_postcodes
        from portal.errors import Refusal

        try:
            number = load_postcodes(options.file, by=THE_PORTAL)
        except (OSError, Refusal) as problem:
            complain(problem.sentence if isinstance(problem, Refusal) else str(problem))
            return 1
        say(f"{number:,} postcodes are known now")
    return 0


def outlines_load(arguments: list[str]) -> int:
    """Take in an open boundary file, whose outlines the map of search results then shows."""
    parser = _parser("outlines load", outlines_load)
    parser.add_argument("file", type=Path, help="GeoJSON, as the ONS Open Geography Portal offers boundaries")
    parser.add_argument("--name", default="", help="take only the areas whose name holds this")
    parser.add_argument("--attribution", default="", help="what stands under each map (that of ONS)")
    with _application(parser, arguments) as options:
        from portal.accounts.access import THE_PORTAL
        from portal.directory.outline_services import ATTRIBUTION, load_outlines
        from portal.errors import Refusal

        try:
            names = load_outlines(
                options.file, name=options.name, attribution=options.attribution or ATTRIBUTION, by=THE_PORTAL
            )
        except (OSError, Refusal) as problem:
            complain(problem.sentence if isinstance(problem, Refusal) else str(problem))
            return 1
        say(f"Outlines are known of: {', '.join(names)}")
    return 0


def say(line: str) -> None:
    """Show one line of progress or of the result."""
    print(line, flush=True)


def complain(line: str) -> None:
    """Show one line about what went wrong."""
    print(line, file=sys.stderr, flush=True)


def _welcome(address: str, *, demonstration: bool) -> None:
    say("")
    if demonstration:
        from portal.development.demonstration import sign_ins

        rows = [("Role", "Sign in as", "Password"), *sign_ins()]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        for row in rows:
            say("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        say("")
        say(f"  Council staff need a second step: the codes of now are at {address}/mailbox")
        say("")
    say(f"The portal is at {address}   (Ctrl-C stops it)")


@contextmanager
def _told_to_stop() -> Iterator[None]:
    """Say that the portal stops, and let no second Ctrl-C cut the stopping short."""
    try:
        yield
    except KeyboardInterrupt:
        for name in STOPPING:
            signal.signal(name, signal.SIG_IGN)
        say("\nStopping the portal")
        raise


@contextmanager
def _environment(
    name: str, command: Callable[[list[str]], int], arguments: list[str]
) -> Iterator[dict[str, str]]:
    """Parse the one option --data and yield the settings of the installation, started or joined."""
    parser = _parser(name, command)
    _add_data(parser)
    with _services(parser.parse_args(arguments).data) as environment:
        yield environment


@contextmanager
def _services(data: Path) -> Iterator[dict[str, str]]:
    """The settings of the installation whose services the environment names, or that runs on the folder."""
    if all(os.environ.get(setting) for setting in ("DATABASE_URL", "S3_BUCKET", "SMTP_HOST")):
        yield dict(os.environ)
        return
    from portal.development.services import ServiceDidNotStart, embedded_services

    try:
        with embedded_services(data) as services:
            yield {"PORTAL_ENV": "development", **os.environ, **services.environment}
    except ServiceDidNotStart as error:
        complain(str(error))
        raise SystemExit(1) from error


@contextmanager
def _application(parser: argparse.ArgumentParser, arguments: list[str]) -> Iterator[argparse.Namespace]:
    """Parse the arguments and yield them inside the application of the installation, started or joined."""
    _add_data(parser)
    options = parser.parse_args(arguments)
    with _services(options.data) as environment:
        from config import load_settings
        from portal.app import create_app

        with create_app(load_settings(environment)).app_context():
            yield options


def _parser(name: str, command: Callable[[list[str]], int]) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"portal {name}", description=command.__doc__)


def _add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, default=DATA, metavar="FOLDER", help="the data folder (default: %(default)s)"
    )


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run,
    "demo": demo,
    "test": test,
    "screenshots": screenshots,
    "db upgrade": db_upgrade,
    "db limit": db_limit,
    "audit verify": audit_verify,
    "ledger verify": ledger_verify,
    "work": work,
    "documents sweep": documents_sweep,
    "documents rescan": documents_rescan,
    "retention run": retention_run,
    "subject access": subject_access,
    "schools import": schools_import,
    "postcodes load": postcodes_load,
    "outlines load": outlines_load,
}

if __name__ == "__main__":
    sys.exit(main())
