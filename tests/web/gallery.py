"""One page with every component on it, and the error pages: what the browser tests look at."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

from flask import Flask, flash, jsonify, render_template, request
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    EmailField,
    FileField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Optional

from portal.web.fields import (
    MoneyField,
    PostcodeField,
    Required,
    UKDateField,
    UKDateTimeField,
    WholeNumberField,
    WordLimitedTextArea,
)
from portal.web.forms import Form, QueryForm
from portal.web.pagination import Page, page_number
from portal.web.words import count_words


def choices(**labels: str) -> list[SelectChoice]:
    """Choices by value (the letter after v) and label."""
    return [SelectChoice(value[1:], label) for value, label in labels.items()]


STAGES = choices(v1="Primary", v3="Key stage 3", v4="Key stage 4", v0="None of these")


class GalleryForm(Form):
    """A field of every kind."""

    name = StringField("Name of your organisation", [Required("Enter the name of your organisation.")])
    email = EmailField("E-mail address", [Required("Enter an e-mail address.")], description="We write here.")
    phone_word = PasswordField("Password", [Optional()])
    price = MoneyField("Price for a day", [Required("Enter a price for a day.")])
    places = WholeNumberField("Places", [Optional()], most=500)
    postcode = PostcodeField("Postcode", [Required("Enter a postcode.")])
    answer = WordLimitedTextArea("How do you keep children safe?", 20, [Required("Write an answer.")])
    starts = UKDateField(
        "When does cover start?", [Required("Enter the day cover starts.")], noun="The start"
    )
    closes = UKDateTimeField(
        "When does the round close?", [Required("Enter a closing time.")], noun="The close"
    )
    kind = RadioField("What are you?", [Required("Choose one.")], choices=choices(vc="Charity", vo="Another"))
    stages = SelectMultipleField("Who do you teach?", [Required("Choose at least one.")], choices=STAGES)
    lot = SelectField("Lot", [Optional()], choices=choices(v="Choose a lot", v1="Lot 1: Outdoor learning"))
    certify = BooleanField("I have checked all of this", [Required("Tick the box to certify.")])
    policy = FileField("Safeguarding policy", [Optional()], description="PDF or Word, at most 10 MB.")


class FilterForm(QueryForm):
    """A search as it stands beside results."""

    words = StringField("Words")
    lot = SelectField("Lot", choices=choices(v="Any lot", v1="Lot 1"))


def add_gallery(edge: Flask) -> Flask:
    """Add the gallery's pages to a web edge."""
    edge.jinja_loader = ChoiceLoader(
        [FileSystemLoader(Path(__file__).parent / "templates"), edge.jinja_loader]  # type: ignore[list-item]
    )
    navigation = [("Home", "/", True), ("Opportunities", "/#o", False), ("Find provision", "/#f", False)]
    account = {"id": "p1", "name": "Ama Example", "organisation": "Canal Street Youth Project",
               "sign_out_url": "/"}  # fmt: skip
    edge.context_processor(lambda: {"navigation": navigation, "account": account})

    @edge.route("/", methods=["GET", "POST"])
    def gallery() -> str:
        form = GalleryForm(name="Canal Street Youth Project", closes=datetime(2026, 3, 6, 12, tzinfo=UTC))
        if form.validate_on_submit():
            flash("Your answers were saved.", "success")
        page: Page[Any] = Page(list(range(20)), page_number(request.args.get("page", "4")), 173)
        return render_template("gallery.html", form=form, filter_form=FilterForm(), page=page,
                               moment=datetime(2026, 3, 6, 12, tzinfo=UTC))  # fmt: skip

    @edge.route("/save", methods=["POST"])
    def save() -> Any:
        edge.extensions["saved"] = request.form.to_dict()
        return jsonify(message=f"Saved {count_words(request.form['answer'])} words.", version=2)

    @edge.route("/error/<int:code>")
    def error(code: int) -> tuple[str, int]:
        return render_template(f"errors/{code}.html", reference="4f1c9e2ab07d", sentence="", kind=""), code

    return edge


def serve(edge: Flask) -> str:
    """Serve `edge` from a thread on a free port; returns its address."""
    server = make_server("127.0.0.1", 0, edge, threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.port}"
