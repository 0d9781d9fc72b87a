"""Path Plan against an independent judge (clipping in fractions) and an independent flood fill."""

import json
from fractions import Fraction
from itertools import pairwise, product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_codesteer.task import TaskCrash, load_task
from tests.judging import processor_time

TASK = load_task(Path(__file__).parents[1] / "task_specs" / "path_plan")
SEEDS = st.integers(0, 10**6)
LEVELS = st.sampled_from(list(TASK.levels)[:-2])

ARENA = {
    "boxes": {"red": [2, 4, 2, 4], "blue": [6, 7, 2, 4]},
    "walls": [[-1, 0, -1, 10], [9, 10, -1, 10], [-1, 10, -1, 0], [-1, 10, 9, 10]],
    "start": [1, 1],
    "end": [8, 8],
    "visit": ["blue"],
    "avoid": ["red"],
    "instruction": "",
}
AROUND = "[(1, 1), (6.5, 1), (6.5, 3), (8, 8)]"


def touches(one, other, box):
    """Clip the segment to the box (Liang and Barsky), in fractions."""
    first, last = Fraction(0), Fraction(1)
    for at, low, high in ((0, box[0], box[1]), (1, box[2], box[3])):
        by = other[at] - one[at]
        for gap, speed in ((one[at] - low, -by), (high - one[at], by)):  # gap - speed * t is inside, from 0
            if speed == 0 and gap < 0:
                return False
            if speed > 0:
                last = min(last, gap / speed)
            if speed < 0:
                first = max(first, gap / speed)
    return first <= last


def judged(data, points):
    """Say whether the points, fractions, are a right answer."""
    start, end = (tuple(Fraction(str(x)) for x in data[place]) for place in ("start", "end"))
    boxes = {name: [Fraction(str(edge)) for edge in box] for name, box in data["boxes"].items()}
    walls = [[Fraction(str(edge)) for edge in box] for box in data["walls"]]
    segments = list(pairwise(points))
    met = {name for name, box in boxes.items() if any(touches(*segment, box) for segment in segments)}
    return (
        (points[0], points[-1]) == (start, end)
        and met >= set(data["visit"])
        and not met & set(data["avoid"])
        and not any(touches(*segment, wall) for segment in segments for wall in walls)
    )


def points_of(answer):
    return [tuple(Fraction(str(x)) for x in point) for point in json.loads(f"[{answer[1:-1]}]".translate(
        str.maketrans("()", "[]")))]  # fmt: skip


def written(points):
    return str([(float(x), float(y)) for x, y in points])


@settings(max_examples=300, deadline=None)
@given(numbers=st.lists(st.integers(0, 12), min_size=8, max_size=8), avoid=st.booleans())
def test_a_segment_meets_a_box_as_exact_clipping_says(numbers, avoid):
    ax, ay, bx, by, left, low, *size = numbers
    box = [left, left + size[0] % 4, low, low + size[1] % 4]
    data = {"boxes": {"red": box}, "walls": [], "start": [ax, ay], "end": [bx, by],
            "visit": [] if avoid else ["red"], "avoid": ["red"] if avoid else []}  # fmt: skip
    met = touches((ax, ay), (bx, by), box)
    assert TASK.check(data, f"[({ax}, {ay}), ({bx}, {by})]").correct == (met != avoid)


@settings(max_examples=150, deadline=None)
@given(level=LEVELS, seed=SEEDS, data=st.data())
def test_a_changed_answer_is_judged_as_the_independent_judge_does(level, seed, data):
    instance = TASK.instance(level, 0, seed).data
    points = points_of(TASK.solve(instance))
    assert judged(instance, points)
    at = data.draw(st.integers(0, len(points) - 1))
    place = (Fraction(data.draw(st.integers(-15, 15)), 10), Fraction(data.draw(st.integers(-15, 15)), 10))
    changed = data.draw(
        st.sampled_from(
            [
                points[:at] + points[at + 1 :],
                [*points[:at], place, *points[at + 1 :]],
                [*points[:at], place, *points[at:]],
                [*points[: at + 1], *points[at:]],
                points[::-1],
                [points[0], points[-1]],
            ]
        )
    )
    if len(changed) > 1:
        assert TASK.check(instance, written(changed)).correct == judged(instance, changed)


def reachable(data):
    """Flood the points whose coordinates are halves: exact for boxes with whole edges."""
    solid = [*data["walls"], *(data["boxes"][colour] for colour in data["avoid"])]
    halves = [Fraction(at, 2) for at in range(21)]
    free = {
        (x, y)
        for x, y in product(halves, halves)
        if not any(box[0] <= x <= box[1] and box[2] <= y <= box[3] for box in solid)
    }
    reached, waiting = set(), [tuple(map(Fraction, data["start"]))]
    while waiting:
        point = waiting.pop()
        if point in free and point not in reached:
            reached.add(point)
            waiting += [
                (point[0] + dx, point[1] + dy)
                for dx in (-0.5, 0, 0.5)
                for dy in (-0.5, 0, 0.5)
                if not dx * dy
            ]
    return tuple(map(Fraction, data["end"])) in reached and all(
        any(box[0] <= x <= box[1] and box[2] <= y <= box[3] for x, y in reached)
        for box in (data["boxes"][colour] for colour in data["visit"])
    )


BOX = st.tuples(st.integers(0, 8), st.integers(1, 5), st.integers(0, 8), st.integers(1, 5))


@settings(max_examples=300, deadline=None)
@given(boxes=st.lists(BOX, min_size=1, max_size=6), ends=st.lists(st.integers(1, 8), min_size=4, max_size=4),
       visits=st.integers(0, 2))  # fmt: skip
def test_the_solver_finds_a_way_exactly_where_the_flood_fill_does(boxes, ends, visits):
    """Boxes here may overlap, touch, and wall in the start, the end, or each other."""
    named = {
        str(at): [x, min(x + width, 9), y, min(y + height, 9)]
        for at, (x, width, y, height) in enumerate(boxes)
    }
    names = list(named)
    data = {
        **ARENA,
        "boxes": named,
        "start": ends[:2],
        "end": ends[2:],
        "visit": names[:visits],
        "avoid": names[visits:],
    }
    if reachable(data):
        assert TASK.check(data, TASK.solve(data)).correct
    else:
        with pytest.raises(TaskCrash, match="no way"):
            TASK.solve(data)


@settings(max_examples=40, deadline=None)
@given(level=LEVELS, seed=SEEDS)
def test_what_is_to_be_avoided_is_in_the_way(level, seed):
    data = TASK.instance(level, 0, seed).data
    edges = [data["boxes"][colour] for colour in data["visit"]]
    middles = [((x0 + x1) / 2, (y0 + y1) / 2) for x0, x1, y0, y1 in edges]
    straight = str([tuple(data["start"]), *middles, tuple(data["end"])])
    assert TASK.check(data, straight).correct == (not data["avoid"])


@pytest.mark.parametrize("seed", range(20))
def test_a_box_from_wall_to_wall_is_drawn_only_where_there_is_a_way(seed):
    data = TASK.generate(Random(seed), boxes=2, visit=1, avoid=1, arena=0.5, side=[0.1, 1.0])
    assert TASK.check(data, TASK.solve(data)).correct


def wider(box):
    return [box[0] - 0.019, box[1] + 0.019, box[2] - 0.019, box[3] + 0.019]


@settings(max_examples=40, deadline=None)
@given(level=LEVELS, seed=SEEDS)
def test_generated_instances_have_a_way_that_keeps_its_distance(level, seed):
    data = TASK.instance(level, 0, seed).data
    tighter = {
        **data,
        "walls": [wider(wall) for wall in data["walls"]],
        "boxes": {
            colour: wider(box) if colour in data["avoid"] else box for colour, box in data["boxes"].items()
        },
    }
    assert TASK.check(tighter, TASK.solve(data)).correct


@pytest.mark.parametrize(("top", "points"), [(8, 4), (9, 2)])
def test_a_narrow_gap_is_taken_only_where_there_is_no_wide_one(top, points):
    boxes = {"red": [4, 5, 0, 4], "blue": [4, 5, 4.03, top]}
    data = {**ARENA, "boxes": boxes, "start": [3, 4.015], "end": [6, 4.015], "visit": [], "avoid": [*boxes]}
    answer = TASK.solve(data)
    assert TASK.check(data, answer).correct
    assert len(points_of(answer)) == points


@settings(max_examples=40, deadline=None)
@given(level=LEVELS, seed=SEEDS)
def test_the_instruction_names_what_to_visit_and_what_to_avoid(level, seed):
    data = TASK.instance(level, 0, seed).data
    words = data["instruction"].replace(",", " ").split()
    named = [colour for colour in data["boxes"] if colour in words]
    if "all the other" in data["instruction"]:
        assert sorted(named) == sorted(data["visit"])
        assert len(data["visit"] + data["avoid"]) == len(data["boxes"])
    else:
        assert sorted(named) == sorted(data["visit"] + data["avoid"])


@pytest.mark.parametrize(
    ("answer", "correct"),
    [
        (AROUND, True),
        ("[(1, 1), (2, 0.5), (2, 1.99), (6.5, 1), (6.5, 3), (8, 8)]", True),
        ("[(1, 1), (1, 2), (4, 2), (6.5, 1), (6.5, 3), (8, 8)]", False),  # along the border of red
        ("[(1, 1), (4, 1), (5, 1), (4, 2), (6.5, 1), (6.5, 3), (8, 8)]", False),  # a corner of red
        ("[(1, 1), (1, 3), (3, 1), (6.5, 1), (6.5, 3), (8, 8)]", False),  # a corner, in passing
        ("[(1, 1), (3, 3), (6.5, 1), (6.5, 3), (8, 8)]", False),
        ("[(1, 1), (3, 2.5), (3, 3.5), (6.5, 3), (8, 8)]", False),
        ("[(1, 1), (5, 1), (5, 5), (6, 4), (8, 8)]", True),  # only a corner of blue
        ("[(1, 1), (5, 1), (5, 5), (5.99, 4), (8, 8)]", False),
        ("[(1, 1), (8, 1), (8, 8)]", False),  # does not visit
        ("[(1, 1), (6.5, 0), (6.5, 3), (8, 8)]", False),  # touches the lower wall
        ("[(1, 1), (6.5, 1), (6.5, 3), (12, 12), (8, 8)]", False),  # outside and back
        ("[(1, 1), (1, 1), (6.5, 1), (6.5, 3), (6.5, 3), (8, 8)]", True),
        ("[(1, 1)]", False),
        ("[(1.001, 1), (6.5, 1), (6.5, 3), (8, 8)]", False),
        ("[(1.0000000001, 1), (6.5, 1), (6.5, 3), (8, 7.9999999999)]", True),
        ("[(6.5, 1), (6.5, 3), (8, 8)]", False),
        ("[(1, 1), (6.5, 1), (6.5, 1.9999999999999998), (8, 1), (8, 8)]", True),  # blue, but for rounding
        ("[(1, 1), (6.5, 1), (6.5, 1.9999999), (8, 1), (8, 8)]", False),
        ("[(1, 1), (5, 1), (4.000000000000001, 3), (6.5, 3), (8, 8)]", True),  # near red, not at it
    ],
)
def test_borders_belong_to_boxes_and_the_ends_are_given(answer, correct):
    assert TASK.check(ARENA, answer).correct is correct


@pytest.mark.parametrize("inside", ["[(3, 2.5), (3, 3.5)]", "[(2, 2), (4, 2)]", "[(2, 3), (2, 3)]"])
def test_a_segment_inside_a_box_or_on_its_border_is_in_the_box(inside):
    start, end = json.loads(inside.translate(str.maketrans("()", "[]")))
    data = {**ARENA, "start": start, "end": end}
    assert TASK.check({**data, "visit": ["red"], "avoid": []}, inside).correct
    assert not TASK.check({**data, "visit": [], "avoid": ["red"]}, inside).correct


def test_one_waypoint_is_a_way_that_stays_where_it_is():
    data = {**ARENA, "start": [3, 3], "end": [3, 3]}
    assert TASK.check({**data, "visit": ["red"], "avoid": ["blue"]}, "[(3, 3)]").correct
    assert not TASK.check({**data, "visit": ["blue"], "avoid": []}, "[(3, 3)]").correct
    assert not TASK.check({**data, "visit": [], "avoid": ["red"]}, "[(3, 3)]").correct


def test_the_order_of_visits_is_free():
    data = {**ARENA, "avoid": []}
    points = "[(1, 1), (3, 3), (6.5, 3), (8, 8)]"
    assert TASK.check({**data, "visit": ["red", "blue"]}, points).correct
    assert TASK.check({**data, "visit": ["blue", "red"]}, points).correct


@pytest.mark.parametrize(
    "form",
    [
        "[[1, 1], [6.5, 1], [6.5, 3], [8, 8]]",
        "((1,1),(6.5,1),(6.5,3),(8,8))",
        "(1, 1), (6.5, 1), (6.5, 3), (8, 8)",
        "Waypoints: [(1.0, 1.00), (6.5, 1), (6.5, 3), (8, 8)]",
        "```\n[(1, 1),\n (6.5, 1),\n (6.5, 3),\n (8, 8)]\n```",
        "waypoints (x, y): [(1, 1), (6.5, 1), (6.5, 3), (8, 8),]",
        "[(1, 1), (6.5, 1e0), (65E-1, 3), (8, 8)]",
        "(1, 1) -> (6.5, 1) \u2192 (6.5, 3) to (8, 8)",
        r"(1, 1) \to (6.5, 1) \rightarrow (6.5, 3) \to (8, 8)",
        "1. (1, 1)\n2. (6.5, 1)\n3. (6.5, 3)\n4. (8, 8)",
        "Start: (1, 1)\nWaypoint 1: (6.5, 1)\n- in blue (the box): **(6.5, 3)**, its middle\n4) End at (8, 8).",
        '{"waypoints": [[1, 1], [6.5, 1], [6.5, 3], [8, 8]], "length": 14}',
        '[{"x": 1, "y": 1}, {"x": 6.5, "y": 1}, {"x": 6.5, "y": 3}, {"x": 8, "y": 8}]',
        "[(np.float64(1.0), np.float64(1.0)), (np.float64(6.5), 1), (6.5, 3), (8, 8)]",
        "[array([1., 1.]), array([6.5, 1. ]), array([6.5, 3. ]), array([8., 8.])]",
        "[[1.  1. ]\n [6.5 1. ]\n [6.5 3. ]\n [8.  8. ]]",
        "\uff081, 1\uff09, \uff086.5, 1\uff09, \uff086.5, 3\uff09, \uff088, 8\uff09",
        "The list [(x0, y0), ...]:\n[(1, 1), (6.5, 1), (6.5, 3), (8, 8)]\nIt ends at (8, 8), past red (2, 4, 2, 4).",
        "[(1, 1), (3, 3), (8, 8)] touches red. Corrected: [(1, 1), (6.5, 1), (6.5, 3), (8, 8)]",
    ],
)
def test_lists_of_waypoints_are_read_in_other_forms(form):
    assert TASK.check(ARENA, form).correct
    assert TASK.check(
        {**ARENA, "start": [-1, -2], "walls": []}, "[(\u22121, \u22122), (5, 1), (6.5, 3), (8, 8)]"
    ).correct


@pytest.mark.parametrize(
    "form",
    [
        "[(1, 1, 0), (8, 8, 0)]",
        "[1, 1, 8, 8]",
        "[(True, 1), (True, 8)]",
        "[()]",
        "[[[]]]",
        "[(1, 1), ..., (8, 8)]",
        "[(1, 1), (x, y), (6.5, 3), (8, 8)]",
        "[(1, 1), (6.5, 1), (3, 3, 3), (6.5, 3), (8, 8)]",
        f"{AROUND} or [(1, 1), (8, 8)]",
        f"A: [(1, 1), (8, 8)] B: {AROUND}",
        f"maybe {AROUND}",
        f"{AROUND}\nThis is not valid.",
        "{'start': (1, 1), 'end': (8, 8)}",
    ],
)
def test_other_lists_are_not_waypoints(form):
    assert TASK.check(ARENA, form).kind == "unreadable"


def test_a_long_way_is_judged_quickly():
    data = TASK.instance("20_6_14", 0).data
    points = points_of(TASK.solve(data))
    long = written([*points[:1] * ((99_000 - len(written(points))) // len("(-1.25, -1.25), ")), *points])
    assert len(long) > 60_000
    with processor_time(1.0):
        assert TASK.check(data, long).correct
