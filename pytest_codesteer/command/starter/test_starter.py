"""The task `starter`: its own answers are right, others are not, and its instances stay the same."""

from pathlib import Path

from pytest_codesteer import load_task

TASK = load_task(Path(__file__).parents[1] / "task_specs" / "starter")
INSTANCES = [instance for level in TASK.levels for instance in TASK.instances(level, 20)]


def test_its_own_answers_are_right() -> None:
    for instance in INSTANCES:
        verdict = TASK.check(instance.data, f"The answer is <<<{TASK.solve(instance.data)}>>>.")
        assert verdict.correct, f"{instance.id}: {verdict.reason}"


def test_other_answers_are_not() -> None:
    for instance in INSTANCES:
        for text in ("", "I do not know.", "<<<-1>>>", "<<<>>>"):
            assert not TASK.check(instance.data, text).correct, f"{instance.id}: {text!r}"


def test_the_question_tells_what_is_needed() -> None:
    for instance in INSTANCES:
        question = TASK.question(instance.data)
        assert "<<<" in question
        assert all(str(number) in question for number in instance.data["numbers"])


def test_instances_are_the_same_every_time() -> None:
    for level in TASK.levels:
        assert TASK.instances(level, 3) == TASK.instances(level, 3)
