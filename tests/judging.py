"""What the tests of tasks ask of a checker."""

import gc
import re
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from pytest_codesteer.task import load_task

SPECS = Path(__file__).parents[1] / "task_specs"
MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
INDEX = st.integers(0, 10**6)


@contextmanager
def processor_time(seconds):
    """Fail when the body takes more.  Garbage is left alone: how long a collection takes is other tests' doing."""
    gc.disable()
    started = time.process_time()
    try:
        yield
        spent = time.process_time() - started
    finally:
        gc.enable()
    assert spent < seconds


def loaded(name):
    return load_task(SPECS / name)


def levels(task, *without):
    return pytest.mark.parametrize("level", [level for level in task.levels if level not in without])


def instances(task, level, count):
    return [instance.data for instance in task.instances(level, count)]


def right(task, data, *answers):
    """Whether each of the answers is judged right, alone and between marks."""
    return all(task.check(data, text).correct for answer in answers for text in (answer, f"<<<{answer}>>>"))


def wrong(task, data, *answers):
    """Whether none of the answers is judged right, alone or between marks."""
    return not any(
        task.check(data, text).correct for answer in answers for text in (answer, f"<<<{answer}>>>")
    )


def options(data):
    return dict(re.findall(r"^\(([A-Z])\) (.*)$", data["input"], re.MULTILINE))
