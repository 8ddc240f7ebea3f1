"""Assets are built once, carry no identity of GOV.UK, and are kept by browsers for ever."""

import json
from pathlib import Path

import pytest
from flask import Flask

from portal.web import assets


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for this test's build."""
    monkeypatch.setenv("PORTAL_ASSETS", str(tmp_path / "built"))
    return tmp_path / "built"


def built(folder: Path, name: str) -> str:
    """The content of a built asset."""
    return (folder / json.loads((folder / "manifest.json").read_text())["files"][name]).read_text()


def test_the_stylesheet_has_neither_the_typeface_nor_the_crest_of_govuk(folder: Path) -> None:
    assets.build()
    css = built(folder, "portal.css")
    assert "govuk-button" in css and "portal-timeline" in css
    for foreign in ("Transport", "@font-face", "crest", "url("):
        assert foreign not in css


def test_the_module_imports_the_hashed_file_beside_it(folder: Path) -> None:
    assets.build()
    name = json.loads((folder / "manifest.json").read_text())["files"]["govuk-frontend.js"]
    assert f'from "./{name}"' in built(folder, "portal.js") and (folder / name).exists()


def test_a_second_build_writes_nothing(folder: Path) -> None:
    assets.build()
    before = (folder / "manifest.json").stat().st_mtime_ns
    assets.build()
    assert (folder / "manifest.json").stat().st_mtime_ns == before
    assets.build(force=True)
    assert (folder / "manifest.json").stat().st_mtime_ns > before


def test_without_govuk_frontend_an_earlier_build_serves_and_none_is_said_plainly(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "INPUTS", (folder / "govuk-frontend.min.css",))
    with pytest.raises(assets.AssetsMissing, match="npm ci"):
        assets.build()
    folder.mkdir()
    (folder / "manifest.json").write_text('{"inputs": "old", "files": {}}')
    assert assets.build() == folder


def test_assets_are_served_for_ever_with_their_type(edge: Flask) -> None:
    with edge.app_context():
        address = assets.asset_url("portal.css")
    answer = edge.test_client().get(address)
    assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "text/css"


def test_text_on_the_councils_colour_is_the_one_that_reads_better() -> None:
    assert "--portal-brand-text:#ffffff" in assets.brand_stylesheet("#0b3f5c")
    assert "--portal-brand-text:#0b0c0c" in assets.brand_stylesheet("#ffdd00")


def test_a_colour_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="six digits"):
        assets.brand_stylesheet("red;}body{")
