"""What the register says of a provider is never shown without the moment at which it said so."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
_SHOWN = [
    path
    for path in sorted(TEMPLATES.rglob("*.html"))
    if path.name != "provider_standing.html" and "provider_standing.html" in path.read_text(encoding="utf-8")
]


def test_pages_that_show_a_standing_are_found():
    assert "choose.html" in {path.name for path in _SHOWN}


@pytest.mark.parametrize("path", _SHOWN, ids=lambda path: path.name)
def test_a_page_that_shows_a_standing_says_as_at(path):
    drawn = re.sub(r"{#.*?#}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.search(r"standing_line\(standing, as_at|as_at \| uk_datetime", drawn)
