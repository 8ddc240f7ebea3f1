"""What the invented providers keep: profiles, connected persons, declarations, and documents in their vaults.

One insurance runs out in 20 days, one certificate has expired, so that the pages have something to say.
"""

import io
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from portal.accounts.access import Actor
from portal.clock import now, staged_at, today
from portal.development.demonstration.cast import Provider, address_of
from portal.development.demonstration.papers import paper
from portal.evidence.facts import Facts
from portal.evidence.services import add_evidence, replace_evidence
from portal.profiles.exclusion_services import Ground, declare, fingerprint, record_ground
from portal.profiles.queries import grounds_of, own_profile
from portal.profiles.services import Connection, add_connected_person, record_share_code, save_profile

_YEAR = timedelta(days=365)


def keep(provider: Provider, by: Actor, *, with_a_ground: bool = False) -> None:
    """Fill a provider's profile and vault, as somebody would have since it registered."""
    with staged_at(now() - timedelta(days=310)):
        _profile(provider, by)
        if with_a_ground:
            record_ground(said=_ground(), by=by)
        declare(
            law="PA2023",
            confirmed=True,
            seen=fingerprint(grounds_of(by.organisation_id or 0), "PA2023"),
            by=by,
        )
        record_share_code(code=_share_code(provider), by=by)
    _vault(provider, by)


def _profile(provider: Provider, by: Actor) -> None:
    charity = bool(provider.identifier and provider.identifier[0] == "GB-CHC")
    values = {
        **own_profile(by).values,
        "legal_form": "cio" if charity else "company_by_shares" if provider.identifier else "sole_trader",
        "operation_types": ["sme", "vcse"] if charity else ["sme"],
        "registered_address": f"The Old Yard\nInvented Street\nManchester\n{provider.postcode}",
        "website": f"https://{address_of(provider.name).partition('@')[0]}.example.org",
        "description": f"{provider.name} offers {provider.trade} in small groups.",
        "contact_name": provider.person,
        "contact_email": by.email,
        "dsl_name": provider.person,
        "dsl_email": by.email,
    }
    save_profile(values=values, version=0, by=by)
    since = today() - 6 * _YEAR
    role = "trustee" if charity else "owner"
    for said in (
        Connection("director", provider.person, role, since=since),
        Connection("psc", "Honoria Invented-Smythe", "chairs the board", since=since + _YEAR),
    ):
        add_connected_person(said=said, by=by)


def _ground() -> Ground:
    return Ground(
        ground="poor_performance",
        applies_to="supplier",
        detail="A contract for holiday clubs ended early in its second year: two of four leaders had left.",
        managed="We told the council the same week and found other places for the children. Since then no "
        "service rests on fewer than three trained people; the trustees see the staffing of every week.",
        happened_on=today() - 4 * _YEAR,
        ended_on=today() - 3 * _YEAR,
        contact_email="trustees@example.org",
    )


def _share_code(provider: Provider) -> str:
    alphabet = "6789BCDFGHJKLMNPQRTWbcdfghjkmnpqrtwz"
    seed = sum(place * ord(letter) for place, letter in enumerate(provider.name, 1))
    return "".join(alphabet[(seed // 7**place) % len(alphabet)] for place in range(8))


def _vault(provider: Provider, by: Actor) -> None:
    day = today()
    insured = Facts("Invented Mutual", "PL-40112", Decimal(5_000_000), day - _YEAR, day - timedelta(days=3))
    kept = (
        ("employers_liability", "Employers’ liability insurance",
         replace(insured, number="EL-40113", cover=Decimal(10_000_000), expires_on=day + timedelta(days=20))),
        ("first_aid", "First aid at work",
         Facts("Invented First Aid", "FA-77", None, day - 3 * _YEAR, day - timedelta(days=12))),
        ("safeguarding_policy", "Safeguarding policy",
         Facts(valid_from=day - timedelta(days=315), expires_on=day + timedelta(days=50))),
        ("dbs_policy", "How we check staff and volunteers", Facts()),
        ("data_protection", "Registration with the Information Commissioner",
         Facts("Information Commissioner", "ZZ100001", None, None, day + timedelta(days=140))),
    )  # fmt: skip
    with staged_at(now() - timedelta(days=310)):
        public = _add("public_liability", "Public liability insurance", insured, provider, by)
        for kind, title, facts in kept:
            _add(kind, title, facts, provider, by)
    with staged_at(now() - timedelta(days=10)):
        replace_evidence(
            evidence_id=public,
            facts=replace(insured, valid_from=day - timedelta(days=2), expires_on=day + _YEAR),
            by=by,
            **_file("Public liability insurance, renewed", provider),
        )


def _add(kind: str, title: str, facts: Facts, provider: Provider, by: Actor) -> int:
    return add_evidence(type=kind, title=title, facts=facts, by=by, **_file(title, provider))


def _file(title: str, provider: Provider) -> dict[str, object]:
    return {"stream": io.BytesIO(paper("pdf", title)), "filename": f"{title} {provider.name}.pdf"}
