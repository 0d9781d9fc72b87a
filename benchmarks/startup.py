"""What the installed plugin adds to a pytest run that does not use it.

    python benchmarks/startup.py [RUNS]

Runs pytest on one empty test, with the plugin and with ``-p no:codesteer``, in turn, in a folder of its own,
with no other third-party plugin, and prints processor and wall-clock milliseconds: medians, and the median of
the differences pair by pair.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

BARE = [
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:anyio",
    "-p",
    "no:hypothesispytest",
]


def measured(folder: str, *extra: str) -> tuple[float, float]:
    """Return processor and wall-clock milliseconds of one run."""
    before, started = _used(), time.perf_counter()
    subprocess.run([sys.executable, *BARE, *extra], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return (_used() - before) * 1e3, (time.perf_counter() - started) * 1e3


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(runs: int) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_nothing.py").write_text("def test():\n    pass\n", "utf-8")
        measured(folder), measured(folder, "-p", "no:codesteer")
        pairs = [(measured(folder), measured(folder, "-p", "no:codesteer")) for _ in range(runs)]
    for at, name in enumerate(("processor ms", "wall-clock ms")):
        used, bare = [one[at] for one, _ in pairs], [other[at] for _, other in pairs]
        added = median(a - b for a, b in zip(used, bare, strict=True))
        print(f"{name:>14}: with {median(used):6.1f}, without {median(bare):6.1f}, added {added:5.1f}")
    print(f"medians of {runs} pairs, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
