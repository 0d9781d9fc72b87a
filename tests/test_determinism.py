"""Instances are the same for all cases: a generator that makes others is refused, or turns the run red."""

import pytest

from pytest_codesteer.plugin.reporter import _unlike_instances
from pytest_codesteer.task import TaskError, load_task
from tests.records import record
from tests.test_plugin import RUN, TASK, TOML, WORKERS, run, write_task

SAID = "generate() is not deterministic: use the rng that it is given"
#: Each holds the code of an instance that is not the same the next time.
ALWAYS = 'return {"a": time.perf_counter_ns(), "b": 1}'
BEYOND_THE_FIRST_LEVEL = 'return {"a": time.perf_counter_ns() if top > 9 else 1, "b": 1}'
BEYOND_THE_FIRST_INSTANCE = """
        first = random.Random("odd/one/0/0").random() == rng.random()
        return {"a": 1 if first else time.perf_counter_ns(), "b": 1}
"""
IN_ANOTHER_PROCESS = 'return {"a": hash(str(rng.random())), "b": 1}'
BOTH = (*RUN, "--codesteer-method=all_code")


@pytest.fixture
def generating(project, monkeypatch):
    """Write a second task, `odd`, which makes its instances with this code."""
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    made = 'return {"a": rng.randint(0, top), "b": rng.randint(0, top)}'
    assert made in TASK

    def write(code):
        task = "\n    import random, time" + TASK.replace(made, code.strip())
        toml = TOML + "two = { top = 99 }\n"
        write_task(project.path / "task_specs" / "odd", task=task, toml=toml)
        return project.path / "task_specs" / "odd"

    return write


def test_a_generator_that_does_not_use_its_rng_does_not_load(generating):
    folder = generating(ALWAYS)
    with pytest.raises(TaskError) as caught:
        load_task(folder)
    assert str(caught.value) == f"{folder}/task.py: {SAID}"


def test_the_first_instance_of_any_level_and_seed_can_be_made_sure_of(generating):
    task = load_task(generating(BEYOND_THE_FIRST_LEVEL))
    assert task.first_instance("one", seed=3) == task.instance("one", 0, seed=3)
    with pytest.raises(TaskError, match="not deterministic"):
        task.first_instance("two")


@WORKERS
def test_a_level_that_is_not_the_first_is_looked_at_before_anything_is_asked(project, generating, workers):
    folder = generating(BEYOND_THE_FIRST_LEVEL)
    result = run(project, *BOTH, *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = [line for line in (*result.outlines, *result.errlines) if SAID in line]
    assert said == [f"ERROR: {folder}/task.py: {SAID}"]
    assert "INTERNALERROR" not in str(result.stdout) + str(result.stderr)
    assert not (project.path / ".codesteer" / "runs").exists()
    assert run(project, *BOTH, *workers, "--codesteer-level=one").ret == 0


@pytest.mark.parametrize(
    ("code", "workers"),
    [(BEYOND_THE_FIRST_INSTANCE, ()), (BEYOND_THE_FIRST_INSTANCE, ("-n2",)), (IN_ANOTHER_PROCESS, ("-n2",))],
    ids=["alone", "n2", "n2 with hashes"],
)
def test_other_instances_in_the_records_turn_the_run_red(project, generating, code, workers):
    generating(code)
    result = run(project, *BOTH, *workers, "--codesteer-level=one")
    said = [line for line in result.outlines if SAID in line]
    assert len(said) == 1
    assert said[0].startswith("codesteer: odd: ")
    assert "of its instances, such as one-00" in said[0]
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    ("change", "count"), [({"digest": "other"}, 1), ({"digest": ""}, 0), ({"digest": "other", "seed": 9}, 0)]
)
def test_records_without_an_instance_or_of_another_seed_tell_nothing(change, count):
    assert len(_unlike_instances([record(0), record(0, method="all_code", **change)])) == count
