"""When two names are alike enough to ask a person about them.

It asks too often rather than too seldom: a sister keeps the surname, a school is written with and without its
saint. Nothing follows from a resemblance by itself.
"""

import re
import unicodedata

# Words that many names share and that tell none of them apart.
_COMMON = frozenset(
    """the of and for in at cic ltd limited llp plc trust academy academies school primary secondary college
    charity company community council education centre group services st saint mr mrs ms miss dr""".split()  # noqa: SIM905
)


def words_of(name: str) -> list[str]:
    """The words of a name that tell it apart, in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return [
        word for word in re.findall(r"[^\W_]+", bare.replace("'", "").replace("’", "")) if word not in _COMMON
    ]


def alike_people(one: str, other: str) -> bool:
    """Whether two people share the last word of their names."""
    first, second = words_of(one), words_of(other)
    return bool(first and second) and first[-1] == second[-1]


def alike_organisations(one: str, other: str) -> bool:
    """Whether all words that tell the shorter name apart are in the longer one."""
    first, second = sorted((set(words_of(one)), set(words_of(other))), key=len)
    return bool(first) and first <= second
