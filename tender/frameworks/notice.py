"""Reads a published notice (an OCDS 1.1 release package) into what a framework starts from.

Nothing here is decided for the council: what was read is shown for confirmation, with a warning for each
thing that the notice leaves out, contradicts or may have outlived.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from portal import clock
from tender.frameworks.notice_file import NoticeUnreadable, Section, open_release
from tender.frameworks.notice_text import (
    MAX_LOTS,
    LotInText,
    claimed_lot_count,
    lots_in,
    minimum_hours_a_week,
    registered_only,
)

__all__ = ["Notice", "NoticeLot", "NoticeUnreadable", "read_notice"]

LegalRegime = Literal["PCR2015", "PA2023"]
FrameworkKind = Literal["closed", "light_touch_reopenable", "open_framework", "dynamic_market", "pseudo_dps"]
ProcedureType = Literal["open", "competitive_flexible", "restricted", "direct_award"]

_LONGEST_DESCRIPTION = 100_000
_FIND_A_TENDER = "ocds-h6vhtk"
_NOT_OFFERED = {"cancelled", "unsuccessful", "withdrawn"}
_FLEXIBLE_SYSTEM = re.compile(
    r"\bflexible (?:purchas|procure)\w* (?:system|solution)"
    r"|\bdynamic purchasing system|\bpseudo[- ]dps|\b[df]ps\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class NoticeLot:
    """One lot as the notice gives it, with hints read from its title (None where it does not say)."""

    number: str
    title: str
    description: str | None = None
    value: Decimal | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    registered_only: bool | None = None
    minimum_hours_a_week: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A published notice. Moments are aware, in UTC; dates are those of the UK; amounts are exact.

    ``lots_source`` says whether the lots are data of the notice or were recognised in its description;
    ``description_lot_count`` is how many lots the description claims. ``special_regime`` holds the codes
    of the notice ("lightTouch"). ``warnings`` are sentences for the person who confirms what was read.
    """

    title: str
    reference: str | None
    description: str
    buyer_name: str | None
    ocid: str | None
    notice_identifier: str | None
    published_at: datetime | None
    legal_regime: LegalRegime
    framework_kind: FrameworkKind
    special_regime: tuple[str, ...]
    procedure_type: ProcedureType | None
    procedure: str | None
    cpv_codes: tuple[str, ...]
    value: Decimal | None
    value_gross: Decimal | None
    currency: str
    starts_on: date | None
    ends_on: date | None
    tender_deadline: datetime | None
    enquiry_deadline: datetime | None
    lots: tuple[NoticeLot, ...]
    lots_source: Literal["data", "description"]
    description_lot_count: int | None
    warnings: tuple[str, ...]


def read_notice(data: bytes, *, now: datetime | None = None) -> Notice:
    """The notice in an uploaded file; ``now`` (aware) is the moment against which deadlines are checked.

    The legal regime is that of the Procurement Act 2023 where the notice names it as its legal basis (scheme
    UKPGA, 2023/54), and of the Public Contracts Regulations 2015 otherwise: procedures begun before 24
    February 2025, and systems set up by them, stay under the earlier law however late they advertise (the
    Act's transitional arrangements; Find a Tender, "Notice types and sequences").

    Raises NoticeUnreadable, and nothing else, for a file that cannot be read.
    """
    package, release, warnings = open_release(data)
    tender = release.section("tender")
    title = tender.line("title")
    if title is None:
        raise NoticeUnreadable(
            "The notice has no title (tender.title). Add it to the file and upload it again."
        )
    description = tender.text("description", _LONGEST_DESCRIPTION) or ""
    claimed = claimed_lot_count(description)
    lots, lots_source = _lots(tender, title, description, warnings)
    regime = _legal_regime(release, tender, warnings)
    currency, value, gross = _value(tender, warnings)
    starts_on, ends_on = _term(tender, lots)
    notice = Notice(
        title=title,
        reference=tender.text("id"),
        description=description,
        buyer_name=_buyer_name(release),
        ocid=release.text("ocid"),
        notice_identifier=_notice_identifier(release),
        published_at=release.moment("date")
        or tender.moment("datePublished")
        or package.moment("publishedDate"),
        legal_regime=regime,
        framework_kind=_framework_kind(tender, regime, f"{title}\n{description}", warnings),
        special_regime=tender.texts("specialRegime"),
        procedure_type=_procedure_type(tender, regime),
        procedure=tender.text("procurementMethodDetails", 500),
        cpv_codes=_cpv_codes(tender),
        value=value,
        value_gross=gross,
        currency=currency,
        starts_on=starts_on,
        ends_on=ends_on,
        tender_deadline=tender.section("tenderPeriod").moment("endDate", day_ends=True),
        enquiry_deadline=tender.section("enquiryPeriod").moment("endDate", day_ends=True),
        lots=lots,
        lots_source=lots_source,
        description_lot_count=claimed,
        warnings=(),
    )
    return replace(notice, warnings=(*warnings, *_doubts(notice, tender, now or clock.now())))


def _lots(
    tender: Section, title: str, description: str, warnings: list[str]
) -> tuple[tuple[NoticeLot, ...], Literal["data", "description"]]:
    """The lots of the data; those of the description where only that divides the framework."""
    in_data = _lots_in_data(tender, title, warnings)
    in_text = lots_in(description)
    if in_data and not (len(in_data) == 1 < len(in_text)):
        return in_data, "data"
    if in_data:
        warnings.append(
            f"The notice holds a single lot as data, but its description lists {len(in_text)} lots. "
            "We read those."
        )
    return tuple(_lot_in_text(lot) for lot in in_text), "description" if in_text else "data"


def _lot_in_text(lot: LotInText) -> NoticeLot:
    words = f"{lot.title}. {lot.description or ''}"
    return NoticeLot(
        str(lot.number),
        lot.title,
        lot.description,
        registered_only=registered_only(lot.title),
        minimum_hours_a_week=minimum_hours_a_week(words),
    )


def _lots_in_data(tender: Section, tender_title: str, warnings: list[str]) -> tuple[NoticeLot, ...]:
    sections = tender.sections("lots", MAX_LOTS)
    lots: list[NoticeLot] = []
    seen: set[str] = set()
    for position, section in enumerate(sections, start=1):
        number = section.text("id", 100) or str(position)
        if number in seen:
            raise NoticeUnreadable(
                f"Two lots in the notice have the same id, “{number}”. "
                "Give each lot its own id and upload it again."
            )
        seen.add(number)
        if (section.text("status") or "").lower() in _NOT_OFFERED:
            warnings.append(f"Lot {number} is {section.text('status')} in the notice, so it is left out.")
            continue
        title = section.line("title") or (tender_title if len(sections) == 1 else None)
        if title is None:
            warnings.append(f"Lot {number} has no title in the notice. Give it one.")
        lots.append(_lot_in_data(section, number, title or f"Lot {number}"))
    return tuple(lots)


def _lot_in_data(section: Section, number: str, title: str) -> NoticeLot:
    description = section.text("description", _LONGEST_DESCRIPTION)
    starts_on, ends_on = _period(section)
    return NoticeLot(
        number,
        title,
        description,
        section.section("value").amount("amount"),
        starts_on,
        ends_on,
        registered_only(title),
        minimum_hours_a_week(f"{title}. {description or ''}"),
    )


def _legal_regime(release: Section, tender: Section, warnings: list[str]) -> LegalRegime:
    basis = tender.section("legalBasis")
    scheme, number = (basis.text("scheme") or "").upper(), basis.text("id") or ""
    if scheme == "UKPGA" and number == "2023/54":
        return "PA2023"
    if not basis.values and (release.text("ocid") or "").startswith(_FIND_A_TENDER):
        warnings.append(
            "The notice does not name its legal basis. We took it to be under the Public Contracts "
            "Regulations 2015; choose the Procurement Act 2023 if that is wrong."
        )
    return "PCR2015"


def _framework_kind(tender: Section, regime: LegalRegime, words: str, warnings: list[str]) -> FrameworkKind:
    """What the notice's techniques say; where it has none, as on Contracts Finder, what its words say."""
    techniques = tender.section("techniques")
    agreement = techniques.section("frameworkAgreement")
    if agreement.flag("isOpenFrameworkScheme") or agreement.text("type") == "open":
        return "open_framework"
    if techniques.flag("hasDynamicPurchasingSystem"):
        return "dynamic_market" if regime == "PA2023" else "pseudo_dps"
    if regime == "PCR2015" and _FLEXIBLE_SYSTEM.search(words):
        return "pseudo_dps"
    if (
        regime == "PA2023"
        and "lightTouch" in tender.texts("specialRegime")
        and agreement.text("type") != "closed"
    ):
        return "light_touch_reopenable"
    if not techniques.flag("hasFrameworkAgreement"):
        warnings.append("The notice does not say what kind of framework this is. Choose the kind.")
    return "closed"


def _procedure_type(tender: Section, regime: LegalRegime) -> ProcedureType | None:
    """The procedure that the details name; failing those, the one that the OCDS method stands for."""
    details = (tender.text("procurementMethodDetails", 500) or "").lower()
    named: dict[str, ProcedureType] = {
        "competitive flexible": "competitive_flexible",
        "restricted": "restricted",
        "direct": "direct_award",
        "open": "open",
    }
    for word, procedure in named.items():
        if word in details:
            return procedure
    methods: dict[str, ProcedureType] = {
        "open": "open",
        "selective": "competitive_flexible" if regime == "PA2023" else "restricted",
        "direct": "direct_award",
    }
    return methods.get(tender.text("procurementMethod") or "")


def _cpv_codes(tender: Section) -> tuple[str, ...]:
    """The Common Procurement Vocabulary codes of the tender and its items, each once, without check digit."""
    described = [tender, *tender.sections("items")]
    classes = [
        classification
        for section in described
        for classification in (
            section.section("classification"),
            *section.sections("additionalClassifications"),
        )
    ]
    codes = (item.text("id") for item in classes if (item.text("scheme") or "").upper() == "CPV")
    return tuple(dict.fromkeys(code.split("-")[0] for code in codes if code))


def _value(tender: Section, warnings: list[str]) -> tuple[str, Decimal | None, Decimal | None]:
    """The currency, the value without VAT and the value with it."""
    section = tender.section("value")
    currency = (section.text("currency") or "GBP").upper()
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise NoticeUnreadable(
            "The currency of the notice (tender.value.currency) is not a code of three letters, like GBP. "
            "Correct it in the file and upload it again."
        )
    if currency != "GBP":
        warnings.append(f"The value of the notice is in {currency}, not in pounds. Convert it.")
    return currency, section.amount("amount"), section.amount("amountGross")


def _term(tender: Section, lots: Sequence[NoticeLot]) -> tuple[date | None, date | None]:
    """When the framework starts and ends: its own period, that of its lots, or an open scheme's end."""
    starts_on, ends_on = _period(tender)
    agreement = tender.section("techniques").section("frameworkAgreement")
    scheme_ends = agreement.moment("openFrameworkSchemeEndDate", day_ends=True)
    starts_on = starts_on or min((lot.starts_on for lot in lots if lot.starts_on), default=None)
    ends_on = ends_on or max((lot.ends_on for lot in lots if lot.ends_on), default=None)
    return starts_on, ends_on or _day(scheme_ends)


def _period(section: Section) -> tuple[date | None, date | None]:
    period = section.section("contractPeriod")
    return _day(period.moment("startDate")), _day(period.moment("endDate", day_ends=True))


def _day(moment: datetime | None) -> date | None:
    return clock.london(moment).date() if moment else None


def _buyer_name(release: Section) -> str | None:
    """The buyer's name, from the release itself or from the party with that role."""
    buyers = (
        party.text("name", 500) for party in release.sections("parties") if "buyer" in party.texts("roles")
    )
    return release.section("buyer").text("name", 500) or next(buyers, None)


def _notice_identifier(release: Section) -> str | None:
    """The notice's number; one of Find a Tender's as it is shown there ("2026/S 000-021461")."""
    number = release.text("id")
    found = re.fullmatch(r"([0-9]{6})-([0-9]{4})", number or "")
    return f"{found[2]}/S 000-{found[1]}" if found else number


def _doubts(notice: Notice, tender: Section, now: datetime) -> list[str]:
    """A sentence for each thing that is missing, contradicts another, or lies in the past."""
    claimed, found = notice.description_lot_count, len(notice.lots)
    starts_on, ends_on, deadline = notice.starts_on, notice.ends_on, notice.tender_deadline
    day_alone = tender.section("tenderPeriod").gives_day_alone("endDate")
    doubts = {
        "We found no lots in the notice. Add at least one.": not found,
        f"The description speaks of {claimed} lots, but we found {found}. Check the list.": (
            found and claimed and claimed != found
        ),
        "We found the lots in the words of the description. Check each title.": notice.lots_source
        == "description",
        "The notice gives no value. Enter the framework's estimated value.": not notice.value,
        "The notice does not name the buyer. Enter the council's name.": not notice.buyer_name,
        "The notice has no OCID, so later notices cannot be linked to it.": not notice.ocid,
        "The notice gives no closing time for applications. Enter one.": not deadline,
        "The notice gives the closing day without a time. We took the end of that day.": deadline
        and day_alone,
        "The closing time in the notice has passed. Enter the closing time of your next round.": (
            deadline and deadline <= now
        ),
        "The notice does not say when the framework starts. Enter the date.": not starts_on,
        "The notice does not say when the framework ends. Enter the date.": not ends_on,
        "The framework ends before it starts. Check both dates.": starts_on
        and ends_on
        and ends_on < starts_on,
        "The framework's term has ended. Check the dates.": ends_on and ends_on < clock.london(now).date(),
        "Questions close after applications do. Check both times.": (
            deadline and notice.enquiry_deadline and notice.enquiry_deadline > deadline
        ),
    }
    return [sentence for sentence, holds in doubts.items() if holds]
