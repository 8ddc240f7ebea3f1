"""Everybody reads when and why the questions of a published round changed, and what is different."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.errors import NotFound
from tender.packs.versions import published_version
from tests.factories.frameworks import a_draft_round, a_published_round
from tests.factories.packs import REASON, reword


def read(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(answer.get_data(as_text=True).split())


def test_a_version_says_which_words_are_new(session: Session) -> None:
    published = a_published_round()
    reword(published, "urn", "What is your number? It has 6 digits.")
    (change,) = published_version(published.id, 2).changes
    assert (change.kind, change.code) == ("changed", "urn")
    (aspect,) = change.aspects
    assert aspect.name == "Question"
    assert [piece.text for piece in aspect.before if piece.differs] == ["URN?"]
    assert [piece.text for piece in aspect.after if piece.differs] == ["number?"]


def test_a_version_is_compared_with_the_one_before_it(session: Session) -> None:
    published = a_published_round()
    reword(published, "urn")
    reword(published, "places")
    assert [change.code for change in published_version(published.id, 2).changes] == ["urn"]
    assert [change.code for change in published_version(published.id, 3).changes] == ["places"]


def test_the_opportunity_says_that_the_questions_have_changed(client: FlaskClient) -> None:
    published = a_published_round()
    assert "What is asked has changed" not in read(client, f"/opportunities/{published.id}")
    reword(published, "urn")
    page = read(client, f"/opportunities/{published.id}")
    assert "What is asked has changed" in page and REASON in page
    assert f"/opportunities/{published.id}/versions/2" in page


def test_the_page_of_a_version_marks_what_was_taken_out_and_put_in(client: FlaskClient) -> None:
    published = a_published_round()
    reword(published, "urn", "What is your number? It has 6 digits.")
    page = read(client, f"/opportunities/{published.id}/versions/2")
    assert REASON in page and "1 question differs from version 1" in page
    assert '(taken out: </span>URN?<span class="govuk-visually-hidden">)</span></del>' in page
    assert '(put in: </span>number?<span class="govuk-visually-hidden">)</span></ins>' in page


def test_the_first_version_has_nothing_to_compare(client: FlaskClient) -> None:
    page = read(client, f"/opportunities/{a_published_round().id}/versions/1")
    assert "how the questions were first published" in page


@pytest.mark.parametrize("number", [0, 2, 9])
def test_there_is_no_page_of_a_version_that_is_not_there(session: Session, number: int) -> None:
    with pytest.raises(NotFound):
        published_version(a_published_round().id, number)


def test_a_draft_has_no_page_of_a_version(client: FlaskClient) -> None:
    assert client.get(f"/opportunities/{a_draft_round().id}/versions/1").status_code == 404
