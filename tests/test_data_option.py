"""The option --codesteer-data, in runs of their own."""

import json
import shutil
from pathlib import Path

import pytest

from pytest_codesteer.runlog import read_run
from pytest_codesteer.task import load_task
from tests.test_plugin import run

LIES = Path(__file__).parents[1] / "task_specs" / "web_of_lies"
ANN = {"input": "Question: Bob lies. Ann says Bob lies. Does Ann tell the truth?", "target": "Yes"}
EVE = {"input": "Question: Bob lies. Eve says Bob tells the truth. Does Eve tell the truth?", "target": "No"}
RUN = ("--codesteer-model=oracle", "--codesteer-task=web_of_lies", "--codesteer-log=run.jsonl")


@pytest.fixture
def write(pytester):
    """Write a file beside one task, where the runs start: a list as JSON lines."""
    shutil.copytree(LIES, pytester.path / "task_specs" / "web_of_lies")

    def write_file(name, content):
        if isinstance(content, list):
            content = "".join(f"{json.dumps(line)}\n" for line in content)
        path = pytester.path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return path

    return write_file


@pytest.mark.parametrize("workers", [(), ("-n2",)])
def test_a_run_over_data_tells_where_it_comes_from(pytester, write, workers):
    write("bbh.json", {"examples": [ANN, EVE]})
    result = run(pytester, *RUN, "--codesteer-data=web_of_lies=bbh.json", *workers)
    result.assert_outcomes(passed=6)
    log, path = read_run(pytester.path / "run.jsonl"), pytester.path / "bbh.json"
    assert log.header["data"] == {"web_of_lies": str(path)}
    assert log.header["tasks"] == {"web_of_lies": load_task(LIES, data=path).digest}
    assert {record.instance for record in log.records} == {"data-000", "data-001"}
    assert all(record.correct for record in log.records)


def test_a_suite_plays_all_levels_of_given_data(pytester, write):
    write("mine.toml", '[suite]\ntitle = "Mine"\nmethods = ["all_text"]\n[tasks]\nweb_of_lies = ["3"]\n')
    write("a.jsonl", [{**ANN, "level": "x"}, {**EVE, "level": "y"}])
    result = run(
        pytester,
        "--codesteer-model=oracle",
        "--codesteer-suite=mine.toml",
        "--codesteer-data=web_of_lies=a.jsonl",
        "-v",
    )
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*web_of_lies[[]oracle-all_text-x-000] PASSED*"])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("web_of_lie=a.jsonl", "unknown task 'web_of_lie'; did you mean 'web_of_lies'?"),
        ("web_of_lies=none.jsonl", "there is no such file or folder"),
        ("a.jsonl", "must be NAME=PATH, a task and a file or folder"),
        ("web_of_lies=", "must be NAME=PATH, a task and a file or folder"),
    ],
)
def test_a_faulty_option_is_one_line(pytester, write, data, said):
    write("a.jsonl", [ANN])
    result = run(pytester, *RUN, f"--codesteer-data={data}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: --codesteer-data={data}: {said}"])


def test_data_given_twice_are_refused(pytester, write):
    option = f"--codesteer-data=web_of_lies={write('a.jsonl', [ANN])}"
    result = run(pytester, *RUN, option, option)
    result.stderr.fnmatch_lines(["*web_of_lies has its data from *a.jsonl"])


def test_a_malformed_file_is_one_error_that_names_file_and_line(pytester, write):
    write("a.jsonl", [ANN, {"input": "x"}])
    result = run(pytester, *RUN, "--codesteer-data=web_of_lies=a.jsonl")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*a.jsonl:2: no 'target' (it holds 'input')"])
    assert "Traceback" not in result.stdout.str()
