"""How often do the 95 % intervals of normalised scores hold the truth?  By simulation, as a Markdown table.

    python benchmarks/coverage.py [RUNS]

Methods solve instances by chance.  `equal 15 %`: all of them this share; `apart`: from 30 to 80 %, in even
steps; `mixed`: any share from 10 to 90 %, another one on each task; `alike`: as apart, where an instance that
is hard is hard for all of them.
"""

import sys
from collections.abc import Iterator, Mapping
from itertools import product
from random import Random
from statistics import NormalDist, fmean

from pytest_codesteer.metrics import normalised_scores, standings
from pytest_codesteer.runlog import Record

REPLICATES = 100  # of the bootstrap, fewer than those of a report: the intervals are a little less even
KINDS = ("equal 15 %", "equal 50 %", "equal 90 %", "apart", "mixed", "alike")
TASKS, INSTANCES, METHODS = (1, 3, 10), (10, 20, 50), (2, 6)

Chances = Mapping[str, Mapping[str, float]]  # by task and method


def main(runs: int) -> None:
    """Print a row for each number of tasks, instances and methods."""
    print("| tasks | instances of each | methods |", " | ".join(KINDS), "|")
    print("| --: | --: | --: |", " | ".join("--:" for _ in KINDS), "|")
    for tasks, count, methods in product(TASKS, INSTANCES, METHODS):
        cells = [f"{covered(kind, tasks, count, methods, runs):.0%}" for kind in KINDS]
        print(f"| {tasks} | {count} | {methods} |", " | ".join(cells), "|", flush=True)


def covered(kind: str, tasks: int, count: int, methods: int, runs: int) -> float:
    """Return the share of intervals that hold the truth, over all methods of so many runs."""
    rng = Random(f"{kind}/{tasks}/{count}/{methods}")
    hits = []
    for _ in range(runs):
        chances = {f"t{task}": chances_of(kind, methods, rng) for task in range(tasks)}
        truth = normalised_scores(chances)
        for each in standings(
            list(drawn(chances, count, rng, together=kind == "alike")), replicates=REPLICATES
        ):
            known = truth[each.way]
            if each.score and known is not None:
                hits.append(each.score.low - 1e-9 <= known <= each.score.high + 1e-9)
    return fmean(hits)


def chances_of(kind: str, methods: int, rng: Random) -> dict[str, float]:
    """Return with what chance each method solves an instance of a task."""
    if kind.startswith("equal"):
        return {f"m{at}": int(kind.split()[1]) / 100 for at in range(methods)}
    if kind == "mixed":
        return {f"m{at}": rng.uniform(0.1, 0.9) for at in range(methods)}
    return {f"m{at}": 0.3 + 0.5 * at / (methods - 1) for at in range(methods)}


def drawn(chances: Chances, count: int, rng: Random, *, together: bool) -> Iterator[Record]:
    """Yield the records of a run; *together*, methods mostly fail on the same instances."""
    normal = NormalDist()
    for (task, by_method), index in product(chances.items(), range(count)):
        hard = rng.gauss() if together else 0.0
        for method, chance in by_method.items():
            own = 0.8**0.5 * hard + 0.2**0.5 * rng.gauss() if together else rng.gauss()
            solved = normal.cdf(own) < chance
            yield Record(
                task=task, level="l", instance=f"l-{index:03}", digest=f"{task}-{index}", seed=0,
                method=method, model="m", outcome="correct" if solved else "wrong",
            )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
