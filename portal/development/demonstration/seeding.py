"""Filling an empty database with the demonstration."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from flask import Flask
from sqlalchemy import exists, select

from portal.accounts.models import Organisation
from portal.clock import now, staged_at, today
from portal.commissioning.answer_services import accept_referral, decline_referral
from portal.commissioning.check_services import sign_check
from portal.commissioning.models import Referral
from portal.commissioning.offers import Offer
from portal.commissioning.services import NeedProfile, send_referral
from portal.database import db, transaction
from portal.development.demonstration.agreements import agree
from portal.development.demonstration.buying import buy
from portal.development.demonstration.cast import PASSWORD, PROVIDERS, SCHOOLS, address_of
from portal.development.demonstration.children import name_children
from portal.development.demonstration.choices import choose
from portal.development.demonstration.colleagues import (
    CERTIFIER,
    COORDINATOR,
    SAFEGUARDING_LEAD,
    TRUST,
    WAITING,
    register_colleagues,
)
from portal.development.demonstration.nameless import without_names
from portal.development.demonstration.pages import keep_pages
from portal.development.demonstration.people import Company, register_everyone
from portal.development.demonstration.rounds import (
    framework_from,
    marking_round,
    next_round,
    open_round,
    released_round,
)
from portal.development.demonstration.shortlists import keep_shortlists
from portal.development.demonstration.standings import keep_standings
from portal.development.demonstration.terms import always_open
from portal.development.demonstration.vaults import keep
from portal.directory.models import SearchRow, Service
from portal.working_days import add_working_days

MANCHESTER = "manchester-tc1108-round-4.json"
TITLE = "Manchester Alternative Education Provision"

_PROFILES = (
    NeedProfile(
        year_group=9,
        needs=["SEMH"],
        days_a_week=2,
        ehc_plan="no",
        sessions_wanted=("tue_am", "tue_pm", "thu_am", "thu_pm"),
        start_wanted_on=today(),
        need_summary="Finds large groups hard and has been out of lessons for most of this half term. "
        "Calm and talkative with one adult.",
        strengths="Works well with their hands, is proud of finished things, kind to younger pupils.",
        what_has_worked="Short tasks with a clear end, and a walk before a difficult lesson.",
        transport="Can take one bus; the family cannot drive.",
    ),
    NeedProfile(
        year_group=10,
        needs=["ASD", "SLCN"],
        days_a_week=3,
        ehc_plan="yes",
        start_wanted_on=today(),
        need_summary="Attends mornings only. Noise and sudden changes lead to days at home.",
        strengths="Remembers everything about machines and can explain it.",
        what_has_worked="A plan for the day on one card, and a quiet place that needs no asking.",
    ),
    NeedProfile(
        year_group=8,
        needs=["SEMH", "SPLD"],
        days_a_week=1,
        ehc_plan="assessed",
        sex="boy",
        start_wanted_on=today(),
        need_summary="Reads three years below age and hides it by leaving the room.",
        strengths="Quick at mental arithmetic, loves football, good at teaching others.",
    ),
)

_SEEN = {
    "visit": "Two groups of four, each with two adults. Calm, and everybody knew what came next.",
    "insurance": "Certificate of public liability, valid for another year. A copy is in the office.",
}
"""What a school that has found a place has checked of the provider itself; two checks are missing."""


def seed(
    app: Flask, *, providers: int = 34, schools: int = 10, report: Callable[[str], object] = print
) -> bool:
    """Fill an empty database with so many providers (3 or more) and schools; whether it did.

    A database that holds an organisation is left alone. All of it is one transaction, told to `report`.
    """
    with app.app_context():
        if db.session.scalar(select(exists().where(Organisation.id > 0))):
            return False
        rng = Random(1108)  # the same demonstration every time
        with transaction():
            report(f"  {providers} providers, {schools} schools and a council register")
            with staged_at(now() - timedelta(days=320)):
                company = register_everyone(
                    app.config["PORTAL"].council_name, providers=providers, schools=schools
                )
                framework = framework_from(MANCHESTER, company.lead, title=TITLE)
            keep_documents(company)
            report("  a round of applications is judged and released")
            released_round(framework, company, rng)
            report("  a second round is being marked")
            marking_round(framework, company, rng, app.config["PORTAL"].public_url)
            report("  a third round is open")
            open_round(framework, company, rng, app.config["PORTAL"].public_url)
            next_round(framework, company)
            report("  a second framework is always open")
            always_open(company, rng)
            report("  a third framework is marked without names")
            without_names(company, rng)
            report("  providers keep their pages, and the council checks them")
            keep_pages(company, app.config["PORTAL"].public_url)
            keep_shortlists(company)
            refer(company, app.config["PORTAL"].public_url)
            choose(company, app.config["PORTAL"].public_url)
            buy(company, app.config["PORTAL"].public_url)
            press(company, app.config["PORTAL"].public_url)
            agree(company, app.config["PORTAL"].public_url)
            keep_standings(company, app.config["PORTAL"].public_url)
            register_colleagues(company, app.config["PORTAL"].public_url)
            name_children(company, app.config["PORTAL"].public_url)
            report("  writing it all down")
    return True


def keep_documents(company: Company) -> None:
    """The providers that people sign in as, and two more, have profiles and vaults."""
    for place, (provider, person) in enumerate([*company.providers[:3], *company.providers[3:][-1:]]):
        keep(provider, person, with_a_ground=place == 1)


def refer(company: Company, portal_url: str) -> None:
    """Schools refer: one referral is accepted, one declined, the others wait for their answer; the first
    school asks two providers for one child."""
    services = db.session.execute(
        select(Service.id, Service.provider_id, Service.price_per_day)
        .join(SearchRow, SearchRow.service_id == Service.id)
        .order_by(Service.id)
    ).all()
    people = {person.organisation_id: person for _, person in company.providers}
    for place, school in enumerate(company.schools):
        service = services[place % len(services)]
        with staged_at(now() - timedelta(hours=70 - 6 * place)):
            sent: Referral = send_referral(
                service_id=service.id,
                profile=_PROFILES[place % len(_PROFILES)],
                token=UUID(int=place + 1),
                portal_url=portal_url,
                by=school,
            )
            if place == 0:
                others = [each for each in services if each.provider_id != service.provider_id]
                send_referral(
                    service_id=others[1 % len(others)].id,
                    profile=_PROFILES[0],
                    token=UUID(int=1000),
                    portal_url=portal_url,
                    by=school,
                    request_id=sent.request_id,
                )
        person = people[service.provider_id]
        with staged_at(now() - timedelta(hours=50 - 4 * place)):
            if place % 3 == 1:
                for kind, seen in _SEEN.items():
                    sign_check(
                        service_id=service.id,
                        kind=kind,
                        done_on=today(),
                        done_by=f"{school.name}, inclusion lead",
                        note=seen,
                        by=school,
                    )
                accept_referral(
                    referral_id=sent.id,
                    offer=Offer(
                        start_on=add_working_days(today(), 7),
                        sessions=["mon_am", "mon_pm", "tue_am", "tue_pm"],
                        price=service.price_per_day or Decimal(90),
                        unit="day",
                        note="Come and look round first: any afternoon next week.",
                    ),
                    portal_url=portal_url,
                    by=person,
                )
            elif place % 3 == 2:
                decline_referral(
                    referral_id=sent.id,
                    reason="Both groups on the days you ask for are full until after the holidays.",
                    portal_url=portal_url,
                    by=person,
                )


def press(company: Company, portal_url: str) -> None:
    """What cannot wait: the first school's referral whose answer is overdue, and one of today for a child who
    has nowhere to go."""
    school = company.schools[0]
    services = db.session.scalars(
        select(Service.id).join(SearchRow, SearchRow.service_id == Service.id).order_by(Service.id)
    ).all()
    for number, ago, place, profile in (
        (1001, timedelta(days=9), 1, replace(_PROFILES[1], start_wanted_on=today() + timedelta(days=5))),
        (1002, timedelta(minutes=40), 0, replace(_PROFILES[2], urgent=True)),
    ):
        with staged_at(now() - ago):
            send_referral(
                service_id=services[place % len(services)],
                profile=profile,
                token=UUID(int=number),
                portal_url=portal_url,
                by=school,
            )


def sign_ins() -> list[tuple[str, str, str]]:
    """One account for each role: role, e-mail address, password."""
    accounts = (
        ("Provider with a draft", address_of(PROVIDERS[-1].name)),
        ("Provider, applying again", address_of(PROVIDERS[-2].name)),
        ("Provider, applying for more lots", address_of(PROVIDERS[-5].name)),
        ("Provider, admitted", address_of(PROVIDERS[0].name)),
        ("Provider's certifier", CERTIFIER),
        ("Provider, not yet checked", address_of(WAITING)),
        ("Procurement lead", "lead@council.example.org"),
        ("Evaluator", "evaluator1@council.example.org"),
        ("Moderator", "moderator@council.example.org"),
        ("Approver", "approver@council.example.org"),
        ("Quality officer", "quality@council.example.org"),
        ("Council commissioner", "placements@council.example.org"),
        ("Auditor", "auditor@council.example.org"),
        ("Council administrator", "admin@council.example.org"),
        ("School", address_of(SCHOOLS[0].name)),
        ("Placement coordinator", COORDINATOR),
        ("Safeguarding lead", SAFEGUARDING_LEAD),
        ("Trust of two schools", address_of(TRUST)),
    )
    return [(role, email, PASSWORD) for role, email in accounts]
