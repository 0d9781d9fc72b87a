"""What every task must satisfy.  A folder in task_specs/ is tested by being there."""

import ast
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_codesteer.sandbox import run
from pytest_codesteer.task import find_suite, find_tasks, load_task
from tests.judging import processor_time

ROOT = Path(__file__).parents[1]
TASKS = {name: load_task(path) for name, path in find_tasks([ROOT / "task_specs"]).items()}
LEVELS = [
    pytest.param(task, level, id=f"{name}-{level}") for name, task in TASKS.items() for level in task.levels
]
EACH = pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
NONSENSE = (
    "",
    " \n",
    "I do not know.",
    "<<<>>>",
    "<<<__import__('os').getpid()>>>",
    "<<<9**9**9**9>>>",
    "<<<NaN>>>",
    "<<<1e999999999>>>",
    "<<<\ud800\x00>>>",
    "<<<Yes and no>>>",
    "\\boxed{",
)
MARKED = ("(", "9**", "\\frac{", "-", "Step 1: [", '"', "a, ", " ", "<", "1,", "{", "\\", "yes ", "1/")
HUGE = ("[" * 10**6, "<<<" * 300_000, "1 " * 500_000, *(f"<<<{p * (99_000 // len(p))}x>>>" for p in MARKED))


@pytest.mark.parametrize(("task", "level"), LEVELS)
def test_the_reference_solution_is_right_with_and_without_marks(task, level):
    for instance in task.instances(level, 3):
        answer = task.solve(instance.data)
        for text in (answer, f"<<<{answer}>>>", f"So it is <<<wrong>>>, no:\n<<<\n{answer}\n>>>\nDone."):
            verdict = task.check(instance.data, text)
            assert verdict.correct, (text[:200], verdict)
            assert (verdict.score, verdict.kind, verdict.reason) == (1.0, "right", "")


@pytest.mark.parametrize(("task", "level"), LEVELS)
def test_the_reference_program_prints_a_right_answer(task, level):
    for instance in task.instances(level, 2):
        execution = run(task.program(instance.data), seconds=task.limits.code_seconds)
        assert execution.status == "ok", execution.stderr[-500:]
        assert task.check(instance.data, execution.stdout).correct, execution.stdout[:300]


@pytest.mark.parametrize(("task", "level"), LEVELS)
def test_the_reference_program_works_the_answer_out_with_the_standard_library_alone(task, level):
    if task.write_program is None:
        pytest.skip("the program prints the solution")
    data = task.instances(level, 1)[0].data
    source = task.program(data)
    if len(answer := task.solve(data)) > 3:  # Yes, No and (A) stand in many a source
        assert answer not in source
    nodes = list(ast.walk(ast.parse(source)))
    imported = {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
    assert "```" not in source


@pytest.mark.parametrize(("task", "level"), LEVELS)
def test_another_instances_solution_is_wrong_or_really_fits(task, level):
    """A checker that accepts anything would accept the answer to another question."""
    instances = task.instances(level, 8)
    verdicts = [task.check(one.data, task.solve(other.data)).correct for one, other in pairwise(instances)]
    assert not all(verdicts)


@EACH
@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_not_correct_and_says_why(task, text):
    data = task.instances(next(iter(task.levels)), 1)[0].data
    verdict = task.check(data, text)
    assert not verdict.correct
    assert verdict.reason
    assert len(verdict.reason) < 200


@EACH
@pytest.mark.parametrize("text", HUGE, ids=lambda text: text[3:9])
def test_huge_texts_are_judged_in_bounded_time(task, text):
    data = task.instances(next(iter(task.levels)), 1)[0].data
    with processor_time(2.0):
        assert not task.check(data, text).correct


@EACH
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=st.text(max_size=300), marks=st.booleans())
def test_no_text_makes_a_checker_raise(task, text, marks):
    data = task.instances(next(iter(task.levels)), 1)[0].data
    verdict = task.check(data, f"<<<{text}>>>" if marks else text)
    assert 0.0 <= verdict.score <= 1.0
    assert verdict.correct == (verdict.kind == "right")


@pytest.mark.parametrize(("task", "level"), LEVELS)
def test_the_question_shows_the_form_and_not_the_answer(task, level):
    shown = []
    for instance in task.instances(level, 4):
        question = task.question(instance.data)
        assert "<<<" in question
        shown.append(f"<<<{task.solve(instance.data)}>>>" in question)
    assert not all(shown) or task.solve(instance.data) in ("Yes", "No")


@pytest.mark.parametrize(("task", "level"), LEVELS)
def test_instances_are_json_and_another_seed_gives_others(task, level):
    first = [instance.data for instance in task.instances(level, 3)]
    assert json.loads(json.dumps(first)) == first
    assert [instance.data for instance in task.instances(level, 3, seed=1)] != first
    assert [instance.data for instance in task.instances(level, 2)] == first[:2]


@pytest.mark.parametrize(
    ("task", "level"),
    [
        pytest.param(task, level, id=f"{task.name}-{level}")
        for task in TASKS.values()
        for level in task.paper_levels
    ],
)
def test_a_thousand_instances_of_a_level_of_the_paper_take_less_than_ten_seconds(task, level):
    with processor_time(1.0):
        task.instances(level, 100)


@EACH
def test_the_spec_says_where_it_comes_from(task):
    assert "arXiv" in task.source or not task.paper_levels
    assert task.source
    assert task.title
    assert set(task.paper_levels) <= set(task.levels)


def test_the_suite_of_the_paper_is_its_fourteen_tasks_on_its_levels():
    suite = find_suite("paper", [])
    assert len(suite.tasks) == 14
    assert suite.tasks == {name: TASKS[name].paper_levels for name in suite.tasks}


def interpreter(name):
    """Return the path of an interpreter on this machine, or skip."""
    managed = Path.home().glob(f".pyenv/versions/{name.removeprefix('python')}*/bin/{name}")
    for found in (shutil.which(name), *map(str, managed)):
        if found and subprocess.run([found, "-V"], capture_output=True, check=False).returncode == 0:
            return found
    pytest.skip(f"{name} is not on this machine")


@pytest.mark.parametrize("hash_seed", ["1", "2"])
@pytest.mark.parametrize("python", ["python3.11", "python3.12", "python3.13", "python3.14"])
def test_instances_are_the_same_on_every_python(python, hash_seed):
    found = interpreter(python)
    packages = sysconfig.get_paths()["purelib"]  # Jinja is pure Python, and all that is needed
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{ROOT}{os.pathsep}{packages}"}
    command = [found, str(ROOT / "tests" / "digests.py")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-800:]
    assert json.loads(done.stdout) == json.loads((ROOT / "tests" / "digests.json").read_text())
