"""The pages that a provider goes through, without scripts; and what the page's script is answered."""

import io

import pytest
from sqlalchemy import select

from portal import clock
from portal.audit.models import AuditLine
from portal.web.filters import uk_datetime
from tender.applications.home_queries import waiting_for
from tender.applications.queries import item_after, open_drafts, own_application_for, tender_of
from tests.counting import counted
from tests.factories.accounts import a_provider_person, a_school_person
from tests.factories.applications import a_complete_draft, a_draft, a_file, a_submitted_application
from tests.factories.frameworks import a_closed_round, a_procurement_lead, a_published_round, lot_ids
from tests.tender.applications.test_services import colleague
from tests.web_client import sign_in

JSON = {"Accept": "application/json"}


def page(answer, status=200):
    text = answer.get_data(as_text=True)
    assert answer.status_code == status, text[-2_000:]
    return " ".join(text.split())


def question(application_id, code, lot_id=None):
    lot = f"/lots/{lot_id}" if lot_id else ""
    return f"/applications/{application_id}{lot}/questions/{code}"


def item(application_id, by, code, lot_id=None):
    return tender_of(own_application_for(by, application_id)).item(code, lot_id)


def test_applying_twice_leads_to_one_task_list(browser, open_round):
    first = browser.post(f"/opportunities/{open_round.id}/apply")
    second = browser.post(f"/opportunities/{open_round.id}/apply")
    assert first.status_code == 303 and first.location == second.location
    assert "Choose your lots" in page(browser.get(first.location))


def test_every_page_of_a_draft_says_saved_not_submitted_and_until_when(browser, draft, open_round):
    for address in (
        f"/applications/{draft}",
        f"/applications/{draft}/check",
        question(draft, "safeguarding"),
    ):
        text = page(browser.get(address))
        assert "Saved, not submitted." in text and uk_datetime(open_round.closes_at) in text


def test_every_page_says_it_until_it_is_submitted_and_to_nobody_else(app, browser, open_round, provider):
    draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    assert "is saved, not submitted." in page(browser.get("/"))
    anywhere = ("/opportunities", f"/opportunities/{open_round.id}", "/privacy", "/no-such-page")
    for address in anywhere:
        text = " ".join(browser.get(address).text.split())
        assert "Saved, not submitted." in text and "data-closes" in text, address
    other = sign_in(app.test_client(), a_provider_person().email)
    assert "data-closes" not in other.get("/opportunities").text
    browser.post(f"/applications/{draft}/submit", data={"declared": "y"})
    assert not any("data-closes" in browser.get(address).text for address in anywhere)


def test_a_draft_whose_time_is_over_is_not_on_every_page(browser, draft, open_round, provider):
    with clock.staged_at(open_round.closes_at):
        sign_in(browser, provider.email)
        assert "data-closes" not in browser.get("/opportunities").text


def test_nobody_but_providers_people_pays_for_the_banner(session):
    school, lead, provider = a_school_person(), a_procurement_lead(), a_provider_person()
    with counted() as made:
        assert open_drafts(school) == open_drafts(lead) == []
    assert made == []
    with counted() as made:
        assert open_drafts(provider) == []
    assert len(made) == 1


def test_every_kind_of_question_is_drawn_saved_and_drawn_again(browser, open_round, provider):
    draft = a_draft(open_round, provider, lot_ids(open_round)[:1])
    typed = {"number": "1,200", "money": "£95.50", "postcode": "m3 5bs", "yes_no": "no", "declaration": "y"}
    for each in tender_of(own_application_for(provider, draft)).items:
        address = question(draft, each.asked.code, each.lot_id)
        page(browser.get(address))
        if each.asked.kind != "file":
            value = (
                each.asked.options[0][0] if each.asked.options else typed.get(each.asked.kind, "Some words")
            )
            answer = browser.post(address, data={"value": value, "version": "0", "then": "list"})
            assert answer.status_code == 303, (each.asked.code, page(answer, answer.status_code))
            page(browser.get(address))
    kinds = {each.asked.kind: each.value for each in tender_of(own_application_for(provider, draft)).items}
    assert (kinds["number"], kinds["money"], kinds["postcode"]) == ("1200", "95.50", "M3 5BS")
    assert (kinds["yes_no"], kinds["declaration"]) == ("no", "yes")


@pytest.mark.parametrize(
    ("code", "typed", "sentence"),
    [
        ("day_rate", "about a hundred", "Price for a day must be an amount in pounds"),
        ("places", "a dozen", "Places must be a whole number"),
        ("site_postcode", "M3", "Postcode of the site must be a full UK postcode"),
    ],
)
def test_a_wrong_value_is_shown_again_as_typed_with_a_sentence(
    browser, draft, open_round, provider, code, typed, sentence
):
    lot_id = lot_ids(open_round)[0]
    text = page(browser.post(question(draft, code, lot_id), data={"value": typed, "version": "0"}), 422)
    assert sentence in text and f'value="{typed}"' in text
    assert item(draft, provider, code, lot_id).version == 0


def test_a_choice_that_is_not_offered_is_refused(browser, draft, provider):
    answer = browser.post(question(draft, "exclusion"), data={"value": "maybe", "version": "0"})
    assert "Choose one of the options." in page(answer, 422)
    assert item(draft, provider, "exclusion").version == 0


def test_an_answer_over_the_limit_is_kept_whole_and_the_page_says_by_how_much(browser, draft, provider):
    typed = "word " * 773
    answer = browser.post(
        question(draft, "safeguarding"), data={"value": typed, "version": "0", "then": "next"}
    )
    assert answer.location == question(draft, "safeguarding")
    assert "23 words over the limit of 750. Shorten it before you submit." in page(
        browser.get(answer.location)
    )
    assert item(draft, provider, "safeguarding").value == typed.strip()
    assert "“Safeguarding and safer recruitment” is 23 words over" in page(
        browser.get(f"/applications/{draft}/check")
    )


def test_save_and_continue_goes_to_the_next_unanswered_question(browser, draft, provider):
    here = item(draft, provider, "insurance")
    following = item_after(provider, draft, here)
    assert following.asked.position > here.asked.position
    answer = browser.post(question(draft, "insurance"), data={"value": "yes", "version": "0", "then": "next"})
    assert answer.location == question(draft, following.asked.code, following.lot_id)


def test_save_and_continue_leads_to_the_check_page_when_nothing_is_left(browser, open_round, provider):
    draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    version = item(draft, provider, "insurance").version
    answer = browser.post(
        question(draft, "insurance"), data={"value": "no", "version": version, "then": "next"}
    )
    assert answer.location == f"/applications/{draft}/check"


def test_the_script_is_told_what_was_saved(browser, draft, provider):
    answer = browser.post(
        question(draft, "safeguarding"), data={"value": "Words", "version": "0"}, headers=JSON
    )
    assert answer.status_code == 200 and answer.json["version"] == 1
    assert answer.json["message"].startswith("Saved at ")
    answer = browser.post(
        question(draft, "safeguarding"), data={"value": "w " * 751, "version": "1"}, headers=JSON
    )
    assert "1 word over the limit of 750" in answer.json["message"]
    assert item(draft, provider, "safeguarding").words == 751


def test_the_script_is_told_why_something_was_not_saved(browser, draft, open_round):
    price = question(draft, "day_rate", lot_ids(open_round)[0])
    wrong = browser.post(price, data={"value": "lots", "version": "0"}, headers=JSON)
    assert wrong.status_code == 422 and wrong.json["message"].startswith(
        "Not saved yet. Price for a day must"
    )
    browser.post(question(draft, "safeguarding"), data={"value": "First", "version": "0"}, headers=JSON)
    stale = browser.post(
        question(draft, "safeguarding"), data={"value": "Other", "version": "0"}, headers=JSON
    )
    assert stale.status_code == 409 and "saved another version" in stale.json["message"]


def test_after_the_close_the_script_is_told_so_and_what_is_kept(browser, draft, open_round, provider):
    asked = question(draft, "safeguarding")
    browser.post(asked, data={"value": "In time.", "version": "0"}, headers=JSON)
    with clock.staged_at(open_round.closes_at):
        sign_in(browser, provider.email)
        late = browser.post(asked, data={"value": "In time. And late.", "version": "1"}, headers=JSON)
        never = browser.post(
            question(draft, "insurance"), data={"value": "yes", "version": "0"}, headers=JSON
        )
    closed = f"Not saved. This round closed at {uk_datetime(open_round.closes_at)}"
    assert late.status_code == 409 and late.json["locked"] == str(draft)
    assert late.json["message"].startswith(closed) and "Not saved yet" not in late.json["message"]
    assert f"The answer that {provider.name} saved last" in late.json["message"]
    assert late.json["message"].endswith("is kept. This application was not submitted.")
    assert "Nothing was saved here before." in never.json["message"]
    assert item(draft, provider, "safeguarding").value == "In time."


def test_after_the_close_the_button_gives_back_what_was_typed(client, draft, open_round, provider):
    with clock.staged_at(open_round.closes_at):
        browser = sign_in(client, provider.email)
        late = browser.post(question(draft, "safeguarding"), data={"value": "Typed <late>.", "version": "0"})
        files = browser.post(
            question(draft, "safeguarding_policy"), data={"value": (a_file()["stream"], "p.pdf")}
        )
    assert late.status_code == files.status_code == 409
    assert "This was not saved" in late.text and "This round closed at" in late.text
    assert "Typed &lt;late&gt;." in late.text and 'data-copy="typed"' in late.text
    assert "What you typed" not in files.text and "This round closed at" in files.text


def test_once_a_colleague_has_submitted_what_was_typed_is_given_back_too(browser, open_round, provider):
    sent = a_submitted_application(open_round, lot_ids(open_round)[:1], provider)
    late = browser.post(question(sent, "safeguarding"), data={"value": "One word more.", "version": "1"})
    told = browser.post(
        question(sent, "safeguarding"), data={"value": "One word more.", "version": "1"}, headers=JSON
    )
    assert "This application is submitted" in late.text and "One word more." in late.text
    assert told.json["locked"] == str(sent) and "not submitted." not in told.json["message"]


def test_saving_an_answer_costs_at_most_eight_statements(browser, draft):
    address = question(draft, "safeguarding")
    with counted() as by_script:
        assert browser.post(address, data={"value": "Words", "version": "0"}, headers=JSON).status_code == 200
    with counted() as by_button:
        answer = browser.post(address, data={"value": "More words", "version": "1", "then": "next"})
        assert answer.status_code == 303
    assert len(by_script) <= 5 and len(by_button) <= 8, (by_script, by_button)


def test_the_pages_cost_as_many_statements_for_one_lot_as_for_five(client, session):
    costs = []
    for lots in (1, 5):
        provider, subject = a_provider_person(), a_published_round(5)
        draft = a_complete_draft(subject, provider, lot_ids(subject)[:lots])
        sign_in(client, provider.email)
        for address in ("", "/check", "/questions/safeguarding"):
            with counted() as made:
                page(client.get(f"/applications/{draft}{address}"))
            costs.append(len(made))
        client.post("/sign-out")
    assert costs[:3] == costs[3:] and max(costs) <= 7


def test_documents_are_uploaded_listed_and_removed(browser, draft, provider):
    address, file = question(draft, "finance"), a_file("pdf", "bank, letter")
    several = [
        (file["stream"], file["filename"]),
        (io.BytesIO(b""), "empty.pdf"),
        (io.BytesIO(b"x"), "not.docx"),
    ]
    text = page(browser.post(address, data={"value": several, "then": "stay"}), 422)
    assert "“empty.pdf” is empty" in text and "“not.docx” is not a Word document" in text
    given = item(draft, provider, "finance").files[0]
    text = page(browser.get(address))
    assert "bank, letter.pdf" in text and given.size_in_words in text and given.sha256[:12] in text
    assert "not scanned for viruses" in text
    browser.post(address, data={"remove": str(given.id)})
    assert item(draft, provider, "finance").files == ()


def test_what_is_accepted_is_said_before_anything_is_chosen(browser, draft):
    text = page(browser.get(question(draft, "safeguarding_policy")))
    assert "PDF or Word (.docx), each up to 10 MB, at most 20 here" in text
    assert 'accept=".pdf,.docx"' in text


def test_a_document_opens_by_a_link_that_expires_and_leaves_its_line(browser, open_round, provider, session):
    draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    file = item(draft, provider, "finance").files[0]
    answer = browser.get(f"/applications/{draft}/documents/{file.id}")
    assert answer.status_code == 303 and "X-Amz-Expires=60" in answer.location
    lines = session.scalars(select(AuditLine).where(AuditLine.action == "application.read_document")).all()
    assert [line.details["document"] for line in lines] == [str(file.id)]
    other = a_draft(open_round, a_provider_person())
    assert browser.get(f"/applications/{other}/documents/{file.id}").status_code == 404


def test_what_is_missing_is_listed_with_links(browser, draft):
    text = page(browser.get(f"/applications/{draft}/check"))
    assert "things to put right before you submit" in text
    assert f'href="{question(draft, "insurance")}">Answer “Insurance”.' in text
    assert "Submit application" not in text


def test_submitting_by_the_page_ends_at_the_receipt_and_twice_too(browser, open_round, provider):
    draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    text = page(browser.post(f"/applications/{draft}/submit"), 422)
    assert "Confirm the declaration" in text
    for _ in range(2):
        answer = browser.post(f"/applications/{draft}/submit", data={"declared": "y"})
        assert answer.status_code == 303 and answer.location == f"/applications/{draft}/receipt"
    facts = own_application_for(provider, draft)
    text = page(browser.get(answer.location))
    assert facts.receipt_number in text and item(draft, provider, "finance").files[0].sha256 in text


def test_one_key_with_two_bodies_is_told_on_the_page(browser, open_round, provider):
    draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    assert 'name="key"' in page(browser.get(f"/applications/{draft}/check"))
    sent = {"declared": "y", "key": "k"}
    places = [browser.post(f"/applications/{draft}/submit", data=sent).location for _ in range(2)]
    assert places == [f"/applications/{draft}/receipt"] * 2
    other = browser.post(f"/applications/{draft}/submit", data={**sent, "contents": "0"})
    assert "sent before with other choices" in page(other, 422)


def test_withdrawing_by_the_page_leads_back_to_the_draft_and_twice_too(browser, open_round, provider):
    application_id = a_submitted_application(open_round, lot_ids(open_round)[:1], provider)
    page(browser.get(f"/applications/{application_id}/withdraw"))
    for _ in range(2):
        answer = browser.post(f"/applications/{application_id}/withdraw")
        assert answer.status_code == 303 and answer.location == f"/applications/{application_id}"
    assert "Saved, not submitted." in page(browser.get(answer.location))
    assert "withdrawn" in page(browser.get(f"/applications/{application_id}/receipt"))


def test_giving_a_lot_up_says_that_its_answers_are_kept(browser, open_round, provider):
    first, second = lot_ids(open_round)
    draft = a_draft(open_round, provider, [first, second])
    browser.post(f"/applications/{draft}/lots", data={"lots": [str(second)]})
    assert "Your answers for it are kept" in page(browser.get(f"/applications/{draft}"))
    text = page(browser.post(f"/applications/{draft}/lots", data={"csrf_token": ""}), 422)
    assert "Choose at least one lot." in text


def test_an_editor_is_told_who_can_submit(client, open_round, provider, session):
    draft = a_complete_draft(open_round, provider, lot_ids(open_round)[:1])
    sign_in(client, colleague(session, provider, "editor").email)
    text = page(client.get(f"/applications/{draft}/check"))
    assert provider.name in text and "Submit application" not in text


def test_a_draft_that_came_too_late_is_read_and_not_changed(client, session, provider):
    closed = a_closed_round(2)
    draft = a_complete_draft(closed, provider, lot_ids(closed))
    sign_in(client, provider.email)
    text = page(client.get(f"/applications/{draft}/check"))
    assert "This application was not submitted." in text and "half past nine" in text
    assert "Change<" not in text
    assert client.get(question(draft, "insurance")).location == f"/applications/{draft}/check#insurance"
    text = page(client.post(question(draft, "insurance"), data={"value": "no", "version": "1"}), 409)
    assert "This round closed at" in text


def test_the_home_page_says_what_waits(browser, open_round, provider, session):
    draft = a_draft(open_round, provider, lot_ids(open_round)[:1])
    closed = a_closed_round()
    a_submitted_application(closed, lot_ids(closed), provider)
    with counted() as made:
        waiting = waiting_for(provider)
    lacking = len(tender_of(own_application_for(provider, draft)).missing)
    assert [task.detail for task in waiting.now] == [f"{lacking} things are missing."]
    assert waiting.now[0].due_at == open_round.closes_at
    assert [line.state for line in waiting.going_on] == ["submitted"]
    assert len(made) == 2
    assert "is saved, not submitted." in page(browser.get("/"))


def test_nobody_else_has_applications_waiting(session):
    school, lead = a_school_person(), a_procurement_lead()
    with counted() as made:
        assert not waiting_for(school).now and not waiting_for(lead).going_on
    assert made == []
