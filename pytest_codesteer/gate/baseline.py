"""A gate against an earlier run: no method may solve much less than it did."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from pytest_codesteer.gate.decision import concluded, enough
from pytest_codesteer.metrics import Change, aligned, change_of, grouped, judged, pairs_to_clear, way
from pytest_codesteer.runlog import Record
from pytest_codesteer.runlog.decision import Decision, Verdict


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier run, and how far the share solved may drop below it."""

    name: str  # of its file
    records: tuple[Record, ...]
    max_drop: float  # 0-1
    missing: int = 0  # cases that it was to have, and has not

    @property
    def text(self) -> str:
        """The gate, as a report calls it."""
        return f"*: solved drops by {100 * self.max_drop:g}% at most from {self.name}"


def decide_against(
    baseline: Baseline, records: Iterable[Record], missing: int = 0, *, inconclusive_passes: bool = False
) -> Decision:
    """Compare a run with its baseline, method by method, on the cases that both have judged.

    The gate passes when the 95 % interval of the change lies above the drop allowed, fails when it lies
    below, and is else inconclusive.
    """
    run = list(records)
    common = grouped(aligned(baseline.records, run), lambda pair: _name(pair[1]))
    results = [_held(name, common.get(name, ()), baseline.max_drop) for name in grouped(run, _name)]
    found = concluded(baseline.text, results, missing, inconclusive_passes=inconclusive_passes)
    return replace(found, reasons=(*found.reasons, *_not_compared(baseline, run)))


def _not_compared(baseline: Baseline, run: Sequence[Record]) -> Iterator[str]:
    """Say what of the baseline was not compared: a run may be of fewer methods, tasks or instances."""
    if baseline.missing:
        yield f"{baseline.name} is not whole: {baseline.missing} of its cases left no record"
    judged_then, shared = judged(baseline.records), len(aligned(baseline.records, run))
    if left := len(judged_then) - shared:
        kinds = ((_name, "methods"), (lambda record: record.task, "tasks"))
        absent = [
            f"no {kind} {', '.join(names)} here"
            for key, kind in kinds
            if (names := [name for name in grouped(judged_then, key) if name not in grouped(run, key)])
        ]
        yield "; ".join([f"{left} of its {len(judged_then)} judged cases have no counterpart", *absent])


def _name(record: Record) -> str:
    return f"{record.model}, {way(record)}"


def _held(name: str, pairs: Sequence[tuple[Record, Record]], max_drop: float) -> tuple[Verdict, str]:
    """Return whether one method has kept up, and a line that says what was measured."""
    if not pairs:
        return "failed", f"{name}: no case that the baseline has judged, too: same tasks, seed and epochs?"
    found = change_of(pairs)
    difference, bound = found.difference, -max_drop
    said = (
        f"{name}: solved {found.before:.1%} then, {found.after:.1%} now, on {found.pairs} cases of both, "
        f"change {difference.value:+.1%}, 95 % interval {difference.low:+.1%} to {difference.high:+.1%}"
    )
    if difference.low >= bound:
        return "passed", said
    if difference.high < bound:
        return "failed", said
    return "inconclusive", f"{said}, {enough(_needed(found, bound))}"


def _needed(found: Change, bound: float) -> int | None:
    """Return how many instances are likely to decide if things stay as they are."""
    pairs = pairs_to_clear(found.gained / found.pairs, found.lost / found.pairs, bound)
    return None if pairs is None else ceil(pairs * found.difference.n / found.size)
