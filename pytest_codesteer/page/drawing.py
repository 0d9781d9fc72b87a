"""Vega-Lite to SVG, by vl-convert: everything it needs is in its wheel, and nothing is fetched."""

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pytest_codesteer.report.visible import visible

SECONDS = 300.0  # that drawing may take

_NAMED = re.compile(r'(<(path|line) aria-label="([^"]*)"[^>]*)/>')
_IDS = re.compile(r'(\bid="|url\(#|href="#)')


class NoDrawing(Exception):
    """Plots cannot be drawn.  One line."""


def require() -> None:
    """Raise `NoDrawing` where the library is not installed."""
    if find_spec("vl_convert") is None:
        raise NoDrawing("the HTML report needs a plotting library: pip install 'pytest-codesteer[report]'")


def drawn(specs: Sequence[dict[str, Any]]) -> list[str]:
    """Return plots as SVG elements, whose inner ids differ, so that they fit on one page.

    Raises `NoDrawing` when the library fails.
    """
    if not specs:
        return []
    program = [sys.executable, "-P", str(Path(__file__).with_name("draw.py"))]
    given = json.dumps(_fit(list(specs)))
    try:
        done = subprocess.run(
            program,
            input=given,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoDrawing(f"the plots could not be drawn: {error}") from error
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no word why"]
        raise NoDrawing(f"the plots could not be drawn: exit code {done.returncode}, {visible(said[-1])}")
    return [_on_one_page(at, text) for at, text in enumerate(json.loads(done.stdout))]


def _on_one_page(at: int, drawing: str) -> str:
    """Return a drawing whose ids are its own, and whose marks say what they are where a pointer rests."""
    named = _NAMED.sub(r"\1><title>\3</title></\2>", drawing)
    return _IDS.sub(rf"\g<0>plot{at}-", named)


def _fit(value: Any) -> Any:
    """Return a specification with names as XML can hold them."""
    match value:
        case str():
            return visible(value)
        case dict():
            return {key: _fit(each) for key, each in value.items()}
        case list() | tuple():
            return [_fit(each) for each in value]
    return value
