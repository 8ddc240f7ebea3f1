"""The pages of questions, by role: asking, answering, and what everyone reads."""

import re

from tests.counting import counted
from tests.factories.accounts import a_person, a_provider_person, a_school_person
from tests.factories.applications import a_draft
from tests.factories.clarifications import a_private_question, a_published_question, a_question
from tests.factories.frameworks import a_procurement_lead
from tests.web_client import sign_in


def words_of(answer):  # type: ignore[no-untyped-def]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))


def test_a_provider_asks_reads_and_withdraws_its_own_question(client, taking, asker):
    sign_in(client, asker.email)
    address = f"/opportunities/{taking.id}/questions"
    sent = client.post(address, data={"text": "Does the price include lunch?"})
    assert sent.status_code == 303 and sent.location == address
    page = client.get(address)
    assert "Does the price include lunch?" in words_of(page) and "Waiting" in words_of(page)
    action = re.search(r'action="(/clarifications/\d+/withdraw)"', page.get_data(as_text=True))[1]
    assert client.post(action).location == address
    assert "Withdrawn" in words_of(client.get(address))


def test_an_empty_question_is_refused_in_words_and_too_late_a_one_is_kept(client, taking, asker):
    sign_in(client, asker.email)
    answer = client.post(f"/opportunities/{taking.id}/questions", data={"text": " "})
    assert answer.status_code == 422 and "Enter your question." in words_of(answer)
    long = client.post(f"/opportunities/{taking.id}/questions", data={"text": "y" * 3_001})
    assert long.status_code == 422 and "y" * 3_001 in long.get_data(as_text=True)


def test_nobody_reads_another_organisations_question(client, taking, asker):
    asked = a_question(taking, asker)
    sign_in(client, a_provider_person().email)
    assert "lunch" not in words_of(client.get(f"/opportunities/{taking.id}/questions"))
    assert client.post(f"/clarifications/{asked}/withdraw").status_code == 404


def test_everyone_reads_published_answers_newest_first_and_never_private_ones(client, taking, asker, lead):
    a_published_question(taking, lead, asker)
    second = a_published_question(taking, lead)
    a_private_question(taking, lead, asker)
    assert second
    page = words_of(client.get(f"/opportunities/{taking.id}"))
    assert page.index("Question 2 Answered") < page.index("Question 1 Answered")
    assert "Is lunch part of the price?" in page and "Does the price include" not in page
    assert "Our rent" not in page and asker.organisation_name not in page and asker.name not in page
    assert "Questions until" in page and "Answers by" in page


def test_the_lead_answers_to_everyone_from_the_list(client, taking, asker, lead):
    asked = a_question(taking, asker)
    sign_in(client, lead.email)
    listed = client.get(f"/rounds/{taking.id}/questions")
    assert f'href="/clarifications/{asked}"' in listed.get_data(as_text=True)
    page = client.get(f"/clarifications/{asked}")
    for hidden in (asker.name, asker.organisation_name, asker.email):
        assert hidden not in listed.get_data(as_text=True) + page.get_data(as_text=True)
    form = {"how": "publish", "text": "Is lunch in the price?", "answer": "No.", "reason": ""}
    assert client.post(f"/clarifications/{asked}", data=form).location == f"/rounds/{taking.id}/questions"
    again = client.post(f"/clarifications/{asked}", data={**form, "answer": "Yes."})
    assert again.location == f"/clarifications/{asked}"
    assert "Is lunch in the price?" in words_of(client.get(f"/opportunities/{taking.id}"))


def test_a_private_answer_without_a_reason_keeps_what_was_typed(client, taking, asker, lead):
    asked = a_question(taking, asker)
    sign_in(client, lead.email)
    form = {"how": "private", "answer": "Not with your rent.", "reason": ""}
    answer = client.post(f"/clarifications/{asked}", data=form)
    assert answer.status_code == 422
    assert "commercially confidential" in words_of(answer) and "Not with your rent." in words_of(answer)


def test_roles_without_the_permission_and_other_councils_are_kept_out(client, app, taking, asker, lead):
    asked = a_question(taking, asker)
    addresses = (f"/rounds/{taking.id}/questions", f"/clarifications/{asked}")
    for somebody, status in (
        (a_procurement_lead(), 404),
        (a_person(_council(lead), "auditor"), 403),
        (asker, 403),
        (a_school_person(), 403),
    ):
        visitor = sign_in(app.test_client(), somebody.email)
        assert {visitor.get(address).status_code for address in addresses} == {status}, somebody.roles
    assert client.get(f"/opportunities/{taking.id}/questions").status_code == 302


def test_a_provider_follows_a_round_from_its_page_and_stops(client, taking, asker):
    sign_in(client, asker.email)
    assert "Follow this round" in words_of(client.get(f"/opportunities/{taking.id}"))
    client.post(f"/opportunities/{taking.id}/follow")
    assert "Stop following" in words_of(client.get(f"/opportunities/{taking.id}"))
    client.post(f"/opportunities/{taking.id}/unfollow")
    assert "Follow this round" in words_of(client.get(f"/opportunities/{taking.id}"))


def test_a_stranger_and_the_council_are_not_offered_to_follow(client, taking, lead):
    assert "Follow this round" not in words_of(client.get(f"/opportunities/{taking.id}"))
    sign_in(client, lead.email)
    assert "Follow this round" not in words_of(client.get(f"/opportunities/{taking.id}"))
    assert client.post(f"/opportunities/{taking.id}/follow").status_code == 403


def test_the_pages_cost_as_many_statements_for_many_questions(client, taking, lead):
    def cost(address):  # type: ignore[no-untyped-def]
        with counted() as made:
            assert client.get(address).status_code == 200
        return len(made)

    sign_in(client, lead.email)
    addresses = (f"/rounds/{taking.id}/questions", f"/opportunities/{taking.id}", "/")
    a_published_question(taking, lead)
    a_question(taking)
    few = [cost(address) for address in addresses]
    for n in range(6):
        somebody = a_provider_person()
        a_draft(taking, somebody)
        a_published_question(taking, lead, somebody)
        a_question(taking, somebody, f"Question {n}?")
    assert [cost(address) for address in addresses] == few
    assert max(few) <= 12


def _council(lead):  # type: ignore[no-untyped-def]
    from portal.accounts.models import Organisation
    from portal.database import db

    return db.session.get_one(Organisation, lead.organisation_id)
