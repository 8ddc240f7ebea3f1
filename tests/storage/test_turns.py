"""A store that is away keeps nobody from the portal."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from portal.storage import turns
from portal.storage.turns import StoreAway, Turns


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(turns, "AWAY_SECONDS", 0.2)
    monkeypatch.setattr(turns, "TURN_SECONDS", 0.2)


def fail(store):
    with pytest.raises(BotoCoreError), store.turn():
        raise BotoCoreError


def test_after_a_failure_nobody_waits_for_the_store():
    store = Turns()
    fail(store)
    with pytest.raises(StoreAway), store.turn():
        pytest.fail("the store was asked")


def test_one_tries_again_after_a_while_and_the_others_go_on_being_refused():
    store = Turns()
    fail(store)
    time.sleep(0.25)
    with store.turn(), pytest.raises(StoreAway), store.turn():
        pytest.fail("a second one asked")


def test_an_answer_lets_everybody_in_again():
    store = Turns()
    fail(store)
    time.sleep(0.25)
    with store.turn():
        pass
    with store.turn(), store.turn():
        pass


def test_a_refusal_of_the_store_is_an_answer():
    store = Turns()
    with pytest.raises(ClientError), store.turn():
        raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
    with store.turn():
        pass


def test_only_some_threads_wait_at_the_same_time():
    store, over = Turns(), Event()

    def wait():
        with store.turn():
            over.wait(10)

    with ThreadPoolExecutor(turns.MOST_AT_ONCE) as pool:
        for _ in range(turns.MOST_AT_ONCE):
            pool.submit(wait)
        time.sleep(0.1)
        began = time.monotonic()
        with pytest.raises(StoreAway), store.turn():
            pytest.fail("one too many asked")
        assert time.monotonic() - began < 1
        over.set()
    with store.turn():
        pass
