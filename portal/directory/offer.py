"""The words of a service's offer: codes as they are kept, with what people read.

Order matters: it is that of the pages, and that of the bits in `SearchRow.traits` (`TRAITS`). A new code
changes bits, and a new word of `ALSO_CALLED` what is found, so the migration that brings one refreshes the
search rows.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from portal.working_days import weekdays_between
from tender.frameworks.models import KEY_STAGES

# Primary need codes of the school census.
NEEDS = {
    "SPLD": "Specific learning difficulty",
    "MLD": "Moderate learning difficulty",
    "SLD": "Severe learning difficulty",
    "PMLD": "Profound and multiple learning difficulty",
    "SEMH": "Social, emotional and mental health",
    "SLCN": "Speech, language and communication needs",
    "HI": "Hearing impairment",
    "VI": "Vision impairment",
    "MSI": "Multi-sensory impairment",
    "PD": "Physical disability",
    "ASD": "Autistic spectrum disorder",
    "OTH": "Other difficulty or disability",
}
# The three tiers of alternative provision, as the Department for Education describes them.
TIERS = {
    "tier1": "Tier 1: support while in school",
    "tier2": "Tier 2: a time-limited placement",
    "tier3": "Tier 3: a longer placement before a new school or post-16",
}
MODES = {
    "at_site": "At the provider's site",
    "at_school": "At the child's school",
    "at_home": "At home",
    "online": "Online",
}
SUBJECTS = {
    "english": "English",
    "maths": "Maths",
    "science": "Science",
    "computing": "Computing and digital media",
    "humanities": "Humanities",
    "pshe": "Personal, social and health education",
    "life_skills": "Life skills",
    "work_skills": "Skills for work",
    "sport": "Sport and fitness",
    "art": "Art and design",
    "music": "Music",
    "drama": "Drama and film",
    "construction": "Construction trades",
    "motor": "Motor vehicles",
    "hair_beauty": "Hair and beauty",
    "cookery": "Cookery and hospitality",
    "animals": "Animal care",
    "outdoors": "Outdoor learning and horticulture",
    "therapy": "Therapeutic work",
    "mentoring": "Mentoring",
}
QUALIFICATIONS = {
    "gcse": "GCSE",
    "functional": "Functional Skills",
    "entry": "Entry Level certificate",
    "btec": "BTEC or other vocational award",
    "unit_award": "Unit Award Scheme",
    "asdan": "ASDAN",
    "dofe": "The Duke of Edinburgh's Award",
    "arts_award": "Arts Award",
    "cscs": "CSCS card",
    "food_safety": "Food safety or first aid certificate",
}
# By code, in the words that people type; each is compared on its own, so none that says something else too.
ALSO_CALLED = {
    "KS1": "Y1 Y2",
    "KS2": "Y3 Y4 Y5 Y6",
    "KS3": "Y7 Y8 Y9",
    "KS4": "Y10 Y11",
    "KS5": "Y12 Y13",
    "SPLD": "dyslexia dyslexic dyspraxia dyspraxic dyscalculia dysgraphia",
    "SEMH": "anxiety anxious behaviour behavioural emotional mental depression trauma attachment ADHD EBSA",
    "SLCN": "speech communication stammer DLD",
    "HI": "deaf deafness hearing",
    "VI": "blind blindness sight sighted visual",
    "MSI": "deafblind",
    "PD": "wheelchair mobility",
    "ASD": "autism autistic ASC Asperger",
    "at_school": "outreach",
    "at_home": "home",
    "online": "online remote virtual",
}
REGISTRATIONS = {"registered": "A registered school", "not_registered": "Not a registered school"}
SEXES = {"any": "All children", "girls": "Girls only", "boys": "Boys only"}

DAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday"}
HALVES = {"am": "morning", "pm": "afternoon"}
SESSIONS = {
    f"{day}_{half}": f"{day_name} {half_name}"
    for day, day_name in DAYS.items()
    for half, half_name in HALVES.items()
}
"""The ten half days of a week, in order. A session is half a day, as registers count it."""

INCLUSIONS = {
    "materials": "Materials and equipment",
    "lunch": "Lunch",
    "clothing": "Protective clothing",
    "exams": "Examination and award fees",
    "reports": "Reports and reviews",
    "transport": "Transport",
}
TRANSPORT = {
    "none": "No: the school or family brings the child",
    "included": "Yes, in the price",
    "extra": "Yes, for an extra charge",
}
SITE_KINDS = {
    "main": "Main site",
    "satellite": "Further site of the provider",
    "subcontracted": "Site of a subcontractor",
}

MOST_SITES = 8

VERIFIED = {
    "children": "whom it is for",
    "where": "where children learn",
    "prices": "prices",
    "registration": "registration",
}
"""The parts of a page that the council checks (`portal.provision.facts.PARTS`), inside a sentence."""

HOURS_A_DAY = 5
"""How many hours make a day where only the price of an hour is given: 25 hours are a full week."""

TRAITS = (*KEY_STAGES, *NEEDS, *TIERS, *MODES, "registered", *SUBJECTS, *QUALIFICATIONS)
FREE_NOW = 1 << len(TRAITS)
"""A bit beside those of `TRAITS` that no row has: a search gives it to what has a free place on its day."""
_BITS: Mapping[str, int] = {code: 1 << place for place, code in enumerate(TRAITS)}
_SESSION_BITS: Mapping[str, int] = {code: 1 << place for place, code in enumerate(SESSIONS)}


def trait_bit(code: str) -> int:
    """The bit of a code in `SearchRow.traits`. Raises `KeyError` for an unknown code."""
    return _BITS[code]


def trait_bits(codes: Iterable[str]) -> int:
    """All their bits."""
    return sum(_BITS[code] for code in set(codes))


def session_bits(codes: Iterable[str]) -> int:
    """The bits of these sessions; the first is Monday morning's."""
    return sum(_SESSION_BITS[code] for code in set(codes))


def need_names(codes: Iterable[str]) -> str:
    """Needs in words, with semicolons between them since some hold commas."""
    return "; ".join(NEEDS.get(code, code) for code in codes)


def names_of(codes: Iterable[str], words: Mapping[str, str]) -> str:
    """'English, Maths': what the codes mean, in the order of the words."""
    chosen = set(codes)
    return ", ".join(name for code, name in words.items() if code in chosen)


def half_days_between(codes: Iterable[str], first: date, last: date) -> int:
    """How many half days these sessions are from a day to another, both counted, without bank holidays."""
    by_day = list(DAYS)
    return sum(weekdays_between(first, last, by_day.index(code.split("_")[0])) for code in set(codes))


def in_week_order(codes: Iterable[str]) -> list[str]:
    """Known sessions, once each, in the order of the week."""
    chosen = set(codes)
    return [code for code in SESSIONS if code in chosen]


def session_names(codes: Iterable[str]) -> str:
    """'Monday, Tuesday morning, Friday afternoon': whole days where both halves are there."""
    chosen, said = set(codes), []
    for day, name in DAYS.items():
        halves = [half_name for half, half_name in HALVES.items() if f"{day}_{half}" in chosen]
        if len(halves) == len(HALVES):
            said.append(name)
        elif halves:
            said.append(f"{name} {halves[0]}")
    if len(chosen) == len(SESSIONS):
        return "Every day, Monday to Friday"
    for half, name in HALVES.items():
        if chosen == {f"{day}_{half}" for day in DAYS}:
            return f"Every {name}, Monday to Friday"
    return ", ".join(said)
