"""BoxNet, solved: each box goes straight to a target of its own.

Squares hold any number of boxes, so no box is ever in the way of another; boxes on one square only wait for
its agent.
"""

import json

Square = tuple[int, int]  # row and column, from 0


def plan(cells: dict[str, list[str]]) -> str:
    """Return a plan for what lies on the squares: a JSON list, one object for each step."""
    ways = _ways(cells)
    steps = []
    while ways:
        acting: dict[Square, int] = {}
        for index, (_, way) in enumerate(ways):
            acting.setdefault(way[0], index)
        steps.append({f"Agent{_named(square)}": _action(*ways[index]) for square, index in acting.items()})
        for index in acting.values():
            ways[index][1].pop(0)
        ways = [(colour, way) for colour, way in ways if way]
    return json.dumps(steps)


def _ways(cells: dict[str, list[str]]) -> list[tuple[str, list[Square]]]:
    """Return for each box its colour and the squares it comes through, the target's included."""
    boxes, targets = _placed(cells, "box_"), _placed(cells, "target_")
    ways = []
    for colour, starts in boxes.items():
        pairs = sorted((_distance(start, end), start, end) for start in starts for end in targets[colour])
        free = {square: targets[colour].count(square) for square in targets[colour]}
        waiting = {square: starts.count(square) for square in starts}
        for _, start, end in pairs:  # nearest pairs first
            if waiting[start] and free[end]:
                waiting[start] -= 1
                free[end] -= 1
                ways.append((colour, _straight(start, end)))
    return ways


def _placed(cells: dict[str, list[str]], kind: str) -> dict[str, list[Square]]:
    """Return the squares of all boxes, or of all targets, by colour."""
    squares: dict[str, list[Square]] = {}
    for name, things in cells.items():
        row, column = (int(float(centre) - 0.5) for centre in name.split("_"))
        for thing in things:
            if thing.startswith(kind):
                squares.setdefault(thing.removeprefix(kind), []).append((row, column))
    return squares


def _straight(start: Square, end: Square) -> list[Square]:
    """Return the squares from *start* to *end*, along the row first."""
    (row, column), way = start, [start]
    while column != end[1]:
        column += 1 if column < end[1] else -1
        way.append((row, column))
    while row != end[0]:
        row += 1 if row < end[0] else -1
        way.append((row, column))
    return way


def _action(colour: str, way: list[Square]) -> str:
    """Return what the agent of the first square of *way* does with the box."""
    return f"move(box_{colour}, {f'square{_named(way[1])}' if way[1:] else f'target_{colour}'})"


def _named(square: Square) -> str:
    return f"[{square[0] + 0.5}, {square[1] + 0.5}]"


def _distance(start: Square, end: Square) -> int:
    return abs(start[0] - end[0]) + abs(start[1] - end[1])
