"""The SHA-256 under which the audit trail knows a mark, so that one that was changed afterwards is found.

Whoever reads the trail learns neither points nor reason from it: nobody guesses a whole reason.
"""

from collections.abc import Iterable

from tender.applications.values import sha256_of


def mark_digest(
    *,
    tender: int,
    answer: int,
    question: int,
    by: int | None,
    points: int,
    reason: str,
    version: int,
    answer_version: int | None = None,
    pack_version: int | None = None,
) -> str:
    """The digest of a mark, an evaluator's or an agreed one, as canonical JSON of an object of these parts.

    The first four are the numbers of rows; `answer_version` and `pack_version` are those that an evaluator
    judged, null of an agreed mark.
    """
    return sha256_of(
        {
            "tender": tender,
            "answer": answer,
            "question": question,
            "by": by,
            "points": points,
            "reason": reason,
            "version": version,
            "answer_version": answer_version,
            "pack_version": pack_version,
        }
    )


def digest_together(digests: Iterable[str]) -> str:
    """The digest of several marks: of the list of their own, in the order of their answers' numbers."""
    return sha256_of(list(digests))
