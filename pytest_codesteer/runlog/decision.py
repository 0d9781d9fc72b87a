"""What became of a gate: told at the end of a run, and kept as the last line of its log."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pytest_codesteer.runlog.shapes import misfit, shapes_of

Verdict = Literal["passed", "failed", "inconclusive"]

_WORDS = {"passed": "passed", "failed": "FAILED", "inconclusive": "INCONCLUSIVE"}


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a gate."""

    text: str  # of the gate
    verdict: Verdict
    passed: bool  # what the exit status goes by: an inconclusive gate may pass or not
    reasons: tuple[str, ...]  # a line for each model and method it selects: measured value, interval, n

    @property
    def lines(self) -> list[str]:
        """What a report says of it."""
        word = _WORDS[self.verdict] + (" (passes)" if self.passed and self.verdict != "passed" else "")
        return [f"gate {word}: {self.text}", *(f"    {reason}" for reason in self.reasons)]

    def to_dict(self) -> dict[str, Any]:
        """Return the decision as JSON values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Decision":
        """Return the decision that `to_dict` wrote; keys of later versions are passed over.

        Raises `TypeError` where it is none.
        """
        if wrong := misfit(_SHAPES, values, _SHAPES):
            raise TypeError(f"decision of a gate: {wrong}")
        known = {name: values[name] for name in _SHAPES}
        return cls(**{**known, "reasons": tuple(known["reasons"])})


_SHAPES = shapes_of(Decision)
