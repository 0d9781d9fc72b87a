"""How a gate is written."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Literal, NamedTuple, cast

from pytest_codesteer.metrics import MEANS, way_of
from pytest_codesteer.runlog import Record
from pytest_codesteer.suggest import unknown

RATES = ("solved", "by_code", "used_code", "unreadable", "limit", "error_rate", "steering_accuracy")
PER_SOLVED = ("tokens_per_solved", "dollars_per_solved", "seconds_per_solved")
COUNTS = ("errors", "cases")
METRICS = (*RATES, "pass^k", "normalised_score", "rank", "steering_regret", *MEANS, *PER_SOLVED, *COUNTS)

_SHARES = (*RATES, "pass^k", "normalised_score", "score")  # 0-1
_PERCENTS = (*_SHARES, "steering_regret")
_GATE = re.compile(
    r"(?P<method>[^\s@]+?)(?:@(?P<task>[^\s:@]+))?(?:\s+on\s+(?P<model>\S+?))?\s*:\s*"
    r"(?P<metric>[a-z_]+)(?:\^(?P<k>\d{1,4}))?(?:\.(?P<bound>[a-z]+))?\s*"
    r"(?P<op>>=|<=|==|>|<)\s*(?P<value>-?\d+(?:\.\d+)?|-?\.\d+)\s*(?P<percent>%?)"
)


Bound = Literal["", "low", "high"]


class GateError(Exception):
    """A gate is not written as gates are.  One line that quotes it."""


class Place(NamedTuple):
    """What a gate can select a case by."""

    model: str
    method: str
    turns: int
    task: str


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.  Method, task and model are patterns as of a shell."""

    text: str  # as the user wrote it, blanks apart
    method: str
    task: str  # "" for all tasks together; else the gate holds for each that fits
    model: str
    metric: str  # of `METRICS`
    bound: Bound
    op: str
    value: float  # of a share: 0-1
    k: int = 1  # of pass^k

    def selects(self, place: Place) -> bool:
        """Return whether the gate is about the cases of *place*."""
        return (
            fnmatchcase(place.method, self.method)
            and fnmatchcase(place.task, self.task or "*")
            and fnmatchcase(place.model, self.model)
        )

    def require_known(self, methods: Collection[str], tasks: Collection[str]) -> None:
        """Refuse a name that is none of these, no pattern and no module:function.  Raises `GateError`."""
        for kind, name, known in (("method", self.method, methods), ("task", self.task, tasks)):
            if name and not set(name) & set("*?[:") and name not in known:
                raise GateError(f"{self.text!r}: {unknown(kind, name, known)}")

    def name_of(self, place: Place) -> str:
        """Return what the gate holds for one by one: model and method, and the task where it names any."""
        return ", ".join(
            [place.model, way_of(place.method, place.turns), *([place.task] if self.task else [])]
        )

    @property
    def measured(self) -> str:
        """The metric, as a line calls it."""
        return f"pass^{self.k}" if self.metric == "pass^k" else self.metric


def place_of(record: Record) -> Place:
    """Return what a record is selected by."""
    return Place(record.model, record.method, record.turns, record.task)


def parse_gate(text: str) -> Gate:
    """Read a gate.  Raises `GateError`.

    >>> parse_gate("all_code@game24: solved.low >= 70%").value
    0.7
    >>> parse_gate("all_* on gpt-4o*: pass^3 > 50%").k
    3
    """
    match = _GATE.fullmatch(text.strip())
    if match is None:
        raise GateError(
            f"{text!r} is not a gate; write METHOD[@TASK]: METRIC OP VALUE, as in 'all_code: solved >= 70%'"
        )
    metric = match["metric"] if match["k"] is None else f"{match['metric']}^k"
    if metric not in METRICS or (metric == "pass^k" and not int(match["k"])):
        raise GateError(f"{text!r}: {unknown('metric', metric, METRICS)}")
    bound = match["bound"] or ""
    if bound not in ("", "low", "high") or (bound and metric in COUNTS):
        raise GateError(f"{text!r}: .low and .high are the ends of an interval, which {metric} does not have")
    value = _number(match["value"], match["percent"])
    if metric in _SHARES and not 0 <= value <= 1:
        raise GateError(f"{text!r}: {metric} is a rate; write a bound of 0% to 100%")
    if match["percent"] and metric not in _PERCENTS:
        raise GateError(f"{text!r}: {metric} is not a rate; write the bound without %")
    return Gate(
        text=" ".join(text.split()), method=match["method"], task=match["task"] or "",
        model=match["model"] or "*", metric=metric, bound=cast("Bound", bound), op=match["op"], value=value,
        k=int(match["k"] or 1),
    )  # fmt: skip


def parse_drop(text: str) -> float:
    """Read how far a share may drop, as a share: ``3%`` or ``0.03``.  Raises `GateError`."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)\s*(%?)", text.strip())
    drop = _number(match[1], match[2]) if match else -1.0
    if not 0 <= drop <= 1:
        raise GateError(f"{text!r} is no drop of a share; write 3% or 0.03")
    return drop


def _number(digits: str, percent: str) -> float:
    """Return the float nearest to what is written, as a share of whole numbers is: 7.3% is 73 of 1000."""
    return float(Fraction(digits) / (100 if percent else 1))
