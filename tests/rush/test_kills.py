"""The play of kills goes on until as many are done as were asked for; what is wrong then is an error."""

import random
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from psutil import NoSuchProcess

from tests.benchmarks import bench_rush
from tests.rush import kills
from tests.rush.journal import Journal


class Worker:
    """One that is there to be killed, or gone already."""

    def __init__(self, gone=False):
        self.gone = gone

    def kill(self):
        if self.gone:
            raise NoSuchProcess(1)


def test_a_worker_that_went_by_itself_ends_nothing_and_is_not_counted(monkeypatch):
    listed = [[Worker(gone=True)], [Worker()], [Worker(gone=True), Worker()]]

    def workers():
        return listed.pop(0) if len(listed) > 1 else listed[0]

    who = SimpleNamespace(files=(), submit=lambda presses: time.sleep(1.5))
    subject = SimpleNamespace(applicants=[who], journal=Journal())
    monkeypatch.setattr(kills, "_until_somebody_gets_on", lambda subject, busy: None)
    assert kills.kill_workers_meanwhile(SimpleNamespace(workers=workers), subject, random.Random(1)) >= 1


def play(monkeypatch, wanted, wrong=()):
    """Play with rounds in each of which 70 are killed; how many rounds that made."""
    played = []
    subject = SimpleNamespace(applicants=[], journal=Journal())
    stage = SimpleNamespace(
        round_with=lambda count, seed: played.append(seed) or subject, wrong=lambda subject: list(wrong)
    )

    @contextmanager
    def a_stage():
        yield stage

    monkeypatch.setattr(bench_rush, "a_stage", a_stage)
    monkeypatch.setattr(bench_rush, "kill_workers_meanwhile", lambda stage, subject, chance: 70)
    bench_rush.kills(wanted)
    return len(played)


def test_it_plays_until_as_many_are_killed_as_were_asked_for(monkeypatch, capsys):
    assert play(monkeypatch, 1_000) == 15
    assert "1,050 kills" in capsys.readouterr().out.splitlines()[-1]


def test_what_is_wrong_in_one_round_is_an_error_in_the_end_and_ends_nothing_before(monkeypatch, capsys):
    with pytest.raises(SystemExit):
        play(monkeypatch, 140, wrong=["a receipt is there twice"])
    assert capsys.readouterr().out.count("kills") == 2
