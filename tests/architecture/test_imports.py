"""Who may import whom: the contracts of import-linter in pyproject.toml."""

import sys
import tomllib
from pathlib import Path

import pytest
from grimp import build_graph
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(str(ROOT))


def test_imports_go_downwards_only(capsys):
    outcome = lint_imports(config_filename="pyproject.toml", no_cache=True)
    assert outcome == EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_an_upward_import_is_noticed(tmp_path, monkeypatch, capsys):
    package = tmp_path / "upside_down"
    (package).mkdir()
    (package / "__init__.py").write_text("")
    (package / "low.py").write_text("import upside_down.high\n")
    (package / "high.py").write_text("")
    config = tmp_path / "pyproject.toml"
    config.write_text(
        '[tool.importlinter]\nroot_package = "upside_down"\n'
        '[[tool.importlinter.contracts]]\nname = "down"\ntype = "layers"\n'
        'layers = ["upside_down.high", "upside_down.low"]\n'
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    assert lint_imports(config_filename=str(config), no_cache=True) != EXIT_STATUS_SUCCESS
    sys.modules.pop("upside_down", None)


def test_every_module_stands_in_the_contracts():
    """A new room that no layer names would be free to import anything."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    named = {
        name.strip()
        for contract in contracts
        if contract["type"] == "layers"
        for layer in contract["layers"]
        for name in layer.replace("|", ":").split(":")
    }
    graph = build_graph("portal", "tender", "evaluation", cache_dir=None)
    rooms = {module for module in graph.modules if module.count(".") == 1}
    assert {room for room in rooms if room not in named and room != "portal.__main__"} == set()
