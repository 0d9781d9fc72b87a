"""BoxLift: assign lifters to boxes, step by step, within a given number of steps.

The verdict is strict: a plan with any illegal lift, or a step too many, is wrong.  The two ratios, of boxes
and of weight, say how much the plan lifts within the limit when illegal lifts are skipped; the paper's
BoxLift figures behave like the first.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import Candidate, Unreadable, Value, shown, standing, structures

from .solver import Lift, Plan, best_fit, in_turn, shorter_plan

_HEAD = re.compile(
    r"\bstep ?#?(?P<step>\d{1,4})\b|^\W{0,6}(?P<item>\d{1,4}) ?[.:)]", re.IGNORECASE | re.MULTILINE
)
_BETWEEN = re.compile(r"[\s,;]*")


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
    """Return the plan in *answer*: steps numbered from 1, each a list of (weight, [lifters]).

    A list or an object that holds such lists is a plan, too.  Words around the lists are passed over.
    """
    found = [*structures(answer)]
    plans = [Candidate(at, end, plan) for at, end, value in found if (plan := _plan(value))]
    return standing(answer, plans or _numbered(answer, found))


def _numbered(text: str, found: Sequence[Candidate[Value]]) -> list[Candidate[Plan]]:
    """Return the plans that *text* holds, each from its step 1 on."""
    heads = [*_HEAD.finditer(text)]
    ends = [*(head.start() for head in heads), len(text)][1:]
    plans: list[Candidate[Plan]] = []
    for head, end in zip(heads, ends, strict=True):
        first, behind = (bisect_left(found, at, key=lambda value: value.start) for at in (head.end(), end))
        step = _step(text[head.end() : end], [value.moved(-head.end()) for value in found[first:behind]])
        if step is None:
            continue  # a remark that names a step
        number = int(head["step"] or head["item"])
        if number == 1:
            plans.append(Candidate(head.start(), end, []))
        if not plans or number != len(plans[-1].value) + 1:
            raise Unreadable("the steps are not numbered 1, 2, 3")
        plans[-1].value.append(step)
        plans[-1] = plans[-1]._replace(end=found[behind - 1].end)
    if not plans:
        raise Unreadable(f"no 'Step 1: [...]' in {shown(text)}")
    return plans


def _step(text: str, found: Sequence[Candidate[Value]]) -> list[Lift] | None:
    """Return what the text behind the head of a step lifts; None when it is but a remark."""
    lists = [lifts for value in found if (lifts := _lifts(value.value))]
    loose = [(value, lift) for value in found if (lift := _lift(value.value))]
    if lists:
        if any(lifts != lists[0] for lifts in lists) or not {lift for _, lift in loose} <= {*lists[0]}:
            raise Unreadable(f"a step with two lists: {shown(text)}")
        return lists[0]
    start = re.search(r"[\w\[(]", text)
    if loose and start and start.start() == loose[0][0].start:
        gaps = [text[one.end : other.start] for (one, _), (other, _) in pairwise(loose)]
        if all(map(_BETWEEN.fullmatch, gaps)) and "[" not in text[loose[-1][0].end :]:
            return [lift for _, lift in loose]
    if start and start[0] in "[(":
        if found and (found[0].start, found[0].value) == (start.start(), []):
            return []
        raise Unreadable(f"not a list of (weight, [lifters]): {shown(text.strip())}")
    return None


def _plan(value: Value) -> Plan | None:
    """Return the steps of a list or an object of steps, if there is one; None when *value* is none."""
    entries = [*value.values()] if isinstance(value, dict) else value
    if isinstance(entries, list) and len(entries) == 1 and (inner := _plan(entries[0])):
        return inner
    steps = [_lifts(entry) for entry in entries] if isinstance(entries, list) else []
    return [step for step in steps if step is not None] if any(steps) and None not in steps else None


def _lifts(value: Value) -> list[Lift] | None:
    """Return the lifts of a list of them, or of an object with one such list; None when *value* is none."""
    if isinstance(value, dict):
        held = [lifts for entry in value.values() if (lifts := _lifts(entry)) is not None]
        return held[0] if len(held) == 1 else None
    if not isinstance(value, list):
        return None
    lifts = [lift for entry in value if (lift := _lift(entry))]
    return lifts if len(lifts) == len(value) else None


def _lift(value: Value) -> Lift | None:
    """Return one lift, (weight, [lifters]) or an object that holds both; None when *value* is none."""
    match [*value.values()] if isinstance(value, dict) else value:
        case [int() | Fraction() as weight, [*team]] if not isinstance(weight, bool):
            lifters = tuple(lifter for lifter in team if type(lifter) is int)
            if weight == int(weight) and len(lifters) == len(team):
                return Lift(int(weight), lifters)
    return None
