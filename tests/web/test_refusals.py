"""What a service refuses belongs in the form; what is not there belongs on the page that says so."""

import pytest
from flask import Flask

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
