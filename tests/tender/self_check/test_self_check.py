"""Ten questions before somebody applies: ready, nearly or not yet."""

import pytest
from sqlalchemy import select

from portal.audit.models import AuditLine
from tender.frameworks.queries import pack_of
from tender.self_check.topics import all_topics, hours_to_apply, outcome_of, topics_of
from tests.factories.frameworks import a_draft_round, a_published_round
from tests.tender.applications.test_pages import page

TOPICS = all_topics()


def answers(**other):
    """An answer to each topic that counts as ready, but for the others (by what they count as)."""
    return {
        topic.code: next(
            value for value, _, counts in topic.answers if counts == other.get(topic.code, "ready")
        )
        for topic in TOPICS
    }


@pytest.fixture
def open_round(session):
    return a_published_round()


def test_each_topic_can_be_ready_and_says_what_to_do_and_who_helps():
    assert len(TOPICS) == 10
    for topic in TOPICS:
        counts = [each for _, _, each in topic.answers]
        assert counts[0] == "ready" and set(counts) <= {"ready", "first", "stop"}
        assert topic.first and topic.help and topic.link.startswith("https://")


@pytest.mark.parametrize(
    ("other", "word"),
    [
        ({}, "ready"),
        ({"policies": "first"}, "nearly"),
        ({"policies": "first", "data": "first", "premises": "first"}, "nearly"),
        ({"policies": "first", "data": "first", "premises": "first", "finance": "first"}, "not yet"),
        ({"vetting": "stop"}, "not yet"),
    ],
)
def test_what_the_answers_come_to(other, word):
    outcome = outcome_of(TOPICS, answers(**other))
    assert outcome.word == word
    assert {topic.code for topic in (*outcome.stops, *outcome.first)} == set(other)


def test_a_topic_that_the_pack_does_not_ask_about_is_not_asked(open_round):
    pack = pack_of(open_round.id)
    asked = {topic.code for topic in topics_of(pack)}
    assert {"insurance", "vetting"} <= asked
    without = pack.__class__(
        **{
            **{name: getattr(pack, name) for name in pack.__dataclass_fields__},
            "sections": tuple(
                section for section in pack.sections if all(q.code != "vetting" for q in section.questions)
            ),
        }
    )
    assert "vetting" not in {topic.code for topic in topics_of(without)}
    assert 0 < hours_to_apply(without) < hours_to_apply(pack) < 40


def test_anybody_gets_an_answer_and_nothing_is_stored(client, open_round, session):
    address = f"/opportunities/{open_round.id}/self-check"
    lines = session.scalars(select(AuditLine.id)).all()
    assert "See where you stand" in page(client.get(address))
    assert "You are ready to apply" in page(client.get(address, query_string=answers()))
    nearly = page(client.get(address, query_string=answers(data="first")))
    assert "You are nearly ready" in nearly and "Do this one thing first" in nearly
    assert "Who can help" in page(client.get(address, query_string=answers(attendance="stop")))
    assert session.scalars(select(AuditLine.id)).all() == lines


def test_what_is_not_answered_is_named_and_the_rest_stays_chosen(client, open_round):
    sent = answers()
    del sent["insurance"]
    sent["data"] = "nonsense"
    text = page(client.get(f"/opportunities/{open_round.id}/self-check", query_string=sent), 422)
    assert text.count("Choose an answer about insurance.") == 2
    assert "Choose an answer about data protection." in text
    assert text.count(" checked>") == 8


def test_the_opportunity_leads_there_and_a_draft_has_none(client, open_round, session):
    opportunity = page(client.get(f"/opportunities/{open_round.id}"))
    assert f'href="/opportunities/{open_round.id}/self-check"' in opportunity
    assert f"Check in {len(topics_of(pack_of(open_round.id)))} questions" in opportunity
    assert client.get(f"/opportunities/{a_draft_round().id}/self-check").status_code == 404


def test_where_the_pack_asks_about_none_of_it_nothing_leads_there(client, open_round, monkeypatch):
    monkeypatch.setattr("tender.self_check.views.topics_of", lambda pack: ())
    assert "self-check" not in client.get(f"/opportunities/{open_round.id}").text
    assert client.get(f"/opportunities/{open_round.id}/self-check").status_code == 404
