"""The disk of PostgreSQL fills up while a provider saves, and has room again: a real disk, if a small one."""

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

import pytest
from flask import Flask

from config import Settings
from portal import schema
from portal.database import db
from portal.development.demonstration_app import create_demonstration
from portal.development.postgres import embedded_postgres
from tender.applications.queries import own_application_for, tender_of
from tests.factories.accounts import a_provider_person
from tests.factories.applications import a_draft
from tests.factories.frameworks import a_published_round, lot_ids
from tests.web_client import sign_in

SIZE = "400m"
SAVES = 60
WORDS = 3_000  # of an answer: more than one page of a table holds


@dataclass
class SmallDisk:
    """A disk of its own that can be filled."""

    folder: Path

    @property
    def ballast(self) -> Path:
        """The file that takes the room."""
        return self.folder / "ballast"

    def fill(self) -> None:
        """Leave no byte."""
        with self.ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def empty(self) -> None:
        """Give the room back."""
        self.ballast.unlink()


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    """A small disk in memory. Only who may mount one can have it, and nothing else is a full disk: a limit on
    a file or on temporary files is told in other words by the kernel, and met elsewhere in PostgreSQL."""
    folder = Path(mkdtemp(prefix="portal-small-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        folder.rmdir()
        pytest.skip("Only root may mount a disk that is small enough to be filled.")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        shutil.rmtree(folder)


@pytest.fixture
def portal(disk: SmallDisk, settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """A portal whose database is on the small disk."""
    with embedded_postgres(disk.folder / "postgres", log=tmp_path / "postgres.log") as address:
        schema.upgrade(address)
        app = create_demonstration(replace(settings, database_url=address))
        app.config["WTF_CSRF_ENABLED"] = False
        yield app
        with app.app_context():
            db.engine.dispose()


def test_what_finds_no_room_on_the_disk_is_not_acknowledged_and_saving_goes_on_once_there_is_room(
    portal: Flask, disk: SmallDisk
) -> None:
    with portal.app_context():
        open_round, by = a_published_round(1), a_provider_person()
        draft = a_draft(open_round, by, lot_ids(open_round))
        db.session.remove()
    browser = sign_in(portal.test_client(), by.email)
    address = f"/applications/{draft}/questions/safeguarding"
    rng = random.Random(7)

    def save(version: int) -> tuple[int, str, str]:
        text = " ".join(f"{rng.getrandbits(64):x}" for _ in range(WORDS))
        told = browser.post(address, data={"value": text, "version": str(version), "then": "stay"})
        return told.status_code, told.text, text

    assert save(0)[0] == 303
    acknowledged, kept = 1, ""
    disk.fill()
    for _ in range(SAVES):
        status, page, text = save(acknowledged)
        if status != 303:
            break
        acknowledged, kept = acknowledged + 1, text
    assert status == 503, page
    assert "What you sent last was not kept" in page
    for _ in range(3):
        assert save(acknowledged)[0] == 503
    assert browser.get(address).status_code in (200, 503)
    disk.empty()

    def there() -> tuple[str, int]:
        with portal.app_context():
            item = tender_of(own_application_for(by, draft)).item("safeguarding", None)
            found = item.value, item.version
            db.session.remove()
        return found

    value, version = there()
    assert version == acknowledged and (not kept or value == kept)
    status, page, text = save(acknowledged)
    assert status == 303, page
    assert there() == (text, acknowledged + 1)
