"""BoxNet against an independent simulator that follows each box, and all short plans on small grids."""

import json
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_codesteer.task import load_task
from tests.judging import processor_time

TASK = load_task(Path(__file__).parents[1] / "task_specs" / "boxnet")
SEEDS = st.integers(0, 10**6)
LEVELS = st.sampled_from(list(TASK.levels))

ROW = {"rows": 1, "cols": 3, "cells": {"0.5_0.5": ["box_red"], "0.5_1.5": ["box_blue", "target_blue"],
                                       "0.5_2.5": ["target_red"]}}  # fmt: skip
PLAN = [
    {"Agent[0.5, 0.5]": "move(box_red, square[0.5, 1.5])", "Agent[0.5, 1.5]": "move(box_blue, target_blue)"},
    {"Agent[0.5, 1.5]": "move(box_red, square[0.5, 2.5])"},
    {"Agent[0.5, 2.5]": "move(box_red, target_red)"},
]


def simulated(data, plan):
    """Return whether all actions were legal, and how many boxes are left when others are skipped."""
    boxes, targets, legal = [], [], True
    for name, things in data["cells"].items():
        for thing in things:
            kind, colour = thing.split("_")
            (boxes if kind == "box" else targets).append((name, colour))
    for step in plan:
        moved = []
        for agent, action in step.items():
            square = agent[6:-1].replace(", ", "_")
            box, to = action[5:-1].split(", ", 1)
            colour = box[4:]
            if (square, colour) not in boxes:
                legal = False
            elif to.startswith("target"):
                if to[7:] == colour and (square, colour) in targets:
                    boxes.remove((square, colour))
                    targets.remove((square, colour))
                else:
                    legal = False
            else:
                place = to[7:-1].replace(", ", "_")
                (row, column), (to_row, to_column) = (map(float, at.split("_")) for at in (square, place))
                if place in data["cells"] and (row - to_row) ** 2 + (column - to_column) ** 2 == 1:
                    boxes.remove((square, colour))
                    moved.append((place, colour))
                else:
                    legal = False
        boxes += moved
    return legal, len(boxes)


def assert_judged_as_simulated(data, plan):
    verdict = TASK.check(data, json.dumps(plan))
    legal, left = simulated(data, plan)
    boxes = sum(thing.startswith("box") for things in data["cells"].values() for thing in things)
    assert verdict.correct == (legal and not left)
    assert verdict.score == verdict.scores["matched_ratio"] == pytest.approx(1 - left / boxes)


@settings(max_examples=60, deadline=None)
@given(level=LEVELS, seed=SEEDS)
def test_the_reference_plan_is_legal_and_no_longer_than_its_boxes_need(level, seed):
    data = TASK.instance(level, 0, seed).data
    plan = json.loads(TASK.solve(data))
    assert simulated(data, plan) == (True, 0)
    assert all(plan)


@settings(max_examples=150, deadline=None)
@given(level=LEVELS, seed=SEEDS, data=st.data())
def test_a_changed_plan_is_judged_as_simulated(level, seed, data):
    instance = TASK.instance(level, 0, seed).data
    plan = json.loads(TASK.solve(instance))
    at = data.draw(st.integers(0, len(plan) - 1))
    agent = data.draw(st.sampled_from(list(plan[at])))
    others = [action for step in plan for action in step.values()]
    agents = [f"Agent[{name.replace('_', ', ')}]" for name in instance["cells"]]
    changed = data.draw(
        st.sampled_from(
            [
                plan[:at] + plan[at + 1 :],
                plan[: at + 1] + plan[at:],
                plan[::-1],
                [*plan[:at], {}, *plan[at:]],
                [*plan[:at], {a: m for a, m in plan[at].items() if a != agent}, *plan[at + 1 :]],
                [*plan[:at], {**plan[at], agent: data.draw(st.sampled_from(others))}, *plan[at + 1 :]],
                [
                    *plan[:at],
                    {**plan[at], data.draw(st.sampled_from(agents)): plan[at][agent]},
                    *plan[at + 1 :],
                ],
            ]
        )
    )
    assert_judged_as_simulated(instance, changed)


def test_every_short_plan_on_a_small_grid_is_judged_as_simulated():
    data = {"rows": 1, "cols": 2, "cells": {"0.5_0.5": ["box_red", "target_blue"],
                                            "0.5_1.5": ["target_red", "box_blue"]}}  # fmt: skip
    places = ["square[0.5, 0.5]", "square[0.5, 1.5]", "target_red", "target_blue"]
    actions = [None, *(f"move(box_{colour}, {to})" for colour in ("red", "blue") for to in places)]
    steps = [
        {
            agent: action
            for agent, action in zip(("Agent[0.5, 0.5]", "Agent[0.5, 1.5]"), both, strict=True)
            if action
        }
        for both in product(actions, actions)
    ]
    right = 0
    for plan in ([one, other] for one in steps for other in steps):
        assert_judged_as_simulated(data, plan)
        right += TASK.check(data, json.dumps(plan)).correct
    assert right == 1  # both boxes across, then both on their targets


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (json.dumps(PLAN), ""),
        (json.dumps(PLAN, separators=(",", ":")), ""),
        (str(PLAN), ""),
        (json.dumps(PLAN).replace("), ", ")").replace(", square", ",square"), ""),
        ("```json\n" + json.dumps(PLAN, indent=2) + "\n```", ""),
        ("The plan: " + json.dumps(PLAN), ""),
        (json.dumps({"steps": PLAN}), ""),
        (json.dumps([{}, *PLAN, {}]), ""),
        (json.dumps(PLAN).replace("Agent[", "agent ["), ""),
        (json.dumps(PLAN).replace("0.5", "0.50"), ""),
        (json.dumps(PLAN).replace('"Agent', "\u201cAgent").replace(']":', "]\u201d:"), ""),
        (json.dumps({"plan": {"steps": PLAN, "count": 3}}), ""),
        (json.dumps({f"step {number}": step for number, step in enumerate(PLAN, 1)}), ""),
        (json.dumps([{"step": number, "actions": step} for number, step in enumerate(PLAN, 1)]), ""),
        ("\n".join(map(json.dumps, PLAN)), ""),
        ("\n".join(f"- {step}" for step in PLAN), ""),
        ("\n".join(f"{number}. {step}" for number, step in enumerate(PLAN, 1)), ""),
        ("\n".join(f"**Step {number}**: go on\n{step}" for number, step in enumerate(PLAN, 1)), ""),
        (f"square[0.5, 0.5] holds a box.\n{PLAN}\nAgent[0.5, 2.5] ends with it.", ""),
        (f"{PLAN[:1]} is not enough. Corrected:\n{PLAN}", ""),
        (f"Plan A: {PLAN[:1]} Plan B: {PLAN}", "more than one answer"),
        (f"{PLAN} or {PLAN[:1]}", "more than one answer"),
        ("\n".join(map(json.dumps, PLAN)) + "\n{junk}", "cannot be read"),
        ("\n".join(map(json.dumps, PLAN[:2])), "leaves 1 of 2 boxes"),
        (json.dumps(PLAN).replace("Agent[0.5", "Agent[-0.5"), "no such agent"),
        (json.dumps(PLAN).replace("square[0.5", "square[-0.5"), "no such square"),
        (json.dumps([*PLAN, {"Agent[9.5, 9.5]": "move(box_red, target_red)"}]), "no such agent"),
        (json.dumps([*PLAN, {"Agent[0.5, 0.5]": "move(box_red, square[7.5, 0.5])"}]), "no box_red"),
        (json.dumps([{"Agent[0.5, 0.5]": "move(box_red, square[99.5, 0.5])"}, *PLAN]), "no such square"),
        (json.dumps([{"Agent[0.5, 0.5]": "move(box_red, square[0.5, 2.5])"}, PLAN[2]]), "not next to"),
        (json.dumps([{"Agent[0.5, 0.5]": "move(box_red, square[0.5, 0.5])"}, *PLAN]), "not next to"),
        (json.dumps([{"Agent[0.5, 1.5]": "move(box_blue, target_red)"}, *PLAN]), "does not belong"),
        (json.dumps([{"Agent[0.5, 0.5]": "move(box_red, target_red)"}, *PLAN]), "no target_red"),
        (json.dumps([{"Agent[0.5, 0.5]": "move(target_red, target_red)"}, *PLAN]), "not an action"),
        (json.dumps([*PLAN, {"Agent[0.5, 1.5]": "wait"}]), "not an action"),
        (json.dumps([*PLAN, {"Agent[0.5, 1.5]": None}]), "not an action"),
        (json.dumps([*PLAN, {"Agent": "move(box_red, target_red)"}]), "not an action"),
        (json.dumps(PLAN[:-1]), "leaves 1 of 2 boxes"),
        ("[]", "leaves 2 of 2 boxes"),
    ],
)
def test_plans_are_read_in_other_forms_and_strictly_judged(form, reason):
    verdict = TASK.check(ROW, form)
    assert verdict.correct == (not reason)
    assert reason in verdict.reason


@pytest.mark.parametrize(
    "form", ["", "[1]", "{}", "[[]]", '[{"Agent[0.5, 0.5]": "move', "7", "Agent[0.5, 0.5]"]
)
def test_other_texts_are_unreadable(form):
    assert TASK.check(ROW, f"<<<{form}>>>").kind == "unreadable"


def test_a_box_does_not_cross_two_squares_in_one_step():
    step = {
        "Agent[0.5, 0.5]": "move(box_red, square[0.5, 1.5])",
        "Agent[0.5, 1.5]": "move(box_red, square[0.5, 2.5])",
        "Agent[0.5, 2.5]": "move(box_red, target_red)",
    }
    verdict = TASK.check(ROW, json.dumps([step, {"Agent[0.5, 1.5]": "move(box_blue, target_blue)"}]))
    assert (verdict.correct, verdict.score) == (False, 0.5)


def test_boxes_may_change_places_in_one_step():
    data = {"rows": 2, "cols": 1, "cells": {"0.5_0.5": ["box_red", "target_blue"],
                                            "1.5_0.5": ["box_blue", "target_red"]}}  # fmt: skip
    plan = [
        {
            "Agent[0.5, 0.5]": "move(box_red, square[1.5, 0.5])",
            "Agent[1.5, 0.5]": "move(box_blue, square[0.5, 0.5])",
        },
        {"Agent[0.5, 0.5]": "move(box_blue, target_blue)", "Agent[1.5, 0.5]": "move(box_red, target_red)"},
    ]
    assert TASK.check(data, json.dumps(plan)).correct


@pytest.mark.parametrize("again", ["Agent[0.5, 1.5]", "Agent[0.5,1.5]", "agent[0.50, 1.5]"])
@pytest.mark.parametrize("boxes", [1, 2])
def test_an_agent_acts_once_in_a_step(again, boxes):
    data = {"rows": 1, "cols": 2, "cells": {"0.5_0.5": [], "0.5_1.5": ["box_red", "target_red"] * boxes}}
    action = '"move(box_red, target_red)"'
    assert not TASK.check(data, f'[{{"Agent[0.5, 1.5]": {action}, "{again}": {action}}}]').correct
    one_by_one = f'[{{"Agent[0.5, 1.5]": {action}}}, {{"{again}": {action}}}]'
    assert TASK.check(data, one_by_one).correct == (boxes == 2)


def test_a_long_plan_is_judged_quickly():
    data = TASK.instance("12_12_12", 0).data
    plan = json.loads(TASK.solve(data))
    there, back = (
        {f"Agent[{a}, 0.5]": f"move(box_x, square[{b}, 0.5])"} for a, b in ((0.5, 1.5), (1.5, 0.5))
    )
    data = {**data, "cells": {**data["cells"], "0.5_0.5": [*data["cells"]["0.5_0.5"], "box_x", "target_x"]}}
    long = [there, back] * 760 + plan + [{"Agent[0.5, 0.5]": "move(box_x, target_x)"}]
    assert 90_000 < len(json.dumps(long)) < 100_000
    with processor_time(1.0):
        assert TASK.check(data, json.dumps(long)).correct
