"""Browser assets: built once from govuk-frontend and our own few files, served under names that hold a hash.

The stylesheet is GOV.UK Frontend without what only GOV.UK itself may use: the Transport typeface and the
royal crest (https://design-system.service.gov.uk/styles/typeface/ : the font is for gov.uk domains alone).
"""

import gzip
import hashlib
import json
import os
import re
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile

from flask import Flask, current_app
from whitenoise import WhiteNoise

from portal.settings.colours import is_colour, writing_on

PROJECT = Path(__file__).resolve().parents[2]
GOVUK = PROJECT / "node_modules" / "govuk-frontend" / "dist" / "govuk"
OURS = Path(__file__).parent
MANIFEST = "manifest.json"
INPUTS = (
    GOVUK / "govuk-frontend.min.css",
    GOVUK / "govuk-frontend.min.js",
    OURS / "portal.css",
    OURS / "portal.js",
    OURS / "start.js",
    OURS / "autosave.js",
    OURS / "sha256.js",
    OURS / "uploads.js",
    OURS / "favicon.svg",
    Path(__file__),
)
URL_PREFIX = "/assets/"
_HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


class AssetsMissing(Exception):
    """There is nothing to build the assets from, and none were built before."""


def assets_folder() -> Path:
    """Where the built assets go: git-ignored, beside the code, safe to delete."""
    return Path(os.environ.get("PORTAL_ASSETS") or PROJECT / ".assets")


def build(force: bool = False) -> Path:
    """Build the assets unless they are up to date, and return their folder.

    Raises `AssetsMissing` when govuk-frontend is not installed and no earlier build exists.
    """
    folder = assets_folder()
    manifest = folder / MANIFEST
    missing = [path for path in INPUTS if not path.exists()]
    if missing:
        if manifest.exists():
            return folder
        raise AssetsMissing(
            f"{missing[0].name} is missing. Run 'npm ci' in the project's folder and start again."
        )
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in INPUTS)).hexdigest()
    if not force and manifest.exists() and json.loads(manifest.read_text())["inputs"] == digest:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / ".gitignore", b"*\n")
    files = _build_files(folder)
    _write(manifest, json.dumps({"inputs": digest, "files": files}, indent=1).encode())
    _read_manifest.cache_clear()
    return folder


def asset_url(name: str) -> str:
    """The address of a built asset, such as `portal.css`. Raises `KeyError` for a name that was not built."""
    extra: dict[str, str] = current_app.extensions.get("portal_assets", {}) if current_app else {}
    return URL_PREFIX + (extra.get(name) or _read_manifest(assets_folder())[name])


def init_assets(app: Flask, brand_colour: str, accent_colour: str = "") -> None:
    """Serve the built assets from `app` for ever, with the council's colour as a stylesheet of its own."""
    folder = build()
    app.extensions["portal_assets"] = {
        "brand.css": _hashed(folder, "brand.css", brand_stylesheet(brand_colour, accent_colour))
    }
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=folder,
        prefix=URL_PREFIX,
        immutable_file_test=lambda path, url: bool(_HASHED.search(url)),
        allow_all_origins=False,
        add_headers_function=_static_headers,
    )


def brand_stylesheet(colour: str, accent: str = "") -> str:
    """The council's colours as custom properties, with white or black text on the bar: what reads better.

    Without an `accent` links stay as they are. Raises `ValueError` unless colours are written `#rrggbb`.
    """
    if not is_colour(colour) or (accent and not is_colour(accent)):
        raise ValueError(
            f"The colours are '{colour}' and '{accent}'. Write each as # and six digits, such as #0b3f5c."
        )
    links = f";--govuk-link-colour:{accent}" if accent else ""
    return (
        f":root{{--portal-brand:{colour};--portal-brand-text:{writing_on(colour)};"
        f"--govuk-brand-colour:{colour}{links}}}\n"
    )


def _build_files(folder: Path) -> dict[str, str]:
    """Write every asset into `folder`; returns plain name → hashed name."""
    read = (path.read_text("utf-8") for path in INPUTS)
    govuk_css, govuk_js, our_css, our_js, start_js, autosave_js, sha256_js, uploads_js, favicon, _ = read
    files = {
        "portal.css": _hashed(folder, "portal.css", without_govuk_identity(govuk_css) + "\n" + our_css),
        "govuk-frontend.js": _hashed(
            folder, "govuk-frontend.js", re.sub(r"//# sourceMapping.*", "", govuk_js)
        ),
        "start.js": _hashed(folder, "start.js", start_js),
        "autosave.js": _hashed(folder, "autosave.js", autosave_js),
        "sha256.js": _hashed(folder, "sha256.js", sha256_js),
        "favicon.svg": _hashed(folder, "favicon.svg", favicon),
    }
    module = our_js.replace('from "govuk-frontend"', f'from "./{files["govuk-frontend.js"]}"')
    module = module.replace('from "./autosave.js"', f'from "./{files["autosave.js"]}"')
    files["portal.js"] = _hashed(folder, "portal.js", module)
    module = uploads_js.replace('from "./sha256.js"', f'from "./{files["sha256.js"]}"')
    files["uploads.js"] = _hashed(folder, "uploads.js", module)
    return files


def without_govuk_identity(css: str) -> str:
    """GOV.UK Frontend's stylesheet without the Transport typeface and without the royal crest."""
    css = re.sub(r"/\*![^*]*Margaret Calvert.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", "var(--portal-font)")
    css = re.sub(r"(?:-webkit-)?(?:background|mask)-image:url\([^)]*govuk-crest[^)]*\);?", "", css)
    return re.sub(r"/\*# sourceMapping.*?\*/", "", css)


def _hashed(folder: Path, name: str, text: str) -> str:
    """Write `text` under a name that holds its hash, with a gzip beside it; returns that name."""
    content = text.encode()
    stem, _, ending = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
    _write(folder / hashed, content)
    _write(folder / f"{hashed}.gz", gzip.compress(content, mtime=0))
    return hashed


def _write(path: Path, content: bytes) -> None:
    """Write a whole file at once: two processes may build at the same time."""
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as temporary:
        temporary.write(content)
    os.chmod(temporary.name, 0o644)
    os.replace(temporary.name, path)


def _static_headers(headers: dict[str, str], path: str, url: str) -> None:
    """Static files keep the same promise about their type as pages do."""
    headers["X-Content-Type-Options"] = "nosniff"


@lru_cache
def _read_manifest(folder: Path) -> dict[str, str]:
    return json.loads((folder / MANIFEST).read_text())["files"]
