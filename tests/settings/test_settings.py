"""The council's settings: versions, contrasts, what pages and letters say, and the logo."""

import io
import os

import pytest
from PIL import Image
from sqlalchemy import event

from config import Settings
from portal.accounts.access import THE_PORTAL
from portal.audit.queries import trail_of
from portal.database import db
from portal.errors import Refusal
from portal.mail.services import deliver_waiting, write_letter
from portal.settings.colours import ENOUGH, contrast, writing_on
from portal.settings.models import SettingsVersion
from portal.settings.queries import settings_in_force
from portal.settings.services import TEXTS, StaleSettings, contrast_in_words, save_settings
from tests.factories.accounts import a_council_administrator, a_provider_person
from tests.web_client import sign_in


@pytest.fixture
def administrator(session):
    return a_council_administrator()


def a_picture(kind="PNG", size=(300, 120), **more) -> io.BytesIO:
    """A picture in one colour."""
    kept = io.BytesIO()
    Image.new("RGB", size, "#336699").save(kept, kind, **more)
    kept.seek(0)
    return kept


def save(by, version=0, **values):
    save_settings(values=values, version=version, by=by)


def test_before_anybody_sets_anything_the_environment_holds(session, settings):
    assert settings_in_force(settings) == settings


def test_what_the_council_sets_holds_and_what_it_leaves_empty_stays(administrator, settings):
    save(administrator, council_name="Invented  Borough\nCouncil")
    now = settings_in_force(settings)
    assert now.council_name == "Invented Borough Council"
    assert (now.service_name, now.mail_sender) == (settings.service_name, settings.mail_sender)


def test_every_change_is_kept_with_who_made_it(administrator):
    save(administrator, council_name="First")
    version = db.session.query(SettingsVersion).one()
    save(administrator, version.id, council_name="Second")
    rows = db.session.query(SettingsVersion).order_by(SettingsVersion.id).all()
    assert [row.council_name for row in rows] == ["First", "Second"]
    assert {row.changed_by_id for row in rows} == {administrator.person_id}
    line = trail_of("settings", 1)[0]
    assert line["details"] == {"council_name": "Second"}


def test_saving_what_holds_already_adds_no_version(administrator):
    save(administrator)
    assert db.session.query(SettingsVersion).count() == 0


def test_two_who_change_the_settings_do_not_overwrite_each_other(administrator):
    save(administrator, council_name="First")
    with pytest.raises(StaleSettings):
        save(administrator, 0, council_name="Second")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("brand_colour", "blue", "six digits"),
        ("brand_colour", "#0b3f5", "six digits"),
        ("brand_colour", "#0b3f5c;}body{", "six digits"),
        ("brand_colour", "#757575", None),
        ("accent_colour", "#ffcc00", "cannot be read on white: the contrast is 1.5 to 1"),
        ("mail_sender", "nobody", "correct format"),
        ("mail_sender", "a@example.org>, b@example.org", "correct format"),
        ("mail_sender_name", "Council <x@example.org>", "out of the name"),
        ("council_name", "x" * 101, "at most 100"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(administrator, field, value, words):
    if words is None:
        save(administrator, **{field: value})
        return
    with pytest.raises(Refusal, match=words) as refused:
        save(administrator, **{field: value})
    assert refused.value.field == field


def test_a_bar_on_which_no_writing_can_be_read_is_refused(administrator):
    unreadable = next(
        f"#{grey:02x}{grey:02x}{grey:02x}"
        for grey in range(256)
        if contrast(f"#{grey:02x}{grey:02x}{grey:02x}", writing_on(f"#{grey:02x}{grey:02x}{grey:02x}"))
        < ENOUGH
    )
    with pytest.raises(Refusal, match="Neither white nor black"):
        save(administrator, brand_colour=unreadable)


def test_contrasts_are_told_in_words():
    assert contrast("#000000", "#ffffff") == 21
    bar, links = contrast_in_words("#ffdd00", "#003078")
    assert "black writing" in bar and "to 1" in links


def test_pages_show_the_councils_name_and_colours_at_once(administrator, client):
    save(administrator, council_name="Invented Borough", brand_colour="#5c0b3f", accent_colour="#003078")
    page = client.get("/").get_data(as_text=True)
    assert "Invented Borough" in page and "/brand/5c0b3f-003078.css" in page
    sheet = client.get("/brand/5c0b3f-003078.css")
    assert "--portal-brand:#5c0b3f" in sheet.get_data(as_text=True)
    assert "immutable" in sheet.headers["Cache-Control"]
    assert sheet.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("colours", ["red-none", "5c0b3f", "5c0b3f-00307;", "../../etc", "5C0B3F-none"])
def test_what_are_no_colours_give_no_stylesheet(client, colours):
    assert client.get(f"/brand/{colours}.css").status_code == 404


def test_a_page_asks_once_which_settings_hold(app, administrator, client):
    save(administrator, council_name="Invented Borough")
    client.get("/privacy")
    asked = []

    def note(connection, cursor, statement, *rest):
        if "settings_version" in statement:
            asked.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        client.get("/privacy")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(asked) == 1


def test_letters_come_from_the_sender_that_is_set(administrator, settings: Settings):
    save(administrator, mail_sender="ap@borough.example.org", mail_sender_name="Invented Borough")
    write_letter(
        key="k", to_name="Nora", to_address="nora@example.org", title="T", body="B", subject_type="x",
        subject_id=1, by=THE_PORTAL,
    )  # fmt: skip
    before = set(os.listdir(settings.mailbox_folder / "new"))
    assert deliver_waiting(settings, by=THE_PORTAL, most=50) >= 1
    texts = [
        (settings.mailbox_folder / "new" / name).read_text()
        for name in set(os.listdir(settings.mailbox_folder / "new")) - before
    ]
    assert any("From: Invented Borough <ap@borough.example.org>" in text for text in texts)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_is_drawn_anew_and_served_for_ever(administrator, client, kind):
    sign_in(client, administrator.email)
    file = (a_picture(kind, (2000, 900)), f"logo.{kind.lower()}")
    assert client.post("/administration/settings/logo", data={"logo": file}).status_code == 303
    kept = db.session.query(SettingsVersion).one()
    answer = client.get(f"/brand/{kept.logo_sha256}.png")
    assert answer.mimetype == "image/png" and "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    drawn = Image.open(io.BytesIO(answer.data))
    assert drawn.format == "PNG" and drawn.width <= 800 and drawn.height <= 160
    assert f"/brand/{kept.logo_sha256}.png" in client.get("/privacy").get_data(as_text=True)


def test_nothing_of_the_uploaded_file_is_served(administrator, client):
    sign_in(client, administrator.email)
    hidden = a_picture("JPEG", comment=b"<script>alert(1)</script>")
    client.post("/administration/settings/logo", data={"logo": (hidden, "logo.jpg")})
    kept = db.session.query(SettingsVersion).one()
    assert b"script" not in kept.logo


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "logo.svg"),
        (b"<html>", "logo.png"),
        (b"", "logo.png"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 90, "logo.png"),
    ],
)
def test_what_is_no_picture_is_refused(administrator, client, content, name):
    sign_in(client, administrator.email)
    answer = client.post("/administration/settings/logo", data={"logo": (io.BytesIO(content), name)})
    assert answer.status_code == 422
    assert db.session.query(SettingsVersion).count() == 0


def test_a_picture_with_too_many_pixels_is_refused(administrator, client):
    sign_in(client, administrator.email)
    bomb = a_picture("PNG", (4100, 4100))
    answer = client.post("/administration/settings/logo", data={"logo": (bomb, "logo.png")})
    assert answer.status_code == 422
    assert "too many pixels" in answer.get_data(as_text=True)


def test_removing_the_logo_shows_the_name_again(administrator, client):
    sign_in(client, administrator.email)
    client.post("/administration/settings/logo", data={"logo": (a_picture(), "logo.png")})
    assert client.post("/administration/settings/logo/remove").status_code == 303
    assert "<img" not in client.get("/privacy").get_data(as_text=True)


def test_the_page_keeps_what_was_typed_when_it_is_refused(administrator, client):
    sign_in(client, administrator.email)
    typed = dict.fromkeys(TEXTS, "") | {"accent_colour": "#ffcc00", "council_name": "Typed Council"}
    answer = client.post("/administration/settings", data={**typed, "version": "0"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "Typed Council" in page and "1.5 to 1" in page


def test_the_page_saves(administrator, client):
    sign_in(client, administrator.email)
    typed = dict.fromkeys(TEXTS, "") | {"service_name": "Places portal", "version": "0"}
    assert client.post("/administration/settings", data=typed).status_code == 303
    assert "Places portal" in client.get("/administration/settings").get_data(as_text=True)


def test_a_page_without_a_version_overwrites_nothing(administrator, client):
    sign_in(client, administrator.email)
    for version in ("", "nonsense", "9" * 40):
        typed = dict.fromkeys(TEXTS, "") | {"service_name": "Places portal", "version": version}
        assert client.post("/administration/settings", data=typed).status_code == 422
    assert db.session.query(SettingsVersion).count() == 0


def test_nobody_else_sees_or_changes_the_settings(session, client):
    sign_in(client, a_provider_person().email)
    assert client.get("/administration/settings").status_code == 403
    for path in ("", "/logo", "/logo/remove"):
        assert client.post(f"/administration/settings{path}").status_code == 403
