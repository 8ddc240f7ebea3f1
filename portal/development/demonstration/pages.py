"""Service pages of the admitted providers: most checked, some waiting, some not sent; free places."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select

from portal.accounts.access import Actor
from portal.accounts.queries import actor_by_email
from portal.clock import now, staged_at, today
from portal.database import db
from portal.development.demonstration.people import Company
from portal.directory.entries import ServiceEntry, entries_where
from portal.directory.models import Service, Standing
from portal.directory.offer import SESSIONS
from portal.directory.postcodes import locate
from portal.directory.search import SearchCriteria
from portal.finding.services import note_unmet_need
from portal.provision.models import Proposal
from portal.provision.queries import own_words_waiting, page_of
from portal.provision.services import (
    confirm_places,
    note_as_read,
    publish,
    save_part,
    send_back,
    send_for_check,
)

QUALITY = "quality@council.example.org"
# A word of a trade: what is taught, and what children leave with.
_TAUGHT: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (("cookery", "baking"), ("cookery", "maths", "work_skills"), ("food_safety", "btec", "functional")),
    (("animal", "horses"), ("animals", "outdoors", "therapy"), ("unit_award", "btec")),
    (
        ("bricklaying", "plastering", "electrical", "joinery", "boat"),
        ("construction", "maths"),
        ("cscs", "btec", "functional"),
    ),
    (("tuition", "teaching of core"), ("english", "maths", "science"), ("gcse", "functional", "entry")),
    (("boxing", "fitness", "football", "sport"), ("sport", "english", "life_skills"), ("btec", "functional")),
    (("hair", "childcare"), ("hair_beauty", "work_skills"), ("btec", "entry")),
    (
        ("school week", "core subjects", "GCSE"),
        ("english", "maths", "science", "humanities", "pshe"),
        ("gcse",),
    ),
    (("music", "radio"), ("music", "computing"), ("arts_award", "unit_award")),
    (("printmaking", "textiles"), ("art", "work_skills"), ("arts_award", "gcse")),
    (("mentoring",), ("mentoring", "life_skills"), ("asdan",)),
    (("motor", "bicycle"), ("motor", "work_skills"), ("btec", "unit_award")),
    (("therapeutic",), ("therapy", "english", "maths"), ("unit_award",)),
    (("climbing", "forest", "angling"), ("outdoors", "sport", "life_skills"), ("dofe", "asdan")),
    (("coding", "online"), ("computing", "english", "maths"), ("gcse", "functional")),
    (("drama",), ("drama", "english"), ("arts_award",)),
    (("return to school",), ("english", "maths", "pshe", "mentoring"), ("entry",)),
)
_SUMMARIES = (
    "Small groups learn {trade} with the same two adults every week. Best for children who have lost trust "
    "in classrooms and like to see what they have made.",
    "A calm start, a clear plan on one card, then {trade}. Works well for children who need to know "
    "what comes next.",
    "Each child has a key worker and a goal for six weeks. Through {trade} they practise arriving, staying "
    "and finishing.",
    "For children on the edge of exclusion: {trade} two days a week, beside their school’s own lessons.",
    "Days of {trade}, with English and maths woven in. Every visit ends with a note home.",
)
_STREETS = ("Unit 3, Canal Side", "The Old Library, Mill Street", "Arch 12, Viaduct Yard", "14 Chapel Walk",
            "St Wilfrid's Hall, Church Lane", "First floor, Exchange House")  # fmt: skip
_FURTHER = (
    ("The Allotments, Park Road", "M21 9WQ", ""),
    ("Water Sports Hut, Quayside", "M50 2EQ", "Quay Paddlers CIC"),
)
_WEEKS: tuple[Sequence[str], ...] = (
    tuple(SESSIONS),
    ("mon_am", "mon_pm", "tue_am", "tue_pm", "thu_am", "thu_pm"),
    ("tue_am", "tue_pm", "wed_am", "wed_pm", "fri_am"),
    ("mon_am", "tue_am", "wed_am", "thu_am", "fri_am"),
)


_UNREAD = 3  # changes without a check that wait for an officer


def keep_pages(company: Company, portal_url: str) -> None:
    """Let every admitted provider keep its page, and the council check most of them."""
    people = {person.organisation_id: person for _, person in company.providers}
    trades = {person.organisation_id: provider.trade for provider, person in company.providers}
    rng, council = Random(32), actor_by_email(QUALITY)
    for place, service in enumerate(entries_where(Standing.state == "admitted")):
        person = people.get(service.provider_id)
        if person is None:
            continue
        _fill(service, person, trades[service.provider_id], place, rng)
        if place % 9 == 7:
            continue  # not sent
        with staged_at(now() - timedelta(days=30 + place % 20)):
            send_for_check(service_id=service.id, portal_url=portal_url, by=person)
        if place % 9 == 5:
            continue  # waits for the council
        _decide(service, place, portal_url, council)
    changes, _ = own_words_waiting(council, size=1_000)
    for change in changes[:-_UNREAD]:
        note_as_read(own_words_id=change["id"], version=1, by=council)
    for looked_for in (
        SearchCriteria(today(), key_stages=("KS1",), needs=("PMLD",), near=locate("M44"), within_miles=3),
        SearchCriteria(today(), key_stages=("KS5",), needs=("HI",), places_now=True),
        SearchCriteria(today(), tiers=("tier3",), modes=("at_home",), highest_price=Decimal(60)),
    ):
        for school in company.schools[:2]:
            if school.organisation_id is not None:
                note_unmet_need(looked_for, school.organisation_id)


def _fill(service: ServiceEntry, person: Actor, trade: str, place: int, rng: Random) -> None:
    week = _WEEKS[place % len(_WEEKS)]
    values = _said(service, trade, week, place, rng)
    with staged_at(now() - timedelta(days=50 + place % 9)):
        for part, said in values.items():
            seen = page_of(person, service.id).seen
            save_part(service_id=service.id, part=part, values=said, seen=seen, by=person)
    if place % 7 == 6:
        return  # places never confirmed
    most = max(1, (service.places or 4) // 3)
    free = [rng.randrange(most + 1) if code in week and place % 6 != 5 else 0 for code in SESSIONS]
    with staged_at(now() - timedelta(days=40 if place % 8 == 4 else place % 12, hours=3)):
        confirm_places(service_id=service.id, free=free, by=person)


def _said(
    service: ServiceEntry, trade: str, week: Sequence[str], place: int, rng: Random
) -> dict[str, dict[str, Any]]:
    found = next((row for row in _TAUGHT if any(word in trade for word in row[0])), _TAUGHT[9])
    online, alone = "online" in trade, "one-to-one" in trade or "tuition" in trade
    modes = ["online"] if online else ["at_site"]
    modes += ["at_school", "at_home"] if alone or "mentoring" in trade else []
    day = service.price_per_day or Decimal(95)
    sites = [{"address": _STREETS[place % len(_STREETS)], "postcode": service.postcode, "run_by": ""}]
    if place % 5 == 1:
        address, postcode, run_by = _FURTHER[place % len(_FURTHER)]
        sites.append({"address": address, "postcode": postcode, "run_by": run_by})
    tiers = (
        ["tier3"] if service.registered_school else ["tier1", "tier2"] if "mentoring" in trade else ["tier2"]
    )
    return {
        "about": {
            "title": trade[:1].upper() + trade[1:],
            "summary": _SUMMARIES[place % len(_SUMMARIES)].format(trade=trade),
            "subjects": list(found[1]),
            "group_size": 1 if alone else rng.choice((4, 6, 8)),
            "children_per_adult": 1 if alone else rng.choice((2, 3, 4)),
        },
        "children": {
            "key_stages": service.key_stages,
            "needs": service.needs,
            "sex": "girls" if place % 17 == 11 else "any",
            "tiers": tiers,
            "qualifications": list(found[2]),
        },
        "where": {"modes": modes, "sites": sites},
        "when": {
            "sessions": list(week),
            "places": service.places or 8,
            "transport": ("none", "extra", "included")[place % 3],
            "transport_note": "We collect within three miles." if place % 3 else "",
        },
        "prices": {
            "price_per_day": day,
            "price_half_day": (day * Decimal("0.55")).quantize(Decimal(1)),
            "price_hour": (day / 4).quantize(Decimal(1)) if alone else None,
            "price_includes": ["materials", *(["lunch"] if place % 2 else []), "reports"],
        },
        "registration": {
            "registered_school": service.registered_school,
            "urn": service.urn or ("199104" if service.registered_school else None),
            "inspection": "Ofsted: good" if service.registered_school else "",
            "inspected_on": today() - timedelta(days=400 + place) if service.registered_school else None,
        },
    }


def _decide(service: ServiceEntry, place: int, portal_url: str, council: Actor) -> None:
    waiting = db.session.scalars(
        select(Proposal)
        .join(Service, Service.id == Proposal.service_id)
        .where(Service.id == service.id, Proposal.state == "waiting")
    ).one()
    with staged_at(now() - timedelta(days=10 + place % 15)):
        if place % 9 == 8:
            reason = "Say at which address the further group meets: schools must know where a child is."
            send_back(proposal_id=waiting.id, reason=reason, portal_url=portal_url, by=council)
        else:
            publish(
                proposal_id=waiting.id,
                version=waiting.version,
                how="Visited, and compared with the tender and the register of schools.",
                portal_url=portal_url,
                by=council,
            )
