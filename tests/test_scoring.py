"""Strict and lenient scoring of one case: which texts are judged, and what the record says."""

import asyncio
from datetime import date
from pathlib import Path

import pytest

from pytest_codesteer import Execution, RunCode, ask, run_code, user
from pytest_codesteer.engine import Case, Engine, Means, play
from pytest_codesteer.metrics import summarise
from pytest_codesteer.models import Scripted, read_name
from pytest_codesteer.models.prices import load_prices
from pytest_codesteer.prompts import Prompts
from pytest_codesteer.runlog import record_of, scored
from pytest_codesteer.task import load_task

TASK = load_task(Path(__file__).parents[1] / "task_specs" / "letters")
INSTANCE = TASK.instance("5_10", 0)
RIGHT = f"<<<{TASK.solve(INSTANCE.data)}>>>"
WRONG = "<<<Count: 9, Positions: [1, 2, 3, 4, 5, 6, 7, 8, 9]>>>"
PROGRAM = "```python\nprint(1)\n```"


class Prints:
    """A sandbox in which every program prints the same."""

    isolation = "none"

    def __init__(self, stdout, status="ok"):
        self.execution = Execution(status, stdout=stdout)

    def run(self, request, *, seconds, memory_mb):
        return self.execution


@pytest.fixture(scope="module")
def engine():
    engine = Engine(1, programs=1)
    yield engine
    engine.close()


def only_question(question, prompts):
    from pytest_codesteer.methods.only_question import only_question

    return (yield from only_question(question, prompts))


def judged(engine, replies, sandbox, method=only_question):
    case = Case(TASK, "5_10", 0, 0, "only_question", "scripted")
    means = Means(Scripted(replies), sandbox, method, Prompts(), engine.programs, engine.thinking)
    played = asyncio.run(play(case, means))
    return record_of(played, read_name("oracle"), load_prices(), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("reply", "sandbox", "outcome", "lenient"),
    [
        (f"{RIGHT}", Prints(""), "correct", True),
        (f"{WRONG}", Prints(""), "wrong", False),
        (f"{RIGHT}\n{PROGRAM}", Prints(WRONG), "wrong", True),
        (f"{WRONG}\n{PROGRAM}", Prints(RIGHT), "correct", True),
        (f"{WRONG}\n{PROGRAM}", Prints(RIGHT, "error"), "wrong", True),
        (f"{WRONG}\n{PROGRAM}", Prints(WRONG), "wrong", False),
        (f"{RIGHT}\n{PROGRAM}", Prints("", "timeout"), "correct", True),
        (f"no words\n```python\nprint('{RIGHT}')\n```", Prints(WRONG), "wrong", False),
        ("", Prints(""), "unreadable", False),
    ],
)
def test_two_chances_are_the_programs_output_and_the_replys_words(engine, reply, sandbox, outcome, lenient):
    record = judged(engine, [reply], sandbox)
    assert (record.outcome, record.lenient, record.lenient_score) == (outcome, lenient, float(lenient))
    counted = scored(record, "lenient")
    assert counted.correct == lenient
    assert counted.reason == ("" if lenient else record.reason)
    assert scored(record, "strict") is record


def test_what_an_earlier_reply_had_printed_is_no_chance(engine):
    def twice(question, prompts):
        yield from ask(user(question))
        yield from run_code("print(1)")
        return (yield from ask(user("so?"))).text

    assert not judged(engine, [PROGRAM, WRONG], Prints(RIGHT), twice).lenient


def test_an_episode_that_a_limit_ended_has_no_chance(engine):
    def endless(question, prompts):
        while True:
            yield from ask(user(question))
            yield RunCode("print(1)")

    record = judged(engine, [RIGHT] * 99, Prints(RIGHT), endless)
    assert (record.outcome, record.lenient) == ("limit", False)
    assert scored(record, "lenient") == record


def test_an_error_stays_an_error(engine):
    def broken(question, prompts):
        yield from ask(user(question))
        raise KeyError("no")

    record = judged(engine, [RIGHT], Prints(""), broken)
    assert scored(record, "lenient").outcome == "error"


def test_records_of_earlier_versions_keep_their_partial_credit(engine):
    record = judged(engine, [WRONG], Prints(""))
    older = type(record).from_dict({**record.to_dict(), "score": 0.5, "lenient": False, "lenient_score": 0.0})
    assert summarise([scored(older, "lenient")]).score == 0.5
