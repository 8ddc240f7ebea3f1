"""The six steps of the main job, played over HTTP against a portal of its own on an empty data folder.

Owns the play that `portal demo --headless` shows: an operator's smoke test after an upgrade, and the
shortest proof that a council can get from a published notice to a child's referral. Only the first people,
whom no page can add yet, are added directly; all else goes through pages, as people do it. Words: a *step* is
one of the main job's six, a *check* is what has to hold in it; the first that does not ends the play.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from config import load_settings
from portal.app import create_app
from portal.development.headless.applying import apply
from portal.development.headless.checks import Failed, Story
from portal.development.headless.deciding import decide
from portal.development.headless.judging import judge
from portal.development.headless.publishing import publish, read_publicly
from portal.development.headless.referring import refer
from portal.development.headless.stage import COUNCIL_PEOPLE, Act, Stage, register_first_people
from portal.development.running import CannotStart, ServedPortal, served_portal

STEPS: tuple[tuple[str, Act], ...] = (
    ("An officer starts a framework from its notice and publishes a round", publish),
    ("Anyone reads the opportunity", read_publicly),
    ("Providers apply, and nobody reads a word before the close", apply),
    ("The tender box is opened, the tenders are checked, marked and agreed", judge),
    ("Outcomes are decided by two people, told, and entered in the register", decide),
    ("A school finds a provider and refers a child", refer),
)


def play(data_folder: Path | None, report: Callable[[str], object]) -> int:
    """Play all steps on *data_folder*, which has to be empty (None: a temporary one); return the exit code.

    *report* is told every line: 0 is returned when all that was checked held, 1 at the first that did not or
    when the portal cannot be started. A temporary folder is kept after a failure, for its logs.
    """
    begun = time.monotonic()
    if data_folder is not None and data_folder.exists() and any(data_folder.iterdir()):
        report(
            f"The folder {data_folder} is not empty. The play needs an empty one: name another with --data."
        )
        return 1
    folder = data_folder or _temporary_folder()
    try:
        with served_portal(folder, report=report) as portal:
            code = perform(STEPS, _stage(portal, folder, Story(report)))
    except CannotStart as refusal:
        report(str(refusal))
        code = 1
    minutes, seconds = divmod(round(time.monotonic() - begun), 60)
    outcome = "Stopped at the first failure" if code else "All six steps hold"
    report(f"\n{outcome} after {minutes} min {seconds} s.")
    if code:
        report(f"The data and logs of this play are in {folder}.")
    elif data_folder is None:
        shutil.rmtree(folder.parent, ignore_errors=True)
    return code


def perform(steps: Sequence[tuple[str, Act]], stage: Stage) -> int:
    """Play these steps in order; return 0, or 1 after saying which check failed."""
    for number, (title, act) in enumerate(steps, start=1):
        stage.story.begin(number, title)
        try:
            act(stage)
        except Failed as failure:
            stage.story.failed(failure)
            return 1
    return 0


def _stage(portal: ServedPortal, folder: Path, story: Story) -> Stage:
    app = create_app(load_settings(portal.environment))
    password = secrets.token_urlsafe(18)
    register_first_people(app, password)
    stage = Stage(portal.address, folder, app, story, password)
    stage.council = {key: stage.visitor(name) for key, name, _ in COUNCIL_PEOPLE}
    return stage


def _temporary_folder() -> Path:
    made = Path(tempfile.mkdtemp(prefix="portal-demo-"))
    made.chmod(0o711)  # the database, when it runs as another user, has to pass
    return made / "data"
