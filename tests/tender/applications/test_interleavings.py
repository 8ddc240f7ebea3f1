"""Two people and a tab that was off line save one answer in any order: nothing that was saved is lost."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st
from sqlalchemy import select

from portal import clock
from portal.accounts.access import Actor
from tender.applications.answer_services import SavedMeanwhile, save_answer
from tender.applications.models import AnswerVersion
from tender.applications.queries import own_item_for
from tender.applications.version_services import VersionGone, keep_theirs, put_back
from tests.tender.applications.test_services import colleague

WORDS = st.lists(st.sampled_from(["we", "ring", "home", "early", "\n"]), max_size=5).map(" ".join)
# Which tab does what with which text; `pause` is in minutes. A tab that does nothing for long was off line.
STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["save", "save", "type on", "look", "put back"]),
        WORDS,
        st.sampled_from(["mine", "theirs", "later"]),
        st.integers(0, 12),
    ),
    max_size=12,
)


@dataclass
class Tab:
    """A page that somebody has open: the text in its box and the version it was drawn with."""

    by: Actor
    text: str = ""
    version: int = 0


class Office:
    """Three tabs of two people on one answer, and every text that the portal said it had saved."""

    def __init__(self, draft: int, people: list[Actor]) -> None:
        self.place = {"application_id": draft, "code": "safeguarding"}
        self.tabs = [Tab(by) for by in people]
        self.acknowledged: list[str] = []
        for tab in self.tabs:
            self.look(tab)

    def standing(self, by: Actor):
        return own_item_for(by, self.place["application_id"], self.place["code"], None)

    def look(self, tab: Tab) -> None:
        item = self.standing(tab.by)
        tab.text, tab.version = item.value or "", item.version

    def act(self, tab: Tab, deed: str, text: str, choice: str) -> None:
        if deed == "look":
            return self.look(tab)
        if deed == "put back":
            with suppress(SavedMeanwhile, VersionGone):
                put_back(**self.place, earlier=1, version=tab.version, by=tab.by)
            return None
        tab.text = (f"{tab.text} {text}" if deed == "type on" else text).strip()
        return self.save(tab, choice)

    def save(self, tab: Tab, choice: str) -> None:
        before = self.standing(tab.by)
        try:
            saved = save_answer(**self.place, value=tab.text, version=tab.version, by=tab.by)
        except SavedMeanwhile as clash:
            assert self.standing(tab.by).value == before.value == clash.value, (
                "a refused save changed something"
            )
            if choice != "later":
                self.settle(tab, clash, choice)
            return
        assert before.version in (tab.version, saved.version), "somebody else's version was overwritten"
        self.took(tab, saved.version)

    def settle(self, tab: Tab, clash: SavedMeanwhile, choice: str) -> None:
        keep = save_answer if choice == "mine" else keep_theirs
        saved = keep(**self.place, value=tab.text, version=clash.version, by=tab.by)
        self.took(tab, saved.version)
        assert self.standing(tab.by).value == (tab.text if choice == "mine" else clash.value)

    def took(self, tab: Tab, version: int) -> None:
        self.acknowledged += [tab.text] if tab.text else []
        tab.version = version


def holds(kept: str, text: str) -> bool:
    """Whether a kept version is this text, or all of it with something typed in between."""
    ends = range(len(text) + 1)
    return any(kept.startswith(text[:end]) and kept.endswith(text[end:]) for end in ends) and len(
        kept
    ) >= len(text)


@pytest.fixture
def people(provider, session):
    """Two people; the first has two tabs open."""
    return [provider, provider, colleague(session, provider, "editor")]


@how(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_text_that_was_ever_saved_is_in_a_version_whole(draft, people, session, steps):
    office, moment = Office(draft, people), clock.now()
    for number, deed, text, choice, pause in steps:
        moment += timedelta(minutes=pause)
        with clock.staged_at(moment):
            office.act(office.tabs[number], deed, text, choice)
    kept = session.scalars(select(AnswerVersion.value)).all()
    assert [text for text in office.acknowledged if not any(holds(each, text) for each in kept)] == []
