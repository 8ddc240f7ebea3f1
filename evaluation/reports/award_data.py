"""Awards as Open Contracting data: one release with the tag `award`, in the words of OCDS 1.1.

Fields follow the standard and the extensions that Find a Tender uses (lots, bid statistics, techniques, the
UK extension). An identifier that nobody has given is left out rather than made up.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from evaluation.reports.award_queries import Awards, LotAward, Supplier
from portal import clock

EXTENSIONS = (
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_lots_extension/master/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_bid_extension/master/extension.json",
    "https://raw.githubusercontent.com/open-contracting-extensions/ocds_techniques_extension/master/extension.json",
    "https://raw.githubusercontent.com/cabinetoffice/ocds_uk_extension/main/extension.json",
)
_LEGAL_BASIS = {
    "PA2023": {"scheme": "UKPGA", "id": "2023/54"},
    "PCR2015": {"scheme": "CELEX", "id": "32014L0024"},
}
Json = dict[str, Any]


def award_package(awards: Awards, *, address: str, at: datetime) -> Json:
    """The release package; `address` is where it was asked for."""
    return {
        "uri": address,
        "version": "1.1",
        "extensions": list(EXTENSIONS),
        "publishedDate": _moment(at),
        "publisher": {"name": awards.facts.buyer_name},
        "releases": [_release(awards)],
    }


def _release(awards: Awards) -> Json:
    facts = awards.facts
    buyer = {"id": f"council-{awards.council_id}", "name": facts.buyer_name}
    suppliers = {each.id: each for lot in awards.lots for each in (*lot.suppliers, *lot.to_be_admitted)}
    anew, anew_at = sum(lot.anew for lot in awards.lots), _newest(awards.lots)
    update = f"-update-{anew}-{anew_at:%Y%m%d%H%M%S}" if anew_at else ""
    return _without_nothing(
        {
            "ocid": facts.ocid,
            "id": f"{facts.reference}-round-{facts.number}-award{update}",
            "date": _moment(anew_at or facts.released_at),
            "tag": ["awardUpdate" if anew_at else "award"],
            "initiationType": "tender",
            "language": "en",
            "parties": [{**buyer, "roles": ["buyer"]}, *(_party(each) for each in suppliers.values())],
            "buyer": buyer,
            "tender": _tender(awards),
            "bids": {"statistics": _statistics(awards.lots)},
            "awards": [award for lot in awards.lots for award in _awards(awards, lot)],
        }
    )


def _tender(awards: Awards) -> Json:
    facts = awards.facts
    return _without_nothing(
        {
            "id": facts.reference,
            "title": facts.title,
            "status": "complete",
            "legalBasis": _LEGAL_BASIS[facts.legal_regime],
            "classification": _classification(awards.cpv_codes),
            "value": {"amount": float(awards.value), "currency": "GBP"} if awards.value else None,
            "techniques": {
                "hasFrameworkAgreement": facts.kind != "dynamic_market",
                "frameworkAgreement": {"isOpenFrameworkScheme": facts.kind == "open_framework"},
            },
            "conflictsAssessment": {
                "prepared": _moment(awards.conflicts_prepared_at),
                "lastReviewed": _moment(awards.conflicts_reviewed_at),
            },
            "tenderPeriod": {"startDate": _moment(facts.opens_at), "endDate": _moment(facts.closes_at)},
            "lots": [
                {"id": lot.number, "title": lot.title, "status": "complete" if lot.suppliers else _empty(lot)}
                for lot in awards.lots
            ],
        }
    )


def _empty(lot: LotAward) -> str:
    return "active" if lot.waiting else "unsuccessful"


def _awards(awards: Awards, lot: LotAward) -> list[Json]:
    """A lot's award, and beside it those that are decided and not yet in effect: in a standstill, or held."""
    own = f"{awards.facts.reference}-round-{awards.facts.number}-lot-{lot.number}"
    if lot.suppliers and lot.to_be_admitted:
        return [
            _award(awards, lot, own, "active", lot.suppliers),
            _award(awards, lot, f"{own}-to-be-admitted", "pending", lot.to_be_admitted),
        ]
    if lot.to_be_admitted:
        return [_award(awards, lot, own, "pending", lot.to_be_admitted)]
    return [_award(awards, lot, own, "active" if lot.suppliers else "unsuccessful", lot.suppliers)]


def _award(awards: Awards, lot: LotAward, own: str, status: str, suppliers: Sequence[Supplier]) -> Json:
    release = awards.release
    return _without_nothing(
        {
            "id": own,
            "title": f"Lot {lot.number}: {lot.title}",
            "status": status,
            "date": _moment(awards.facts.decided_at),
            "relatedLots": [lot.number],
            "suppliers": [{"id": _id(each), "name": each.name} for each in suppliers],
            "amendments": _amendments(lot),
            "contractPeriod": _period(suppliers),
            "assessmentSummariesDateSent": _moment(release["sent_at"]) if release else None,
            "standstillPeriod": {"endDate": _end_of(release["admits_after"])}
            if release and release["admits_after"]
            else None,
        }
    )


def _newest(lots: Iterable[LotAward]) -> datetime | None:
    """When a decision was last made anew; None where none was."""
    return max((lot.anew_at for lot in lots if lot.anew_at), default=None)


def _amendments(lot: LotAward) -> list[Json]:
    """That decisions of a lot were made anew: as one, without names, as the suppliers say who is admitted."""
    if not lot.anew_at:
        return []
    return [
        {
            "id": f"lot-{lot.number}-{lot.anew_at:%Y%m%d%H%M%S}",
            "date": _moment(lot.anew_at),
            "rationale": "Decided anew after a complaint or challenge was upheld.",
        }
    ]


def _party(supplier: Supplier) -> Json:
    numbers = [{"scheme": scheme, "id": value} for scheme, value in supplier.numbers]
    types = supplier.operation_types
    return _without_nothing(
        {
            "id": _id(supplier),
            "name": supplier.name,
            "identifier": {**numbers[0], "legalName": supplier.name} if numbers else None,
            "additionalIdentifiers": numbers[1:],
            "address": {
                "streetAddress": supplier.address,
                "postalCode": supplier.postcode,
                "countryName": "United Kingdom",
            },
            "roles": ["supplier"],
            "details": {"scale": "sme" if "sme" in types else None, "vcse": "vcse" in types}
            if types
            else None,
        }
    )


def _id(supplier: Supplier) -> str:
    """The provider's own number, or else ours."""
    return "-".join(supplier.numbers[0]) if supplier.numbers else f"provider-{supplier.id}"


def _statistics(lots: Iterable[LotAward]) -> list[Json]:
    """How many bids each lot had, and from SMEs and VCSEs where the profiles of all tenderers say so: the
    code for VCSEs is ours, as the extension's list, which is open, has none."""
    counted = [
        (measure, value, lot.number)
        for lot in lots
        for measure, value in (
            ("bids", lot.tenders),
            *((("smeBids", lot.sme), ("vcseBids", lot.vcse)) if lot.known == lot.tenders else ()),
        )
    ]
    return [
        {"id": str(place), "measure": measure, "value": value, "relatedLots": [number]}
        for place, (measure, value, number) in enumerate(counted, 1)
    ]


def _period(suppliers: Sequence[Supplier]) -> Json | None:
    starts = [each.starts_on for each in suppliers if each.starts_on]
    ends = [each.ends_on for each in suppliers if each.ends_on]
    return {"startDate": _start_of(min(starts)), "endDate": _end_of(max(ends))} if starts and ends else None


def _classification(codes: Iterable[str]) -> Json | None:
    first = next(iter(codes), None)
    return {"scheme": "CPV", "id": first} if first else None


def _moment(moment: datetime | None) -> str | None:
    return clock.london(moment).isoformat(timespec="seconds") if moment else None


def _start_of(day: date) -> str:
    return datetime.combine(day, time.min, clock.LONDON).isoformat(timespec="seconds")


def _end_of(day: date) -> str:
    return datetime.combine(day, time(23, 59, 59), clock.LONDON).isoformat(timespec="seconds")


def _without_nothing(value: Any) -> Any:
    """Without fields that hold nothing: the standard leaves out what is not known."""
    if isinstance(value, dict):
        kept = {name: _without_nothing(each) for name, each in value.items()}
        return {name: each for name, each in kept.items() if each not in (None, "", [], {})}
    if isinstance(value, list):
        return [_without_nothing(each) for each in value]
    return value
