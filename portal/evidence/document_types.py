"""The kinds of document that a vault holds, as a table.

They follow what schemes of this kind ask for: insurance, safeguarding, premises, data protection, standing.
Codes are what a question's shape names as its `document_type`; they never change their meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentType:
    """A kind of document: its name, whether it states a cover in pounds, whether it always runs out, and
    what to know before one is uploaded."""

    name: str
    covers: bool = False
    expires: bool = False
    hint: str = ""


DOCUMENT_TYPES: Mapping[str, DocumentType] = {
    "public_liability": DocumentType("Public liability insurance", covers=True, expires=True),
    "employers_liability": DocumentType("Employers’ liability insurance", covers=True, expires=True),
    "professional_indemnity": DocumentType("Professional indemnity insurance", covers=True, expires=True),
    "abuse_cover": DocumentType("Cover for claims of abuse", covers=True, expires=True),
    "safeguarding_policy": DocumentType("Safeguarding and child protection policy"),
    "safer_recruitment_policy": DocumentType("Safer recruitment policy"),
    "dsl_training": DocumentType("Training of the designated safeguarding lead"),
    "single_central_record": DocumentType(
        "Statement on the single central record",
        hint="A statement that the record is kept and up to date. Never the record itself.",
    ),
    "dbs_policy": DocumentType(
        "Policy on DBS checks",
        hint="Policies and facts only. Never upload a DBS certificate of anybody.",
    ),
    "health_safety_policy": DocumentType("Health and safety policy"),
    "risk_assessment": DocumentType("Risk assessment"),
    "fire_risk": DocumentType("Fire risk assessment"),
    "gas_electric": DocumentType("Gas or electrical safety certificate", expires=True),
    "food_hygiene": DocumentType("Food hygiene rating or training"),
    "first_aid": DocumentType("First aid certificate", expires=True),
    "data_protection": DocumentType("Data protection: registration with the Information Commissioner"),
    "accounts": DocumentType("Accounts or another proof of financial standing"),
    "qualifications": DocumentType("Qualifications or approval as an examination centre"),
    "other": DocumentType("Other"),
}


def type_name(code: str) -> str:
    """'Public liability insurance'; for a code of an earlier table the code itself."""
    known = DOCUMENT_TYPES.get(code)
    return known.name if known else code
