"""Path Plan, solved: from box to box on a grid that is fine enough for the gaps there are.

The grid has a column in the middle between any two neighbouring edges of boxes and one at the start and
the end, and rows alike.  Every gap then has a column or a row, so that a way is found where there is one.
"""

from collections import deque
from itertools import pairwise

MARGINS = (0.02, 0.0001, 0.0)  # distance kept from what must not be touched; the first that leaves a way

Box = list[float]  # x_start, x_end, y_start, y_end
Node = tuple[int, int]  # column and row


def waypoints(
    walls: list[Box],
    start: list[float],
    end: list[float],
    visit: list[Box],
    avoid: list[Box],
) -> str:
    """Return waypoints as text.  Raises ValueError when there is no way."""
    for margin in MARGINS:
        if found := route(walls, start, end, visit, avoid, margin=margin):
            return str(found)
    raise ValueError("there is no way")


def route(
    walls: list[Box],
    start: list[float],
    end: list[float],
    visit: list[Box],
    avoid: list[Box],
    *,
    margin: float,
) -> list[tuple[float, float]] | None:
    """Return a way along the axes, always to the box that takes the fewest turns; None when there is none."""
    solid = [_grown(box, margin) for box in [*walls, *avoid]]
    inner = [_grown(box, -min(margin, (box[1] - box[0]) / 4, (box[3] - box[2]) / 4)) for box in visit]
    xs = _lines([edge for box in solid + inner for edge in box[:2]], [start[0], end[0]])
    ys = _lines([edge for box in solid + inner for edge in box[2:]], [start[1], end[1]])
    free = {(i, j) for i in range(len(xs)) for j in range(len(ys))}
    for box in solid:
        free -= _within(box, xs, ys)
    here, last = ((xs.index(x), ys.index(y)) for x, y in (start, end))
    if not {here, last} <= free:
        return None
    nodes, left = [here], [_within(box, xs, ys) & free for box in inner]
    while left or nodes[-1] != last:
        left = [box for box in left if nodes[-1] not in box]
        way = _way(nodes[-1], set().union(*left) if left else {last}, free) if all(left) else []
        if not way:
            return None
        nodes += way
    return [(xs[i], ys[j]) for i, j in _turns(nodes)]


def _grown(box: Box, margin: float) -> Box:
    x0, x1, y0, y1 = box
    return [round(edge, 9) for edge in (x0 - margin, x1 + margin, y0 - margin, y1 + margin)]


def _lines(edges: list[float], ends: list[float]) -> list[float]:
    middles = {round((one + other) / 2, 9) for one, other in pairwise(sorted(set(edges)))}
    return sorted(middles.union(ends))


def _within(box: Box, xs: list[float], ys: list[float]) -> set[Node]:
    """Return the nodes in a box, its border included."""
    columns = [i for i, x in enumerate(xs) if box[0] <= x <= box[1]]
    rows = [j for j, y in enumerate(ys) if box[2] <= y <= box[3]]
    return {(i, j) for i in columns for j in rows}


def _way(start: Node, goals: set[Node], free: set[Node]) -> list[Node]:
    """Return the corners of a way to any of *goals*, by breadth-first search over straight lines; or none."""
    before = {start: start}
    queue = deque([start])
    while queue and queue[0] not in goals:
        node = queue.popleft()
        for across, up in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            i, j = node[0] + across, node[1] + up
            while (i, j) in free:
                if (i, j) not in before:
                    before[i, j] = node
                    queue.append((i, j))
                i, j = i + across, j + up
    way = [queue[0]] if queue else []
    while way and way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _turns(nodes: list[Node]) -> list[Node]:
    """Leave out the nodes at which the way goes straight on."""
    kept: list[Node] = []
    for node in nodes:
        while len(kept) > 1 and _straight_on(kept[-2], kept[-1], node):
            kept.pop()
        if node not in kept[-1:]:
            kept.append(node)
    return kept


def _straight_on(before: Node, here: Node, after: Node) -> bool:
    on_a_line = before[0] == here[0] == after[0] or before[1] == here[1] == after[1]
    return on_a_line and sorted((before, here, after))[1] == here
