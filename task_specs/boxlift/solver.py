"""BoxLift, solved by two greedy plans.  The first is the one that sets the limit of steps."""

from typing import NamedTuple


class Lift(NamedTuple):
    """One box of a step."""

    weight: int
    team: tuple[int, ...]  # indices of the lifters


Plan = list[list[Lift]]


def shorter_plan(boxes: list[int], lifters: list[int]) -> str:
    """Return the shorter of the two plans, one line for each step."""
    if max(boxes) > sum(lifters):
        raise ValueError(f"all lifters together cannot lift {max(boxes)}")
    plans = in_turn(boxes, lifters), best_fit(boxes, lifters)
    steps = [[(lift.weight, list(lift.team)) for lift in step] for step in min(plans, key=len)]
    return "\n".join(f"Step {number}: {step}" for number, step in enumerate(steps, 1))


def in_turn(boxes: list[int], lifters: list[int]) -> Plan:
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


def best_fit(boxes: list[int], lifters: list[int]) -> Plan:
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
