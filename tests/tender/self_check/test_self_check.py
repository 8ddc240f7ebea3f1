"""What a round demands, asked before somebody applies: ready, nearly or not yet."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from portal.audit.models import AuditLine
from tender.frameworks.default_pack import PackQuestion
from tender.frameworks.queries import lots_of_round, pack_of
from tender.self_check.own_topics import topics_of
from tender.self_check.topics import all_topics, hours_to_apply, outcome_of
from tests.factories.frameworks import a_draft_round, a_published_round
from tests.tender.applications.test_pages import page

TOPICS = all_topics()


def answers(topics=TOPICS, **other):
    """An answer to each topic that counts as ready, but for the others (by what they count as)."""
    return {
        topic.code: next(
            value for value, _, counts in topic.answers if counts == other.get(topic.code, "ready")
        )
        for topic in topics
    }


@pytest.fixture
def open_round(session):
    return a_published_round()


def test_each_topic_can_be_ready_and_says_what_to_do_and_who_helps():
    assert len(TOPICS) == 11
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


def of_round(round):
    return topics_of(pack_of(round.id), lots_of_round(round.id))


def only(pack, *codes):
    """A pack with these questions alone."""
    sections = (
        replace(each, questions=tuple(q for q in each.questions if q.code in codes)) for each in pack.sections
    )
    return replace(pack, sections=tuple(sections))


def test_a_topic_that_the_pack_does_not_ask_about_is_not_asked(open_round):
    pack = pack_of(open_round.id)
    asked = {topic.code for topic in of_round(open_round)}
    assert asked == {topic.code for topic in TOPICS} | {"own_day_rate"}
    without = only(pack, "insurance", "finance")
    assert {topic.code for topic in topics_of(without, ())} == {"insurance", "finance"}
    assert 0 < hours_to_apply(without) < hours_to_apply(pack) < 40


CONDITION = {"section": "eligibility", "judged_as": "condition"}
OWN = (
    PackQuestion("minibus", title="A driver", text="Have you a driver with a D1 licence?", kind="yes_no",
                 rule="must_be_yes", **CONDITION),
    PackQuestion("cover", title="Insurance certificate", text="Upload it.", kind="file", accepted=("pdf",),
                 max_bytes=1_000_000, rule="must_be_provided", **CONDITION,
                 shape={"document_type": "public_liability", "needs_expiry": True, "least_cover": "5000000"}),
    PackQuestion("years", title="Years of work", text="For how many years have you worked with children?",
                 kind="number", rule="at_least", rule_value="2", **CONDITION),
    PackQuestion("area", title="Where", text="Where do you work?", kind="choice", rule="must_be_one_of",
                 options=(("here", "In this county"), ("away", "Elsewhere")), rule_value=["here"],
                 **CONDITION),
    PackQuestion("boat", title="Boat", text="Have you a safe boat?", kind="yes_no", rule="must_be_yes",
                 lots=("2",), per_lot=True, **CONDITION),
    PackQuestion("fire_plan", title="Fire", text="Upload it.", kind="file", accepted=("pdf",),
                 max_bytes=1_000_000, rule="must_be_provided", shape={"document_type": "fire_risk"},
                 **CONDITION),
    PackQuestion("weighed", title="Weighed", text="Anything to weigh?", kind="yes_no", rule="person_decides",
                 **CONDITION),
    PackQuestion("hoist", title="Hoist", text="Have you a hoist?", kind="yes_no", rule="must_be_yes",
                 ask_if={"question": "minibus", "answers": ["yes"]}, **CONDITION),
    PackQuestion("leaflet", title="Leaflet", text="Upload it.", kind="file", accepted=("pdf",),
                 max_bytes=1_000_000, required=False, section="listing", judged_as="information"),
)  # fmt: skip


@pytest.fixture
def own_pack(session):
    """A round whose pack is a council's own: none of the default pack's codes."""
    subject = a_published_round(2, asking=OWN)
    return only(pack_of(subject.id), *(question.code for question in OWN)), lots_of_round(subject.id)


def test_a_council_s_own_pack_is_asked_about_in_its_own_words(own_pack):
    topics = {topic.code: topic for topic in topics_of(*own_pack)}
    assert set(topics) == {"premises", "own_minibus", "own_cover", "own_years", "own_area", "own_boat"}
    assert topics["own_minibus"].question == "Have you a driver with a D1 licence?"
    assert topics["own_cover"].question == "Can you give this: Insurance certificate?"
    assert "it must show cover of at least £5,000,000" in topics["own_cover"].hint
    assert "passes when the answer is at least 2" in topics["own_years"].hint
    assert "Asked for lot 2 only." in topics["own_boat"].hint


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({}, "ready"),
        ({"own_minibus": "later"}, "nearly"),
        ({"own_years": "unsure", "own_cover": "later"}, "nearly"),
        ({"own_cover": "no"}, "not yet"),
        ({"own_area": "away"}, "not yet"),
        ({"own_boat": "other_lots"}, "ready"),
        ({"own_boat": "no"}, "not yet"),
    ],
)
def test_its_rules_decide_what_the_answers_come_to(own_pack, said, word):
    topics = topics_of(*own_pack)
    assert outcome_of(topics, {**answers(topics), **said}).word == word


def test_a_standard_brings_up_its_topic_and_hides_no_condition(session):
    question = PackQuestion("references", title="References", text="Do you take up two references?",
                            kind="yes_no", rule="must_be_yes", standard="1.1", **CONDITION)  # fmt: skip
    subject = a_published_round(1, asking=[question])
    pack = only(pack_of(subject.id), "references")
    assert [topic.code for topic in topics_of(pack, ())] == ["vetting", "own_references"]


def test_the_page_of_an_own_pack_tells_what_to_do(client, session):
    subject = a_published_round(2, asking=OWN)
    topics = of_round(subject)
    sent = {**answers(topics), "own_minibus": "later"}
    text = page(client.get(f"/opportunities/{subject.id}/self-check", query_string=sent))
    assert "You are nearly ready" in text and "<strong>A driver.</strong> See to it before" in text
    assert f'href="/opportunities/{subject.id}#how-it-is-judged">What the round asks for' in text


def test_anybody_gets_an_answer_and_nothing_is_stored(client, open_round, session):
    address, topics = f"/opportunities/{open_round.id}/self-check", of_round(open_round)
    lines = session.scalars(select(AuditLine.id)).all()
    assert "See where you stand" in page(client.get(address))
    assert "You are ready to apply" in page(client.get(address, query_string=answers(topics)))
    nearly = page(client.get(address, query_string=answers(topics, data="first")))
    assert "You are nearly ready" in nearly and "Do this one thing first" in nearly
    assert "Who can help" in page(client.get(address, query_string=answers(topics, attendance="stop")))
    assert session.scalars(select(AuditLine.id)).all() == lines


def test_what_is_not_answered_is_named_and_the_rest_stays_chosen(client, open_round):
    sent = answers(of_round(open_round))
    del sent["insurance"]
    sent["data"] = "nonsense"
    text = page(client.get(f"/opportunities/{open_round.id}/self-check", query_string=sent), 422)
    assert text.count("Choose an answer about insurance.") == 2
    assert "Choose an answer about data protection." in text
    assert text.count(" checked>") == 10


def test_the_opportunity_leads_there_and_a_draft_has_none(client, open_round, session):
    opportunity = page(client.get(f"/opportunities/{open_round.id}"))
    assert f'href="/opportunities/{open_round.id}/self-check"' in opportunity
    assert f"Check in {len(of_round(open_round))} questions" in opportunity
    assert client.get(f"/opportunities/{a_draft_round().id}/self-check").status_code == 404


def test_where_the_pack_asks_about_none_of_it_nothing_leads_there(client, open_round, monkeypatch):
    monkeypatch.setattr("tender.self_check.views.topics_of", lambda pack, lots: ())
    assert "self-check" not in client.get(f"/opportunities/{open_round.id}").text
    assert client.get(f"/opportunities/{open_round.id}/self-check").status_code == 404
