"""The environment of programs."""

import os
import sys
from pathlib import Path

from pytest_codesteer.sandbox.visible import library_path

_LIBRARIES = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")


def environment() -> dict[str, str]:
    """Return the whole environment of programs: no keys, no proxies, one thread per numeric library."""
    found = {"LD_LIBRARY_PATH": os.pathsep.join(library_path())} if library_path() else {}
    return found | {
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", os.defpath)),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",  # a fork server cannot change it, so it is the same for all
        "PYTHONUTF8": "1",
        **{f"{library}_NUM_THREADS": "1" for library in _LIBRARIES},
    }
