"""Gates: what a run must reach, else it fails.

    METHOD[@TASK]: METRIC OP VALUE           all_code@game24: solved >= 70%
                                             *: errors == 0

METHOD and TASK may be ``*``.  METRIC is a rate (compared with a percentage; ``.low`` and ``.high`` are the
ends of its 95 % interval), a mean per case, or a cost per solved case.  A gate holds for every model and
method it selects, one by one.  Whatever keeps a gate from being decided makes it fail: no such case, an
unknown price, a case that was planned and left no record.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_codesteer.metrics import Rate, Summary, grouped, summarise, total
from pytest_codesteer.runlog import Record
from pytest_codesteer.suggest import unknown

_GATE = re.compile(
    r"(?P<method>[^\s@]+?)(?:@(?P<task>[^\s:]+))?\s*:\s*(?P<metric>[a-z_]+)(?:\.(?P<bound>[a-z]+))?\s*"
    r"(?P<op>>=|<=|==|>|<)\s*(?P<value>-?\d+(?:\.\d+)?|-?\.\d+)\s*(?P<percent>%?)"
)
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq
}  # fmt: skip
RATES = ("solved", "by_code", "unreadable", "limit")
MEANS = (
    "score",
    "prompt_tokens",
    "completion_tokens",
    "dollars",
    "model_seconds",
    "code_seconds",
    "requests",
)
COUNTS = ("errors", "cases")
PER_SOLVED = ("tokens_per_solved", "dollars_per_solved", "seconds_per_solved")
METRICS = (*RATES, *MEANS, *COUNTS, *PER_SOLVED)


class GateError(Exception):
    """A gate is not written as gates are.  One line that quotes it."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate."""

    text: str  # as the user wrote it, blanks apart
    method: str  # "*" for each
    task: str  # "*" for all of them together
    metric: str
    bound: str  # "", "low" or "high"
    op: str
    value: float  # of a rate: 0-1


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a gate."""

    gate: Gate
    passed: bool
    reasons: tuple[str, ...]  # a line for each model and method it selects: measured value, interval, n

    @property
    def lines(self) -> list[str]:
        """What a report says of it."""
        word = "passed" if self.passed else "FAILED"
        return [f"gate {word}: {self.gate.text}", *(f"    {reason}" for reason in self.reasons)]


def parse_gate(text: str) -> Gate:
    """Read a gate.  Raises `GateError`.

    >>> parse_gate("all_code@game24: solved.low >= 70%").value
    0.7
    """
    match = _GATE.fullmatch(text.strip())
    if match is None:
        raise GateError(
            f"{text!r} is not a gate; write METHOD[@TASK]: METRIC OP VALUE, as in 'all_code: solved >= 70%'"
        )
    metric, bound, percent = match["metric"], match["bound"] or "", bool(match["percent"])
    if metric not in METRICS:
        raise GateError(f"{text!r}: {unknown('metric', metric, METRICS)}")
    if bound not in ("", "low", "high") or (bound and metric not in RATES):
        raise GateError(
            f"{text!r}: .low and .high are the ends of the interval of a rate ({', '.join(RATES)})"
        )
    value = float(match["value"]) / (100 if percent else 1)
    if metric in (*RATES, "score") and not 0 <= value <= 1:
        raise GateError(f"{text!r}: {metric} is a rate; write a bound of 0% to 100%")
    if percent and metric not in (*RATES, "score"):
        raise GateError(f"{text!r}: {metric} is not a rate; write the bound without %")
    return Gate(
        " ".join(text.split()),
        match["method"],
        match["task"] or "*",
        metric,
        bound,
        match["op"],
        value,
    )


def decide(gate: Gate, records: Iterable[Record], missing: int = 0) -> Decision:
    """Hold *records* against a gate; *missing* planned cases left none."""
    mine = [
        record
        for record in records
        if gate.method in ("*", record.method) and gate.task in ("*", record.task)
    ]
    if not mine:
        return Decision(gate, passed=False, reasons=("no such case was run",))
    results = [
        _held(gate, f"{model}, {method}", cases)
        for (model, method), cases in grouped(mine, lambda record: (record.model, record.method)).items()
    ]
    reasons = [reason for _, reason in results]
    if missing:
        reasons.append(f"{missing} planned cases left no record")
    return Decision(gate, passed=not missing and all(held for held, _ in results), reasons=tuple(reasons))


def _held(gate: Gate, name: str, records: Sequence[Record]) -> tuple[bool, str]:
    """Return whether the gate holds for one model and method, and a line that says what was measured."""
    summary = summarise(records)
    measured = _measured(gate.metric, summary, records)
    if measured is None:
        return (
            False,
            f"{name}: {gate.metric} is not known (of {summary.cases} cases, {summary.errors} errors)",
        )
    if isinstance(measured, Rate):
        value = {"": measured.value, "low": measured.low, "high": measured.high}[gate.bound]
        ends = f"{measured.low:.1%} to {measured.high:.1%}"
        said = f"{gate.metric} {measured.value:.1%} of {measured.n}, 95 % interval {ends}"
    else:
        value, said = measured, f"{gate.metric} {measured:.6g}, of {summary.cases} cases"
    errors = f", {summary.errors} errors" if summary.errors and gate.metric != "errors" else ""
    return _OPERATORS[gate.op](value, gate.value), f"{name}: {said}{errors}"


def _measured(metric: str, summary: Summary, records: Sequence[Record]) -> Rate | float | None:
    if metric in PER_SOLVED:
        return per_solved(records)[metric]
    value: Rate | float | None = getattr(summary, metric)
    return value


def per_solved(records: Sequence[Record]) -> Mapping[str, float | None]:
    """Return what one solved case costs, the costs of the others included; None when none is solved."""
    solved = sum(record.correct for record in records)
    spent = {
        "tokens_per_solved": total(record.tokens for record in records),
        "dollars_per_solved": total(record.dollars for record in records),
        "seconds_per_solved": total(record.model_seconds + record.code_seconds for record in records),
    }
    return {name: value / solved if solved and value is not None else None for name, value in spent.items()}
