"""The kinds of files that a school gives with a choice, and why a child may have no UPN."""

from collections.abc import Mapping

FILE_KINDS: Mapping[str, str] = {
    "ehc_plan": "EHC plan",
    "risk_assessment": "Risk assessment",
    "consent": "Consent of parents or carers",
    "care_plan": "Care plan or personal education plan",
    "medical": "Health care plan",
    "school_report": "School report or support plan",
    "other": "Something else",
}

REASONS_WITHOUT_UPN: Mapping[str, str] = {
    "asked_for": "It is asked for, and not here yet",
    "new_arrival": "The child is new to the country or to state schools",
    "not_in_school": "The child has not been in a school before",
    "other": "Another reason",
}
"""Codes, not sentences: whatever is written here is kept in clear."""
