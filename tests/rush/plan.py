"""How people behave before a round closes, and the clockwork that lets them all behave so at once.

Of the providers that submit in the last hour or so, six in ten press the button in the last minutes and two
of those in the last one; one in twenty comes a moment too late.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

from tests.rush.applicants import Applicant
from tests.rush.client import Browser
from tests.rush.stage import RoundOfRush, Stage


@dataclass(frozen=True)
class Plan:
    """A load model; all is in seconds. `autosave` and `page` lie between two ticks of one person's page and
    between two pages; at a tick something changed in `changed` of the cases."""

    lasts: float
    last_minutes: float
    last_minute: float
    autosave: float = 30
    page: float = 20
    changed: float = 0.6
    too_late: float = 0.05
    after: float = 3

    def submits_at(self, rng: random.Random) -> float:
        """When somebody submits, in seconds before (negative: after) the close."""
        lot = rng.random()
        if lot < self.too_late:
            return -rng.uniform(0, self.after)
        if lot < 0.2:
            return rng.uniform(0.05, self.last_minute)
        if lot < 0.6:
            return rng.uniform(self.last_minute, self.last_minutes)
        return rng.uniform(self.last_minutes, self.lasts)


@dataclass
class Rush:
    """Everybody of a round at work until it closes and a little longer. `paper(rng)` makes a document."""

    stage: Stage
    subject: RoundOfRush
    plan: Plan
    paper: Callable[[random.Random], bytes]
    onlookers: Sequence[Browser] = ()
    failed: list[BaseException] = field(default_factory=list)

    def run(self, closes_at: float) -> None:
        """Let everybody work; `closes_at` is in seconds since the epoch. Raises what any of them raised."""
        acts = [lambda who=who: self._apply(who, closes_at) for who in self.subject.applicants]
        acts += [lambda who=who: self._help(who, closes_at) for who in self.subject.colleagues]
        acts += [lambda browser=browser: self._look_on(browser, closes_at) for browser in self.onlookers]
        threads = [Thread(target=self._noting, args=(act,), daemon=True) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(self.plan.lasts + self.plan.after + 120)
            assert not thread.is_alive(), "somebody is still at work long after the close"
        if self.failed:
            raise self.failed[0]

    def _noting(self, act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:
            self.failed.append(error)

    def _apply(self, who: Applicant, closes_at: float) -> None:
        """Work, give the documents on the way, submit when it is time, and look whether it is still there."""
        submits_at = closes_at - self.plan.submits_at(who.rng)
        begun = time.time()
        gives = sorted(who.rng.uniform(begun, max(begun, min(submits_at, closes_at) - 1)) for _ in who.files)
        for place, moment in zip(who.files, gives, strict=True):
            self._work(who, moment)
            who.upload(place, self.paper(who.rng), in_parts=who.rng.random() < 0.5)
        self._work(who, submits_at)
        who.submit(presses=2 if who.rng.random() < 0.3 else 1)
        who.save()  # too late, by the seal or by the clock
        who.look()

    def _help(self, who: Applicant, closes_at: float) -> None:
        self._work(who, closes_at + self.plan.after)

    def _work(self, who: Applicant, until: float) -> None:
        """Save and look, each at its own pace, until a moment."""
        saves = time.time() + who.rng.uniform(0, self.plan.autosave)
        looks = time.time() + who.rng.uniform(0, self.plan.page)
        while (now := min(saves, looks)) < until:
            time.sleep(max(0.0, now - time.time()))
            if saves <= looks:
                if who.rng.random() < self.plan.changed:
                    who.save()
                saves = max(time.time(), saves + self.plan.autosave)
            else:
                who.look()
                looks = max(time.time(), looks + self.plan.page)
        time.sleep(max(0.0, until - time.time()))

    def _look_on(self, browser: Browser, closes_at: float) -> None:
        """Somebody who has nothing to do with the round: reads and searches."""
        while time.time() < closes_at + self.plan.after:
            for path in ("/opportunities", "/search?words=construction"):
                browser.get(path, "others' page")
                time.sleep(min(self.plan.page, 5) / 2)


@contextmanager
def at_work(people: Iterable[Applicant], act: Callable[[Applicant], object]) -> Iterator[Callable[[], bool]]:
    """Everybody does `act`, each in a thread; the block is given what tells whether any is still at it.

    At the end of the block they are waited for. Raises what any of them raised.
    """
    with ThreadPoolExecutor(64) as pool:
        doing = [pool.submit(act, who) for who in people]
        yield lambda: not all(each.done() for each in doing)
    for each in doing:
        each.result()
