"""Real answers to real instances, with the verdict that is right.  The files are not part of the project."""

import json
from pathlib import Path

import pytest

from pytest_codesteer.task import find_tasks, load_task

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
TASKS = find_tasks([ROOT / "task_specs"])


def lines(folder, name):
    path = SHARED / folder / f"{name}.jsonl"
    if not path.is_file():
        pytest.skip(f"there is no {path}: it is not part of the project")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", TASKS)
def test_verdicts_agree_with_the_golden_ones(name):
    task = load_task(TASKS[name])
    differing = [
        (entry["answer"][:80], entry["note"], task.check(entry["instance"], form))
        for entry in lines("golden", name)
        for form in (entry["answer"], f"<<<{entry['answer']}>>>")
        if task.check(entry["instance"], form).correct != entry["correct"]
    ]
    assert differing == []


@pytest.mark.parametrize("name", TASKS)
def test_real_instances_are_solved_and_wrong_stored_solutions_are_not_accepted(name):
    task = load_task(TASKS[name])
    entries = lines("data/symbench", name)
    unsolved = [
        entry["id"]
        for entry in entries[:: max(1, len(entries) // 400)]
        if not task.check(entry["instance"], task.solve(entry["instance"])).correct
        and entry["solution_ok"] is not False
    ]
    accepted = [
        entry["id"]
        for entry in entries
        if entry["solution_ok"] is False and task.check(entry["instance"], str(entry["solution"])).correct
    ]
    assert (unsolved, accepted) == ([], [])
