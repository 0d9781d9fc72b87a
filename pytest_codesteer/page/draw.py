"""A program of its own: Vega-Lite specifications from standard input, as JSON, to SVG on standard output.

It runs in a process of its own because the library is native code, which where it fails may take its process
with it: that must not be the one that has just run a benchmark.
"""

import json
import sys

import vl_convert

VEGA_LITE = "5.20"

if __name__ == "__main__":
    drawn = [
        vl_convert.vegalite_to_svg(vl_spec=spec, vl_version=VEGA_LITE, allowed_base_urls=[])
        for spec in json.load(sys.stdin)
    ]
    json.dump(drawn, sys.stdout)
