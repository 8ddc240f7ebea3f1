"""Letters about declarations of conflicts of interest."""

STOPS = {
    "lead": "Until then you can recommend no outcome.",
    "moderator": "Until then you can agree no mark.",
    "approver": "Until then you can approve neither an outcome nor an assessment summary.",
    "evaluator": "Until then you can read and mark no tender.",
}
"""What waits for the declaration, by the part that somebody has in a round."""


def to_declare(*, part: str, place: str, tenderers: str, address: str, council: str) -> tuple[str, str]:
    """Title and words for somebody who has still to declare; no word of who the tenderers are."""
    lines = [
        f"Before anything is decided in {place}, everybody who has a part in it says whether they have a "
        f"conflict of interest with one of its {tenderers}. You have not said so yet.",
        f"{STOPS[part]} There is one list of all tenderers, and it takes a few minutes:",
        address,
        council,
    ]
    return f"Have you a conflict of interest with a tenderer of {place}?", "\n\n".join(lines) + "\n"
