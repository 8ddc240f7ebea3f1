"""The pages of an agreement, by HTTP: what each side sees and does, and the papers."""

import re
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest

from portal import clock
from portal.agreements.change_services import vary
from portal.call_offs.services import cancel_call_off
from portal.commissioning.check_services import sign_check
from tests.counting import counted
from tests.factories.accounts import a_school_person
from tests.factories.agreements import REST, a_call_off, a_draft, a_signed, an_offered, as_if_begun
from tests.factories.directory import a_colleague
from tests.web_client import send, sign_in

TODAY = {"day": lambda d: str(d.day), "month": lambda d: str(d.month), "year": lambda d: str(d.year)}


def browser_of(app, person):
    """A browser in which this person is signed in."""
    return sign_in(app.test_client(), person.email)


def words(answer) -> str:
    return " ".join(answer.get_data(as_text=True).split())


def dated(name, day) -> dict[str, str]:
    return {f"{name}-{part}": said(day) for part, said in TODAY.items()}


def test_a_school_writes_an_agreement_from_start_to_signature(app, client, session):
    call_off, _, school, provider = a_call_off()
    sign_in(client, school.email)
    answer = send(client, f"/choices/{call_off.id}/agreement")
    assert answer.status_code == 303
    first = answer.location
    start = clock.today() + timedelta(days=20)
    answer = write(
        client, first,
        **dated("starts_on", start), **dated("ends_on", start + timedelta(days=60)),
        longest_weeks="26",
        sessions=["mon_am", "tue_am"], session_hours="2.5", site="1 Forge Lane, M14 5RQ", tier="tier2",
    )  # fmt: skip
    assert answer.location.endswith("/write/price")
    answer = write(client, answer.location, price="95", price_unit="day", transport="By bus.")
    assert answer.location.endswith("/write/aims")
    reviews = (start + timedelta(days=30)).strftime("%d/%m/%Y")
    aims = {name: REST[name] for name in ("objectives", "baseline", "plan", "curriculum", "reintegration")}
    answer = write(
        client, answer.location, **aims, ehc_plan="yes", baseline_attendance="41.5", reviews_on=reviews
    )
    assert answer.location.endswith("/write/care")
    answer = write(
        client, answer.location,
        school_contact="Office", school_safeguarding_lead="Ama", provider_safeguarding_lead="Bo",
        **dated("vetting_confirmed_on", clock.today()),
        attendance_reported_by="Within 30 minutes.", data_sharing="Attendance.", notice_days="10",
    )  # fmt: skip
    shown = answer.location
    page = words(client.get(shown))
    assert "What is missing" not in page and "A full week costs" in page and "41.5%" in page
    offered = client.post(f"{shown}/offer", data={"csrf_token": token(client, shown)})
    assert offered.status_code == 303
    answer = sign(client, shown)
    assert "You have signed" in words(client.get(answer.location))
    other = browser_of(app, provider)
    answer = sign(other, shown)
    assert "the agreement is in force" in words(other.get(answer.location))


def write(client, page: str, **fields):
    """Send a page of the draft, with what it carries unseen."""
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', client.get(page).get_data(as_text=True))[1]
    return send(client, page, seen=seen, **fields)


def token(client, page: str) -> str:
    return re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page).get_data(as_text=True))[1]


def sign(client, shown: str, **changed):
    page = client.get(shown).get_data(as_text=True)
    carried = dict(re.findall(r'name="(csrf_token|number|sha256)"[^>]*value="([^"]+)"', page))
    return client.post(f"{shown}/sign", data=carried | {"signed_as": "Headteacher", "read": "y"} | changed)


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, session):
    placement = a_draft()
    sign_in(client, placement.school.email)
    answer = send(
        client, f"/agreements/{placement.id}/write/times", **dated("starts_on", clock.today()), site="Here",
        session_hours="9",
    )  # fmt: skip
    page = words(answer)
    assert answer.status_code == 422
    assert "Enter the last day." in page and "Enter between 0.5 and 6 hours." in page and "Here" in page
    answer = send(client, f"/agreements/{placement.id}/write/aims", reviews_on="27 3 2026\nsoon")
    assert "“soon” is not a day." in words(answer)


def test_what_is_missing_leads_to_its_page(client, session):
    call_off, _, school, _ = a_call_off()
    sign_in(client, school.email)
    send(client, f"/choices/{call_off.id}/agreement")
    shown = client.get(f"/choices/{call_off.id}/agreement").location
    answer = client.post(f"{shown}/offer", data={"csrf_token": token(client, shown)})
    assert answer.status_code == 422
    assert f'href="{shown}/write/care"' in answer.get_data(as_text=True)


def test_a_signature_needs_the_tick_and_the_role(client, session):
    placement = an_offered()
    sign_in(client, placement.provider.email)
    answer = sign(client, f"/agreements/{placement.id}", signed_as="", read="")
    assert answer.status_code == 422
    assert "Enter your role" in words(answer) and "Tick the box to sign." in words(answer)


def test_a_page_that_was_open_while_the_school_changed_it_signs_nothing(client, session):
    placement = an_offered()
    sign_in(client, placement.provider.email)
    answer = sign(client, f"/agreements/{placement.id}", sha256="0" * 64)
    assert answer.status_code == 422 and "Read it again before you sign." in words(answer)
    assert placement.row.state == "signing"


@pytest.mark.parametrize(
    ("role", "allowed"),
    [("placement_coordinator", 200), ("safeguarding_lead", 200), ("administrator", 403)],
)
def test_of_the_school_those_read_it_who_need_to(client, session, role, allowed):
    placement = a_signed()
    sign_in(client, a_colleague(placement.school, role).email)
    assert client.get(f"/agreements/{placement.id}").status_code == allowed


@pytest.mark.parametrize("path", ["", "/agreement.pdf", "/for-parents", "/for-parents.pdf", "/versions/1"])
def test_nobody_else_finds_it(app, session, path):
    placement, other = a_signed(), a_signed()
    for stranger in (a_school_person(), other.provider, other.officer):
        visitor = browser_of(app, stranger)
        assert visitor.get(f"/agreements/{placement.id}{path}").status_code in (403, 404)


def test_no_page_of_it_is_cached_and_its_files_are_named_by_the_reference(client, session):
    placement = a_signed()
    reference = placement.row.reference
    sign_in(client, placement.provider.email)
    for path, name in (
        ("agreement.pdf", f"Placement agreement {reference}.pdf"),
        ("for-parents.pdf", f"Copy for parents {reference}.pdf"),
    ):
        answer = client.get(f"/agreements/{placement.id}/{path}")
        assert answer.headers["Cache-Control"] == "no-store"
        assert name in answer.headers["Content-Disposition"]
        assert answer.headers["Content-Disposition"].startswith("attachment")


def pdf_of(client, address: str) -> dict[str, str]:
    """What a PDF says of itself, once it is known to be tagged for screen readers."""
    answer = client.get(address)
    assert answer.status_code == 200
    with pikepdf.open(BytesIO(answer.data)) as document:
        assert document.Root.MarkInfo.Marked and "/StructTreeRoot" in document.Root
        return {key: str(value) for key, value in document.docinfo.items()}


def test_the_pdf_carries_the_fingerprint_that_was_signed(client, session):
    placement = a_signed()
    sign_in(client, placement.school.email)
    told = pdf_of(client, f"/agreements/{placement.id}/agreement.pdf")
    assert placement.seen_by(placement.school).agreed.sha256 in told["/Keywords"]
    assert placement.row.reference in told["/Title"]
    parents = pdf_of(client, f"/agreements/{placement.id}/for-parents.pdf")
    assert parents["/Title"] == f"Your child’s place at {placement.provider.organisation_name}"


def test_the_copy_for_parents_says_it_in_plain_words(client, session):
    placement = a_signed()
    sign_in(client, placement.school.email)
    page = words(client.get(f"/agreements/{placement.id}/for-parents"))
    for said in ("Monday morning, Tuesday morning", "If you are not happy", "Ama Invented", "call 999", "£"):
        assert (said in page) == (said != "£")


def test_there_is_no_copy_for_parents_of_what_is_not_agreed(client, session):
    placement = an_offered()
    sign_in(client, placement.school.email)
    assert client.get(f"/agreements/{placement.id}/for-parents").status_code == 404


def test_the_council_lists_placements_without_a_word_of_the_child(client, session):
    placement = a_signed()
    an_offered(service=placement.service, provider=placement.provider, school=placement.school)
    sign_in(client, placement.officer.email)
    page = words(client.get("/placements"))
    assert placement.row.reference in page and "1 placement" in page
    table = client.get("/placements.csv").get_data(as_text=True)
    assert placement.row.reference in table and len(table.strip().splitlines()) == 2
    shown = words(client.get(f"/agreements/{placement.id}"))
    for text in (page, table, shown):
        assert "engine" not in text and "twenty minutes" not in text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", True),
        ("?state=over", False),
        ("?q=nobody", False),
        ("?q=%25", False),
        ("?lot=99&state=soon", True),
    ],
)
def test_the_list_of_placements_is_filtered(client, session, asked, found):
    placement = a_signed()
    sign_in(client, placement.officer.email)
    assert (placement.row.reference in words(client.get(f"/placements{asked}"))) is found


def test_a_list_costs_the_same_for_one_and_for_many(client, session):
    placement = a_signed()
    sign_in(client, placement.officer.email)

    def cost() -> int:
        with counted() as statements:
            assert client.get("/placements").status_code == 200
        return len(statements)

    client.get("/placements")
    one = cost()
    for _ in range(3):
        a_signed(service=placement.service, provider=placement.provider)
    assert cost() == one <= 12


def test_a_variation_shows_what_it_changes(client, session):
    placement = a_signed()
    vary(agreement_id=placement.id, reason="It goes well.", by=placement.school)
    placement.save(transport="By taxi, with an adult of the school.")
    placement.offer()
    sign_in(client, placement.provider.email)
    page = client.get(f"/agreements/{placement.id}").get_data(as_text=True)
    assert "bus," in page and "<ins>" in page and "It goes well." in page


def test_each_side_lists_its_own(app, session):
    placement, other = a_draft(), an_offered()
    assert placement.row.reference in words(browser_of(app, placement.school).get("/agreements"))
    assert "will be listed here" in words(browser_of(app, placement.provider).get("/agreements"))
    page = words(browser_of(app, other.provider).get("/agreements"))
    assert other.row.reference in page and "Out for signing" in page


def test_it_is_ended_on_its_page(client, session):
    placement = a_signed()
    sign_in(client, placement.provider.email)
    last = clock.today() + timedelta(days=16)
    answer = send(client, f"/agreements/{placement.id}/end", **dated("last_day", last), reason="Not safe.")
    page = words(client.get(answer.location))
    assert "ended it early" in page and "Not safe." in page
    assert client.get(f"/agreements/{placement.id}/end").status_code == 404


@pytest.mark.parametrize("act", ["send-back", "take-back", "cancel", "vary", "drop", "end"])
def test_what_cannot_be_done_now_has_no_page(client, session, act):
    placement = a_draft()
    sign_in(client, placement.school.email)
    status = client.get(f"/agreements/{placement.id}/{act}").status_code
    assert status == (200 if act == "cancel" else 404)


@pytest.mark.parametrize("role", ["quality_officer", "procurement_lead", "auditor"])
def test_figures_name_providers_and_no_single_placement(app, session, role):
    running, coming = a_signed(starts_on=clock.today()), a_signed()
    officer = running.officer
    page = words(browser_of(app, a_colleague(officer, role)).get("/placements/figures"))
    assert (
        running.provider.organisation_name in page and "1 placement that has begun and 0 to start, 5" in page
    )
    assert coming.provider.organisation_name not in page  # another council's
    assert running.row.reference not in page


@pytest.mark.parametrize("role", ["evaluator", "moderator", "approver", "administrator"])
def test_whoever_need_not_know_reads_no_placements(app, session, role):
    officer = a_signed().officer
    browser = browser_of(app, a_colleague(officer, role))
    assert [browser.get(f"/placements{path}").status_code for path in ("", ".csv", "/figures")] == [403] * 3


@pytest.mark.parametrize("role", ["procurement_lead", "auditor"])
def test_figures_open_no_single_placement(app, session, role):
    placement = a_signed()
    browser = browser_of(app, a_colleague(placement.officer, role))
    assert browser.get("/placements").status_code == 403
    assert browser.get(f"/agreements/{placement.id}").status_code == 403


def test_an_agreement_is_not_begun_from_a_choice_that_was_cancelled(client, session):
    call_off, _, school, _ = a_call_off()
    cancel_call_off(
        call_off_id=call_off.id, reason="They moved.", portal_url="https://portal.example.org", by=school
    )
    sign_in(client, school.email)
    assert client.get(f"/choices/{call_off.id}/agreement").status_code == 404


def test_a_variation_is_asked_from_when_it_counts(client, session):
    placement = a_signed()
    as_if_begun(placement)
    sign_in(client, placement.school.email)
    vary(agreement_id=placement.id, reason="It goes well.", by=placement.school)
    page = words(client.get(f"/agreements/{placement.id}/write/times"))
    assert "From when does the change count?" in page and "First day" not in page
    assert "Counts from" in words(client.get(f"/agreements/{placement.id}"))


def test_a_school_is_warned_of_its_own_checks_before_it_signs(app, session):
    placement = an_offered()
    browser, page = browser_of(app, placement.school), f"/agreements/{placement.id}"
    checks = f"/services/{placement.service.id}/your-checks"
    with counted() as statements:
        warned = words(browser.get(page))
    assert len(statements) <= 12
    assert "0 of 4 of your school’s own checks of this provider are in date" in warned and checks in warned
    for kind in ("visit", "insurance"):
        sign_check(
            service_id=placement.service.id,
            kind=kind,
            done_on=clock.today(),
            done_by="Head",
            note="Seen.",
            by=placement.school,
        )
    assert "2 of 4 of your school’s own checks" in words(browser.get(page))
    assert "own checks" not in words(browser_of(app, placement.provider).get(page))
