"""The `codesteer` command: what it prints, what it writes, and what it says of what it cannot use."""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from pytest_codesteer.command import _parser, main
from pytest_codesteer.gate import decide, parse_gate
from pytest_codesteer.metrics import (
    all_of,
    grouped,
    instances_to_clear,
    pairs_to_clear,
    per_solved,
    solved,
    standings,
    steering_accuracy,
    steering_regret,
)
from pytest_codesteer.report import TABLES, tables
from pytest_codesteer.report.transcript import entries
from pytest_codesteer.report.values import numbers
from pytest_codesteer.report.visible import visible
from pytest_codesteer.runlog import read_run
from tests.records import record, records
from tests.runs import a_run, execution, reply, said, told, write_log
from tests.test_plugin import RUN, TASK, run, write_task

COMMAND = (
    sys.executable,
    "-c",
    "import sys; from pytest_codesteer.command import main; sys.exit(main(sys.argv[1:]))",
)
LONG = "a" * 300  # no file can be called so


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(capsys):
    """Run the command; returns what it printed."""

    def call(*arguments, status=0):
        capsys.readouterr()
        assert main(list(map(str, arguments))) == status
        out, err = capsys.readouterr()
        if status:
            assert out == ""
            assert err.startswith("codesteer: ")
            assert err.count("\n") == 1
        return out if status == 0 else err.removeprefix("codesteer: ")

    return call


def commands():
    [group] = [action for action in _parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return group.choices


class TestHelp:
    def test_every_command_and_argument_says_what_it_is(self):
        assert set(commands()) >= {
            "report", "compare", "merge", "rejudge", "export", "tasks", "show", "new-task", "plan", "schema",
        }  # fmt: skip
        for name, parser in commands().items():
            assert len(parser.description) > 40, name
            for action in parser._actions:
                assert action.help or action.choices, f"{name} {action.dest}"
            assert len(parser.format_help()) > 100

    def test_it_is_installed_under_its_name(self):
        [entry] = entry_points(group="console_scripts", name="codesteer")
        assert entry.load() is main

    def test_it_does_not_import_pytest(self):
        code = "import sys, pytest_codesteer.command as c; c._parser(); sys.exit('pytest' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["report", "none.jsonl"], "none.jsonl: there is no such file; name the log of a run"),
            (["report", "."], '.: is a folder; name the log of a run, or "last"'),
            (["report", "folder.jsonl/"], "folder.jsonl/: is a folder; name the log of a run"),
            (["report", LONG], f"{LONG}: File name too long; name the log of a run"),
            (["compare", LONG], f"{LONG}: File name too long; name the log of a run"),
            (["compare", "a.jsonl", LONG], f"{LONG}: File name too long; name the log of a run"),
            (["show", LONG, "x"], f"{LONG}: File name too long; name the log of a run"),
            (["plan", LONG], f"{LONG}: File name too long; name the log of a run"),
            (["merge", LONG, "-o", "x"], f"{LONG}: File name too long; name the log of a run"),
            (["merge", "a.jsonl", "-o", LONG], f"{LONG}: File name too long; name another --output"),
            (["rejudge", "a.jsonl", "-o", LONG], f"{LONG}: File name too long; name another --output"),
            (["export", "a.jsonl", "--format=csv", "-o", LONG], f"{LONG}: File name too long; name another"),
            (["tasks", f"--task-dir={LONG}"], f"--task-dir={LONG}: File name too long"),
            (["new-task", "mine", f"--project={LONG}"], f"--project={LONG}: File name too long"),
            (
                ["report", "a.jsonl", f"--html={LONG}"],
                f"--html={LONG}: File name too long; name another file",
            ),
            (["report", "a.jsonl", "--html=a.jsonl"], "--html=a.jsonl: is there already, and is no report"),
            (["report", "a.jsonl", "--html=."], "--html=.: Is a directory; name another file"),
            (["report", "a.jsonl", "--html=x", "--tables=costs"], "--tables: the HTML report has them all"),
            (["compare", "a.jsonl", "--model=gpt-4o"], "--model: chooses who stands beside the published"),
            (["compare", "a.jsonl", "--across-models"], "--across-models: compares two runs"),
            (["compare", "a.jsonl", "paper:gpt-4o", "--across-models"], "--across-models: compares two runs"),
            (["report", "last"], "last: there is no run in .codesteer/runs: run pytest"),
            (["report", "a.jsonl", "--tables=cost"], "unknown table 'cost'; did you mean 'costs'?"),
            (["report", "empty.jsonl"], "empty.jsonl: holds no case"),
            (["report", "text.jsonl"], "text.jsonl: not a run log"),
            (
                ["compare", "a.jsonl", "paper:gpt4o"],
                "unknown published model 'gpt4o'; did you mean 'gpt-4o'?",
            ),
            (
                ["compare", "two.jsonl", "paper:gpt-4o"],
                "two.jsonl: holds several models: choose with --model=m",
            ),
            (["compare", "a.jsonl", "paper:gpt-4o", "--model=x"], "--model=x: the run holds gpt-4o"),
            (["compare", "a.jsonl", "other.jsonl"], "a.jsonl and other.jsonl: no case in common"),
            (
                ["compare", "two.jsonl", "a.jsonl", "--across-models"],
                "--across-models: one model on each side",
            ),
            (["compare", "one.jsonl"], "one.jsonl: holds no two methods"),
            (["merge", "a.jsonl", "-o", "a.jsonl"], "a.jsonl: is there already; name another --output"),
            (
                ["merge", "a.jsonl", "-o", "a.jsonl/x/y"],
                "a.jsonl/x/y: Not a directory; name another --output",
            ),
            (["merge", "a.jsonl", "-o", "-"], "-: only texts can be printed; name a file with --output"),
            (["rejudge", "nobody.jsonl", "-o", "x"], "unknown task 'nobody'; "),
            (["rejudge", "none.jsonl", "-o", "-"], "-: only texts can be printed; name a file with --output"),
            (
                ["export", "a.jsonl", "--format=inspect"],
                "--format=inspect: writes files; name a folder with --output",
            ),
            (["export", "a.jsonl", "--format=inspect", "-o", "-"], "--format=inspect: writes files; name a"),
            (["tasks", "--level=two"], "--level: chooses the example of one task; name the task, too"),
            (["tasks", "--index=0"], "--index: chooses the example of one task; name the task, too"),
            (["tasks", "--seed=2"], "--seed: chooses the example of one task; name the task, too"),
            (["tasks", "game24", "--level="], "--level: unknown level ''; known: "),
            (["tasks", "gam24"], "unknown task 'gam24'; did you mean 'game24'?"),
            (["tasks", "game24", "--level=tow"], "--level: unknown level 'tow'; did you mean 'two'?"),
            (["tasks", "game24", "--index=-1"], "--index=-1: two has instances 0 to "),
            (["tasks", "--task-dir=nowhere"], "--task-dir=nowhere: there is no such folder"),
            (["show", "a.jsonl", "short"], "'short' is in the names of "),
            (
                ["show", "a.jsonl", "nothing"],
                "no case has 'nothing' in its name (codesteer export a.jsonl --format=csv lists all 60)",
            ),
            (
                ["show", "a.jsonl", "game24[gpt-4o-all_txt-short-002]"],
                "unknown case 'game24[gpt-4o-all_txt-short-002]'; did you mean 'game24[gpt-4o-all_text-short-002]'?",
            ),
            (
                ["show", "few.jsonl", "nothing"],
                "unknown case 'nothing'; known: letters[gpt-4o-all_code-short-000] (",
            ),
            (["new-task", "My Task"], "'My Task' is no name of a task: write lower-case"),
            (["new-task", "game24"], "the task name 'game24' is taken by "),
            (["new-task", "mine", "--project=nowhere"], "--project=nowhere: there is no such folder"),
            (
                ["new-task", "mine", "--project=full"],
                "full/task_specs/mine/task.toml: Not a directory; name another --project",
            ),
            (["plan", "--model=openai/gpt-4o"], "--model and --tokens make a price: name both"),
            (["plan", "--model=openai/none", "--tokens=1,2"], "--model=openai/none: no price is known"),
            (["plan", "--effect=40%"], "--differ=30%: methods that lie 40% apart differ on more"),
        ],
    )
    def test_the_users_faults_are_one_line_with_the_remedy(self, here, call, arguments, said):
        write_log(here / "a.jsonl", a_run())
        write_log(here / "two.jsonl", a_run(models=("m", "n")))
        write_log(here / "other.jsonl", a_run(levels=("other",)))
        write_log(here / "one.jsonl", a_run(methods=("all_code",)))
        write_log(here / "nobody.jsonl", a_run(tasks=("nobody",)))
        write_log(here / "empty.jsonl", [])
        write_log(here / "few.jsonl", records([1]))
        (here / "folder.jsonl").mkdir()
        (here / "full").mkdir()
        (here / "full" / "task_specs").touch()
        (here / "text.jsonl").write_text("hello\n")
        assert call(*arguments, status=2).startswith(said)

    def test_a_run_that_is_not_whole_says_so_wherever_it_is_read(self, here, capsys, call):
        path = write_log(here / "a.jsonl", a_run(), cases=len(a_run()) + 7)
        of = len(a_run()) + 7
        for arguments in ((), ("--markdown",)):
            assert f"cases: 7 of {of} left no record" in call("report", path, *arguments)
        assert json.loads(call("report", path, "--json"))["missing"] == 7
        assert main(["compare", path, path]) == 0
        assert f"a.jsonl: is not whole: 7 of {of} cases left no record" in capsys.readouterr().err

    def test_a_broken_line_is_told_beside_the_output(self, here, capsys):
        path = write_log(here / "a.jsonl", a_run())
        with open(path, "a") as file:
            file.write('{"half')
        assert main(["report", path]) == 0
        assert "a.jsonl: 1 broken lines are passed over" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("target", "said"),
        [
            pytest.param(
                ">/dev/full", "No space left on device",
                marks=pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full"),
            ),
            (">&-", "is closed"),
        ],
    )  # fmt: skip
    def test_output_that_goes_nowhere_is_told(self, here, monkeypatch, target, said):
        monkeypatch.delenv(
            "PYTHONUNBUFFERED", raising=False
        )  # what waits in a buffer fails once more at the exit
        path = write_log(here / "a.jsonl", a_run())
        command = shlex.join([*COMMAND, "report", path, "--tables=costs"])
        done = subprocess.run(f"{command} {target}", shell=True, capture_output=True, text=True, check=False)
        assert done.stderr.startswith(f"codesteer: the output: {said}; send it ")
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)

    def test_what_cannot_be_told_is_no_crash(self, here):
        command = shlex.join([*COMMAND, "report", "none.jsonl"])
        assert subprocess.run(f"{command} 2>&-", shell=True, check=False).returncode == 2

    def test_whoever_reads_may_stop(self, here, monkeypatch):
        monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
        path = write_log(here / "a.jsonl", a_run(200))
        command = [*COMMAND, "export", path, "--format=jsonl"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.close()  # long before the command has read its run
            assert process.stderr.read() == b""
        assert process.returncode == 0


def rows(values, table, **of):
    """Return the rows of a table of a report in JSON that are *of* this model, method and so on."""
    return [row for row in values["tables"][table] if all(row[key] == value for key, value in of.items())]


class TestReport:
    def test_it_prints_the_tables_of_the_session(self, here, call):
        listed = a_run()
        path = write_log(here / "a.jsonl", listed)
        out = call("report", path)
        assert out.startswith(f"log: {path}\nmodels: gpt-4o\nstarted: 2026-01-02T03:04:05+00:00\n")
        assert "\n".join(tables(listed, {})) in out
        assert "share solved, by task" not in call("report", path, "--tables=costs")

    def test_json_has_figures_as_numbers(self, here, call):
        listed = [*records([1, 1, 0], dollars=0.5), record(3, outcome="error")]
        values = json.loads(call("report", write_log(here / "a.jsonl", listed), "--json"))
        assert values["outcomes"] == {"correct": 2, "wrong": 1, "unreadable": 0, "limit": 0, "error": 1}
        every, letters = values["figures"]
        assert (every["task"], letters["task"]) == (None, "letters")
        assert every["solved"]["value"] == pytest.approx(2 / 3)
        assert (every["cases"], every["errors"], every["dollars"], every["prompt_tokens"]) == (
            4,
            1,
            0.5,
            None,
        )
        assert values["run"]["seed"] == 0

    def test_json_has_the_figures_of_every_table(self, here, call):
        listed = [
            replace(each, epoch=epoch)
            for epoch, seed in ((1, 4), (2, 5))
            for each in a_run(2, models=("m", "n"), turns=(1, 2), seed=seed)
        ]
        values = json.loads(call("report", write_log(here / "a.jsonl", listed), "--json"))
        assert tuple(values["tables"]) == TABLES
        assert values["undefined"] == []
        for model, mine in grouped(listed, lambda each: each.model).items():
            for (method, turns), cases in grouped(mine, lambda each: (each.method, each.turns)).items():
                [costs] = rows(values, "costs", model=model, method=method, turns=turns)
                assert costs["solved"] == numbers(solved(cases))
                [spent] = rows(values, "solved_costs", model=model, method=method, turns=turns)
                assert spent["dollars_per_solved"] == numbers(per_solved(cases, "dollars"))
                assert spent["correct"] == sum(case.correct for case in cases)
                [usage] = rows(values, "usage", model=model, method=method, turns=turns)
                assert usage["code_right"] + usage["text_right"] == spent["correct"]
                [steering] = rows(values, "steering", model=model, method=method, turns=turns)
                assert steering["steering_accuracy"] == numbers(steering_accuracy(cases, mine))
                assert steering["steering_regret"] == numbers(steering_regret(cases, mine))
                [of_turns] = rows(values, "turns", model=model, method=method, turns=turns)
                assert of_turns["solved"] == costs["solved"]
                repeats = rows(values, "epochs", model=model, method=method, turns=turns)
                assert [(row["k"], row["pass^k"]) for row in repeats] == [
                    (k, numbers(all_of(cases, k))) for k in (1, 2)
                ]
                for task, some in grouped(cases, lambda each: each.task).items():
                    [of_task] = rows(values, "tasks", model=model, method=method, turns=turns, task=task)
                    assert of_task["solved"] == numbers(solved(some))
                    levels = rows(values, "levels", model=model, method=method, turns=turns, task=task)
                    assert sum(row["code_right"] + row["text_right"] for row in levels) == sum(
                        case.correct for case in some
                    )
        for standing in standings(listed):
            method, turns = (standing.way.removesuffix(" (2 turns)"), 1 + ("(2 turns)" in standing.way))
            [row] = rows(values, "methods", method=method, turns=turns)
            assert row["rank_by_model"] == standing.rank_by_model
            assert [row[name] for name in ("score", "rank", "by_model")] == numbers(
                [standing.score, standing.rank, standing.by_model]
            )

    def test_json_has_the_tables_that_were_chosen(self, here, call):
        path = write_log(here / "a.jsonl", a_run())
        values = json.loads(call("report", path, "--json", "--tables=steering,turns"))
        assert set(values["tables"]) == {"steering", "turns"}
        assert values["tables"]["turns"] == []
        why = "all cases were given the same number of turns"
        assert values["undefined"] == [{"model": "gpt-4o", "table": "turns", "why": why}]
        assert call("report", path, "--json", "--tables=cost", status=2).startswith("unknown table 'cost'")

    def test_what_is_not_known_is_null_in_json(self, here, call):
        path = write_log(here / "a.jsonl", [record(0, model_seconds=2.0), record(0, method="all_text")])
        tables = json.loads(call("report", path, "--json"))["tables"]
        assert tables["solved_costs"][0]["dollars_per_solved"] is None
        assert (tables["costs"][0]["dollars"], tables["costs"][0]["prompt_tokens"]) == (None, None)
        assert tables["steering"][0]["steering_accuracy"] is None
        regret = tables["steering"][0]["steering_regret"]
        assert regret == {"value": 0.0, "low": None, "high": None, "n": 1}  # one instance bounds nothing
        assert numbers(float("nan")) is None

    def test_the_reference_names_every_key_of_the_json(self, here, call):
        listed = [*a_run(2, turns=(1, 2)), *(replace(each, epoch=2) for each in a_run(2, turns=(1, 2)))]
        values = json.loads(call("report", write_log(here / "a.jsonl", listed), "--json"))
        page = (Path(__file__).parents[1] / "docs" / "reference" / "report.md").read_text("utf-8")
        shown = [row for table in values["tables"].values() for row in table] + values["figures"]
        keys = {*values, *values["tables"], *(key for row in shown for key in row)}
        assert [key for key in sorted(keys) if f"`{key}`" not in page] == []

    def test_markdown_has_every_table(self, here, call):
        out = call("report", write_log(here / "a.jsonl", a_run()), "--markdown", "--tables=all")
        assert (
            out.count("\n| :--") == len([name for name in out.split("\n") if name.startswith("| :--")]) >= 7
        )
        assert "| all_code | 20 |" in out
        assert "no table of turns: all cases were given the same number" in out

    def test_the_last_run_is_the_newest(self, here, call):
        for day in ("01", "02"):
            write_log(here / ".codesteer" / "runs" / f"2026-01-{day}.jsonl", a_run(), suite=f"of day {day}")
        newest = ".codesteer/runs/2026-01-02.jsonl"
        assert "suite: of day 02" in call("report", "last")
        assert call("report", "last").startswith(f"log: {newest}\n")
        assert f"\n- log: {newest}\n" in "\n" + call("report", "last", "--markdown")
        assert json.loads(call("report", "last", "--json"))["log"] == newest
        assert call("compare", "last", "paper:none", status=2).startswith("unknown published model")
        write_log(here / ".codesteer" / "runs" / "2026-01-03.jsonl", records([1]))
        said = ".codesteer/runs/2026-01-03.jsonl: holds no two methods"
        assert call("compare", "last", status=2).startswith(said)

    def test_scoring_is_that_of_the_run_unless_another_is_chosen(self, here, call):
        listed = [record(0, correct=False, lenient=True), record(1, correct=False)]
        path = write_log(here / "a.jsonl", listed, scoring="lenient")
        assert json.loads(call("report", path, "--json"))["outcomes"]["correct"] == 1
        assert json.loads(call("report", path, "--json", "--scoring=strict"))["outcomes"]["correct"] == 0

    def test_what_became_of_the_gates_is_told_in_every_form(self, here, call):
        gate = decide(parse_gate("all_code: solved >= 90%"), a_run())
        path = write_log(here / "a.jsonl", a_run(), decisions=[gate])
        assert call("report", path).endswith("\n".join([*gate.lines, ""]))
        assert gate.lines[0] == "gate FAILED: all_code: solved >= 90%"
        assert "- :x: gate all_code: solved &gt;= 90%: failed\n  - gpt-4o, all_code: " in call(
            "report", path, "--markdown"
        )
        [told] = json.loads(call("report", path, "--json"))["gates"]
        assert (told["text"], told["verdict"], told["passed"]) == (gate.text, "failed", False)
        assert told["reasons"] == list(gate.reasons)

    def test_gates_of_which_nothing_is_known_are_not_passed_over(self, here, call):
        gate = decide(parse_gate("*: errors == 0"), a_run())
        write_log(here / "a.jsonl", a_run())
        whole = write_log(here / "b.jsonl", a_run(), decisions=[gate])
        call("merge", whole, "-o", "merged.jsonl")
        for arguments in (["a.jsonl"], ["b.jsonl", "--scoring=lenient"], ["merged.jsonl"]):
            assert "gates: not recorded" in call("report", *arguments)
            assert "gates: not recorded" in call("report", *arguments, "--markdown")
            assert json.loads(call("report", *arguments, "--json"))["gates"] is None
        assert "gates:" not in call("report", write_log(here / "c.jsonl", a_run(), decisions=[]))
        assert "gate passed" in call("report", whole, "--scoring=strict")


class TestCompare:
    def test_two_runs_are_compared_pair_by_pair(self, here, call):
        before = write_log(here / "a.jsonl", records([1, 1, 0, 0, 0, 0]))
        after = write_log(
            here / "b.jsonl", [*records([1, 0, 1, 1, 1]), record(5, outcome="error")], max_tokens=9
        )
        out = call("compare", before, after)
        [row] = [line.split() for line in out.splitlines() if line.startswith("gpt-4o")]
        assert row[:6] == ["gpt-4o", "all_code", "5", "40.0%", "80.0%", "+40.0%"]
        assert "+3 -1" in out
        assert "left out: 1 judged cases of A and 0 of B without a counterpart; 1 errors" in out
        assert "the runs differ in more than their results" in out
        assert ["max_tokens", "2000", "9"] in [line.split() for line in out.splitlines()]
        values = json.loads(call("compare", before, after, "--json"))
        assert values["comparison"]["differences"][0]["change"]["gained"] == 3
        assert values["protocol"] == [{"about": "max_tokens", "A": "2000", "B": "9"}]

    def test_the_methods_of_one_run_are_compared(self, here, call):
        path = write_log(here / "a.jsonl", a_run())
        values = json.loads(call("compare", path, "--json"))
        assert [(each["before"], each["after"]) for each in values["differences"]] == [
            ("all_text", "all_code"), ("all_text", "code_text_sum"), ("all_code", "code_text_sum"),
        ]  # fmt: skip
        assert "| gpt-4o | all_text | all_code | 20 |" in call("compare", path, "--markdown")

    def test_models_are_compared_across_runs(self, here, call):
        one = write_log(here / "a.jsonl", records([1, 0], model="m"))
        other = write_log(here / "b.jsonl", records([1, 1], model="n"))
        assert "n      all_code      2" in call("compare", one, other, "--across-models")

    def test_a_run_stands_beside_the_published_numbers_with_the_differences_in_protocol(self, here, call):
        listed = [
            *records([1, 0, 0, 0], task="game24", level="four"),
            *records([1, 1], task="game24", level="eighty"),  # not a level of the paper
            *records([1, 1], task="game24", level="four", method="codesteer"),
        ]
        out = call("compare", write_log(here / "a.jsonl", listed), "paper:gpt-4o")
        [row] = [line.split() for line in out.splitlines() if line.startswith("game24")]
        assert row == ["game24", "all_code", "4", "25%", "5-70%", "5%", "+20%"]
        assert "left out: 4 cases" in out
        assert "differences in protocol" in out
        assert "one run at temperature 0; no intervals" in out


class TestMerge:
    def test_shards_become_one_run(self, here, call):
        whole = a_run()
        one = write_log(here / "a.jsonl", whole[:20], methods=["all_text"], tasks={"letters": "abc"})
        other = write_log(
            here / "b.jsonl", whole[20:], methods=["all_code"], tasks={"letters": "abc", "game24": "d"},
            started="2026-01-01T00:00:00+00:00", python="3.14.0",
        )  # fmt: skip
        assert (
            call("merge", one, other, "-o", "sub/out.jsonl")
            == f"sub/out.jsonl: {len(whole)} cases of 2 runs\n"
        )
        made = read_run(here / "sub" / "out.jsonl")
        assert list(made.records) == whole
        assert made.header["methods"] == ["all_text", "all_code"]
        assert made.header["tasks"] == {"letters": "abc", "game24": "d"}
        assert made.header["started"] == "2026-01-01T00:00:00+00:00"

    @pytest.mark.parametrize(
        ("header", "said"),
        [
            ({"seed": 1}, "b.jsonl: seed is 1, in a.jsonl it is 0: merge only shards of one run"),
            ({"tasks": {"letters": "other"}}, "b.jsonl: tasks.letters is 'other', in a.jsonl it is 'abc'"),
            ({"models": {"gpt-4o": {"provider": "x"}}}, "b.jsonl: models.gpt-4o is "),
            ({"packages": {"pytest-codesteer": "9"}}, "b.jsonl: pytest-codesteer is '9'"),
            ({"of_a_later_version": 3}, "b.jsonl: of_a_later_version is 3, in a.jsonl it is None"),
        ],
    )
    def test_what_was_not_run_alike_is_refused(self, here, call, header, said):
        one = write_log(here / "a.jsonl", records([1]))
        other = write_log(here / "b.jsonl", records([1], level="long"), **header)
        call("merge", one, other, "-o", "out.jsonl", status=2)
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(here)
            assert call("merge", "a.jsonl", "b.jsonl", "-o", "out.jsonl", status=2).startswith(said)
        assert not (here / "out.jsonl").exists()

    def test_a_case_that_stands_twice_is_refused(self, here, call):
        one, other = write_log(here / "a.jsonl", records([1, 1])), write_log(here / "b.jsonl", records([0]))
        said = "is in a.jsonl, too: name each shard once"
        assert said in call("merge", "a.jsonl", "b.jsonl", "-o", "out.jsonl", status=2)
        assert said in call("merge", "a.jsonl", "a.jsonl", "-o", "out.jsonl", status=2)
        assert call("merge", one, "-o", "out.jsonl") == "out.jsonl: 2 cases of 1 runs\n"
        assert other


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A run of a right and a hostile model, with every kind of step."""
    folder = tmp_path_factory.mktemp("original")
    write_task(folder / "task_specs" / "sum")
    methods = ("all_text", "all_code", "code_interpreter", "code_text_sum")
    options = [
        "--codesteer-model=oracle", "--codesteer-model=adversary", "--codesteer-turns=1,2", "--codesteer-samples=2",
        "--codesteer-log=run.jsonl", *(f"--codesteer-method={name}" for name in methods),
    ]  # fmt: skip
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return folder


class TestRejudge:
    @pytest.fixture
    def played(self, original, tmp_path, monkeypatch):
        """A copy of that run and its task."""
        folder = tmp_path / "copy"
        shutil.copytree(original, folder, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.chdir(folder)
        return folder

    def test_with_the_same_checkers_nothing_changes(self, played, call):
        assert call("rejudge", "run.jsonl", "-o", "out.jsonl").splitlines()[:2] == [
            "out.jsonl: 24 cases",
            "0 outcomes and 0 other judgements changed",
        ]
        before, after = read_run(played / "run.jsonl"), read_run(played / "out.jsonl")
        # a lone surrogate, which a log cannot hold, is "?" in the text that is judged again
        as_logged = [replace(each, reason=each.reason.replace("\\ud800", "?")) for each in before.records]
        assert list(after.records) == as_logged
        assert {each.outcome for each in after.records} >= {"correct", "unreadable"}
        assert set(after.header) - set(before.header) == {"rejudged"}

    def test_another_checker_judges_otherwise(self, played, call):
        task = played / "task_specs" / "sum" / "task.py"
        task.write_text(task.read_text().replace("== data", "!= data"))
        out = call("rejudge", "run.jsonl", "-o", "out.jsonl")
        changed = [line for line in out.splitlines() if line.endswith("correct -> wrong")]
        right = [each for each in read_run(played / "run.jsonl").records if each.correct]
        assert len(changed) == len(right) > 0
        digests = [read_run(played / name).header["tasks"]["sum"] for name in ("run.jsonl", "out.jsonl")]
        assert digests[0] != digests[1]

    def test_a_reason_that_is_no_text_becomes_one(self, played, call):
        task = played / "task_specs" / "sum" / "task.py"
        task.write_text(task.read_text().replace("return right() if", "return wrong(5) if"))
        call("rejudge", "run.jsonl", "-o", "out.jsonl")
        reasons = {each.reason for each in read_run(played / "out.jsonl").records if each.outcome == "wrong"}
        assert reasons == {"5"}

    def test_a_case_whose_instance_is_another_one_is_refused_or_left_out(self, played, call):
        spec = played / "task_specs" / "sum" / "task.toml"
        spec.write_text(spec.read_text().replace("top = 9", "top = 1000"))
        said = call("rejudge", "run.jsonl", "-o", "out.jsonl", status=2)
        assert (
            "24 cases, such as sum[oracle-all_text-one-000], are of instances that the task does not" in said
        )
        out = call("rejudge", "run.jsonl", "-o", "out.jsonl", "--skip-changed")
        assert "out.jsonl: 0 cases\nleft out: 24 cases of other instances\n" in out

    def test_a_checker_that_crashed_is_made_good(self, pytester, monkeypatch, call):
        monkeypatch.chdir(pytester.path)
        broken = TASK.replace("return right()", "return None.x or right()")
        write_task(pytester.path / "task_specs" / "sum", task=broken)
        run(pytester, *RUN, "--codesteer-log=run.jsonl")
        (pytester.path / "task_specs" / "sum" / "task.py").unlink()
        write_task(pytester.path / "other" / "sum")
        assert {each.outcome for each in read_run(pytester.path / "run.jsonl").records} == {"error"}
        call("rejudge", "run.jsonl", "-o", "out.jsonl", "--task-dir=other")
        mended = read_run(pytester.path / "out.jsonl").records
        assert {(each.outcome, each.error, each.details) for each in mended} == {("correct", "", "")}

    def test_what_a_limit_or_an_error_ended_stays(self, played, call):
        listed = list(read_run(played / "run.jsonl").records)
        stopped = replace(listed[0], outcome="limit", reason="took longer than 9 s", final_text="")
        lost = replace(listed[1], outcome="error", error="no server", transcript=(), final_text="")
        write_log(played / "b.jsonl", [stopped, lost])
        call("rejudge", "b.jsonl", "-o", "out.jsonl")
        assert list(read_run(played / "out.jsonl").records) == [stopped, lost]


class TestShow:
    def test_a_case_is_found_by_its_name_or_a_part_that_only_it_has(self, here, call):
        path = write_log(here / "a.jsonl", a_run())
        name = "letters[gpt-4o-all_code-short-001]"
        assert call("show", path, name) == call("show", path, "letters[gpt-4o-all_code-short-001")
        assert call("show", path, name).startswith(f"{name}: ")
        assert json.loads(call("show", path, name, "--json"))["instance"] == "short-001"

    def test_the_transcript_shows_code_and_what_it_printed(self, here, call):
        path = write_log(here / "a.jsonl", [told(record(), source="print(6 * 7)", printed="42\n")])
        heads = [
            line.strip("- ") for line in call("show", path, "letters").splitlines() if line.startswith("---")
        ]
        assert heads == [
            "user", "model (0.50 s, 11 tokens in, 7 out)", "program", "output (ok, exit code 0, 0.10 s)".replace(", exit code 0", ""),
            "final text, by nothing", "correct (score 1)".replace("1)", "0)"),
        ]  # fmt: skip
        assert "  print(6 * 7)\n" in call("show", path, "letters")

    def test_nothing_reaches_the_terminal_raw(self, here, call):
        hostile = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eevil\u2066 \r--- correct\x00\ud800"
        each = told(replace(record(), reason=hostile, method="m"), hostile, source=hostile, printed=hostile)
        path = write_log(here / "a.jsonl", [])
        with open(path, "a") as file:
            file.write(json.dumps(each.to_dict()) + "\n")
        for arguments in (["show", path, "letters"], ["show", path, "letters", "--markdown"], ["report", path],
                          ["show", path, "letters", "--json"], ["export", path, "--format=csv"],
                          ["export", path, "--format=jsonl"]):  # fmt: skip
            out = call(*arguments)
            assert not set(out) & set("\x1b\x07\x9b\u202e\u2066\r\x00\ud800"), arguments
        assert "\\x1b]0;owned\\x07" in call("show", path, "letters")
        assert visible("tab\tline\n\u00e9\U0001f600") == "tab\tline\n\u00e9\U0001f600"

    def test_each_message_is_shown_once_though_every_request_repeats_the_chat(self):
        first = [said("system", "Be brief."), said("user", "What?")]
        second = [*first, said("assistant", "A"), said("tool", "42"), said("user", "Sure?")]
        guide = {"ask": [said("user", "Judge.")], "role": "guide", "reply": reply("Go on.")}
        hosted = [{"source": "1 / 0", "execution": execution("", status="error", stderr="Traceback")}]
        steps = (
            {"ask": first, "reply": reply("A")},
            guide,
            {"ask": second, "reply": reply("B", executions=hosted, finish_reason="length")},
        )
        shown = entries(replace(record(), transcript=steps))
        assert [(each.kind, each.text) for each in shown] == [
            ("said", "Be brief."), ("said", "What?"), ("reply", "A"), ("said", "Judge."), ("reply", "Go on."),
            ("seen", "42"), ("said", "Sure?"), ("program", "1 / 0"), ("output", "Traceback"), ("reply", "B"), ("verdict", ""),
        ]  # fmt: skip
        assert [shown[4].head, shown[-3].head] == [
            "guide (0.50 s, 11 tokens in, 7 out)",
            "output (error, exit code 1, 0.10 s)",
        ]
        assert shown[-2].head.endswith("7 out, length)")

    def test_a_fence_is_longer_than_any_in_the_text(self, here, call):
        path = write_log(here / "a.jsonl", [told(record(), "````python\nx\n````")])
        assert "\n`````\n````python\nx\n````\n`````\n" in call("show", path, "letters", "--markdown")


class TestExport:
    def test_a_dash_prints(self, here, call):
        path = write_log(here / "a.jsonl", a_run())
        for form in ("csv", "jsonl", "markdown"):
            assert call("export", path, f"--format={form}", "-o", "-") == call(
                "export", path, f"--format={form}"
            )
        assert os.listdir(here) == ["a.jsonl"]


class TestTasks:
    def test_all_tasks_are_listed(self, here, call):
        write_task(here / "task_specs" / "sum")
        names = [each["name"] for each in json.loads(call("tasks", "--json"))]
        assert {"game24", "letters", "sum"} <= set(names)
        assert names == sorted(names)
        assert "| game24 | two, three," in call("tasks", "--markdown")

    def test_a_task_that_cannot_be_loaded_does_not_hide_the_others(self, here, capsys):
        write_task(here / "task_specs" / "sum", toml="[task]\n")
        assert main(["tasks"]) == 0
        out, err = capsys.readouterr()
        assert "game24" in out
        assert "codesteer: task_specs/sum/task.toml: task.title: is missing (a text)\n" in err

    def test_one_task_is_shown_with_a_question_and_its_answer(self, here, call):
        write_task(here / "task_specs" / "sum")
        values = json.loads(call("tasks", "sum", "--json", "--index=2"))
        assert values["example"]["instance"] == "one-002"
        assert values["example"]["question"].startswith("What is ")
        a, b = (int(part.strip("?")) for part in values["example"]["question"].split()[2:5:2])
        assert values["example"]["answer"] == str(a + b)
        assert "  What is " in call("tasks", "sum")
        assert "> What is " in call("tasks", "sum", "--markdown")


class TestNewTask:
    def test_it_works_at_once(self, here, call):
        out = call("new-task", "my_sum")
        assert out.splitlines()[:4] == [
            "task_specs/my_sum/task.toml", "task_specs/my_sum/question.j2", "task_specs/my_sum/task.py",
            "tests/test_my_sum.py",
        ]  # fmt: skip
        options = ["--codesteer-model=oracle", "--codesteer-task=my_sum", "--codesteer-samples=2"]
        for arguments, passed in (
            (["tests/test_my_sum.py"], 4),
            ([*options, "--codesteer-gate=*: solved >= 100%"], 13),  # 12 cases and the gate
        ):
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *arguments, "-p", "no:cacheprovider"],
                cwd=here, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout
            assert f"{passed} passed" in done.stdout

    def test_its_commands_enter_the_project(self, here, call):
        (here / "p \u00fc").mkdir()
        commands = call("new-task", "my_sum", "--project=p \u00fc").split("next:\n")[1]
        assert commands.splitlines()[:2] == ["  cd 'p \u00fc'", "  pytest tests/test_my_sum.py"]
        first = "\n".join(commands.splitlines()[:2]).replace(
            "pytest", f"{sys.executable} -m pytest -p no:cacheprovider"
        )
        done = subprocess.run(first, shell=True, cwd=here, capture_output=True, text=True, check=False)
        assert "4 passed" in done.stdout

    def test_it_overwrites_nothing(self, here, call):
        call("new-task", "my_sum")
        assert call("new-task", "my_sum", status=2).startswith(
            "the task name 'my_sum' is taken by task_specs/"
        )
        (here / "tests" / "test_other.py").touch()
        assert call("new-task", "other", status=2).startswith("tests/test_other.py: is there already")
        assert not (here / "task_specs" / "other").exists()


class TestPlan:
    def test_instances_and_costs_of_shares(self, call):
        values = json.loads(call("plan", "--effect=10%", "--share=0.8", "--differ=25%", "--json"))
        assert values["alone"][0]["instances"] == instances_to_clear(0.8 - 0.1, 0.8)
        assert values["paired"][0]["instances"] == pairs_to_clear(0.175, 0.075, 0)
        assert values["alone"][0]["dollars"] is None
        priced = json.loads(call("plan", "--model=openai/gpt-4o", "--tokens=1000,1000", "--json"))
        assert priced["paired"][0]["dollars"] == 2 * priced["alone"][0]["dollars"] > 0

    def test_instances_and_costs_as_in_a_small_run(self, here, call):
        path = write_log(here / "a.jsonl", a_run())
        values = json.loads(call("plan", path, "--json"))
        assert [each["what"] for each in values["alone"]] == [
            "gpt-4o: all_text", "gpt-4o: all_code", "gpt-4o: code_text_sum",
        ]  # fmt: skip
        assert all(each["dollars"] == pytest.approx(0.0123) and each["now"] == 20 for each in values["alone"])
        assert len(values["paired"]) == 3
        assert values["paired"][0]["dollars"] == pytest.approx(0.0246)
        assert "for 95 % intervals and a power of 80 %" in call("plan", path)

    def test_what_is_not_known_is_a_question_mark(self, here, call):
        out = call("plan", write_log(here / "a.jsonl", records([1, 0, 1])))
        assert " ? " in out

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--effect=60%", "--differ=70%"], "--effect=60%: a share of 50% cannot move so far; lower it"),
            (["--effect=7%", "--share=95%", "--differ=6.5%"], "--differ=6.5%: methods that lie 7% apart"),
            (["a.jsonl", "--share=40%"], "--share: is for a plan without a RUN, which has its own"),
            (["a.jsonl", "--differ=30%"], "--differ: is for a plan without a RUN"),
            (["a.jsonl", "--model=openai/gpt-4o"], "--model: is for a plan without a RUN"),
            (["a.jsonl", "--tokens=1,1"], "--tokens: is for a plan without a RUN"),
            (["--scoring=strict"], "--scoring: says what counts as correct in a RUN; name one"),
            (["errors.jsonl"], "errors.jsonl: no case was judged, all 3 are errors; name a run"),
        ],
    )
    def test_what_cannot_be_planned_is_refused(self, here, call, arguments, said):
        write_log(here / "a.jsonl", records([1, 0, 1]))
        write_log(here / "errors.jsonl", records([0, 0, 0], outcome="error"))
        assert call("plan", *arguments, status=2).startswith(said)

    def test_a_share_too_small_to_plan_for_is_none(self, call):
        with pytest.raises(SystemExit):
            call("plan", "--effect=1e-300")

    def test_an_effect_that_cannot_be_is_a_dash(self, here, call):
        path = write_log(here / "a.jsonl", records([1, 1, 0, 1], dollars=0.1))
        [row] = [line for line in call("plan", path, "--effect=80%").splitlines() if "75%" in line]
        assert row.split()[3:6] == ["-", "-", "-"]
        assert "-: there can be no such effect" in call("plan", path, "--effect=80%")
        possible = call("plan", path, "--effect=75%")
        assert "-: there can be no such effect" not in possible

    def test_a_method_without_a_judged_case_is_left_out_and_named(self, here, call):
        failed = records([0], outcome="error", method="all_text")
        out = call("plan", write_log(here / "a.jsonl", [*records([1, 0]), *failed]))
        assert "left out, as all their cases are errors: gpt-4o: all_text" in out

    @pytest.mark.parametrize(
        ("seconds", "dollars", "shown"),
        [
            (0.0, 0.0, "0.00000 0 s"),
            (0.0005, 0.00001, "0.00032 0.016 s"),
            (1.0, 0.01, "0.32000 32 s"),
            (30.0, 1.0, "32.00 16.0 min"),
            (4500.0, 100.0, "3,200.00 40.0 h"),
        ],
    )
    def test_small_times_and_costs_show(self, here, call, seconds, dollars, shown):
        run = records([1], model_seconds=seconds, code_seconds=0.0, dollars=dollars)
        [row] = [
            line for line in call("plan", write_log(here / "a.jsonl", run)).splitlines() if "100%" in line
        ]
        assert f" 32 {shown} 1 " in " ".join(row.split())


def test_markdown_shows_marks_of_a_models_text_and_obeys_none(here, call):
    name = "<b>|*x*`[a](b)"
    path = write_log(here / "a.jsonl", [replace(record(), method=name)])
    out = call("report", path, "--markdown")
    assert "&lt;b&gt;\\|\\*x\\*\\`\\[a\\](b)" in out
    assert "<b>" not in out
