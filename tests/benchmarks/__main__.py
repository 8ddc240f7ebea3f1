"""What the portal takes, beside what it could take.

    python -m tests.benchmarks [--quick] [search] [totals] [exports] [pages] [uploads]
    python -m tests.benchmarks rush [--providers 300] [--minutes 2.5]
    python -m tests.benchmarks kills [--kills 1000]

Starts a durable PostgreSQL of its own in a folder that is deleted afterwards, fills it with generated
registers and rounds, compares each answer with that of bare SQL and prints medians, 95th percentiles and
ratios. It takes some minutes, most of them to fill the register with 100,000 services; `--quick` leaves
that size out and repeats less. Figures of wall time mean little on a busy machine: trust ratios, CPU time and
counts of statements. The rush before a closing time and the killing of workers are played only when they are
asked for, on services of their own. Not part of the tests.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from config import load_settings
from portal import schema
from portal.app import create_app
from portal.development.services import embedded_services
from tests.benchmarks import bench_exports, bench_pages, bench_rush, bench_search, bench_totals, bench_uploads

BENCHMARKS = ("search", "totals", "exports", "pages", "uploads")
FAULTS = ("rush", "kills")


def main() -> None:
    """Run the benchmarks asked for, all of them by default."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument(
        "which", nargs="*", choices=[[], *BENCHMARKS, *FAULTS], metavar="|".join([*BENCHMARKS, *FAULTS])
    )
    parser.add_argument("--quick", action="store_true", help="smaller sizes and fewer runs")
    parser.add_argument("--providers", type=int, default=300, help="how many rush (300)")
    parser.add_argument("--kills", type=int, default=1000, help="how many workers are killed (1000)")
    parser.add_argument("--minutes", type=float, default=2.5, help="how long they rush (2.5; in truth 30)")
    options = parser.parse_args()
    if "rush" in options.which:
        bench_rush.run(options.providers, options.minutes)
    if "kills" in options.which:
        bench_rush.kills(options.kills)
    if options.which and set(options.which) <= set(FAULTS):
        return
    with TemporaryDirectory() as folder, embedded_services(Path(folder) / "data", durable=True) as services:
        environment = {"PORTAL_ENV": "testing", **services.environment, "PORTAL_DATA": folder}
        settings = load_settings(environment)
        schema.upgrade(settings.database_url)
        app = create_app(settings)
        chosen = options.which or BENCHMARKS
        with app.app_context():
            if "pages" in chosen:
                bench_pages.run(app, options.quick)
            if "uploads" in chosen:
                bench_uploads.run(app, environment, options.quick)
            if "exports" in chosen:
                bench_exports.run(options.quick)
            if "totals" in chosen:
                bench_totals.run(options.quick)
            if "search" in chosen:
                bench_search.run(app, options.quick)


if __name__ == "__main__":
    main()
