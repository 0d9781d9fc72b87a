"""BoxLift: assign lifters to boxes, step by step, within a given number of steps.

The verdict is strict: a plan with any illegal lift, or a step too many, is wrong.  The two ratios, of boxes
and of weight, say how much the plan lifts within the limit when illegal lifts are skipped; the paper's
BoxLift figures behave like the first.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import Unreadable, shown, structure

from .solver import Lift, Plan, best_fit, in_turn, shorter_plan

_STEP = re.compile(r"\bstep ?(\d{1,4}) ?[:.)=-]?", re.IGNORECASE)


def generate(
    rng: Random, *, boxes: int, lifters: int, weight: list[int], capacity: list[int]
) -> dict[str, Any]:
    """Draw boxes and lifters that together can lift the heaviest; the limit is what a simple plan takes."""
    while True:
        weights = [rng.randint(*weight) for _ in range(boxes)]
        capacities = [rng.randint(*capacity) for _ in range(lifters)]
        if max(weights) <= sum(capacities):  # else no number of steps is enough
            limit = len(in_turn(weights, capacities))
            best = min(limit, len(best_fit(weights, capacities)))
            return {
                "boxes": weights,
                "lifters": capacities,
                "step_limit": limit,
                "best_known_steps": best,
            }


def solve(data: Mapping[str, Any]) -> str:
    """Return the shorter of two greedy plans; one of them sets the limit."""
    return shorter_plan(data["boxes"], data["lifters"])


def program(data: Mapping[str, Any]) -> str:
    """Return the solver as a program for these boxes and lifters."""
    return program_of(shorter_plan, boxes=data["boxes"], lifters=data["lifters"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept a plan in which every step is legal and every box is lifted, within the limit."""
    steps = _read(answer)
    left, problems = Counter(data["boxes"]), []
    for number, step in enumerate(steps, 1):
        busy: set[int] = set()
        for lift in step:
            problem = _illegal(lift, left, busy, data["lifters"])
            if number > data["step_limit"]:
                problem = f"more than {data['step_limit']} steps"
            if problem:
                problems.append(f"step {number}: {problem}")
                continue
            left[lift.weight] -= 1
            busy.update(lift.team)
    if len(steps) > data["step_limit"]:
        problems.append(f"takes {len(steps)} steps, more than {data['step_limit']}")
    if left.total():
        problems.append(f"leaves {left.total()} of {len(data['boxes'])} boxes")
    ratios = {
        "lifted_box_ratio": 1 - left.total() / len(data["boxes"]),
        "lifted_weight_ratio": 1 - sum(left.elements()) / sum(data["boxes"]),
    }
    if problems:
        return wrong(problems[0], score=ratios["lifted_box_ratio"], **ratios)
    return right(**ratios)


def _illegal(lift: Lift, left: Counter[int], busy: set[int], capacities: list[int]) -> str:
    """Return why *lift* is against the rules; "" when it is not."""
    if left[lift.weight] <= 0:
        return f"no box of weight {lift.weight} is left"
    if not all(0 <= lifter < len(capacities) for lifter in lift.team):
        return f"no such lifter in {shown(list(lift.team))}"
    if len(lift.team) != len(set(lift.team)) or busy & set(lift.team):
        return f"a lifter of {shown(list(lift.team))} lifts twice"
    if sum(capacities[lifter] for lifter in lift.team) < lift.weight:
        return f"lifters {shown(list(lift.team))} are too weak for {lift.weight}"
    return ""


def _read(answer: str) -> Plan:
    """Return the plan in *answer*: steps numbered from 1, each a list of (weight, [lifters])."""
    text = " ".join(answer.split())
    heads = list(_STEP.finditer(text))
    if not heads:
        raise Unreadable("no 'Step 1: [...]' in the answer")
    if [int(head[1]) for head in heads] != list(range(1, len(heads) + 1)):
        raise Unreadable("the steps are not numbered 1, 2, 3")
    ends = [*(head.start() for head in heads[1:]), len(text)]
    return [[*_lifts(text[head.end() : end])] for head, end in zip(heads, ends, strict=True)]


def _lifts(text: str) -> Iterator[Lift]:
    """Yield what one step lifts; words around the list are passed over, a second list is not."""
    start, end = text.find("["), text.rfind("]")
    entries = structure(text[start : end + 1]) if 0 <= start < end else None
    if not isinstance(entries, list):
        raise Unreadable(f"a step without a list: {shown(text)}")
    for entry in entries:
        match entry:
            case [int(weight), [*team]] if not isinstance(weight, bool):
                yield Lift(weight, tuple(map(_index, team)))
            case _:
                raise Unreadable(f"not (weight, [lifters]): {shown(entry)}")


def _index(lifter: object) -> int:
    if type(lifter) is not int:
        raise Unreadable(f"not a lifter: {shown(lifter)}")
    return lifter
