"""A finished run, judged again: today's checkers, no model, no key, no sandbox."""

import json
import shutil
import textwrap

import pytest

from pytest_codesteer.conversation import (
    Ask,
    Execution,
    HostedRun,
    Reply,
    RunCode,
    ToolCall,
    Usage,
    assistant,
    output,
    user,
)
from pytest_codesteer.engine import Step
from pytest_codesteer.plugin import asked as asked_module
from pytest_codesteer.plugin import bench as bench_module
from pytest_codesteer.runlog import read_earlier, read_run, rejudging
from pytest_codesteer.runlog import record as record_module
from tests.kills import timeless
from tests.test_plugin import MODEL, RUN, TASK, WORKERS, run, write_task

OUTCOMES = ["correct", "wrong", "unreadable", "limit", "error"]


@pytest.fixture
def project(pytester):
    write_task(pytester.path / "task_specs" / "sum")
    return pytester


@pytest.fixture
def finished(project):
    """A run with a case of each outcome, whose model is not there any more."""
    project.makeconftest(MODEL)
    run(project, *RUN, "--codesteer-samples=5", "--codesteer-log=run.jsonl")
    (project.path / "conftest.py").unlink()
    return project.path / "run.jsonl"


def again(project, log, *more):
    """Judge *log* again; returns pytest's result and the new run."""
    new = project.path / "again.jsonl"
    new.unlink(missing_ok=True)
    result = run(project, f"--codesteer-from={log}", "--codesteer-log=again.jsonl", *more)
    return result, read_run(new) if new.exists() else None


def outcomes(read):
    return [record.outcome for record in sorted(read.records, key=lambda record: record.instance)]


def rewrite(project, *changes):
    """Change the task's code: a checker of today."""
    code = textwrap.dedent(TASK)
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    (project.path / "task_specs" / "sum" / "task.py").write_text(code)


LAX = ('right() if number(answer) == data["a"] + data["b"] else wrong("another sum")', "right()")


@WORKERS
def test_with_the_same_checker_it_tells_the_same(project, finished, workers):
    result, new = again(project, finished, "--codesteer-gate=all_text: solved >= 20%", *workers)
    first = read_run(finished)
    assert outcomes(first) == OUTCOMES
    assert sorted(map(str, map(timeless, new.records))) == sorted(map(str, map(timeless, first.records)))
    assert {record.spent_dollars for record in new.records} == {0.0}
    assert result.parseoutcomes() == {"passed": 2, "wrong": 1, "unreadable": 1, "limit": 1, "failed": 1}
    assert result.ret == 1
    result.stdout.fnmatch_lines(["fake: no answer from http://127.0.0.1:1/v1", "gate passed: all_text*"])
    assert new.header["judged"] == {"log": "run.jsonl", "started": first.header["started"]}
    assert new.header["samples"] == 5


def test_the_items_have_the_ids_of_the_run(project, finished):
    command = ("--collect-only", "-q")
    ids = [line for line in run(project, *RUN, "--codesteer-samples=5", *command).outlines if "::" in line]
    result = run(project, f"--codesteer-from={finished}", *command)
    assert [line for line in result.outlines if "::" in line] == ids
    result, _ = again(project, finished, ids[1], "-v")
    result.stdout.fnmatch_lines([f"{ids[1]} WRONG*".replace("[", "?").replace("]", "?")])


def test_a_checker_of_today_judges(project, finished):
    rewrite(project, LAX)
    _, new = again(project, finished)
    assert outcomes(new) == ["correct", "correct", "correct", "correct", "error"]


def test_a_case_whose_checker_had_crashed_is_judged_once_the_checker_is_repaired(project):
    rewrite(project, ("return right() if", "return 1 / 0 or right() if"))
    run(project, *RUN, "--codesteer-log=run.jsonl")
    assert outcomes(read_run(project.path / "run.jsonl")) == ["error"] * 4
    rewrite(project)
    _, new = again(project, project.path / "run.jsonl")
    assert outcomes(new) == ["correct"] * 4
    assert {record.error for record in new.records} == {""}
    rewrite(project, ("return right() if", "return 1 / 0 or right() if"))
    result, new = again(project, project.path / "run.jsonl")
    assert outcomes(new) == ["error"] * 4
    result.stdout.fnmatch_lines(["*task.py:12: check() raised ZeroDivisionError*"])


def test_nothing_is_asked_and_nothing_is_run(project, finished, monkeypatch):
    def nothing(*arguments, **keywords):
        raise AssertionError("a model or a sandbox is opened")

    monkeypatch.setattr(bench_module, "open_sandbox", nothing)
    monkeypatch.setattr(bench_module, "open_model", nothing)
    monkeypatch.setattr(asked_module, "open_model", nothing)
    _, new = again(project, finished)
    assert outcomes(new) == OUTCOMES


class TestWhatCannotBeJudged:
    """An error, not a wrong answer."""

    def test_another_instance(self, project, finished):
        rewrite(project, ("rng.randint(0, top)}", "rng.randint(0, top) + 1}"), LAX)
        result, new = again(project, finished)
        assert outcomes(new) == ["error"] * 5
        result.stdout.fnmatch_lines(
            ["*task.toml: one-001 is not the instance any more that the model was asked about"]
        )
        assert "Traceback" not in result.stdout.str()

    @WORKERS
    def test_a_task_that_is_gone(self, project, finished, workers):
        shutil.rmtree(project.path / "task_specs" / "sum")
        result, new = again(project, finished, "--codesteer-gate=*: errors == 0", *workers)
        assert outcomes(new) == ["error"] * 5
        assert result.parseoutcomes() == {"failed": 6}
        result.stdout.fnmatch_lines(["there is no task 'sum' any more; *"])
        assert "Traceback" not in result.stdout.str()

    def test_a_level_that_is_gone(self, project, finished):
        toml = project.path / "task_specs" / "sum" / "task.toml"
        toml.write_text(toml.read_text().replace("one =", "two ="))
        _, new = again(project, finished)
        assert outcomes(new) == ["error"] * 5

    def test_a_transcript_that_is_spoilt(self, project, finished):
        lines = finished.read_text().splitlines()
        values = json.loads(lines[2])
        values["transcript"] = [{"ask": 3}]
        lines[2] = json.dumps(values)
        finished.write_text("\n".join(lines) + "\n")
        result, new = again(project, finished)
        assert sorted(outcomes(new)).count("error") == 2
        result.stdout.fnmatch_lines(["*run.jsonl: its transcript cannot be read*"])


def test_half_a_line_at_the_end_is_passed_over_and_a_gate_knows_that_a_case_is_missing(project, finished):
    finished.write_bytes(finished.read_bytes()[:-20])
    result, new = again(project, finished, "--codesteer-gate=all_text: solved >= 0%")
    assert len(new.records) == 4
    result.stdout.fnmatch_lines(
        [
            "codesteer: judges *run.jsonl again, of *: 4 cases",
            "codesteer: 1 cases of that run left no record",
            "codesteer: lines that are not whole, and are passed over: 1",
            "gate FAILED: all_text: solved >= 0%",
            "*1 planned cases left no record",
        ]
    )


def test_cases_are_selected_as_ever(project, finished):
    for selection in (["-k", "001 or 002"], ["--codesteer-task=sum", "-k", "001 or 002"]):
        _, new = again(project, finished, *selection)
        assert outcomes(new) == ["wrong", "unreadable"]
    _, new = again(project, finished, "--codesteer-level=one")
    assert len(new.records) == 5


def test_the_options_of_judging_hold(project, finished):
    result, _ = again(project, finished, "--codesteer-strict", "--codesteer-scoring=lenient")
    result.assert_outcomes(passed=1, failed=4)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            ["--codesteer-model=oracle"],
            "--codesteer-from judges a finished run, whose --codesteer-model is settled*",
        ),
        (["--codesteer-samples=3"], "*whose --codesteer-samples is settled: take it out"),
        (["--codesteer-replay"], "*whose --codesteer-replay is settled: take it out"),
        (
            ["--codesteer-from=nothing.jsonl"],
            "*--codesteer-from: *nothing.jsonl: No such file or directory; name the log of a finished run",
        ),
        (["--codesteer-from=task_specs/sum/task.py"], "*task.py: not a run log*"),
        (["--codesteer-from=empty.jsonl"], "*empty.jsonl: not a run log*"),
    ],
)
def test_options_that_cannot_hold_are_refused(project, finished, more, said):
    (project.path / "empty.jsonl").write_text("")
    result = run(project, f"--codesteer-from={finished}", *more)
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: {said}"])


def test_given_instances_are_looked_for_where_the_run_had_them(project):
    data = project.path / "mine.jsonl"
    data.write_text(json.dumps({"a": 1, "b": 2}) + "\n")
    run(project, *RUN, f"--codesteer-data=sum={data}", "--codesteer-log=run.jsonl")
    log = project.path / "run.jsonl"
    assert outcomes(again(project, log)[1]) == ["correct"]
    data.rename(project.path / "moved.jsonl")
    result, _ = again(project, log)
    result.stderr.fnmatch_lines(
        ["*mine.jsonl, which is not there; say where they are: --codesteer-data=sum=PATH"]
    )
    assert outcomes(again(project, log, "--codesteer-data=sum=moved.jsonl")[1]) == ["correct"]


def test_a_case_that_is_in_the_log_twice_counts_once_with_its_later_record(project, finished):
    lines = finished.read_text().splitlines()
    values = json.loads(lines[1])
    values["final_text"] = "<<<-5>>>"
    finished.write_text("\n".join([*lines, json.dumps(values)]) + "\n")
    earlier = read_earlier(finished)
    assert len(earlier.entries) == 5
    _, new = again(project, finished)
    assert "correct" not in outcomes(new)


@pytest.mark.parametrize(
    "step",
    [
        Step(Ask((user("?"),)), Reply("!", Usage(1, 0, 2, 1), 0.5, "length", "m")),
        Step(Ask((user("?"),), ("python",), "guide"), Reply("", tool_calls=(ToolCall("1", "python", "{}"),))),
        Step(
            Ask((assistant("", (ToolCall("1", "python", "{}"),)), output("4", "1"))),
            Reply("4", None, executions=(HostedRun("4", Execution("ok", "4")),), containers=1, cached=True),
        ),
        Step(RunCode("1", "main"), Execution("timeout", "a", "b", None, 2.5, "process")),
        Step(RunCode("1"), Execution("error", exit_code=-9)),
    ],
)
def test_a_step_comes_back_from_the_log_as_it_was(step):
    assert rejudging._step(json.loads(json.dumps(record_module._step(step)))) == step
