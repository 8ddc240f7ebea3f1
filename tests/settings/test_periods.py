"""How long things take, as the council sets it."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.access import Actor
from portal.audit.queries import trail_of
from portal.call_offs.check_waiting import waiting_for
from portal.commissioning.check_queries import checks_for
from portal.commissioning.check_services import sign_check
from portal.errors import Refusal
from portal.settings.periods import PERIODS, own_periods, periods_in_force
from portal.settings.queries import newest_version, own_settings
from portal.settings.services import StaleSettings, save_periods, save_settings
from portal.working_days import add_working_days
from tests.factories.accounts import a_council_administrator, a_school_person
from tests.factories.call_offs import a_call_off
from tests.factories.commissioning import a_referral
from tests.factories.directory import a_service
from tests.web_client import sign_in


@pytest.fixture
def administrator(session: Session) -> Actor:
    return a_council_administrator()


def save(by: Actor, version: int = 0, **values: int | None) -> None:
    save_periods(values=values, version=version, by=by)


def test_what_is_usual_holds_until_the_council_sets_another(administrator):
    assert periods_in_force() == {name: period.usual for name, period in PERIODS.items()}
    save(administrator, answer_working_days=5)
    assert periods_in_force()["answer_working_days"] == 5 and periods_in_force()["emergency_hours"] == 4
    save(administrator, newest_version())
    assert own_periods() == dict.fromkeys(PERIODS)


@pytest.mark.parametrize(("name", "value"), [("answer_working_days", 0), ("emergency_hours", 25)])
def test_a_period_outside_its_bounds_is_refused_at_its_field(administrator, name, value):
    with pytest.raises(Refusal) as refused:
        save(administrator, **{name: value})
    assert refused.value.field == name and newest_version() == 0


def test_names_and_periods_leave_each_other_alone(administrator):
    save(administrator, emergency_hours=2)
    save_settings(values={"council_name": "Invented"}, version=newest_version(), by=administrator)
    save(administrator, newest_version(), emergency_hours=3)
    assert (periods_in_force()["emergency_hours"], own_settings()["council_name"]) == (3, "Invented")


def test_two_who_save_at_the_same_time_are_told(administrator):
    save(administrator, emergency_hours=2)
    with pytest.raises(StaleSettings):
        save(administrator, emergency_hours=3)


def test_the_trail_says_what_was_changed(administrator):
    save(administrator, fresh_days_visit=180)
    save(administrator, newest_version(), fresh_days_visit=180)
    (line,) = trail_of("settings", 1)
    assert line["action"] == "settings.change_periods" and "180" in str(dict(line))


def test_a_referral_keeps_the_window_that_it_was_sent_with(administrator):
    service = a_service()
    before = a_referral(service)
    save(administrator, answer_working_days=5)
    after = a_referral(service)
    sent_on = clock.london(after.sent_at).date()
    assert clock.london(after.answer_by).date() == add_working_days(sent_on, 5)
    assert clock.london(before.answer_by).date() == add_working_days(sent_on, 2)


def test_a_check_is_fresh_for_as_long_as_the_council_says(administrator):
    _, request = a_call_off()
    school, service = request.school, request.places[0][0]
    for kind in ("visit", "registration", "insurance", "safeguarding"):
        sign_check(
            service_id=service.id, kind=kind, done_on=clock.today() - timedelta(days=40),
            done_by="Ada Invented", note="Seen.", by=school,
        )  # fmt: skip
    assert waiting_for(school).now == ()
    save(administrator, fresh_days_visit=30)
    (task,) = waiting_for(school).now
    assert task.detail.startswith("3 of 4")
    fresh = {check.kind: check.fresh for check in checks_for(school, service.provider_id)}
    assert fresh == {"visit": False, "registration": True, "insurance": True, "safeguarding": True}


def test_the_administrator_sets_them_on_the_page_and_a_wrong_one_is_kept(client, administrator):
    sign_in(client, administrator.email)
    address = "/administration/settings/periods"
    wrong = client.post(address, data={"version": "0", "emergency_hours": "99", "answer_working_days": "3"})
    assert wrong.status_code == 422 and 'href="#emergency_hours"' in wrong.text
    assert 'value="99"' in wrong.text and 'value="3"' in wrong.text
    assert client.post(address, data={"version": "0", "emergency_hours": "2"}).status_code == 303
    assert 'value="2"' in client.get("/administration/settings").text


def test_schools_read_how_long_a_provider_has(client, administrator):
    save(administrator, answer_working_days=1, emergency_hours=1)
    service = a_service()
    sign_in(client, a_school_person().email)
    page = client.get(f"/services/{service.id}/refer").text
    assert "Within 1 working day" in page and "within 1 hour, or by 10am" in page
