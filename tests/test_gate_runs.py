"""Gates, epochs, scoring and early ends from outside: whole pytest runs, with and without workers."""

import json
import re
from dataclasses import replace

import pytest

from pytest_codesteer.runlog import Record, RunLog, read_run
from tests import test_plugin
from tests.test_plugin import MODEL, RUN, TOML, WORKERS, write_task

#: A quarter of its answers is right, and none is an error.
QUARTER = MODEL.replace("index % 5", "index % 4")
#: Says the right answer in words, and sends a program that prints a wrong one.
TWO_MINDS = """
    import pytest
    from pytest_codesteer import Reply, Usage

    class Model:
        name = "fake"
        def __init__(self, case):
            self.case = case
        async def reply(self, request):
            right = self.case.task.solve(self.case.instance().data)
            words = f"It is <<<{right}>>>." if self.case.index % 2 else "I cannot say."
            return Reply(words + "\\n```python\\nprint('<<<-1>>>')\\n```", Usage(10, 0, 5, 0), 0.5)

    @pytest.fixture
    def codesteer_model(codesteer_case):
        return Model(codesteer_case)
"""


@pytest.fixture
def project(pytester):
    """A user's repository with one task."""
    write_task(pytester.path / "task_specs" / "sum", toml=TOML.replace("top = 9", "top = 99999"))
    return pytester


def run(project, *options):
    """Run pytest without what the end of every session would otherwise import."""
    return test_plugin.run(project, "-p", "no:hypothesispytest", "-p", "no:anyio", *options)


def log_of(project):
    """Return the run that the last session left."""
    return read_run(max((project.path / ".codesteer" / "runs").glob("*.jsonl")))


def gate_lines(result):
    return [line for line in result.outlines if line.startswith("gate ")]


# What cannot be decided is red -------------------------------------------------------------------


@WORKERS
def test_gates_that_cannot_be_decided_are_red_one_by_one(project, workers):
    """Every gate here would hold, were it about anything that is known."""
    project.makeconftest(MODEL.replace("Usage(10, 0, 5, 0)", "None"))
    gates = {
        "all_code: solved >= 0%": "no such case was run",
        "all_text@letters: solved >= 0%": "no such case was run",
        "* on gpt-4o: solved >= 0%": "no such case was run",
        "*: dollars <= 1": "dollars is not known (of 4 cases, 0 errors)",
        "*: dollars_per_solved <= 1": "the dollars of 4 of 4 cases are not known; dollars_per_solved is not known",
        "*: tokens_per_solved <= 1000": "the tokens of 4 of 4 cases are not known",
        "*: pass^2 >= 0%": "pass^2 needs 2 judged epochs of each instance",
        "*: steering_accuracy >= 0%": "all_code was not run",
        "*: normalised_score >= 0%": "no other method was run",
    }
    options = [f"--codesteer-gate={gate}" for gate in gates]
    result = run(project, *RUN, *options, "--codesteer-inconclusive=pass", *workers)
    assert result.ret == 1
    assert result.parseoutcomes()["failed"] == len(gates)
    assert gate_lines(result)[-len(gates) :] == [f"gate FAILED: {gate}" for gate in gates]
    output = result.stdout.str()
    assert [said for said in gates.values() if said not in output] == []


@WORKERS
def test_a_run_of_errors_alone_is_red(project, workers):
    project.makeconftest(MODEL.replace("index % 5 == 4", "True"))
    result = run(
        project, *RUN, "--codesteer-gate=*: solved >= 0%", "--codesteer-gate=*: error_rate < 10%", *workers
    )
    assert result.ret == 1
    assert gate_lines(result)[-2:] == ["gate FAILED: *: solved >= 0%", "gate FAILED: *: error_rate < 10%"]
    result.stdout.fnmatch_lines(["*no case was judged; solved is not known (of 4 cases, 4 errors)"])


@WORKERS
def test_cases_that_somebody_skips_are_missing_also_where_the_task_is_bundled(pytester, workers):
    pytester.makeconftest(
        """
        import pytest
        def pytest_collection_modifyitems(items):
            items[0].add_marker(pytest.mark.skip)
        """
    )
    options = ["--codesteer-task=letters", "--codesteer-level=5_10", "--codesteer-samples=3"]
    result = run(pytester, *RUN, *options, "--codesteer-gate=*: solved >= 0%", *workers)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["gate FAILED: *", "*1 planned cases left no record"])


@WORKERS
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--codesteer-gate=*: solvd >= 1%"], "*unknown metric 'solvd'; did you mean 'solved'?"),
        (
            ["--codesteer-gate=all_txt: solved >= 1%"],
            "'all_txt: solved >= 1%': unknown method 'all_txt'; did you mean 'all_text'?",
        ),
        (
            ["--codesteer-gate=all_*@summ: solved >= 1%"],
            "'all_[*]@summ: solved >= 1%': unknown task 'summ'; did you mean 'sum'?",
        ),
        (["--codesteer-gate=*: solved => 1%"], "'[*]: solved => 1%' is not a gate; write METHOD*"),
        (
            ["--codesteer-max-drop=3%"],
            "--codesteer-max-drop needs another option: add --codesteer-baseline=RUN.jsonl",
        ),
        (
            ["--codesteer-baseline=run.jsonl"],
            "--codesteer-baseline needs another option: add --codesteer-max-drop=3%",
        ),
        (
            ["--codesteer-baseline=gone.jsonl", "--codesteer-max-drop=3%"],
            "--codesteer-baseline: gone.jsonl: No such file or directory; name the log of an earlier run",
        ),
        (
            ["--codesteer-baseline=run.jsonl", "--codesteer-max-drop=3"],
            "'3' is no drop of a share; write 3% or 0.03",
        ),
        (["--codesteer-baseline=text.jsonl", "--codesteer-max-drop=3%"], "text.jsonl: not a run log*"),
        (
            ["--codesteer-baseline=odd.jsonl", "--codesteer-max-drop=3%"],
            "odd.jsonl: line 2 is no record (lacks level, *",
        ),
        (["--codesteer-inconclusive=maybe"], "argument --codesteer-inconclusive: invalid choice*"),
        (["--codesteer-scoring=kind"], "argument --codesteer-scoring: invalid choice*"),
        (["--codesteer-tables=cost"], "unknown table 'cost'; did you mean 'costs'?"),
        (["--codesteer-epochs=0"], "--codesteer-epochs=0: must be 1 or more"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_is_no_gate_or_baseline_is_one_line_and_status_4(project, workers, options, said):
    RunLog(project.path / "run.jsonl", {}).close()
    (project.path / "text.jsonl").write_text("no run log\n")
    (project.path / "odd.jsonl").write_text('{"codesteer": 1}\n{"task": "sum"}\n')
    result = run(project, *RUN, *options, *workers)
    assert result.ret == 4
    assert any(
        re.search("error: ", line, re.IGNORECASE) and _fits(line.partition(": ")[2], said)
        for line in result.errlines
    ), result.errlines
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


def _fits(line, pattern):
    from fnmatch import fnmatchcase

    return any(fnmatchcase(line[at:], pattern) for at in range(len(line)))


# Inconclusive ------------------------------------------------------------------------------------


@WORKERS
@pytest.mark.parametrize(("choice", "status"), [([], 1), (["--codesteer-inconclusive=pass"], 0)])
def test_an_inconclusive_gate_fails_unless_it_may_pass(project, workers, choice, status):
    result = run(project, *RUN, "--codesteer-gate=*: solved.low >= 70%", *choice, *workers)
    assert result.ret == status
    result.stdout.fnmatch_lines(
        [
            "gate INCONCLUSIVE*: [*]: solved.low >= 70%",
            "*solved 100.0% of 4, 95 % interval 51.0% to 100.0%, about 9 instances would decide",
        ]
    )


# Baseline ----------------------------------------------------------------------------------------


@WORKERS
def test_a_run_is_held_against_a_baseline(project, workers):
    twenty = [*RUN, "--codesteer-samples=20"]
    assert run(project, *twenty, "--codesteer-no-summary", "--codesteer-log=base.jsonl").ret == 0
    baseline = ["--codesteer-baseline=base.jsonl", "--codesteer-max-drop=20%", *workers]
    same = run(project, *twenty, *baseline)
    assert same.ret == 0
    same.stdout.fnmatch_lines(
        [
            "gate passed: [*]: solved drops by 20% at most from base.jsonl",
            "*oracle, all_text: solved 100.0% then, 100.0% now, on 20 cases of both, change +0.0%*",
        ]
    )
    few = run(project, *RUN, *baseline)
    assert few.ret == 1
    few.stdout.fnmatch_lines(["gate INCONCLUSIVE: *", "*on 4 cases of both*about 16 instances would decide"])
    other = run(project, *RUN, "--codesteer-seed=9", *baseline, "--codesteer-inconclusive=pass")
    assert other.ret == 1
    other.stdout.fnmatch_lines(["gate FAILED: *", "*no case that the baseline has judged, too*"])
    project.makeconftest(QUARTER)
    worse = run(project, *twenty, *baseline)
    assert worse.ret == 1
    worse.stdout.fnmatch_lines(["gate FAILED: [*]: solved drops by 20% at most from base.jsonl"])


def test_a_baseline_is_counted_as_the_run_is(project):
    run(project, *RUN, "--codesteer-no-summary")
    log = RunLog(project.path / "base.jsonl", {})
    for record in log_of(project).records:
        log.add(replace(record, outcome="wrong", lenient=True).to_json())
    log.close()
    options = [*RUN, "--codesteer-baseline=base.jsonl", "--codesteer-max-drop=20%"]
    run(project, *options).stdout.fnmatch_lines(["*solved 0.0% then, 100.0% now*"])
    lenient = run(project, *options, "--codesteer-scoring=lenient")
    lenient.stdout.fnmatch_lines(["*solved 100.0% then, 100.0% now*"])


# CI ----------------------------------------------------------------------------------------------


@WORKERS
def test_in_ci_an_error_fails_a_gate_of_its_own(project, workers, monkeypatch):
    assert gate_lines(run(project, *RUN, *workers)) == []
    monkeypatch.setenv("CI", "true")
    result = run(project, *RUN, *workers)
    assert (result.ret, gate_lines(result)) == (0, ["gate passed: *: errors == 0"])
    project.makeconftest(MODEL)
    result = run(project, *RUN, "--codesteer-samples=5", "--codesteer-gate=*: errors == 0", *workers)
    assert result.ret == 1
    assert gate_lines(result)[-1:] == ["gate FAILED: *: errors == 0"], "once, though it was named, too"
    assert result.parseoutcomes()["failed"] == 2


def test_in_ci_a_run_without_cases_has_no_gate_of_its_own(project, monkeypatch):
    monkeypatch.setenv("CI", "1")
    project.makepyfile("def test(): pass")
    assert run(project, *RUN, "-k", "test_in", "-p", "no:cacheprovider").ret == 0
    monkeypatch.setenv("CI", "false")
    assert gate_lines(run(project, *RUN)) == []


# Epochs ------------------------------------------------------------------------------------------


@WORKERS
def test_every_case_is_repeated_and_its_repeats_are_named(project, workers):
    result = run(project, *RUN, "--codesteer-samples=2", "--codesteer-epochs=3", "--collect-only", "-q")
    assert [line.partition("::")[2] for line in result.outlines if "::" in line] == [
        "sum[oracle-all_text-one-000]",
        "sum[oracle-all_text-one-000-e2]",
        "sum[oracle-all_text-one-000-e3]",
        "sum[oracle-all_text-one-001]",
        "sum[oracle-all_text-one-001-e2]",
        "sum[oracle-all_text-one-001-e3]",
    ]
    gate = "--codesteer-gate=*: pass^3 >= 90%"
    result = run(project, *RUN, "--codesteer-samples=2", "--codesteer-epochs=3", gate, *workers)
    assert result.ret == 0
    result.assert_outcomes(passed=7)
    log = log_of(project)
    assert log.header["epochs"] == 3
    assert sorted((record.instance, record.epoch) for record in log.records) == [
        (f"one-00{index}", epoch) for index in (0, 1) for epoch in (1, 2, 3)
    ]
    result.stdout.fnmatch_lines(["all_text*6*100%*34-100%*"])  # as of two instances, not of six cases
    run(project, *RUN, "--codesteer-epochs=3", "-k", "one-001-e2", *workers).assert_outcomes(
        passed=1, deselected=0 if workers else 11
    )


# Scoring -----------------------------------------------------------------------------------------


@WORKERS
def test_both_ways_of_scoring_are_recorded_and_the_option_chooses(project, workers):
    project.makeconftest(TWO_MINDS)
    gate = "--codesteer-gate=*: solved == 50%"
    strict = run(project, *RUN, gate, "--codesteer-strict", *workers)
    strict.assert_outcomes(failed=5)
    assert strict.ret == 1
    found = {record.instance[-1]: record for record in log_of(project).records}
    lenient = run(project, *RUN, gate, "--codesteer-scoring=lenient", "-v", *workers)
    assert lenient.ret == 0
    assert lenient.parseoutcomes() == {"passed": 3, "wrong": 2}
    lenient.stdout.fnmatch_lines(["codesteer: lenient scoring"])
    again = log_of(project)
    assert again.header["scoring"] == "lenient"
    for record in again.records:
        assert record.outcome == "wrong", "the record tells both"
        assert record.lenient == (int(record.instance[-1]) % 2 == 1) == found[record.instance[-1]].lenient
    only_lenient = run(project, *RUN, "--codesteer-scoring=lenient", "--codesteer-strict", *workers)
    only_lenient.assert_outcomes(passed=2, failed=2)


# Tables ------------------------------------------------------------------------------------------


@WORKERS
def test_tables_are_chosen_on_the_command_line(project, workers):
    result = run(project, *RUN, "--codesteer-method=all_code", "--codesteer-tables=usage,steering", *workers)
    output = result.stdout.str()
    assert "code usage: cases in which a program was run" in output
    assert "steering accuracy" in output
    assert "US$" not in output
    assert "share solved, by task" not in output
    assert "no table of turns: all cases" in run(project, *RUN, "--codesteer-tables=all").stdout.str()


# Until decided -----------------------------------------------------------------------------------

PLANNED = 300
LONG = [*RUN, f"--codesteer-samples={PLANNED}", "--codesteer-until-decided", "--codesteer-concurrency=1"]


@WORKERS
def test_a_run_ends_once_its_gates_are_decided(project, workers):
    options = [*LONG, "--codesteer-gate=*: solved >= 70%", "--codesteer-gate=*: errors == 0", *workers]
    result = run(project, *options, "--junitxml=out.xml", "-rs")
    assert result.ret == 0
    counts = result.parseoutcomes()
    ran = len(log_of(project).records)
    assert counts == {"passed": ran + 2, "skipped": PLANNED - ran}
    assert 20 <= ran <= PLANNED / 2  # what workers run until word of the decision reaches them varies
    output = result.stdout.str()
    assert "gate passed: *: solved >= 70%" in output
    assert re.search(
        rf"oracle, all_text: solved 100.0% of \d+; all {PLANNED} cases would come to 7\d", output
    )
    left = PLANNED - ran
    assert f"decided after {ran} of {PLANNED} cases: {left} ({left / PLANNED:.1%}) were not run" in output
    assert f"SKIPPED [{left}]" in output, "one line for all of them"
    assert "planned cases left no record" not in output
    assert (project.path / "out.xml").read_text().count("all gates are decided") >= left


@WORKERS
def test_a_run_that_fails_its_gate_ends_early_and_is_red(project, workers):
    project.makeconftest(QUARTER)
    result = run(project, *LONG, "--codesteer-gate=*: solved >= 70%", *workers)
    assert result.ret == 1
    assert "gate FAILED: *: solved >= 70%" in result.stdout.str()
    assert result.parseoutcomes()["skipped"] > 50


def test_a_run_that_was_decided_early_is_whole_for_its_own_gates_alone_also_when_judged_twice_again(project):
    gate = "--codesteer-gate=*: solved >= 70%"
    run(project, *LONG, gate, "--codesteer-log=run.jsonl")
    first = read_run(project.path / "run.jsonl")
    left = PLANNED - len(first.records)
    assert (first.needless, first.missing) == (left, 0)
    for log, again in (("run.jsonl", "again.jsonl"), ("again.jsonl", "third.jsonl")):
        result = run(project, f"--codesteer-from={log}", gate, f"--codesteer-log={again}")
        assert result.ret == 0
        result.stdout.fnmatch_lines(
            [f"codesteer: {left} cases of that run were left out, as its gates were *"]
        )
        result = run(project, f"--codesteer-from={log}", "--codesteer-gate=*: solved >= 60%")
        assert result.ret == 1
        result.stdout.fnmatch_lines(["gate FAILED: *", f"    {left} planned cases left no record"])


def test_a_run_that_was_cut_short_before_it_was_decided_is_not_whole(project):
    gate = "--codesteer-gate=*: solved >= 70%"
    run(project, *LONG, gate, "--codesteer-log=run.jsonl")
    lines = (project.path / "run.jsonl").read_text().splitlines(keepends=True)
    (project.path / "killed.jsonl").write_text("".join(lines[:11]))
    result = run(project, "--codesteer-from=killed.jsonl", gate)
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"    {PLANNED - 10} planned cases left no record"])
    result = run(project, "--codesteer-from=killed.jsonl")
    assert result.ret == 1, "without a gate, too"
    result.stdout.fnmatch_lines([f"codesteer: {PLANNED - 10} of {PLANNED} cases of that run left no record"])


@WORKERS
def test_gates_are_decided_early_whatever_the_number_of_turns(project, workers):
    options = [*LONG, "--codesteer-turns=1,2", "--codesteer-gate=*: solved >= 70%", *workers]
    result = run(project, *options)
    assert result.ret == 0
    assert result.parseoutcomes()["skipped"] > 50
    assert "all_text (2 turns): solved 100.0%" in result.stdout.str()


@WORKERS
@pytest.mark.parametrize(
    ("gates", "said"),
    [
        ([], "not decided before the last case"),
        (
            ["*: solved >= 70%", "*: requests <= 2"],
            "not decided early: [*]: requests <= 2: requests is no share of single cases",
        ),
    ],
    ids=["none", "mean"],
)
def test_a_gate_that_needs_all_cases_gets_them(project, workers, gates, said):
    options = [option for option in LONG if "samples" not in option] + ["--codesteer-samples=40"]
    result = run(project, *options, *(f"--codesteer-gate={gate}" for gate in gates), *workers)
    assert result.ret == 0
    result.assert_outcomes(passed=40 + len(gates))
    result.stdout.fnmatch_lines([said])


def test_the_order_is_random_and_the_same_every_time(project):
    options = [*LONG, "--codesteer-method=all_code", "--collect-only", "-q"]
    first, again = (run(project, *options).outlines[:300] for _ in range(2))
    assert first == again
    assert first != sorted(first)
    places = [line.rpartition("-")[2] for line in first]
    assert places[::2] == places[1::2], "the methods of an instance stay together"
    assert run(project, *options, "--codesteer-seed=1").outlines[:300] != first


def test_an_error_keeps_a_run_going(project):
    project.makeconftest(MODEL.replace("index % 5 == 4", "index == 0").replace("index % 5", "0"))
    options = [option for option in LONG if "samples" not in option] + ["--codesteer-samples=60"]
    result = run(project, *options, "--codesteer-gate=*: solved >= 1%", "--codesteer-gate=*: solved <= 50%")
    assert "skipped" not in result.parseoutcomes() or result.parseoutcomes()["skipped"] < 60
    assert result.ret == 1


def test_a_sign_of_an_early_end_is_not_left_behind(project, monkeypatch, tmp_path):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    run(project, *LONG, "--codesteer-gate=*: solved >= 70%")
    assert not list(tmp_path.glob("codesteer-*"))


def test_records_are_told_in_the_order_of_the_plan_whatever_worker_ran_them(project):
    toml = TOML.replace("one = { top = 9 }", "one = { top = 9 }\ntwo = { top = 99 }\nsix = { top = 999 }")
    write_task(project.path / "task_specs" / "grow", toml=toml)
    result = run(project, *RUN, "--codesteer-task=grow", "--codesteer-tables=levels", "-n2")
    levels = [line.split()[1] for line in result.outlines if line.startswith("grow ")]
    assert levels == ["one", "two", "six"]


def test_a_record_is_json_with_its_epoch_turns_and_lenient_verdict(project):
    run(project, *RUN)
    line = (project.path / ".codesteer" / "runs").glob("*.jsonl").__next__().read_text().splitlines()[1]
    values = json.loads(line)
    assert (values["epoch"], values["turns"], values["lenient"], values["lenient_score"]) == (1, 1, True, 1.0)
    older = {key: value for key, value in values.items() if not key.startswith(("epoch", "turns", "lenient"))}
    assert Record.from_dict(older).epoch == 1
