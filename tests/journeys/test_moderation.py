"""A moderation meeting in a browser: begun, marks agreed in it, ended; without JavaScript as well."""

import pytest

from tests.factories.evaluation import a_locked_evaluation
from tests.journeys.people import body, press, somebody
from tests.live_server import Site, Tabs

AGREED = "We talked it through: strong on practice, and the figures bear it out for last year."


@pytest.mark.parametrize("scripts", [True, False])
def test_a_panel_meets_and_agrees_what_is_the_same_and_what_is_not(
    tabs: Tabs, site: Site, scripts: bool
) -> None:
    with site.app.app_context():
        locked = a_locked_evaluation(points=lambda evaluator, n: 3 + evaluator * (n == 0))
        round_, email = f"/rounds/{locked.round_id}/moderation", locked.moderator.email
    page = somebody(tabs, site, email, scripts=scripts)
    page.goto(f"{round_}/meetings")
    for member in page.get_by_role("main").get_by_role("checkbox").all():
        member.check()
    press(page, "Begin the meeting now")
    meeting = page.url
    page.goto(f"{round_}/same-marks")
    page.get_by_label("Agree 3").first.check()
    page.get_by_label("The panel's reason for every answer you tick").fill(AGREED)
    press(page, "Agree the ticked marks")
    assert "1 mark agreed." in body(page)
    page.goto(f"{round_}/map")
    page.get_by_role("main").get_by_role("link", name="1", exact=True).click()
    page.get_by_label("3: Good", exact=True).check()
    page.get_by_label("The panel's reason").fill(AGREED)
    press(page, "Save and go on to the next")
    page.goto(meeting)
    press(page, "End the meeting now")
    record = body(page)
    assert "is a record now" in record and record.count(AGREED) == 2
    assert not page.get_by_role("main").get_by_role("checkbox").count()
