"""Whether a gate holds."""

import operator
from collections.abc import Callable, Iterable, Sequence
from math import ceil, isinf
from typing import Literal

from pytest_codesteer.gate.grammar import Gate, place_of
from pytest_codesteer.gate.measure import Measured, measures
from pytest_codesteer.metrics import (
    Estimate,
    Rate,
    Undefined,
    grouped,
    instances_to_clear,
    instances_to_narrow,
)
from pytest_codesteer.runlog import Record
from pytest_codesteer.runlog.decision import Decision, Verdict

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq
}  # fmt: skip
_OTHER: dict[tuple[str, str], Literal["low", "high"]] = {
    (">=", "low"): "high", (">", "low"): "high", ("<=", "high"): "low", ("<", "high"): "low"
}  # fmt: skip


def decide(
    gate: Gate, records: Iterable[Record], missing: int = 0, *, inconclusive_passes: bool = False
) -> Decision:
    """Hold *records* against a gate; *missing* planned cases left none."""
    run = list(records)
    by_name = grouped(
        (record for record in run if gate.selects(place_of(record))),
        lambda record: gate.name_of(place_of(record)),
    )
    results = [
        _held(gate, name, mine, measured)
        for (name, mine), measured in zip(by_name.items(), measures(gate, by_name.values(), run), strict=True)
    ]
    return concluded(gate.text, results, missing, inconclusive_passes=inconclusive_passes)


def concluded(
    text: str, results: Sequence[tuple[Verdict, str]], missing: int, *, inconclusive_passes: bool
) -> Decision:
    """Sum up what was found for each model and method.  Nothing found, and a missing case, are a failure."""
    reasons = [reason for _, reason in results] or ["no such case was run"]
    if missing:
        reasons.append(f"{missing} planned cases left no record")
    verdicts = {verdict for verdict, _ in results}
    verdict: Verdict = "passed"
    if missing or not results or "failed" in verdicts:
        verdict = "failed"
    elif "inconclusive" in verdicts:
        verdict = "inconclusive"
    passed = verdict == "passed" or (verdict == "inconclusive" and inconclusive_passes)
    return Decision(text, verdict, passed, tuple(reasons))


def judge(gate: Gate, measured: Rate | Estimate | int) -> Verdict:
    """Return whether what was measured is as the gate wants it.

    A gate on the value is decided by the value.  One that wants an end of the interval on the far side of
    its bound asks for proof: it fails only if the other end proves the contrary, and is else inconclusive.
    """
    holds = _OPERATORS[gate.op]
    if isinstance(measured, int):
        return "passed" if holds(measured, gate.value) else "failed"
    ends = {"": measured.value, "low": measured.low, "high": measured.high}
    if holds(ends[gate.bound], gate.value):
        return "passed"
    other = _OTHER.get((gate.op, gate.bound))
    return "inconclusive" if other and holds(ends[other], gate.value) else "failed"


def _held(gate: Gate, name: str, records: Sequence[Record], measured: Measured) -> tuple[Verdict, str]:
    """Return whether the gate holds for one model and method, and a line that says what was measured."""
    errors = sum(record.outcome == "error" for record in records)
    if isinstance(measured, Undefined):
        known = f"{gate.measured} is not known (of {len(records)} cases, {errors} errors)"
        return "failed", f"{name}: {measured.why}; {known}"
    verdict = judge(gate, measured)
    said = [f"{name}: {_shown(gate, measured, len(records))}"]
    if errors and gate.metric != "errors":
        said.append(f"{errors} errors")
    if verdict == "inconclusive":
        said.append(_needed(gate, measured))
    return verdict, ", ".join(said)


def _shown(gate: Gate, measured: Rate | Estimate | int, cases: int) -> str:
    """Return a number with its interval and what it rests on."""
    if isinstance(measured, Rate):
        ends = f"{measured.low:.1%} to {measured.high:.1%}"
        return f"{gate.measured} {measured.value:.1%} of {measured.n}, 95 % interval {ends}"
    if isinstance(measured, Estimate):
        form = ".1%" if gate.metric in ("score", "normalised_score", "steering_regret") else ".6g"
        ends = f"95 % interval {format(measured.low, form)} to {format(measured.high, form)}"
        if isinf(measured.low) and isinf(measured.high):
            ends = "no interval"
        return f"{gate.measured} {format(measured.value, form)}, of {cases} cases, {ends}"
    return f"{gate.measured} {measured}, of {cases} cases"


def _needed(gate: Gate, measured: Rate | Estimate | int) -> str:
    """Return how many instances are likely to decide the gate if things stay as they are."""
    if isinstance(measured, Rate):
        cases = instances_to_clear(measured.value, gate.value)
        return enough(None if cases is None else ceil(cases * measured.instances / measured.size))
    return enough(instances_to_narrow(measured, gate.value) if isinstance(measured, Estimate) else None)


def enough(instances: int | None) -> str:
    """Return what a line says of the number of instances that would decide."""
    if instances is None:
        return "and how many instances would decide cannot be said"
    return f"about {instances} instances would decide"
