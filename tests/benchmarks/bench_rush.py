"""The minutes before a round closes, with as many providers as one wants, on a portal of its own.

People sign in before anything is measured; then they write, look, upload and submit as `tests.rush.plan`
says, at the pace of real people. All that they give and submit in the last half hour is pressed into the
`--minutes` that one wants to wait, 2.5 unless said otherwise: the fewer, the harder; 30 are the real thing.
In the end everything that anybody was told is compared with
what is kept, as in the tests; the figures are worth nothing if that differs.
"""

import random
import time
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from statistics import quantiles

from tests.benchmarks.measuring import show_table
from tests.factories.accounts import a_school_person
from tests.rush.client import Answer
from tests.rush.kills import kill_workers_meanwhile, unacknowledged
from tests.rush.plan import Plan, Rush
from tests.rush.stage import Stage, a_stage
from tests.storage.test_uploads import a_pdf_of
from tests.web_client import PASSWORD

MEDIAN_KILOBYTES = 700
AIMS = {"save": "p95 below 200", "page": "p95 below 500", "submit": "p99 below 1,000"}
TO_BEGIN = 0.05  # seconds a provider, from the making of the round until everybody is at work
_ONLOOKERS = 10  # one for so many providers
_PATIENCE = 120  # seconds in which somebody presses again who must not miss the close


def run(providers: int, minutes: float) -> None:
    """Play a rush and print what everybody waited for, and whether anything is wrong afterwards."""
    plan = _plan(60 * minutes)
    with a_stage() as stage:
        rush = _everybody(stage, providers, plan, plan.lasts + providers * TO_BEGIN)
        closes_at = stage.closes_at(rush.subject)
        time.sleep(max(0.0, closes_at - plan.lasts - time.time()))
        for browser in _browsers(rush):
            browser.answers.clear()
        used = _computed(stage)
        begun = time.monotonic()
        rush.run(closes_at)
        lasted = time.monotonic() - begun
        _show(rush, lasted, _computed(stage) - used)
        print(f"  wrong afterwards: {stage.wrong(rush.subject) or 'nothing'}", flush=True)


def kills(wanted: int) -> None:
    """Kill so many web workers while providers write, upload and submit, round after round, and print what is
    wrong then. Ends with an error where anything is.

    What was tried in vain again and again, as on a busy machine, is counted and not wrong: nobody was told
    that it is kept.
    """
    chance, killed, operations, in_vain = random.Random(wanted), 0, 0, 0
    wrong: list[str] = []
    with a_stage() as stage:
        while killed < wanted:
            subject = stage.round_with(12, seed=killed)
            for who in subject.applicants:
                who.patience = _PATIENCE
            killed += kill_workers_meanwhile(stage, subject, chance)
            operations += len(subject.journal.operations)
            in_vain += len(unacknowledged(subject))
            wrong += stage.wrong(subject)
            print(
                f"  {killed:,} kills, {operations:,} operations, {in_vain} in vain; "
                f"wrong: {wrong or 'nothing'}",
                flush=True,
            )
    if wrong:
        raise SystemExit(1)


def _plan(lasts: float) -> Plan:
    return Plan(
        lasts=lasts,
        last_minutes=min(300, 0.6 * lasts),
        last_minute=min(60, 0.2 * lasts),
        after=min(60, lasts / 30),
    )


def _everybody(stage: Stage, providers: int, plan: Plan, open_for: float) -> Rush:
    with stage.app.app_context():
        school = a_school_person().email
    onlookers = [stage.browser() for _ in range(max(1, providers // _ONLOOKERS))]
    for browser in onlookers[::2]:
        browser.sign_in(school, PASSWORD)
    subject = stage.round_with(
        providers, colleagues=providers // 2, open_for=timedelta(seconds=open_for), seed=providers
    )
    for who in subject.applicants:
        who.patience = _PATIENCE
    return Rush(stage, subject, plan, _a_paper, onlookers)


def _a_paper(rng: random.Random) -> bytes:
    return a_pdf_of(int(MEDIAN_KILOBYTES * 1024 * rng.lognormvariate(0, 0.5)))


def _browsers(rush: Rush) -> Iterable:
    return [
        *(who.browser for who in (*rush.subject.applicants, *rush.subject.colleagues)),
        *rush.onlookers,
    ]


def _computed(stage: Stage) -> float:
    """Seconds that the web workers have computed."""
    return sum(sum(worker.cpu_times()[:2]) for worker in stage.workers())


def _show(rush: Rush, lasted: float, computed: float) -> None:
    by_kind: dict[str, list[Answer]] = defaultdict(list)
    for browser in _browsers(rush):
        for kind, answer in browser.answers:
            by_kind[kind].append(answer)
    rows = []
    for kind, answers in sorted(by_kind.items()):
        took = [answer.seconds * 1000 for answer in answers]
        cuts = quantiles(took, n=100, method="inclusive") if len(took) > 1 else took * 99
        lost = sum(answer.lost for answer in answers)
        rows.append(
            (kind, len(took), len(took) / lasted, cuts[49], cuts[94], cuts[98], lost, AIMS.get(kind, ""))
        )
    head = ("what", "times", "a second", "p50 ms", "p95 ms", "p99 ms", "lost or 5xx", "aim")
    show_table(f"{len(rush.subject.applicants)} providers for {lasted:.0f} s", head, rows)
    received = len(rush.subject.journal.acknowledged("submit"))
    print(f"  receipts: {received}; the web workers computed {computed / lasted:.2f} of a core")
