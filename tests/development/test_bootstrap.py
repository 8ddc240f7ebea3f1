"""The set-up on a fresh machine: what it says when it cannot go on, and when it has nothing to do."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).parents[2]
BOOTSTRAP = PROJECT / "portal" / "__main__.py"
FILES = ("requirements.txt", "requirements-test.txt", "package.json", "package-lock.json", ".npmrc")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project as it is cloned, without what the set-up makes, in a path with a space."""
    folder = tmp_path / "fresh copy"
    (folder / "portal").mkdir(parents=True)
    (folder / "portal" / "__init__.py").touch()
    shutil.copy(BOOTSTRAP, folder / "portal")
    for name in FILES:
        shutil.copy(PROJECT / name, folder)
    return folder


@pytest.fixture
def bootstrap(project: Path) -> ModuleType:
    """The set-up's module, working on the fresh project."""
    spec = importlib.util.spec_from_file_location("bootstrap", project / "portal" / "__main__.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _call(project: Path, first: str = "pass", **environment: str) -> subprocess.CompletedProcess[str]:
    program = (
        f"import sys, runpy; {first}; sys.argv[1:] = ['run']; runpy.run_module('portal', run_name='__main__')"
    )
    command = [sys.executable, "-c", program]
    given = {**os.environ, **environment}
    return subprocess.run(command, cwd=project, env=given, capture_output=True, text=True, timeout=120)


def test_it_needs_nothing_but_the_standard_library() -> None:
    imported = set()
    for node in ast.walk(ast.parse(BOOTSTRAP.read_text())):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported and imported <= sys.stdlib_module_names


def test_a_python_that_is_too_old_can_read_it() -> None:
    tree = ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 7))
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.NamedExpr)]


def test_a_python_that_is_too_old_is_named(project: Path) -> None:
    refused = _call(project, "sys.version_info = (3, 9, 2)")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "The portal needs Python 3.11 or newer, and this is Python 3.9.\n"


def test_a_bare_debian_is_told_what_to_install(project: Path) -> None:
    refused = _call(project, "sys.modules['ensurepip'] = None")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.endswith("run 'apt install python3-venv' and try again.\n")


def test_an_index_out_of_reach_is_one_sentence(project: Path) -> None:
    refused = _call(project, PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_FIND_LINKS="")
    assert refused.returncode == 1
    assert refused.stdout.splitlines() == ["Making .venv", "Installing uv, the package installer"]
    assert refused.stderr == (
        "uv could not be installed: the package index cannot be reached; check the network and try again.\n"
    )


def _installed(bootstrap: ModuleType, kind: str) -> None:
    bootstrap.PYTHON.parent.mkdir(parents=True, exist_ok=True)
    if not bootstrap.PYTHON.exists():
        bootstrap.PYTHON.symlink_to(sys.executable)
    bootstrap.NODE_MODULES.mkdir(exist_ok=True)
    bootstrap.write_stamp(
        {
            "python": [kind, bootstrap.python_fingerprint(kind)],
            "node": [kind, bootstrap.fingerprint(*bootstrap.NODE_FILES)],
        }
    )


def test_a_finished_set_up_has_nothing_to_do(bootstrap: ModuleType) -> None:
    assert not bootstrap.is_ready("run")
    _installed(bootstrap, "run")
    assert bootstrap.is_ready("run")
    assert not bootstrap.is_ready("test")


def test_test_tools_are_kept_when_the_portal_runs(bootstrap: ModuleType) -> None:
    _installed(bootstrap, "test")
    assert bootstrap.is_ready("test") and bootstrap.is_ready("run")


def test_test_tools_that_were_put_there_by_hand_are_kept(bootstrap: ModuleType) -> None:
    (bootstrap.VENV / "lib" / "python3.11" / "site-packages" / "pytest").mkdir(parents=True)
    (bootstrap.NODE_MODULES / "axe-core").mkdir(parents=True)
    assert bootstrap.widest("run", {}, "python") == "test"
    assert bootstrap.widest("run", {}, "node") == "test"


@pytest.mark.parametrize("name", ["requirements.txt", "package-lock.json"])
def test_a_changed_lock_file_is_noticed(bootstrap: ModuleType, project: Path, name: str) -> None:
    _installed(bootstrap, "run")
    (project / name).write_text((project / name).read_text() + "\n")
    assert not bootstrap.is_ready("run")


def test_a_moved_project_makes_its_environment_anew(bootstrap: ModuleType) -> None:
    _installed(bootstrap, "run")
    moved = json.loads(bootstrap.STAMP.read_text()) | {"made": "/elsewhere/.venv"}
    bootstrap.STAMP.write_text(json.dumps(moved))
    assert not bootstrap.venv_is_usable(bootstrap.read_stamp())


def test_a_damaged_stamp_counts_as_none(bootstrap: ModuleType) -> None:
    _installed(bootstrap, "run")
    bootstrap.STAMP.write_text("{")
    assert not bootstrap.is_ready("run")


def test_settings_that_could_undo_the_lock_are_left_out(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    misleading = ["UV_NO_VERIFY_HASHES", "UV_CONSTRAINT", "PIP_TARGET", "VIRTUAL_ENV", "PYTHONPATH"]
    reaching = ["UV_DEFAULT_INDEX", "PIP_INDEX_URL", "PIP_CERT", "HTTPS_PROXY"]
    for name in misleading + reaching:
        monkeypatch.setenv(name, "given")
    environment = bootstrap.tool_environment()
    assert [name for name in misleading if name in environment] == []
    assert [name for name in reaching if environment.get(name) != "given"] == []


def test_caches_find_a_place_where_there_is_no_home(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "")
    assert bootstrap.tool_environment()["HOME"] == str(bootstrap.VENV)
