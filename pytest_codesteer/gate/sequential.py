"""Ending a run early: when is it clear what a gate would say of the whole of it?

Cases come in random order, so those seen are drawn without replacement from all that are planned.  How many
hits the whole run would have is bounded by a confidence sequence, which holds at all times at once: however
often one looks, and whenever one stops, the chance that it is ever wrong is at most `ERROR`.  It is the ratio
of a uniform prior to its posterior (Waudby-Smith and Ramdas 2020, NeurIPS, arXiv:2006.04347, section 2.2).
A gate is decided when it says the same of every number of hits within the bounds.
"""

from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import lgamma, log

from pytest_codesteer.gate.decision import concluded, judge
from pytest_codesteer.gate.grammar import Gate, Place, place_of
from pytest_codesteer.metrics import Rate, wilson
from pytest_codesteer.runlog import Record
from pytest_codesteer.runlog.decision import Decision, Verdict

ERROR = 0.01  # the chance that a gate, for one model and method, is decided otherwise than by the whole run

_HITS: Mapping[str, Callable[[Record], bool]] = {
    "solved": lambda record: record.correct,
    "by_code": lambda record: record.answered_by == "code",
    "used_code": lambda record: record.used_code,
    "unreadable": lambda record: record.outcome == "unreadable",
    "limit": lambda record: record.outcome == "limit",
}
_OF_WHAT_WAS_RUN = ("errors", "error_rate")  # these gates judge the cases that were run, however many


class Watch:
    """Follows gates over the cases of a run, which are added in the order in which they were planned."""

    def __init__(self, gates: Iterable[Gate], plan: Iterable[Place], *, epochs: int = 1) -> None:
        self._tallies: dict[Gate, dict[str, _Tally]] = {}
        self._open: dict[Gate, str] = {}  # gates that only the whole run can decide, and why
        places = list(plan)
        for gate in gates:
            if gate.metric not in _OF_WHAT_WAS_RUN:
                self._tallies[gate] = _tallies(gate, places)
            if why := _needs_all(gate, epochs):
                self._open[gate] = why

    @property
    def needs_all(self) -> list[str]:
        """A line for each gate that only the whole run can decide."""
        return [f"{gate.text}: {why}" for gate, why in self._open.items()]

    @property
    def decided(self) -> bool:
        """Whether there is a gate to decide and none that more cases could change."""
        return bool(self._tallies) and all(map(self._settled, self._tallies))

    def add(self, record: Record) -> None:
        """Take up the next case."""
        place = place_of(record)
        for gate, tallies in self._tallies.items():
            if gate not in self._open and gate.selects(place):
                tallies[gate.name_of(place)].add(gate, record)

    def decision(self, gate: Gate, missing: int, *, inconclusive_passes: bool) -> Decision | None:
        """Return what was decided of a gate early; None if it was not."""
        if gate not in self._tallies or not self._settled(gate):
            return None
        results = [
            (tally.verdict or "failed", tally.line(gate, name)) for name, tally in self._tallies[gate].items()
        ]
        return concluded(gate.text, results, missing, inconclusive_passes=inconclusive_passes)

    def _settled(self, gate: Gate) -> bool:
        return gate not in self._open and all(tally.verdict for tally in self._tallies[gate].values())


@dataclass(slots=True)
class _Tally:
    """The cases of one model and method."""

    planned: int
    starts: Sequence[int]  # numbers of hits at which the verdict of the whole run changes
    verdicts: Sequence[Verdict]  # from there on
    hits: int = 0
    seen: int = 0  # until it was decided
    spoilt: bool = False
    verdict: Verdict | None = None
    bounds: tuple[int, int] = (0, 0)  # of the hits of the whole run, when it was decided

    def add(self, gate: Gate, record: Record) -> None:
        """Take up a case; an error leaves open how many cases a share is of, and so the gate."""
        self.spoilt = self.spoilt or record.outcome == "error"
        if self.verdict or self.spoilt:
            return
        self.seen += 1
        self.hits += _HITS[gate.metric](record)
        self.bounds = hits_in_all(self.hits, self.seen, self.planned)
        first, last = (bisect(self.starts, end) - 1 for end in self.bounds)
        self.verdict = self.verdicts[first] if first == last else None

    def line(self, gate: Gate, name: str) -> str:
        """Say what was seen, and what it says of the whole run."""
        low, high = (end / self.planned for end in self.bounds)
        return (
            f"{name}: {gate.measured} {self.hits / self.seen:.1%} of {self.seen}; all {self.planned} cases "
            f"would come to {low:.1%} to {high:.1%} ({1 - ERROR:.0%} sure)"
        )


def hits_in_all(hits: int, seen: int, planned: int, error: float = ERROR) -> tuple[int, int]:
    """Return the least and the greatest number of hits that *planned* cases may have, *hits* of *seen*."""
    misses = seen - hits
    # The log of the prior-to-posterior ratio, up to a term that holds hits of the whole run alone.
    marginal = lgamma(hits + 1) + lgamma(misses + 1) - lgamma(seen + 2)
    marginal += lgamma(planned + 1) - lgamma(planned - seen + 1)

    def credible(total: int) -> bool:
        likelihood = (
            lgamma(total + 1) - lgamma(total - hits + 1)
            + lgamma(planned - total + 1) - lgamma(planned - total - misses + 1)
        )  # fmt: skip
        return marginal - likelihood < -log(error)

    least, most = hits, planned - misses
    likeliest = min(max(round(planned * hits / seen), least), most)
    return _edge(credible, likeliest, least - 1), _edge(credible, likeliest, most + 1)


def _edge(credible: Callable[[int], bool], inside: int, outside: int) -> int:
    """Return the last credible number on the way from one that is to one that is not, by bisection."""
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        inside, outside = (middle, outside) if credible(middle) else (inside, middle)
    return inside


def _tallies(gate: Gate, places: Sequence[Place]) -> dict[str, _Tally]:
    """Return an empty tally for each model and method that the gate selects of those planned."""
    counts: dict[str, int] = {}
    for place in places:
        if gate.selects(place):
            name = gate.name_of(place)
            counts[name] = counts.get(name, 0) + 1
    regions = {planned: _regions(gate, planned) for planned in set(counts.values())}
    return {name: _Tally(planned, *regions[planned]) for name, planned in counts.items()}


def _regions(gate: Gate, planned: int) -> tuple[list[int], list[Verdict]]:
    """Return from which numbers of hits on the whole run comes to which verdict."""
    starts: list[int] = []
    verdicts: list[Verdict] = []
    for hits in range(planned + 1):
        verdict = judge(gate, Rate(hits, planned, *wilson(hits, planned), planned, planned))
        if not verdicts or verdict != verdicts[-1]:
            starts.append(hits)
            verdicts.append(verdict)
    return starts, verdicts


def _needs_all(gate: Gate, epochs: int) -> str:
    """Return why a gate cannot be decided before the end; "" if it can."""
    if gate.metric in _OF_WHAT_WAS_RUN or (gate.metric in _HITS and not (gate.bound and epochs > 1)):
        return ""
    if gate.metric in _HITS:
        return f".{gate.bound} depends on how alike epochs are"
    return f"{gate.measured} is no share of single cases"
