"""A panel in words: what an evaluator marks, and what was changed when."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from portal.audit.words import happened

_GONE = "Somebody who has left"


def part_in_words(
    lot_ids: Iterable[int], codes: Iterable[str], lots: Mapping[int, str], sections: Mapping[str, str]
) -> str:
    """'lots 5, 10; Safeguarding': which tenders and sections are somebody's to mark."""
    numbers = [lots[lot_id] for lot_id in lots if lot_id in set(lot_ids)]
    titles = [sections[code] for code in sections if code in set(codes)]
    which = f"lot{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}" if numbers else "all lots"
    return f"{which}; {', '.join(titles) if titles else 'all sections'}"


def events_of(
    lines: Iterable[Mapping[Any, Any]],
    names: Mapping[int, str],
    lots: Mapping[int, str],
    sections: Mapping[str, str],
) -> list[dict[str, str | datetime]]:
    """The changes of a panel as a timeline shows them, from lines of the trail; `names` are people by id."""
    events: list[dict[str, str | datetime]] = []
    for line in lines:
        told = line["details"]
        said = [f"{names.get(person, _GONE)} joins as {role}." for person, role in told.get("added", ())]
        said += [
            f"{names.get(person, _GONE)} is no longer {role}." for person, role in told.get("removed", ())
        ]
        if "person" in told:
            part = part_in_words(told["lots"], told["sections"], lots, sections)
            said.append(f"{names.get(told['person'], _GONE)} marks {part}.")
        said += [
            f"{names.get(person, _GONE)}: {', '.join(sections.get(each, each) for each in codes) or 'none'}."
            for person, codes in told.get("changed", ())
        ]
        if told.get("reason"):
            said.append(f"Reason: {told['reason']}")
        events.append(
            {
                "title": happened(line["action"]),
                "by": line["actor_name"],
                "when": line["at"],
                "body": " ".join(said),
            }
        )
    return events
