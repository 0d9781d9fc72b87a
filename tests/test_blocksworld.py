"""Blocksworld against an independent simulator and all short plans."""

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_codesteer.task import TaskCrash, load_task
from tests.judging import processor_time

TASK = load_task(Path(__file__).parents[1] / "task_specs" / "blocksworld")
SEEDS = st.integers(0, 10**6)
LEVELS = st.sampled_from(list(TASK.levels))

DATA = {
    "initial": {"stack1": ["A"], "stack2": ["B"], "stack3": []},
    "goal": {"stack1": [], "stack2": ["A", "B"]},
}
PLAN = "Move B from stack2 to stack3\nMove A from stack1 to stack2\nMove B from stack3 to stack2"
SOLVED = {
    "initial": {"stack1": ["A"], "stack2": ["B"], "stack3": []},
    "goal": {"stack1": ["A"], "stack2": ["B"]},
}


def simulated(data, lines):
    """Say whether the moves, "Move A from stack1 to stack2" to the letter, lead from initial to goal."""
    tops = {name: "".join(f"{block} " for block in blocks) for name, blocks in data["initial"].items()}
    for line in lines:
        _, block, _, source, _, target = line.split(" ")
        if source == target or not f" {tops[source]}".endswith(f" {block} "):
            return False
        tops[source] = tops[source][: -len(block) - 1]
        tops[target] += f"{block} "
    goal = {name: "".join(f"{block} " for block in blocks) for name, blocks in data["goal"].items()}
    return {name: blocks for name, blocks in tops.items() if blocks} == {n: b for n, b in goal.items() if b}


@settings(max_examples=80, deadline=None)
@given(level=LEVELS, seed=SEEDS)
def test_the_reference_plan_leads_to_the_goal(level, seed):
    data = TASK.instance(level, 0, seed).data
    assert simulated(data, TASK.solve(data).split("\n"))
    assert not simulated(data, [])


@settings(max_examples=200, deadline=None)
@given(level=LEVELS, seed=SEEDS, data=st.data())
def test_a_changed_plan_is_judged_as_simulated(level, seed, data):
    instance = TASK.instance(level, 0, seed).data
    lines = TASK.solve(instance).split("\n")
    at = data.draw(st.integers(0, len(lines) - 1))
    stacks = st.sampled_from(list(instance["initial"]))
    line = f"{lines[at].split(' from ')[0]} from {data.draw(stacks)} to {data.draw(stacks)}"
    changed = data.draw(
        st.sampled_from(
            [
                lines[:at] + lines[at + 1 :],
                lines[: at + 1] + lines[at:],
                lines[::-1],
                [*lines[:at], line, *lines[at + 1 :]],
                [*lines[:at], line, *lines[at:]],
                [*lines, line],
            ]
        )
    )
    if changed:
        assert TASK.check(instance, "\n".join(changed)).correct == simulated(instance, changed)


def every_move(data):
    blocks = [block for held in data["initial"].values() for block in held]
    return [f"Move {b} from {s} to {t}" for b, s, t in product(blocks, data["initial"], data["initial"])]


BURIED = {"initial": {"stack1": ["A", "B"], "stack2": []}, "goal": {"stack1": [], "stack2": ["B", "A"]}}


@pytest.mark.parametrize(
    ("data", "best"), [(DATA, PLAN), (BURIED, "Move B from stack1 to stack2\nMove A from stack1 to stack2")]
)
def test_every_short_plan_is_judged_as_simulated_and_none_is_shorter_than_the_reference(data, best):
    right = []
    for length in (1, 2, 3):
        for lines in product(every_move(data), repeat=length):
            judged = TASK.check(data, "\n".join(lines)).correct
            assert judged == simulated(data, lines)
            right += ["\n".join(lines)] * judged
    assert right[0] == best == TASK.solve(data)


def distance(data):
    """Return how many moves it takes at least, by widening the set of all states reached."""
    start = tuple(map(tuple, data["initial"].values()))
    goal = tuple(tuple(data["goal"].get(name, ())) for name in data["initial"])
    reached, moves = {start}, 0
    while goal not in reached:
        reached |= {
            tuple(b[:-1] if at == i else (*b, state[i][-1]) if at == j else b for at, b in enumerate(state))
            for state in reached
            for i, j in product(range(len(state)), repeat=2)
            if state[i] and i != j
        }
        moves += 1
    return moves


@pytest.mark.parametrize("level", ["2_3_2", "3_4_3", "4_3_2", "4_3_3"])
def test_few_blocks_are_moved_as_few_times_as_possible(level):
    for instance in TASK.instances(level, 8):
        assert len(TASK.solve(instance.data).split("\n")) == distance(instance.data)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_arrangement_on_three_stacks_or_more_is_rebuilt(data):
    """Also stacks that the levels do not have: goals that bury what stands first, blocks on one stack."""
    count = data.draw(st.integers(6, 14))
    names = [f"stack{at}" for at in range(1, data.draw(st.integers(3, 6)) + 1)]
    halves = []
    for _ in range(2):
        stacks = {name: [] for name in names}
        for block in data.draw(st.permutations([f"B{at}" for at in range(count)])):
            stacks[data.draw(st.sampled_from(names))].append(block)
        halves.append(stacks)
    instance = {"initial": halves[0], "goal": halves[1]}
    lines = [line for line in TASK.solve(instance).split("\n") if line != "no moves"]
    assert simulated(instance, lines)
    assert TASK.check(instance, TASK.solve(instance)).correct


def test_two_stacks_are_searched_to_the_end():
    blocks = list("ABCDEFGH")
    data = {"initial": {"stack1": blocks, "stack2": []}, "goal": {"stack1": [], "stack2": blocks[::-1]}}
    assert len(TASK.solve(data).split("\n")) == 8
    with pytest.raises(TaskCrash, match="no moves lead to the goal"):
        TASK.solve({**data, "goal": {"stack1": blocks[::-1], "stack2": []}})


FIRST, *REST = PLAN.split("\n")


@pytest.mark.parametrize(
    "form",
    [
        PLAN,
        PLAN.replace("stack", ""),
        PLAN.replace("stack", "stack "),
        PLAN.replace("stack", "Stack_"),
        PLAN.replace("stack", "the stack"),
        PLAN.replace(" to ", " onto the top of "),
        PLAN.lower(),
        PLAN.upper(),
        PLAN.replace("\n", "\n\n"),
        PLAN.replace("\n", " \r\n\t"),
        PLAN.replace("\n", ".\n") + ".",
        PLAN.replace("\n", ",\n"),
        PLAN.replace("Move ", "move block "),
        PLAN.replace("Move B", "Move [B]").replace("Move A", 'Move "A"'),
        "\n".join(f"{at}. {line}" for at, line in enumerate(PLAN.split("\n"), 1)),
        "\n".join(f"({at}) {line}" for at, line in enumerate(PLAN.split("\n"), 1)),
        "\n".join(f"Step {at}: {line}" for at, line in enumerate(PLAN.split("\n"), 1)),
        "\n".join(f"- **{line}**" for line in PLAN.split("\n")),
        f"Here is the plan to move them:\n```text\n{PLAN}\n```\nDone.",
        f"{FIRST}\nMove B from stack3 to stack2\n{PLAN}",
        PLAN.replace("stack", "stack #"),
        PLAN.replace("Move ", "\u2013 Move "),
        PLAN.replace("Move ", "> Move "),
        PLAN.replace("Move ", '"Move ').replace("\n", '",\n') + '"',
        PLAN.replace("\n", " (so it is free)\n") + "  # done",
        "\n".join(f"| {at} | {line} |" for at, line in enumerate(PLAN.split("\n"), 1)),
        "\n".join(f"Move {at}: {line[5:]}" for at, line in enumerate(PLAN.split("\n"), 1)),
        "\n".join(f"{line}\nstack1: [], stack2: [A]" for line in PLAN.split("\n")),
        f"We need to move A away first.\n{PLAN}\nNow stack1 holds all, from bottom to top.",
        f"Move B from stack2 to stack1\nWait, that buries it. Starting over:\n{PLAN}",
    ],
)
def test_moves_are_read_in_other_forms(form):
    assert TASK.check(DATA, form).correct
    assert TASK.check(DATA, f"<<<{form}>>>").correct


@pytest.mark.parametrize(
    "form",
    [
        PLAN.replace("\n", ", "),
        PLAN.replace("\n", " "),
        PLAN.replace("Move", "Put"),
        f"{PLAN}\nPut A from stack2 to stack3",
        f"{PLAN}\nMove A from stack2 to table",
        f"{PLAN}\nMove A to stack3",
        f"{PLAN}\nMove A from stack2 to stack3:",
        f"{PLAN}\nMove B from stack2 to stack2",
        f"Move B from stack2 to stack4\n{PLAN}",
        f"{PLAN}\nNo moves needed",
        f"{PLAN}\nThis plan is wrong.",
        f"{PLAN}\nor move A from stack2 to stack3",
        f"{PLAN}\nThen take A from stack2 to stack3",
        f"Do not {PLAN}",
        PLAN.replace("\n", " (or stack1)\n"),
        PLAN.replace("stack2", "stack22"),
        "\n".join(REST),
        "\n".join([FIRST, *REST[::-1]]),
        PLAN.replace("A", "B"),
        "no moves",
        "[]",
        "Done.",
    ],
)
def test_other_plans_are_wrong(form):
    for text in (form, f"<<<{form}>>>"):
        verdict = TASK.check(DATA, text)
        assert not verdict.correct
        assert verdict.reason


@pytest.mark.parametrize(
    "form",
    [
        "<<<>>>",
        "<<<\n>>>",
        "<<<[]>>>",
        "no moves",
        "No moves are needed.",
        "None",
        "<<<none>>>",
        "(no moves)",
        "The goal is reached already, so no moves are needed.",
        "Answer: **no moves**",
        r"\text{no moves}",
    ],
)
def test_an_empty_plan_is_right_when_nothing_is_to_be_moved(form):
    assert TASK.check(SOLVED, form).correct
    assert not TASK.check(DATA, form).correct
    assert TASK.check(SOLVED, TASK.solve(SOLVED)).correct


@pytest.mark.parametrize(
    "form",
    [
        "",
        "Done",
        "I do not know.",
        "Moves:",
        "<<<There is no solution.>>>",
        "no moves exist",
        "maybe no moves",
    ],
)
def test_an_answer_that_says_nothing_is_no_empty_plan(form):
    assert not TASK.check(SOLVED, form).correct


def test_stacks_are_compared_by_name_and_unnamed_ones_have_to_be_empty():
    moved = {
        "initial": {"stack1": ["A"], "stack2": [], "stack3": []},
        "goal": {"stack1": [], "stack2": ["A"]},
    }
    assert TASK.check(moved, "Move A from stack1 to stack2").correct
    assert not TASK.check(moved, "Move A from stack1 to stack3").correct


def test_a_long_plan_is_judged_quickly():
    back = FIRST.replace("stack2 to stack3", "stack3 to stack2")
    long = "\n".join([FIRST, back] * 1_700) + f"\n{PLAN}"
    assert 95_000 < len(long) < 100_000
    with processor_time(1.0):
        assert TASK.check(DATA, long).correct
