"""The terms of a profile as tables: codes are kept, labels are shown.

Labels of connected persons, operation types and grounds under the Act are those of the central digital
platform, so that nobody has to translate what they have entered there.
"""

from collections.abc import Mapping
from typing import Literal, get_args

Law = Literal["PA2023", "PCR2015"]
LAWS: tuple[str, ...] = get_args(Law)
LAW_NAMES: Mapping[str, str] = {
    "PA2023": "Procurement Act 2023, Schedules 6 and 7",
    "PCR2015": "Public Contracts Regulations 2015",
}

LEGAL_FORMS: Mapping[str, str] = {
    "company_by_shares": "Private company limited by shares",
    "company_by_guarantee": "Company limited by guarantee",
    "cic": "Community interest company",
    "cio": "Charitable incorporated organisation",
    "charity": "Charity that is not incorporated",
    "llp": "Limited liability partnership",
    "partnership": "Partnership",
    "sole_trader": "Sole trader",
    "society": "Co-operative or community benefit society",
    "public_body": "Public body",
    "other": "Other",
}

OPERATION_TYPES: Mapping[str, str] = {
    "sme": "Small or medium-sized enterprise (SME)",
    "vcse": "Voluntary, community or social enterprise (VCSE)",
    "supported_employment": "Supported employment provider",
    "public_service_mutual": "Public service mutual",
}

CONNECTED_KINDS: Mapping[str, str] = {
    "psc": "Person with significant control",
    "director": "Director or individual with the same responsibilities",
    "other_individual": "Any other individual with significant influence or control",
    "company_psc": "Registered company with significant control",
    "director_organisation": "Director or organisation with the same responsibilities",
    "parent_or_subsidiary": "Parent or subsidiary company",
    "predecessor": "Company your organisation has taken over",
    "other_organisation": "Any other organisation with significant influence or control",
}

APPLIES_TO: Mapping[str, str] = {
    "supplier": "Your organisation",
    "connected_person": "A connected person",
    "associated_person": "An associated person: somebody you rely on to meet the conditions",
}

PENALTIES = "Mandatory grounds: penalties and other events"
CONVICTIONS = "Mandatory grounds: convictions"
DISCRETIONARY = "Discretionary grounds"

# By law, then by heading: code and label.
GROUNDS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "PA2023": {
        PENALTIES: {
            "abusive_tax": "Adjustments for tax arrangements that are abusive",
            "competition": "Competition law infringements",
            "notifiable_tax": "Defeat in respect of notifiable tax arrangements",
            "no_cooperation": "Failure to cooperate with an investigation",
            "vat_abuse": "Finding by HMRC, in exercise of its powers in respect of VAT, of abusive practice",
            "vat_fraud": "Penalties for transactions connected with VAT fraud and evasion of tax or duty",
            "tax_errors": "Penalties payable for errors in tax documentation and failure to notify, and "
            "certain VAT and excise",
        },
        CONVICTIONS: {
            "ancillary": "Ancillary offences",
            "cartel": "Cartel offences",
            "manslaughter": "Corporate manslaughter or homicide",
            "labour_offences": "Labour market, slavery and human trafficking offences",
            "organised_crime": "Organised crime",
            "tax_offences": "Tax offences",
            "terrorism": "Terrorism and offences having a terrorist connection",
            "theft_fraud_bribery": "Theft, fraud and bribery",
        },
        DISCRETIONARY: {
            "improper": "Acting improperly in procurement",
            "poor_performance": "Breach of contract and poor performance",
            "environmental": "Environmental misconduct",
            "chapter_two": "Infringement of Competition Act 1998, Chapter II",
            "insolvency": "Insolvency or bankruptcy",
            "labour_misconduct": "Labour market misconduct",
            "potential_competition": "Potential competition and competition law infringements",
            "professional": "Professional misconduct",
            "suspended_business": "Suspension or ceasing to carry on all or a substantial part of a business",
            "national_security": "Threat to national security",
        },
    },
    "PCR2015": {
        "Mandatory grounds": {
            "pcr_convictions": "Convictions for conspiracy, corruption, bribery, fraud, terrorism, money "
            "laundering, trafficking or child labour",
            "pcr_taxes": "Taxes or social security contributions not paid, as a court or authority decided",
        },
        "Discretionary grounds": {
            "pcr_law": "Environmental, social or labour law not observed",
            "pcr_insolvency": "Insolvency, winding up or an arrangement with creditors",
            "pcr_misconduct": "Grave professional misconduct",
            "pcr_distortion": "Agreements that distort competition",
            "pcr_conflict": "A conflict of interest that nothing else remedies",
            "pcr_preparation": "Part in preparing the procurement that distorts competition",
            "pcr_performance": "Serious failures under an earlier public contract",
            "pcr_misrepresentation": "Serious misrepresentation, or information withheld",
            "pcr_influence": "Undue influence on the authority's decisions",
        },
    },
}
GROUND_NAMES: Mapping[str, str] = {
    code: label
    for headings in GROUNDS.values()
    for grounds in headings.values()
    for code, label in grounds.items()
}
LAW_OF: Mapping[str, str] = {
    code: law for law, headings in GROUNDS.items() for grounds in headings.values() for code in grounds
}
