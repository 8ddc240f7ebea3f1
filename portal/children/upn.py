"""The unique pupil number (UPN): 13 characters, the first a check letter.

The letter stands for the sum of each following character times its place (2 to 13), modulo 23, in an alphabet
without I, O and S; the last character of a temporary number is a letter, with its place in that alphabet.
Source: UK Government Data Standards Catalogue, Unique Pupil Number 2.0 (owner: Department for Education); the
school census checks the same (error 1510).
"""

import re

from portal.errors import Refusal

ALPHABET = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SHAPE = re.compile(f"[{ALPHABET}][0-9]{{11}}[0-9{ALPHABET}]", re.ASCII)


class WrongNumber(Refusal):
    """No UPN: the sentence says whether its shape is wrong or a character was mistyped."""


def normal_upn(typed: str) -> str:
    """The number in capitals without spaces and dashes. Raises `WrongNumber` at the field `upn`."""
    upn = re.sub(r"[\s\-]", "", typed).upper()
    if len(upn) != 13:
        raise WrongNumber(
            f"A UPN has 13 characters, and this has {len(upn)}. It begins with a letter, such as "
            "A123456789012.",
            field="upn",
        )
    if not _SHAPE.fullmatch(upn):
        raise WrongNumber(
            "A UPN is a letter and 12 digits; a temporary one ends with a letter instead. I, O and S are "
            "never used: check for 1, 0 and 5.",
            field="upn",
        )
    if upn[0] != check_letter(upn[1:]):
        raise WrongNumber(
            "This UPN cannot be right: its first letter does not go with the rest, so at least one character"
            " is mistyped. Compare it with your school’s records.",
            field="upn",
        )
    return upn


def check_letter(rest: str) -> str:
    """The first letter of the number whose other twelve characters are `rest`."""
    total = sum(place * _value(character) for place, character in enumerate(rest, 2))
    return ALPHABET[total % len(ALPHABET)]


def _value(character: str) -> int:
    return int(character) if character.isdigit() else ALPHABET.index(character)
