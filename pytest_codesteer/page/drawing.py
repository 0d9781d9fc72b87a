"""Vega-Lite to SVG, by vl-convert: everything it needs is in its wheel, and nothing is fetched."""

import re
from typing import Any

_IDS = re.compile(r'(\bid="|url\(#|href="#)')


class NoDrawing(Exception):
    """The library that draws is not installed.  One line, with the remedy."""


def require() -> None:
    """Raise `NoDrawing` where plots cannot be drawn."""
    from importlib.util import find_spec

    if find_spec("vl_convert") is None:
        raise NoDrawing("the HTML report needs a plotting library: pip install 'pytest-codesteer[report]'")


def svg(spec: dict[str, Any], name: str) -> str:
    """Return a plot as an SVG element, whose inner ids start with *name*, so that several fit on a page."""
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(vl_spec=spec, vl_version="5.20", allowed_base_urls=[])
    return _IDS.sub(lambda start: f"{start[0]}{name}-", drawn)
