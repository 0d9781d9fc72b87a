"""BoxNet: agents on a grid bring coloured boxes to targets of their colours, in steps.

All actions of a step act on the squares as they are before it.  The verdict is strict: a plan with any
action against the rules is wrong.  The ratio says how many boxes are on targets at the end when such
actions are skipped.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import Candidate, Unreadable, Value, between, shown, standing, structures

from .solver import plan

_COLOURS = "blue red green purple orange yellow white brown pink black cyan olive".split()
_NUMBER = r"([-+]?\d{1,9}(?:\.\d{1,9})?)"
_AGENT = re.compile(rf"agent[\[(]{_NUMBER},{_NUMBER}[\])]")  # of texts without blanks, in lower case
_MOVE = re.compile(rf"move\((box_\w+),(?:(target_\w+)|square[\[(]{_NUMBER},{_NUMBER}[\])])\)")

_QUOTES = str.maketrans("\u201c\u201d\u2018\u2019", "\"\"''")
_BETWEEN = re.compile(  # what may stand between two steps that are in no list
    r"[\s,;]*(?:(?<=\n) *(?:[-*\u2022]+|\(?\d+ ?[.):])\s*)?|[^\[{]{0,200}\bstep ?#?(?!1\b)\d+\b[^\[{]{0,100}",
    re.IGNORECASE,
)

Step = dict[str, Value]
Square = tuple[Fraction, Fraction]  # its centre


class Move(NamedTuple):
    """One action: of the agent of a square, with a box of that square."""

    agent: Square
    box: str
    to: Square | str  # a square, or the target's name


def generate(rng: Random, *, rows: int, columns: int, colours: int, boxes: list[int]) -> dict[str, Any]:
    """Throw as many boxes as targets of each colour on any squares: every box can get to every target."""
    cells: dict[str, list[str]] = {
        f"{row}.5_{column}.5": [] for row in range(rows) for column in range(columns)
    }
    names = list(cells)
    for colour in rng.sample(_COLOURS, colours):
        for _ in range(rng.randint(*boxes)):
            cells[rng.choice(names)].append(f"box_{colour}")
            cells[rng.choice(names)].append(f"target_{colour}")
    return {"rows": rows, "cols": columns, "cells": cells}


def solve(data: Mapping[str, Any]) -> str:
    """Send each box straight to a target of its own."""
    return plan(data["cells"])


def program(data: Mapping[str, Any]) -> str:
    """Return the solver as a program for these squares."""
    return program_of(plan, cells=data["cells"])


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept a plan in which every action is legal and every box comes to a target."""
    squares = {_square(*name.split("_")): Counter(things) for name, things in data["cells"].items()}
    boxes = _boxes(squares)
    problems = []
    for number, step in enumerate(_steps(answer), 1):
        moves: dict[Square, Move] = {}
        for agent, action in step.items():
            move = _move(agent, action)
            problem = _illegal(move, squares, moves) if move else f"{shown(action)} is not an action"
            if move is None or problem:
                problems.append(f"step {number}, {shown(agent)}: {problem}")
            else:
                moves[move.agent] = move
        for move in moves.values():  # legal before the step, and of different squares: the order is free
            _perform(move, squares)
    left = _boxes(squares)
    if left:
        problems.append(f"leaves {left} of {boxes} boxes")
    ratio = 1 - left / max(boxes, 1)
    return wrong(problems[0], score=ratio, matched_ratio=ratio) if problems else right(matched_ratio=ratio)


def _steps(answer: str) -> list[Step]:
    """Return the steps of the plan: a list of objects, or objects one behind another.

    An object that holds the list or the steps is a plan, too.  Words around the plan are passed over.
    """
    text = answer.translate(_QUOTES)
    found = [*structures(text)]
    plans = [Candidate(start, end, plan) for start, end, value in found if (plan := _plan(value)) is not None]
    steps = [value for value in found if isinstance(value.value, dict) and value.value]
    if any(plan.value for plan in plans):  # an empty list is one of many things that a remark may hold
        plans = [plan for plan in plans if plan.value]
    elif steps:
        if re.search(r"[\[{]", between(text, found)):
            raise Unreadable(f"a list or an object that cannot be read: {shown(answer)}")
        plans = _chained(text, steps)
    if not plans:
        raise Unreadable(f"not a list of steps: {shown(answer)}")
    return standing(text, plans)


def _plan(value: Value) -> list[Step] | None:
    """Return the steps of a list of objects, or of an object that holds them; None when *value* is none."""
    if isinstance(value, dict):
        held = [plan for plan in map(_plan, value.values()) if plan]
        if len(held) == 1:
            return held[0]
        value = [*value.values()]
        if not value:
            return None
    steps = [_actions(entry) for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    return steps if isinstance(value, list) and len(steps) == len(value) else None


def _actions(step: Step) -> Step:
    """Return the actions of a step: itself, or the one object in it, beside the step's number."""
    inner = [value for value in step.values() if isinstance(value, dict)]
    return inner[0] if len(inner) == 1 and "agent" not in "".join(step).lower() else step


def _chained(text: str, steps: Sequence[Candidate[Value]]) -> list[Candidate[list[Step]]]:
    """Return the plans that objects without a list around them make, each from one remark to the next."""
    plans: list[Candidate[list[Step]]] = []
    for start, end, step in steps:
        if not isinstance(step, dict):
            continue
        if plans and _BETWEEN.fullmatch(text, plans[-1].end, start):
            plans[-1].value.append(_actions(step))
            plans[-1] = plans[-1]._replace(end=end)
        else:
            plans.append(Candidate(start, end, [_actions(step)]))
    return plans


def _move(agent: str, action: object) -> Move | None:
    """Read an agent's action; None when it is none."""
    actor = _AGENT.fullmatch("".join(agent.lower().split()))
    move = _MOVE.fullmatch("".join(action.lower().split())) if isinstance(action, str) else None
    if actor is None or move is None:
        return None
    return Move(_square(*actor.groups()), move[1], move[2] or _square(move[3], move[4]))


def _illegal(move: Move, squares: Mapping[Square, Counter[str]], moves: Mapping[Square, Move]) -> str:
    """Return why *move* is against the rules; "" when it is not."""
    here = squares.get(move.agent)
    if here is None:
        return "no such agent"
    if move.agent in moves:
        return "acts twice"
    if not here[move.box]:
        return f"there is no {move.box} on its square"
    if isinstance(move.to, str):
        if move.to != move.box.replace("box_", "target_"):
            return f"{move.box} does not belong on {move.to}"
        return "" if here[move.to] else f"there is no {move.to} on its square"
    if move.to not in squares:
        return "no such square"
    (row, column), (to_row, to_column) = move.agent, move.to
    return "" if abs(row - to_row) + abs(column - to_column) == 1 else "the square is not next to its own"


def _perform(move: Move, squares: Mapping[Square, Counter[str]]) -> None:
    here = squares[move.agent]
    here[move.box] -= 1
    if isinstance(move.to, str):
        here[move.to] -= 1
    else:
        squares[move.to][move.box] += 1


def _boxes(squares: Mapping[Square, Counter[str]]) -> int:
    return sum(
        count for here in squares.values() for thing, count in here.items() if thing.startswith("box_")
    )


def _square(row: str, column: str) -> Square:
    return Fraction(row), Fraction(column)
