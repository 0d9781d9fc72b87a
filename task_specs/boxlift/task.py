"""BoxLift: assign lifters to boxes, step by step, within a given number of steps.

The verdict is strict: a plan with any illegal lift, or a step too many, is wrong.  The two ratios, of boxes
and of weight, say how much the plan lifts within the limit when illegal lifts are skipped; the paper's
BoxLift figures behave like the first.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

from pytest_codesteer import Verdict, right, wrong
from pytest_codesteer.answers import Unreadable, shown, structure

_STEP = re.compile(r"\bstep ?(\d{1,4}) ?[:.)=-]?", re.IGNORECASE)


class Lift(NamedTuple):
    """One box of a step."""

    weight: int
    team: tuple[int, ...]  # indices of the lifters


Plan = list[list[Lift]]


def generate(
    rng: Random, *, boxes: int, lifters: int, weight: list[int], capacity: list[int]
) -> dict[str, Any]:
    """Draw boxes and lifters that together can lift the heaviest; the limit is what a simple plan takes."""
    while True:
        weights = [rng.randint(*weight) for _ in range(boxes)]
        capacities = [rng.randint(*capacity) for _ in range(lifters)]
        if max(weights) <= sum(capacities):  # else no number of steps is enough
            limit = len(_in_turn(weights, capacities))
            best = min(limit, len(_best_fit(weights, capacities)))
            return {
                "boxes": weights,
                "lifters": capacities,
                "step_limit": limit,
                "best_known_steps": best,
            }


def solve(data: Mapping[str, Any]) -> str:
    """Return the shorter of two greedy plans; one of them sets the limit."""
    plans = _in_turn(data["boxes"], data["lifters"]), _best_fit(data["boxes"], data["lifters"])
    steps = [[(lift.weight, list(lift.team)) for lift in step] for step in min(plans, key=len)]
    return "\n".join(f"Step {number}: {step}" for number, step in enumerate(steps, 1))


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept a plan in which every step is legal and every box is lifted, within the limit."""
    plan = _read(answer)
    left, problems = Counter(data["boxes"]), []
    for number, step in enumerate(plan, 1):
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
    if len(plan) > data["step_limit"]:
        problems.append(f"takes {len(plan)} steps, more than {data['step_limit']}")
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


def _in_turn(boxes: list[int], lifters: list[int]) -> Plan:
    """Per step, heaviest box first: lifters join in their order until they can lift it."""
    left, plan = sorted(boxes, reverse=True), []
    while left:
        free, step = list(range(len(lifters))), []
        for weight in left.copy():
            team: list[int] = []
            for lifter in free:
                if sum(lifters[member] for member in team) >= weight:
                    break
                team.append(lifter)
            if sum(lifters[member] for member in team) >= weight:
                step.append(Lift(weight, tuple(team)))
                left.remove(weight)
                free = [lifter for lifter in free if lifter not in team]
        plan.append(step)
    return plan


def _best_fit(boxes: list[int], lifters: list[int]) -> Plan:
    """Per step, heaviest box first: the weakest lifter that can, else the strongest until they can."""
    left, plan = sorted(boxes, reverse=True), []
    while left:
        free, step = sorted(range(len(lifters)), key=lifters.__getitem__), []
        for weight in left.copy():
            team: list[int] = []
            while (missing := weight - sum(lifters[member] for member in team)) > 0 and len(team) < len(free):
                spare = [lifter for lifter in free if lifter not in team]
                team.append(next((lifter for lifter in spare if lifters[lifter] >= missing), spare[-1]))
            if missing <= 0:
                step.append(Lift(weight, tuple(team)))
                left.remove(weight)
                free = [lifter for lifter in free if lifter not in team]
        plan.append(step)
    return plan
