"""How often do the 95 % intervals hold the truth?  By simulation, as Markdown tables.

    python benchmarks/coverage.py [RUNS]

Methods solve instances by chance.  `equal 15 %`: all of them this share; `near`: from 55 to 65 %, in even
steps; `apart`: from 30 to 80 %; `mixed`: any share from 10 to 90 %, another one on each task; `alike`: as
apart, where an instance that is hard is hard for all of them; `gpt-4o`: what was published of ten methods on
fourteen tasks, where instances are somewhat alike.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import product
from math import exp
from random import Random
from statistics import NormalDist, fmean

from pytest_codesteer.metrics import (
    Estimate,
    Rate,
    Undefined,
    all_of,
    change_of,
    mean_estimate,
    normalised_scores,
    per_solved,
    published_of,
    ranks,
    solved,
    standings,
    steering_accuracy,
    steering_regret,
)
from pytest_codesteer.runlog import Record

REPLICATES = 200  # of the bootstrap, fewer than those of a report: the intervals are a little less even
KINDS = ("equal 15 %", "equal 50 %", "equal 90 %", "near", "apart", "mixed", "alike")
TASKS, INSTANCES, METHODS = (1, 3, 10), (10, 20, 50), (2, 6)
PAPER = ("gpt-4o", "gpt-4o-mini")
# What part of the variance is of the instances, and common to all methods.
ALIKE = {"alike": 0.8, "gpt-4o": 0.4, "gpt-4o-mini": 0.4}

Chances = Mapping[str, Mapping[str, float]]  # by task and method
Share = float  # 0-1
Sides = list[int]  # of the intervals of so many runs
Found = Estimate | Rate | Undefined | None
# Of so many instances: what is found, and the truth.
Simulation = Callable[[int, Random], tuple[Found, float]]

_TOKENS = exp(5 + 0.7**2 / 2)  # the mean of what is drawn


def main(runs: int) -> None:
    """Print a table for each kind of interval."""
    cells = list(product(TASKS, INSTANCES, METHODS))
    jobs = [(kind, *cell) for cell in cells for kind in KINDS]
    jobs += [(kind, 14, count, 10) for count in INSTANCES for kind in PAPER]
    with ProcessPoolExecutor() as pool:
        held = dict(zip(jobs, pool.map(partial(standing, runs), jobs), strict=True))
        others = dict(zip(OTHERS, pool.map(partial(other, 5 * runs), OTHERS), strict=True))
    for at, title in enumerate(("average normalised score", "rank")):
        print(f"\n{title}\n\n| tasks | instances of each | methods |", " | ".join(KINDS), "|")
        print("| --: | --: | --: |", " | ".join("--:" for _ in KINDS), "|")
        for cell in cells:
            shares = [f"{held[(kind, *cell)][at]:.0%}" for kind in KINDS]
            print("|", " | ".join(map(str, cell)), "|", " | ".join(shares), "|")
        print(f"\n{title}\n\n| tasks | instances of each | methods |", " | ".join(PAPER), "|")
        print("| --: | --: | --: |", " | ".join("--:" for _ in PAPER), "|")
        for count in INSTANCES:
            shares = [f"{held[kind, 14, count, 10][at]:.0%}" for kind in PAPER]
            print(f"| 14 | {count} | 10 |", " | ".join(shares), "|")
    print(
        "\n| interval |",
        " | ".join(f"{count} instances" for count in SIZES),
        "| low too high | high too low |",
    )
    print("| --- |", " | ".join("--:" for _ in (*SIZES, "low", "high")), "|")
    for name, by_size in others.items():
        every = [at for sides in by_size for at in sides]
        ends = (every.count(-1) / len(every), every.count(1) / len(every))
        held_by_size = " | ".join(f"{sides.count(0) / len(sides):.0%}" for sides in by_size)
        print(f"| {name} | {held_by_size} |", " | ".join(f"{share:.1%}" for share in ends), "|")


def standing(runs: int, job: tuple[str, int, int, int]) -> tuple[Share, Share]:
    """Return how many of the intervals of scores and ranks hold the truth, over all methods of the runs."""
    kind, tasks, count, methods = job
    rng = Random(repr(job))
    scores, places = [], []
    for _ in range(runs):
        chances = chances_of(kind, tasks, methods, rng)
        truth = normalised_scores(chances)
        ranked = ranks(truth)
        run = list(drawn(chances, count, rng, ALIKE.get(kind, 0.0)))
        for each in standings(run, replicates=REPLICATES):
            known = truth[each.way]
            if each.score and each.rank and known is not None:
                scores.append(not side(each.score, known))
                places.append(not side(each.rank, ranked[each.way]))
    return fmean(scores), fmean(places)


def chances_of(kind: str, tasks: int, methods: int, rng: Random) -> Chances:
    """Return with what chance each method solves an instance of each task."""
    if kind in PAPER:
        table = published_of(kind).tasks
        return {
            task: {name: (share or 0.0) / 100 for name, share in row.items()} for task, row in table.items()
        }
    return {f"t{task}": dict(_chances(kind, methods, rng)) for task in range(tasks)}


def _chances(kind: str, methods: int, rng: Random) -> Iterator[tuple[str, float]]:
    for at in range(methods):
        part = at / (methods - 1)
        match kind:
            case "mixed":
                yield f"m{at}", rng.uniform(0.1, 0.9)
            case "near":
                yield f"m{at}", 0.55 + 0.1 * part
            case "apart" | "alike":
                yield f"m{at}", 0.3 + 0.5 * part
            case _:
                yield f"m{at}", int(kind.split()[1]) / 100


def drawn(chances: Chances, count: int, rng: Random, alike: float = 0.0, epochs: int = 1) -> Iterator[Record]:
    """Yield the records of a run; so much of the variance is *alike* in all cases of an instance."""
    normal = NormalDist()
    for (task, by_method), index in product(chances.items(), range(count)):
        hard = alike**0.5 * rng.gauss()
        for (method, chance), epoch in product(by_method.items(), range(1, epochs + 1)):
            right = normal.cdf(hard + (1 - alike) ** 0.5 * rng.gauss()) < chance
            yield Record(
                task=task, level="l", instance=f"l-{index:03}", digest=f"{task}-{index}", seed=0,
                method=method, model="m", outcome="correct" if right else "wrong", epoch=epoch,
                answered_by=rng.choice(("code", "text")), prompt_tokens=0,
                completion_tokens=round(rng.lognormvariate(5, 0.7)),
            )  # fmt: skip


def other(runs: int, name: str) -> list[Sides]:
    """Return on which sides of another kind of interval the truth lies, for each number of instances."""
    rng = Random(name)
    return [[side(*OTHERS[name](count, rng)) for _ in range(runs)] for count in SIZES]


def _solved(chance: float, epochs: int) -> Simulation:
    """Simulate the share solved; the epochs of an instance are somewhat alike."""

    def simulation(count: int, rng: Random) -> tuple[Found, float]:
        return solved(drawn({"t": {"m": chance}}, count, rng, 0.5, epochs)), chance

    return simulation


def _tokens(count: int, rng: Random) -> tuple[Found, float]:
    return mean_estimate(list(drawn({"t": {"m": 0.5}}, count, rng)), "completion_tokens"), _TOKENS


def _score(count: int, rng: Random) -> tuple[Found, float]:
    run = [replace(record, score=rng.random()) for record in drawn({"t": {"m": 0.5}}, count, rng)]
    return mean_estimate(run, "score"), 0.5


def _tokens_per_solved(count: int, rng: Random) -> tuple[Found, float]:
    return per_solved(drawn({"t": {"m": 0.6}}, count, rng), "tokens"), _TOKENS / 0.6


def _both_of_two(count: int, rng: Random) -> tuple[Found, float]:
    """Simulate pass^2 of instances that are solved with any chance, each of them equally likely."""
    run = [
        record
        for index in range(count)
        for record in drawn({f"t{index}": {"m": rng.random()}}, 1, rng, epochs=4)
    ]
    return all_of(run, 2), 1 / 3


def _gained(gain: float, epochs: int) -> Simulation:
    """Simulate what one method solves more than another one."""

    def simulation(count: int, rng: Random) -> tuple[Found, float]:
        run = list(drawn({"t": {"a": 0.5, "b": 0.5 + gain}}, count, rng, 0.5, epochs))
        pairs = zip(*([each for each in run if each.method == name] for name in "ab"), strict=True)
        return change_of(list(pairs)).difference, gain

    return simulation


def _accuracy(count: int, rng: Random) -> tuple[Found, float]:
    run = _steered(0.6, 0.6, count, rng)
    return steering_accuracy([each for each in run if each.method == "m"], run), 0.5


def _regret(code: float, text: float) -> Simulation:
    """Simulate the regret of a method that solves half."""

    def simulation(count: int, rng: Random) -> tuple[Found, float]:
        run = _steered(code, text, count, rng)
        return steering_regret([each for each in run if each.method == "m"], run), max(code, text) - 0.5

    return simulation


def _steered(code: float, text: float, count: int, rng: Random) -> list[Record]:
    return list(drawn({"t": {"all_code": code, "all_text": text, "m": 0.5}}, count, rng, 0.3))


SIZES = (10, 20, 50, 200)
OTHERS: Mapping[str, Simulation] = {
    "share solved, 50 %": _solved(0.5, 1),
    "share solved, 90 %": _solved(0.9, 1),
    "share solved, 50 %, 4 epochs": _solved(0.5, 4),
    "share solved, 90 %, 4 epochs": _solved(0.9, 4),
    "completion tokens, log-normal": _tokens,
    "score, any from 0 to 1": _score,
    "completion tokens per solved": _tokens_per_solved,
    "pass^2": _both_of_two,
    "difference of shares, none": _gained(0.0, 1),
    "difference of shares, 20 %": _gained(0.2, 1),
    "difference of shares, 20 %, 4 epochs": _gained(0.2, 4),
    "steering accuracy": _accuracy,
    "steering regret, modes equal": _regret(0.6, 0.6),
    "steering regret, modes near": _regret(0.6, 0.5),
    "steering regret, modes apart": _regret(0.8, 0.3),
}


def side(found: Found, truth: float) -> int:
    """Return on which side of an interval the truth lies: -1 below, 0 within, 1 above."""
    if found is None or isinstance(found, Undefined):
        return 0  # nothing is claimed
    return (truth > found.high + 1e-9) - (truth < found.low - 1e-9)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
