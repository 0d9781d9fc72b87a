"""BoxLift against an independent simulator, and the shortest plans of small instances."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_codesteer.task import TaskCrash, load_task
from tests.judging import processor_time

TASK = load_task(Path(__file__).parents[1] / "task_specs" / "boxlift")
SEEDS = st.integers(0, 10**6)
LEVELS = st.sampled_from(list(TASK.levels))

DATA = {"boxes": [30, 50, 50, 20], "lifters": [40, 30, 25], "step_limit": 2, "best_known_steps": 2}
PLAN = "Step 1: [(50, [0, 1]), (20, [2])]\nStep 2: [(50, [0, 2]), (30, [1])]"
FIRST, SECOND = PLAN.split("\n")


def written(plan):
    return "\n".join(f"Step {number}: {step}" for number, step in enumerate(plan, 1))


def read(answer):
    """Read the reference's own lines back."""
    steps = []
    for line in answer.split("\n"):
        entries = line.split(": ", 1)[1][2:-3].split("]), (")
        steps.append(
            [(int(e.split(", [")[0]), [int(x) for x in e.split(", [")[1].split(", ")]) for e in entries]
        )
    return steps


def simulated(data, plan):
    """Return whether all was legal, and the weights left when what is not is skipped."""
    left, legal = list(data["boxes"]), len(plan) <= data["step_limit"]
    for step in plan[: data["step_limit"]]:
        idle = set(range(len(data["lifters"])))
        for weight, team in step:
            strong = set(team) <= idle and len(set(team)) == len(team)
            if strong and weight in left and sum(data["lifters"][lifter] for lifter in team) >= weight:
                left.remove(weight)
                idle -= set(team)
            else:
                legal = False
    return legal, left


def assert_judged_as_simulated(data, plan):
    verdict = TASK.check(data, written(plan))
    legal, left = simulated(data, plan)
    assert verdict.correct == (legal and not left)
    assert (
        verdict.score
        == verdict.scores["lifted_box_ratio"]
        == pytest.approx(1 - len(left) / len(data["boxes"]))
    )
    assert verdict.scores["lifted_weight_ratio"] == pytest.approx(1 - sum(left) / sum(data["boxes"]))


@settings(max_examples=60, deadline=None)
@given(level=LEVELS, seed=SEEDS)
def test_the_reference_plan_is_legal_and_within_the_limit(level, seed):
    data = TASK.instance(level, 0, seed).data
    plan = read(TASK.solve(data))
    assert simulated(data, plan) == (True, [])
    assert len(plan) == data["best_known_steps"] <= data["step_limit"]


@settings(max_examples=200, deadline=None)
@given(level=LEVELS, seed=SEEDS, data=st.data())
def test_a_changed_plan_is_judged_as_simulated(level, seed, data):
    instance = TASK.instance(level, 0, seed).data
    plan = read(TASK.solve(instance))
    at = data.draw(st.integers(0, len(plan) - 1))
    lift = data.draw(st.integers(0, len(plan[at]) - 1))
    weight, team = plan[at][lift]
    other = data.draw(st.integers(-2, len(instance["lifters"]) + 1))
    step = data.draw(
        st.sampled_from(
            [
                plan[at][:lift] + plan[at][lift + 1 :],
                [*plan[at], plan[at][lift]],
                [*plan[at][:lift], (weight, [other]), *plan[at][lift + 1 :]],
                [*plan[at][:lift], (weight, [*team, other]), *plan[at][lift + 1 :]],
                [*plan[at][:lift], (weight, team[:-1]), *plan[at][lift + 1 :]],
                [*plan[at][:lift], (weight + other, team), *plan[at][lift + 1 :]],
                [*plan[at][:lift], (weight, team * 2), *plan[at][lift + 1 :]],
                plan[at][::-1],
            ]
        )
    )
    assert_judged_as_simulated(instance, [*plan[:at], step, *plan[at + 1 :]])
    assert_judged_as_simulated(instance, plan[:at] + plan[at + 1 :])
    assert_judged_as_simulated(instance, [*plan[:at], [], *plan[at:]])


def estimated_limit(boxes, lifters):
    """Return the steps that the paper's simple plan takes: lifters in their order, heaviest box first."""
    left, steps = sorted(boxes, reverse=True), 0
    while left:
        idle, waiting, steps = list(lifters), [], steps + 1
        for weight in left:
            members = next((n for n in range(len(idle) + 1) if sum(idle[:n]) >= weight), None)
            if members is None:
                waiting.append(weight)
            else:
                idle = idle[members:]
        left = waiting
    return steps


def fewest_steps(boxes, lifters):
    """Return the fewest steps there are, by trying all sets of boxes that can be lifted together."""
    teams = [team for size in range(1, len(lifters) + 1) for team in combinations(range(len(lifters)), size)]

    def together(left, idle):
        yield left
        for at, weight in enumerate(left):
            for team in teams:
                if set(team) <= idle and sum(lifters[lifter] for lifter in team) >= weight:
                    yield from together(left[:at] + left[at + 1 :], idle - set(team))

    states, steps = {tuple(sorted(boxes))}, 0
    while () not in states:
        states = {after for left in states for after in together(left, frozenset(range(len(lifters))))}
        steps += 1
    return steps


@settings(max_examples=100, deadline=None)
@given(level=LEVELS, seed=SEEDS)
def test_the_limit_is_what_the_papers_estimate_says(level, seed):
    data = TASK.instance(level, 0, seed).data
    assert data["step_limit"] == estimated_limit(data["boxes"], data["lifters"])


@settings(max_examples=30, deadline=None)
@given(
    boxes=st.lists(st.integers(1, 90), min_size=1, max_size=4),
    lifters=st.lists(st.integers(30, 60), min_size=2, max_size=3),
)
def test_no_plan_is_shorter_than_possible(boxes, lifters):
    if max(boxes) <= sum(lifters):
        limit = estimated_limit(boxes, lifters)
        data = {"boxes": boxes, "lifters": lifters, "step_limit": limit, "best_known_steps": limit}
        plan = read(TASK.solve(data))
        assert fewest_steps(boxes, lifters) <= len(plan) <= limit
        assert_judged_as_simulated(data, plan)
        assert TASK.check(data, written(plan)).correct


def test_a_box_that_is_too_heavy_for_all_lifters_ends_the_search_at_once():
    with pytest.raises(TaskCrash, match="cannot lift 96"):
        TASK.solve({**DATA, "boxes": [96]})


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        (PLAN, ""),
        (PLAN.lower(), ""),
        (PLAN.replace("(", "[").replace(")", "]"), ""),
        (f"The plan:\n{PLAN}\nAll boxes are lifted.", ""),
        (PLAN.replace("\n", " "), ""),
        (PLAN.replace("[0, 1]", "[1, 0]"), ""),
        (PLAN.replace("\n", "\r\n"), ""),
        (PLAN.replace("Step ", "**Step #").replace(":", ":**"), ""),
        (PLAN.replace("50", "50.0"), ""),
        (PLAN.replace("50", "np.int64(50)"), ""),
        (PLAN.replace(": [", ": ").replace(")]", ")"), ""),  # no list around the lifts
        (PLAN.replace("(50, [0, 1])", "{'weight': 50, 'lifters': [0, 1]}"), ""),
        (f"1. {FIRST[8:]}\n2. {SECOND[8:]}", ""),
        (f"[{FIRST[8:]}, {SECOND[8:]}]", ""),
        (f"{{'Step 1': {FIRST[8:]}, 'Step 2': {SECOND[8:]}}}", ""),
        (f'[{{"step": 1, "lifts": {FIRST[8:]}}}, {{"step": 2, "lifts": {SECOND[8:]}}}]', ""),
        (f"Boxes: [50, 50, 30, 20]. In step 1 the heaviest is lifted.\n{PLAN}\nBoxes left: []", ""),
        (f"{PLAN}\nIn step 1, lifters [0, 1] lift 50 (70 >= 50); in step 2, lifters [0, 2] do.", ""),
        (f"{FIRST}\nStep 2: [(50, [0, 1]), (30, [1])]\nWait, 1 is used twice. Corrected:\n{PLAN}", ""),
        (f"Plan A:\n{FIRST}\nPlan B:\n{PLAN}", "more than one answer"),
        (f"{PLAN}\nThat is wrong.", "doubted"),
        (f"maybe {PLAN}", "doubted"),
        (f"{FIRST}, (20, [2])]", "leaves"),
        (f"{FIRST} [(30, [1])]\n{SECOND}", "two lists"),
        (f"{FIRST}, (99, [0])\n{SECOND}", "two lists"),
        ("Step 1: (50, [0, 1]), (20, [2]), (99, [x])\nStep 2: (50, [0, 2]), (30, [1])", "not a list"),
        (f"{PLAN}\nStep 3: [(99, [x])]", "not a list"),
        (f"{FIRST[:-1]}, ...]\n{SECOND}", "not a list"),
        (PLAN.replace("50", "50.5"), "not a list"),
        (PLAN.replace("[2]", "['2']"), "not a list"),
        ("Step 1: lift 50 with 0 and 1", "no 'Step 1: [...]'"),
        (PLAN.replace("(30, [1])", "(30, [1, 1])"), "lifts twice"),  # one lifter counted twice
        (PLAN.replace("(50, [0, 1])", "(50, [0, 0])"), "lifts twice"),
        (PLAN.replace("(20, [2])", "(20, [1])"), "lifts twice"),
        (PLAN.replace("[2]", "[-1]"), "no such lifter"),
        (PLAN.replace("[2]", "[3]"), "no such lifter"),
        (PLAN.replace("(30, [1])", "(30, [1]), (20, [2])"), "no box of weight 20"),
        (PLAN.replace("(20, [2])", "(21, [2])"), "no box of weight 21"),
        (PLAN.replace("[0, 1]", "[0]"), "too weak"),
        (PLAN.replace("[0, 1]", "[]"), "too weak"),
        (f"{PLAN}\nStep 3: []", "more than 2"),
        (f"{PLAN}\nStep 3: [(20, [0])]", "step 3"),
        (FIRST, "leaves 2 of 4 boxes"),
        (SECOND, "not numbered"),
        (PLAN.replace("Step 2", "Step 3"), "not numbered"),
    ],
)
def test_plans_are_read_in_other_forms_and_strictly_judged(form, reason):
    verdict = TASK.check(DATA, form)
    assert verdict.correct == (not reason)
    assert reason in verdict.reason


def test_a_long_plan_is_judged_quickly():
    data = {"boxes": [5] * 2_500, "lifters": [5], "step_limit": 2_500, "best_known_steps": 2_500}
    long = written([[(5, [0])]] * 2_500)
    assert len(long) > 50_000
    with processor_time(1.0):
        assert TASK.check(data, long).correct
