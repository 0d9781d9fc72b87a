"""Path Plan: waypoints that lead a robot through some boxes and around others.

The instruction is in words, the geometry in numbers: what has to be understood is text, what has to be
found needs a search.
"""

import re
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from pytest_codesteer import Verdict, program_of, right, wrong
from pytest_codesteer.answers import Candidate, Unreadable, Value, between, plain, shown, standing, structures

from .instructions import instruction
from .solver import MARGINS, route, waypoints

AT_AN_END = Fraction(1, 10**6)  # so far the first and last waypoint may be from the start and the end
AT_A_BOX = Fraction(1, 10**9)  # by so much a visit may miss: a program computes in floating point

_UNIT = 10**40  # coordinates are compared as integers; an answer has at most 40 digits in a number
_GRAIN = 20  # places of generated boxes to a unit of length
_GAP = 2  # such places between two boxes, and between a box and the start or the end
_WALL = 2  # such places: how thick a wall is
_TRIES = 100  # at placing a box before all are placed anew
_COLOURS = (
    "yellow red green blue pink purple orange white brown grey cyan olive magenta beige turquoise violet "
    "golden silver crimson lime navy teal"
).split()

_NUMBER = r"([-+\d.eE\u2212]{1,60})"
_MAPPED = re.compile(  # a waypoint as a JSON object
    rf"""\{{\s*["']?x["']?\s*:\s*{_NUMBER}\s*,\s*["']?y["']?\s*:\s*{_NUMBER}\s*\}}"""
)
_NEXT = re.compile(  # what may stand between two waypoints that are in no list
    r"\s*(?:(?:[,;\u2192\u27f6]|->|=>|\\(?:to|rightarrow)\b|\b(?:and |then )?to\b)\s*)?"
    r"|[^\n\d\[\]{}]{0,60}\n"  # the end of a line, and how the next one begins
    r" *(?:\(?\d+[.)])?(?:[^\n\[\]{}(]|\([^\n\d()]{0,30}\)){0,60}"
)

Box = list[int]  # x_start, x_end, y_start, y_end
Point = tuple[int, int]


def generate(
    rng: Random, *, boxes: int, visit: int, avoid: int, arena: float, side: list[float]
) -> dict[str, Any]:
    """Draw disjoint boxes, a start and an end until there is a way that keeps its distance.

    Boxes to avoid are in the way: straight lines through the middles of those to visit touch one.
    """
    colours = rng.sample(_COLOURS, boxes)
    chosen = rng.sample(colours, visit + avoid)
    half, sides = round(arena * _GRAIN), [round(length * _GRAIN) for length in side]
    while True:
        placed = _placed(rng, boxes, half, sides)
        data: dict[str, Any] = {
            "boxes": {colour: _scaled(box) for colour, box in zip(colours, placed, strict=True)},
            "walls": [_scaled(wall) for wall in _walls(half)],
            "start": _scaled(_spot(rng, placed, half)),
            "end": _scaled(_spot(rng, placed, half)),
            "visit": chosen[:visit],
            "avoid": chosen[visit:],
        }
        if (not avoid or _is_obstructed(data)) and route(**_given(data), margin=MARGINS[0]):
            return {**data, "instruction": instruction(rng, data["visit"], data["avoid"], of=boxes)}


def solve(data: Mapping[str, Any]) -> str:
    """Search for a way."""
    return waypoints(**_given(data))


def program(data: Mapping[str, Any]) -> str:
    """Return the solver as a program for this arena, with the instruction understood."""
    return program_of(waypoints, **_given(data))


def check(data: Mapping[str, Any], answer: str) -> Verdict:
    """Accept a way from start to end that touches all boxes to visit, and no wall and no box to avoid.

    Line segments and boxes include their ends and borders; all is computed exactly.
    """
    points = _points(answer)
    for place, point in (("start", points[0]), ("end", points[-1])):
        x, y = map(_exact, data[place])
        if max(abs(point[0] - x), abs(point[1] - y)) > AT_AN_END * _UNIT:
            return wrong(f"the {place} of the way is not the {place} asked for")
    forbidden = {f"the {colour} box": data["boxes"][colour] for colour in data["avoid"]}
    forbidden |= {f"wall {number}": wall for number, wall in enumerate(data["walls"], 1)}
    for name, box in forbidden.items():
        if (touched := _first_touch(points, _grown(box))) is not None:
            return wrong(f"touches {name} behind waypoint {touched}")
    for colour in data["visit"]:
        if _first_touch(points, _grown(data["boxes"][colour], AT_A_BOX)) is None:
            return wrong(f"does not come to the {colour} box")
    return right()


def _given(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the solver needs."""
    return {
        **{name: data[name] for name in ("walls", "start", "end")},
        **{name: [data["boxes"][colour] for colour in data[name]] for name in ("visit", "avoid")},
    }


def _walls(half: int) -> list[Box]:
    """Return the left, right, lower and upper wall around a square."""
    outer = half + _WALL
    return [
        [-outer, -half, -outer, outer],
        [half, outer, -outer, outer],
        [-outer, outer, -outer, -half],
        [-outer, outer, half, outer],
    ]


def _placed(rng: Random, count: int, half: int, sides: list[int]) -> list[Box]:
    """Draw boxes with a gap around each; against a wall they may stand."""
    boxes: list[Box] = []
    tries = 0
    while len(boxes) < count:
        width, height = rng.randint(*sides), rng.randint(*sides)
        x, y = rng.randint(-half, half - width), rng.randint(-half, half - height)
        box = [x, x + width, y, y + height]
        tries += 1
        if not any(_close(box, other) for other in boxes):
            boxes, tries = [*boxes, box], 0
        elif tries == _TRIES:
            boxes, tries = [], 0
    return boxes


def _spot(rng: Random, boxes: list[Box], half: int) -> list[int]:
    """Draw a point outside all boxes."""
    while True:
        x, y = (rng.randint(-half + 1, half - 1) for _ in range(2))
        if not any(_close([x, x, y, y], box) for box in boxes):
            return [x, y]


def _close(one: Box, other: Box) -> bool:
    return all(one[at] < other[at + 1] + _GAP and other[at] < one[at + 1] + _GAP for at in (0, 2))


def _is_obstructed(data: Mapping[str, Any]) -> bool:
    boxes = [data["boxes"][colour] for colour in data["visit"]]
    stops = [data["start"], *([(x0 + x1) / 2, (y0 + y1) / 2] for x0, x1, y0, y1 in boxes), data["end"]]
    points = [(_exact(x), _exact(y)) for x, y in stops]
    return any(_first_touch(points, _grown(data["boxes"][colour])) for colour in data["avoid"])


def _scaled(places: list[int]) -> list[float]:
    return [place / _GRAIN for place in places]


def _points(answer: str) -> list[Point]:
    """Return the waypoints: a list, or points one behind another; words around them are passed over."""
    text = plain(_MAPPED.sub(r"(\1, \2)", answer))
    ways: list[Candidate[list[Point]]] = []
    alone: list[Candidate[list[Point]]] = []  # points that stand in no list
    found = [*structures(text)]
    for start, end, value in found:
        point, points = _point(value), _listed(value)
        if points:
            ways.append(Candidate(start, end, points))
        elif point and alone and _NEXT.fullmatch(text, alone[-1].end, start):
            alone[-1].value.append(point)
            alone[-1] = alone[-1]._replace(end=end)
        elif point:
            alone.append(Candidate(start, end, [point]))
    if not ways and "[" in between(text, found):
        raise Unreadable(f"a list that cannot be read: {shown(text)}")
    ways = ways or [way for way in alone if len(way.value) > 1] or alone
    if not ways:
        raise Unreadable(f"not a list of waypoints (x, y): {shown(answer)}")
    return standing(text, ways)


def _listed(value: Value) -> list[Point] | None:
    """Return the waypoints of a list of them, also of one that stands in a list or in an object."""
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list) and not _point(value[0]):
        (value,) = value
    if isinstance(value, dict):
        held = [points for points in map(_listed, value.values()) if points]
        return held[0] if len(held) == 1 else None
    points = [_point(entry) for entry in value] if isinstance(value, list) else []
    return [point for point in points if point] if points and all(points) else None


def _point(entry: Value) -> Point | None:
    match entry:
        case [int() | Fraction() as x, int() | Fraction() as y] if not (
            isinstance(x, bool) or isinstance(y, bool)
        ):
            return int(x * _UNIT), int(y * _UNIT)
        case _:
            return None


def _exact(number: float | Fraction) -> int:
    """Return a coordinate as a multiple of the smallest there is; decimals mean what they say."""
    return int(Fraction(str(number)) * _UNIT)


def _grown(box: list[float], by: Fraction = Fraction(0)) -> Box:
    x0, x1, y0, y1 = map(_exact, box)
    margin = int(by * _UNIT)
    return [x0 - margin, x1 + margin, y0 - margin, y1 + margin]


def _first_touch(points: list[Point], box: Box) -> int | None:
    """Return the number of the waypoint, from 1, behind which the way first touches the box."""
    for number, (one, other) in enumerate(pairwise([*points, points[-1]]), 1):  # one point is a way, too
        if _touches(one, other, box):
            return number
    return None


def _touches(one: Point, other: Point, box: Box) -> bool:
    """Say whether a closed segment and a closed box share a point.

    They do not if and only if the box lies on one side of a line: along an axis, or along the segment.
    """
    (ax, ay), (bx, by), (x0, x1, y0, y1) = one, other, box
    if max(ax, bx) < x0 or min(ax, bx) > x1 or max(ay, by) < y0 or min(ay, by) > y1:
        return False
    sides = [(bx - ax) * (y - ay) - (by - ay) * (x - ax) for x in (x0, x1) for y in (y0, y1)]
    return min(sides) <= 0 <= max(sides)
