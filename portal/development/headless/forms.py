"""Filling a form of a page as a person does: only fields that are there, only choices that are offered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

_NOT_SENT = ("submit", "button", "reset", "image", "file")


@dataclass(frozen=True)
class Upload:
    """A file from somebody's disk: its name, media type and content; `field` is where it is given."""

    name: str
    kind: str
    content: bytes
    field: str = ""


Value = str | bool | Sequence[str] | Sequence[Upload] | Upload


def fill(form: Any, fields: Mapping[str, Value]) -> list[Upload]:
    """Fill the fields by name and return the files that were given.

    Text goes into boxes; True or False ticks a single checkbox; a text or several choose among radios,
    checkboxes and options, by value or by label. Raises `ValueError` with what is not there.
    """
    uploads: list[Upload] = []
    for name, value in fields.items():
        controls = [each for each in form.xpath(".//input|.//select|.//textarea") if each.get("name") == name]
        if not controls:
            raise ValueError(f"a field named {name}")
        kind = controls[0].get("type", "text") if controls[0].tag == "input" else controls[0].tag
        given = [value] if isinstance(value, str | Upload) else value
        if kind == "file":
            uploads += [replace(each, field=name) for each in given if isinstance(each, Upload)]  # type: ignore[union-attr]
        elif isinstance(value, bool):
            _tick(controls[0], value)
        elif kind in ("radio", "checkbox", "select"):
            _choose(form, controls, kind, [str(each) for each in given])  # type: ignore[union-attr]
        elif kind == "textarea":
            controls[0].text = str(value)
        else:
            controls[0].set("value", str(value))
    return uploads


def successful(form: Any) -> list[tuple[str, str]]:
    """The names and values that a browser would send, buttons and files aside."""
    pairs: list[tuple[str, str]] = []
    for control in form.xpath(".//input|.//select|.//textarea"):
        name, kind = control.get("name"), control.get("type", "text")
        if not name or control.get("disabled") is not None:
            continue
        if control.tag == "textarea":
            # A browser sends line ends as CR LF, and drops the one that opens the element.
            pairs.append((name, (control.text or "").removeprefix("\n").replace("\n", "\r\n")))
        elif control.tag == "select":
            pairs += [(name, _value(option)) for option in _chosen(control)]
        elif kind in ("radio", "checkbox"):
            if control.get("checked") is not None:
                pairs.append((name, control.get("value", "on")))
        elif kind not in _NOT_SENT:
            pairs.append((name, control.get("value", "")))
    return pairs


def day_parts(name: str, day: date) -> dict[str, str]:
    """The three boxes of a day."""
    return {f"{name}-{part}": str(getattr(day, part)) for part in ("day", "month", "year")}


def _tick(box: Any, ticked: bool) -> None:
    if ticked:
        box.set("checked", "checked")
    else:
        box.attrib.pop("checked", None)


def _choose(form: Any, controls: list[Any], kind: str, wanted: Sequence[str]) -> None:
    options = controls[0].xpath(".//option") if kind == "select" else controls
    names = {}
    for option in options:
        said = option.text_content() if kind == "select" else _label(form, option)
        names[_value(option)] = names[" ".join(said.split())] = option
    if missing := [each for each in wanted if each not in names]:
        raise ValueError(f"the choice {missing[0]} among {[_value(option) for option in options]}")
    chosen = [names[each] for each in wanted]
    for option in options:
        mark = "selected" if kind == "select" else "checked"
        option.attrib.pop(mark, None)
        if option in chosen:
            option.set(mark, mark)


def _label(form: Any, control: Any) -> str:
    labels = (each for each in form.xpath(".//label") if each.get("for") == control.get("id"))
    return next((each.text_content() for each in labels), "")


def _chosen(select: Any) -> list[Any]:
    options = select.xpath(".//option")
    chosen = [option for option in options if option.get("selected") is not None]
    return chosen if chosen or select.get("multiple") is not None else options[:1]


def _value(option: Any) -> str:
    return option.get("value", option.text_content().strip() if option.tag == "option" else "on")
