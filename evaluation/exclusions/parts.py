"""The looks that are taken at every tenderer, and the grounds that each may find.

Sources: Procurement Act 2023, section 45(6) (a framework permits no award to an excluded supplier) and
Schedules 6 and 7, with what it says of associated persons, of self-cleaning and of the debarment list; Public
Contracts Regulations 2015, on exclusion grounds, for what was begun under them, which know no debarment list.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.profiles.words import DISCRETIONARY, GROUNDS


@dataclass(frozen=True, slots=True)
class Part:
    """One look: what it is called, what there is to look at, what follows where a ground applies, and for how
    many days it may be relied on before letters go and before an admission takes effect."""

    code: str
    title: str
    look_at: str
    follows: str
    lasts: int


# No law names a number. The debarment list and the registers change on any day; a look that is older than the
# usual time between a decision and its letters is made again.
_A_MONTH, _A_QUARTER = 28, 92
_MUST = (
    "An excluded supplier's tender has to be disregarded: a mandatory ground applies, and its circumstances "
    "go on or are likely to occur again."
)
_MAY = (
    "An excludable supplier's tender may be disregarded: a discretionary ground applies, and its "
    "circumstances go on or are likely to occur again. You decide whether it is."
)
_PARTS = (
    Part(
        "mandatory",
        "Mandatory grounds",
        "The declarations above, the share code's information on the central digital platform, Companies "
        "House, the Charity Commission's register.",
        _MUST,
        _A_QUARTER,
    ),
    Part(
        "discretionary",
        "Discretionary grounds",
        "The declarations above, the council's own contracts with the tenderer, published performance "
        "notices, the Insolvency Register, Ofsted.",
        _MAY,
        _A_QUARTER,
    ),
    Part(
        "persons",
        "Connected and associated persons",
        "Everybody named above and in the tender: directors, persons with significant control, parents, and "
        "those whom the tenderer relies on to meet the conditions, sub-contractors among them.",
        "Before a tenderer is excluded because of an associated person or a sub-contractor, it has to be "
        "told and given time to replace them.",
        _A_QUARTER,
    ),
    Part(
        "debarment",
        "Debarment list",
        "The list that the government publishes, for the tenderer, its connected and associated persons and "
        "its sub-contractors, on the day of the check.",
        "Who is on the list for a mandatory ground is excluded; for a discretionary one, excludable.",
        _A_MONTH,
    ),
)
PARTS: Mapping[str, Part] = {part.code: part for part in _PARTS}


def parts_of(law: str) -> tuple[Part, ...]:
    """The parts that a procurement under this law asks for."""
    return tuple(part for part in _PARTS if law == "PA2023" or part.code != "debarment")


def grounds_for(part: str, law: str) -> Mapping[str, Mapping[str, str]]:
    """The grounds that this part may find, under their headings: code and label."""
    headings = GROUNDS[law]
    if part not in ("mandatory", "discretionary"):
        return headings
    wanted = part == "discretionary"
    return {heading: grounds for heading, grounds in headings.items() if (heading == DISCRETIONARY) == wanted}
