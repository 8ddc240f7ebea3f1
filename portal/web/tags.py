"""The colour of a state's tag. Words carry the meaning; colour only groups: done, going on, needs care, over.

Nouns bring their own states and their own words; this table knows only which colour a word usually has.
"""

COLOURS = {
    "green": "checked approved admitted accepted passed pass open active confirmed complete completed agreed "
    "ready",
    "blue": "submitted published received started in_progress moderation referred sent marking invited "
    "building",
    "yellow": "draft pending waiting asked proposed awaiting_approval scheduled expiring clarification refer",
    "orange": "conditional suspended_new paused suspended overdue late returned stood_down",
    "red": "failed fail rejected refused excluded removed declined unsuccessful",
    "grey": "deactivated closed withdrawn cancelled expired archived ended not_started not_marked lapsed",
}
_COLOUR_OF = {state: colour for colour, states in COLOURS.items() for state in states.split()}


def state_colour(state: str) -> str:
    """The tag colour for `state`; grey for a state that this table does not know."""
    return _COLOUR_OF.get(state, "grey")


def state_words(state: str) -> str:
    """`in_progress` as people read it: 'In progress'."""
    words = state.replace("_", " ")
    return words[:1].upper() + words[1:]
