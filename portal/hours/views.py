"""Pages on hours: what the council watches, its cases and figures; a school's children week by week."""

from datetime import date, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.accounts.access import Actor
from portal.accounts.gate import actor, requires
from portal.directory.offer import DAYS, HALVES
from portal.hours import queries, services, week_queries
from portal.hours.forms import FindingForm, RulesForm, WeekForm
from portal.hours.models import FINDINGS, FINDINGS_OF_CHILD
from portal.web.pagination import Page, page_number
from portal.web.reading import read_by

bp = Blueprint("hours", __name__)
FURTHEST = timedelta(days=366)


@bp.get("/hours")
@requires("hours:watch")
def index() -> ResponseReturnValue:
    """Hours agreed at providers that are no registered school, and placements beyond the time limits."""
    number = page_number(request.args.get("page"))
    found, total = queries.at_providers(actor(), number)
    return render_template(
        "hours/index.html",
        page=Page(found, number, total, queries.PAGE_SIZE),
        rules=queries.rules_in_force(),
        long_ones=queries.long_placements(actor()),
        children=queries.open_children(actor()),
        closed=queries.closed_cases(actor()),
        findings=FINDINGS | FINDINGS_OF_CHILD,
        as_at=clock.now(),
    )


@bp.get("/hours/cases/<int:case_id>")
@requires("hours:watch")
def show_case(case_id: int) -> ResponseReturnValue:
    """One case: what was counted, whose hours those are, what was found."""
    return _case(case_id, FindingForm(formdata=None))


@bp.post("/hours/cases/<int:case_id>")
@requires("hours:decide")
def close_case(case_id: int) -> ResponseReturnValue:
    """Close it with what was found."""
    form = FindingForm()
    form.offer(queries.case_for(actor(), case_id).findings)
    if form.validate():
        with form.refusals():
            services.close_case(
                case_id=case_id,
                finding=form.finding.data,
                note=form.note.data,
                seen=form.facts(),
                by=actor(),
            )
            flash("The case is closed. Another opens when something new is agreed, or next term.", "success")
            return redirect(url_for(".show_case", case_id=case_id), 303)
    return _case(case_id, form)


@bp.get("/hours/rules")
@requires("settings:manage")
def rules() -> ResponseReturnValue:
    """What counts as full-time, since when, and by whose word."""
    return _rules(RulesForm.showing(queries.rules_in_force()))


@bp.post("/hours/rules")
@requires("settings:manage")
def set_rules() -> ResponseReturnValue:
    """Let other figures count."""
    form = RulesForm()
    if form.validate():
        with form.refusals():
            services.set_rules(rules=form.rules(), by=actor())
            flash("Saved. These figures count from now on.", "success")
            return redirect(url_for(".rules"), 303)
    return _rules(form)


@bp.get("/weeks")
@requires("referral:read")
def weeks() -> ResponseReturnValue:
    """The weeks of the school's children who have an agreement."""
    monday = _monday()
    found = week_queries.weeks_for(actor(), monday)
    _note_reading(actor(), [week.child_id for week in found])
    return render_template("hours/weeks.html", weeks=found, **_around(monday))


@bp.get("/weeks/<int:child_id>")
@requires("referral:read")
def week(child_id: int) -> ResponseReturnValue:
    """One child's week: who has it when, gaps and clashes."""
    found = week_queries.week_of(actor(), child_id, _monday())
    return _week(found, WeekForm.showing(found.slots))


@bp.post("/weeks/<int:child_id>")
@requires("hours:keep")
def keep(child_id: int) -> ResponseReturnValue:
    """Keep what the school has planned beside agreements."""
    monday, form = _monday(), WeekForm()
    found = week_queries.week_of(actor(), child_id, monday)
    if form.validate():
        services.keep_slots(child_id=child_id, slots=form.slots(), by=actor())
        flash("The week is saved.", "success")
        return redirect(url_for(".week", child_id=child_id, week=monday.isoformat()), 303)
    return _week(found, form)


def _case(case_id: int, form: FindingForm) -> ResponseReturnValue:
    case = queries.case_for(actor(), case_id)
    if case.child_id:
        read_by(actor(), "child_week", "case", case=case_id, children=[case.child_id])
    day = case.shown_day
    form.offer(case.findings)
    if case.state == "open":
        form.show(queries.facts_on(day, provider_id=case.provider_id, child_id=case.child_id))
    page = render_template(
        "hours/case.html",
        case=case,
        day=day,
        agreed=queries.hours_at(case.provider_id, day) if case.provider_id else (),
        week=queries.hours_of(case.child_id, day) if case.child_id else (),
        days=DAYS,
        halves=HALVES,
        form=form,
        as_at=clock.now(),
    )
    return page, form.http_status


def _rules(form: RulesForm) -> ResponseReturnValue:
    page = render_template("hours/rules.html", form=form, before=queries.rules_before())
    return page, form.http_status


def _week(found: week_queries.Week, form: WeekForm) -> ResponseReturnValue:
    _note_reading(actor(), [found.child_id])
    page = render_template(
        "hours/week.html", week=found, form=form, days=DAYS, halves=HALVES, **_around(found.monday)
    )
    return page, form.http_status


def _note_reading(viewer: Actor, children: list[int]) -> None:
    if children:
        read_by(viewer, "child_week", "list", children=children)


def _monday() -> date:
    """The Monday of the week that the address names; this week's where it names none that can be shown."""
    today = clock.today()
    try:
        day = date.fromisoformat(request.args.get("week", ""))
    except ValueError:
        day = today
    return week_queries.monday_of(day if abs(day - today) <= FURTHEST else today)


def _around(monday: date) -> dict[str, object]:
    week = timedelta(days=7)
    return {
        "monday": monday,
        "friday": monday + timedelta(days=4),
        "before": (monday - week).isoformat(),
        "after": (monday + week).isoformat(),
        "as_at": clock.now(),
    }
