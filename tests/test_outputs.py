"""What a run writes for others: the HTML report, what GitHub shows, properties in JUnit; schemas for editors."""

import json
import os
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import fields
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest

from pytest_codesteer.command import main
from pytest_codesteer.command.schemas import FOLDER
from pytest_codesteer.export.github import MOST_BYTES, annotations, job_summary
from pytest_codesteer.gate import Decision
from pytest_codesteer.page import drawing
from pytest_codesteer.plugin.places import require_places
from pytest_codesteer.prompts import bundled
from pytest_codesteer.report import Section
from pytest_codesteer.report.cells import table_of
from pytest_codesteer.runlog import Record
from pytest_codesteer.task import TaskError, find_suite, find_tasks, load_task
from pytest_codesteer.task.faults import read_toml
from tests.records import record
from tests.test_plugin import RUN, run, write_task

WITH_PLOTS = pytest.mark.skipif(find_spec("vl_convert") is None, reason="needs the extra: report")
ONE = """
[task]
title = "t"
source = "s"
question = "q"
answer = { kind = "exact", tolerance = 1 }
[[instances]]
answer = 1
"""
GATE = "--codesteer-gate=all_text: solved == 0%"


class TestReport:
    @WITH_PLOTS
    def test_a_run_writes_its_report_also_with_workers(self, project):
        result = run(project, *RUN, "-n2", "--codesteer-report=out/report.html", GATE)
        text = (project.path / "out" / "report.html").read_text("utf-8")
        assert "<strong>failed</strong> <code>all_text: solved == 0%</code>" in text
        assert "<strong>4</strong> correct" in text
        assert "report: out/report.html" in result.outlines
        assert result.ret == 1

    @WITH_PLOTS
    def test_a_report_that_cannot_be_written_makes_the_run_fail(self, project):
        project.makeconftest(
            "def pytest_runtest_logfinish():\n    import os; os.makedirs('taken', exist_ok=True)"
        )
        result = run(project, *RUN, "--codesteer-report=taken")
        assert result.ret == 1
        result.stdout.fnmatch_lines(
            ["codesteer: --codesteer-report=taken: Is a directory; name another file"]
        )

    def test_without_the_library_nothing_is_run(self, project, monkeypatch):
        monkeypatch.setattr(drawing, "find_spec", lambda name: None)
        result = run(project, *RUN, "--codesteer-report=report.html")
        assert result.ret == 4
        result.stderr.fnmatch_lines(
            [
                "*--codesteer-report: the HTML report needs a plotting library: pip install 'pytest-codesteer?report?'"
            ]
        )
        assert not (project.path / ".codesteer").exists()


class TestPlaces:
    @WITH_PLOTS
    @pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "n2"])
    @pytest.mark.parametrize(
        ("option", "fault"),
        [
            ("report=mine.html", "is there already, and is no report"),
            ("report=folder", "Is a directory"),
            ("report=mine.html/report.html", "* is no folder"),
            ("report=new.jsonl", "is the log of this run"),
            ("log=mine.html", "File exists"),
        ],
    )
    def test_a_place_where_nothing_can_be_written_is_refused_before_anything_runs(
        self, project, workers, option, fault
    ):
        (project.path / "mine.html").write_text("<html>")
        (project.path / "folder").mkdir()
        log = [] if option.startswith("log") else ["--codesteer-log=new.jsonl"]
        result = run(project, *RUN, f"--codesteer-{option}", *log, *workers)
        assert result.ret == 4
        result.stderr.fnmatch_lines([f"ERROR: --codesteer-{option}: {fault}; name another file"])
        assert not (project.path / "new.jsonl").exists()
        assert (project.path / "mine.html").read_text() == "<html>"

    @WITH_PLOTS
    def test_a_folder_that_may_not_be_written_is_refused_and_one_that_is_missing_is_made_late(
        self, tmp_path, monkeypatch
    ):
        require_places(tmp_path / "new" / "run.jsonl", tmp_path / "new" / "report.html", tmp_path)
        assert not (tmp_path / "new").exists()
        monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path)  # also of the superuser
        for option in ("log", "report"):
            path = tmp_path / "new" / option
            with pytest.raises(pytest.UsageError, match=f"{option}={path}: Permission denied; name another"):
                require_places(
                    **{"log": tmp_path.parent / "a.jsonl", "report": None, option: path}, folder=tmp_path
                )
        with pytest.raises(pytest.UsageError, match="runs: Permission denied; name a --codesteer-log"):
            require_places(None, None, tmp_path / "runs")

    def test_a_file_system_that_takes_no_file_is_refused_before_anything_is_asked(self, project):
        result = run(project, *RUN, "--codesteer-log=/proc/new/run.jsonl")
        assert result.ret == 4
        result.stderr.fnmatch_lines(["ERROR: --codesteer-log=/proc/new/run.jsonl: *; name another file"])

    @WITH_PLOTS
    def test_an_earlier_report_is_written_over(self, project):
        for _ in range(2):
            assert run(project, *RUN, "--codesteer-report=report.html").ret == 0


class TestGitHub:
    def test_a_step_gets_its_summary_behind_what_is_there(self, project, monkeypatch):
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path / "summary.md"))
        (project.path / "summary.md").write_text("before\n")
        run(project, *RUN, GATE)
        text = (project.path / "summary.md").read_text("utf-8")
        assert text.startswith("before\n## codesteer: 4 cases\n")
        assert "- :x: gate all\\_text" not in text
        assert "- :x: gate all_text: solved == 0%: failed\n  - oracle, all_text: solved 100.0% of 4" in text
        assert "| all_text | 4 | 100% |" in text

    def test_a_summary_that_cannot_be_written_makes_the_run_fail(self, project, monkeypatch):
        monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(project.path))
        result = run(project, *RUN)
        assert result.ret == 1
        result.stdout.fnmatch_lines(["codesteer: GITHUB_STEP_SUMMARY=*: Is a directory"])

    @pytest.mark.parametrize("actions", ["true", ""])
    def test_gates_that_failed_are_annotated_on_github_alone(self, project, monkeypatch, actions):
        monkeypatch.setenv("GITHUB_ACTIONS", actions)
        result = run(project, *RUN, GATE, "--codesteer-gate=all_text: solved == 100%")
        found = [line for line in result.outlines if line.startswith("::")]
        assert len(found) == (1 if actions else 0)
        if actions:
            assert found[0].startswith(
                "::error title=gate all_text%3A solved == 0%25::gate FAILED: all_text: solved == 0%25%0A"
            )

    def test_an_annotation_is_one_line_whatever_it_says(self):
        decision = Decision(
            "a\n::stop-commands::x", "failed", passed=False, reasons=("50%\r\n::add-mask::y",)
        )
        [line] = annotations([decision])
        assert "\n" not in line
        assert "\r" not in line
        assert line.startswith("::error title=gate a%0A%3A%3Astop-commands%3A%3Ax::")
        assert "50%25%0D%0A::add-mask::y" in line
        passing = Decision("a", "inconclusive", passed=True, reasons=())
        assert list(annotations([passing])) == []

    def test_a_summary_that_is_too_long_is_cut_to_its_gates(self):
        long = Section("m", {"tasks": table_of(("task",), [("x" * 1000,)] * 2000)})
        gate = Decision("*: errors == 0", "failed", passed=False, reasons=("3 errors",))
        text = job_summary([record()], [long], [gate])
        assert len(text.encode()) < MOST_BYTES
        assert "3 errors" in text
        assert "The tables are too long for this page." in text


def test_junit_has_every_figure_of_a_record(project):
    run(project, *RUN, "--junitxml=out.xml")
    case = ElementTree.parse(project.path / "out.xml").find(".//testcase")
    found = {each.get("name").removeprefix("codesteer_"): each.get("value") for each in case.iter("property")}
    texts = {"question", "final_text", "transcript", "details"}
    assert set(found) == {field.name for field in fields(Record)} - texts
    assert (found["task"], found["outcome"], found["method"], found["error"]) == (
        "sum",
        "correct",
        "all_text",
        "",
    )


@pytest.fixture(scope="module")
def schemas():
    return {
        path.name.partition(".")[0]: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")
    }


class TestSchema:
    def faults(self, schemas, kind, spec):
        return [error.message for error in jsonschema.Draft7Validator(schemas[kind]).iter_errors(spec)]

    def test_schemas_are_schemas_and_the_command_prints_them(self, schemas, capsys):
        assert set(schemas) == {"task", "file", "suite"}
        for kind, schema in schemas.items():
            jsonschema.Draft7Validator.check_schema(schema)
            assert main(["schema", kind]) == 0
            assert json.loads(capsys.readouterr().out) == schema
            assert main(["schema", kind, "--path"]) == 0
            assert json.loads(Path(capsys.readouterr().out.strip()).read_text("utf-8")) == schema

    def test_every_bundled_file_fits(self, schemas):
        tasks = find_tasks([bundled("task_specs")]).values()
        assert len(tasks) > 10
        for path in tasks:
            kind = "task" if path.name == "task.toml" else "file"
            assert self.faults(schemas, kind, read_toml(path)) == [], path
        for path in (bundled("task_specs") / "_suites").glob("*.toml"):
            assert self.faults(schemas, "suite", read_toml(path)) == [], path

    def known(self, load, path, text):
        """Return the keys that the validator knows where *text* has one that nobody knows."""
        path.write_text(text)
        with pytest.raises(TaskError) as caught:
            load(path)
        [line] = [line for line in str(caught.value).splitlines() if "qqqqqqqq" in line]
        return set(re.search(r"known: (.*)", line)[1].split(", "))

    def test_they_have_the_keys_that_the_validator_knows(self, schemas, tmp_path):
        write_task(tmp_path / "sum")
        spec = tmp_path / "sum" / "task.toml"
        base = '[task]\ntitle = "t"\nsource = "s"\n{}\n[levels]\none = {{ top = 9 }}\n'
        task = schemas["task"]["properties"]
        for extra, below, properties in (
            ("", "[qqqqqqqq]\n", task),
            ("qqqqqqqq = 1", "", task["task"]["properties"]),
            ("", "[limits]\nqqqqqqqq = 1\n", task["limits"]["properties"]),
            ("", "[data]\nqqqqqqqq = 1\n", task["data"]["properties"]),
        ):
            assert self.known(load_task, spec, base.format(extra) + below) == set(properties)
        self.single_files(schemas["file"]["properties"], tmp_path / "one.toml")
        suite = schemas["suite"]["properties"]
        named = '[suite]\ntitle = "t"\n{}[tasks]\ngame24 = []\n{}'

        def load_suite(path):
            return find_suite(str(path), [])

        assert self.known(load_suite, tmp_path / "s.toml", named.format("", "[qqqqqqqq]\n")) == set(suite)
        assert self.known(load_suite, tmp_path / "s.toml", named.format("qqqqqqqq = 1\n", "")) == set(
            suite["suite"]["properties"]
        )

    def single_files(self, file, path):
        base = '[task]\ntitle = "t"\nsource = "s"\nquestion = "q"\n{}\nanswer = {{ kind = "{}"{} }}\n[[instances]]\nanswer = "1"\n{}'
        assert self.known(load_task, path, base.format("qqqqqqqq = 1", "exact", "", "")) == set(
            file["task"]["properties"]
        )
        assert self.known(load_task, path, base.format("", "exact", "", "[qqqqqqqq]\n")) == set(file)
        kinds = {
            each["properties"]["kind"]["const"]: each["properties"]
            for each in file["task"]["properties"]["answer"]["oneOf"]
        }
        for kind, properties in kinds.items():
            assert self.known(load_task, path, base.format("", kind, ", qqqqqqqq = 1", "")) == set(
                properties
            ), kind
        assert self.known_kinds(path, base) == set(kinds)

    def known_kinds(self, path, base):
        return self.known(load_task, path, base.format("", "qqqqqqqq", "", ""))

    @pytest.mark.parametrize(
        ("kind", "text", "said"),
        [
            ("task", '[task]\ntitle = "t"\nsource = "s"\n', "is not valid under any of the given schemas"),
            ("task", '[task]\ntitle = " "\nsource = "s"\n[levels]\na = {}', "does not match"),
            ("task", '[task]\ntitle = "t"\nsource = "s"\nsamples = 0\n[levels]\na = {}', "less than the minimum"),
            ("task", '[task]\ntitle = "t"\n[levels]\na = {}', "'source' is a required property"),
            ("file", ONE, "is not valid under any of the given schemas"),
            ("suite", '[suite]\ntitle = "t"\n[tasks]\n', "should be non-empty"),
        ],
    )  # fmt: skip
    def test_what_the_validator_refuses_they_refuse(self, schemas, tmp_path, kind, text, said):
        path = tmp_path / ("task.toml" if kind == "task" else "x.toml")
        path.write_text(text)
        (tmp_path / "task.py").write_text("generate = solve = check = len")
        (tmp_path / "question.j2").write_text("q")
        with pytest.raises(TaskError):
            find_suite(str(path), []) if kind == "suite" else load_task(path)
        assert any(said in fault for fault in self.faults(schemas, kind, read_toml(path)))


def test_the_workflow_uses_options_that_exist():
    from pytest_codesteer.plugin import _OPTIONS

    text = (Path(__file__).parents[1] / "docs" / "github-actions.yml").read_text("utf-8")
    used = set(re.findall(r"--codesteer-([a-z-]+)", text))
    assert {"report", "gate", "log"} <= used <= set(_OPTIONS)
    assert "\t" not in text
