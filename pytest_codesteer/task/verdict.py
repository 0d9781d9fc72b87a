"""The judgement on one answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["right", "wrong", "unreadable", "no_answer"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a checker says of an answer; made by `right`, `wrong` and `unreadable`."""

    correct: bool
    score: float  # 0-1: 1 when correct, else the task's partial credit
    kind: Kind
    reason: str = ""  # a few words; empty when correct
    scores: Mapping[str, float] = field(default_factory=dict)  # partial scores by name, each 0-1


def right(**scores: float) -> Verdict:
    """Return the verdict for a correct answer, with the task's partial scores if it has any."""
    return Verdict(correct=True, score=1.0, kind="right", scores=scores)


def wrong(reason: str, *, score: float = 0.0, **scores: float) -> Verdict:
    """Return the verdict for a wrong answer; *score* is the partial credit it earns."""
    return Verdict(correct=False, score=score, kind="wrong", reason=reason, scores=scores)


def unreadable(reason: str) -> Verdict:
    """Return the verdict for an answer that is not in the form asked for."""
    return Verdict(correct=False, score=0.0, kind="unreadable", reason=reason)


def no_answer() -> Verdict:
    """Return the verdict for a final text that holds nothing."""
    return Verdict(correct=False, score=0.0, kind="no_answer", reason="no answer")
