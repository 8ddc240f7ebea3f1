"""What a service refuses belongs in the form; what is not there belongs on the page that says so."""

import pytest
from flask import Flask
from wtforms import StringField

from portal.errors import NotFound, Refusal
from portal.web.forms import Form


def test_a_refusal_is_shown_and_what_is_not_there_passes_on(edge: Flask) -> None:
    with edge.test_request_context("/"):
        form = Form()
        with form.refusals():
            raise Refusal("That day is over: choose a later one.")
        assert form.form_errors == ["That day is over: choose a later one."]

        with pytest.raises(NotFound), form.refusals():
            raise NotFound
        assert form.form_errors == ["That day is over: choose a later one."]


class UploadForm(Form):
    file = StringField()


def test_a_refusal_without_a_field_goes_where_the_page_says(edge: Flask) -> None:
    with edge.test_request_context("/"):
        form = UploadForm()
        assert form.http_status == 200
        with form.refusals("file"):
            raise Refusal("The file is too large.")
        assert form.errors == {"file": ["The file is too large."]}
        assert form.http_status == 422


def test_what_is_wrong_with_the_whole_form_is_wrong_with_the_page(edge: Flask) -> None:
    with edge.test_request_context("/"):
        form = Form()
        form.refuse("Somebody else was first.")
        assert form.http_status == 422
