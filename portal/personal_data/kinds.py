"""The kinds of record that a retention period is for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind: what goes, what stays, when its period begins, and the shortest one allowed (months)."""

    code: str
    title: str
    goes: str
    stays: str
    counted_from: str
    shortest: int = 1


KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            "referral_not_placed",
            "Referrals that led to no place",
            goes="The referral with all that was said of the child, and the letters about it",
            stays="Its reference and who did what when, in the audit trail",
            counted_from="The day it was declined or withdrawn; unanswered, the start that was wished for",
        ),
        Kind(
            "referral_placed",
            "Referrals that a provider accepted",
            goes="The referral with all that was said of the child, and the letters about it",
            stays="Its reference and who did what when, in the audit trail; of the one that was chosen, who "
            "asked whom and when",
            counted_from="The day on which the child was to start",
        ),
        Kind(
            "child",
            "Who a child is",
            goes="The child’s name, date of birth and UPN, and every file that is left",
            stays="The choice and the agreement without the child, and who read of it, in the audit trail",
            counted_from="The last day of the child’s last placement, or the day on which the choice was "
            "cancelled; where no agreement was signed, a year after the day on which the child was to start",
        ),
        Kind(
            "child_files",
            "Files about a child",
            goes="Every file that the school gave with one choice",
            stays="That there were files and who opened them, in the audit trail",
            counted_from="As for who the child is, for this one choice",
        ),
        Kind(
            "application_draft",
            "Applications that were never submitted",
            goes="The application with its answers, their earlier versions and documents",
            stays="That it was started, in the audit trail",
            counted_from="The close of the round",
        ),
        Kind(
            "tender_not_admitted",
            "Tenders that were not admitted",
            goes="Answers, their earlier versions and documents",
            stays="The receipt with its SHA-256, marks, reasons and decisions",
            counted_from="The day the outcome letters were released, or the round was withdrawn",
            # Procurement Act 2023, section 98: records of a material decision are kept for three years.
            shortest=36,
        ),
        Kind(
            "tender_admitted",
            "Tenders that were admitted",
            goes="Answers, their earlier versions and documents",
            stays="The receipt with its SHA-256, marks, reasons and decisions",
            counted_from="The last day of the provider's last lot",
            shortest=36,
        ),
        Kind(
            "letter",
            "Letters that were delivered",
            goes="The letter's words",
            stays="To whom it went, about what and when",
            counted_from="The day of delivery",
        ),
        Kind(
            "person",
            "Accounts that are closed or belong nowhere",
            goes="Name, email address and everything that signs in",
            stays="Their name beside what they did, in the audit trail: it is evidence",
            counted_from="The last thing they did in the portal",
        ),
        Kind(
            "connected_person",
            "Connected persons of providers",
            goes="Name, role and dates of somebody who controlled or directed a provider",
            stays="What was declared and submitted while they did",
            counted_from="The day on which the connection ended, or the provider was deactivated",
        ),
        Kind(
            "shortlist",
            "Shortlists of schools",
            goes="What was searched and found, the decisions with their reasons, and the signature",
            stays="That it was kept and signed, when and by whom, with its SHA-256, in the audit trail",
            counted_from="The day it was signed; not signed, the day of the search",
        ),
        Kind(
            "declined_need",
            "Needs that every provider declined",
            goes="Key stage, needs, days and area of a child whom nobody could take",
            stays="Nothing: it never said who the child was",
            counted_from="The day on which the last provider declined",
        ),
        Kind(
            "agreement",
            "Placement agreements",
            goes="The agreement with all its versions and signatures, and the letters about it",
            stays="Its reference and who did what when, in the audit trail",
            counted_from="The last day of the placement, or the day on which the agreement was cancelled",
        ),
    )
}
