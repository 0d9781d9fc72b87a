"""The plugin from outside: a user's repository, a pytest run, what it prints and leaves behind."""

import json
import signal
import subprocess
import sys
import textwrap
import time
from importlib.util import find_spec

import pytest

from pytest_codesteer.runlog import read_run

WORKERS = pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "n2"])
SINCE_8_3 = pytest.mark.skipif(
    pytest.version_tuple < (8, 3), reason="pytest selects by a marker's arguments since 8.3"
)
WITH_LOCAL = pytest.mark.skipif(find_spec("xllamacpp") is None, reason="needs the extra: local")
TOML = '[task]\ntitle = "Sum"\nsource = "own"\nsamples = 4\n[levels]\none = { top = 9 }\n'
QUESTION = "What is {{ a }} + {{ b }}? <<<number>>>"
TASK = """
    from pytest_codesteer import right, wrong
    from pytest_codesteer.answers import number

    def generate(rng, *, top):
        return {"a": rng.randint(0, top), "b": rng.randint(0, top)}

    def solve(data):
        return data["a"] + data["b"]

    def check(data, answer):
        return right() if number(answer) == data["a"] + data["b"] else wrong("another sum")
"""
#: Answers by the index of the instance: right, wrong, unreadable, cut short, an error of the server.
MODEL = """
    import pytest
    from pytest_codesteer import Reply, Usage
    from pytest_codesteer.models import ModelError

    class Model:
        name = "fake"
        def __init__(self, case):
            self.case = case
        async def reply(self, request):
            index = self.case.index
            if index % 5 == 4:
                raise ModelError("fake: no answer from http://127.0.0.1:1/v1")
            right = self.case.task.solve(self.case.instance().data)
            text = [f"<<<{right}>>>", "<<<-1>>>", "I do not know.", "and so on"][index % 5]
            return Reply(text, Usage(10, 0, 5, 0), 0.5, "length" if index % 5 == 3 else "stop")

    @pytest.fixture
    def codesteer_model(codesteer_case):
        return Model(codesteer_case)
"""
#: Gates on the answers of `MODEL` to four cases, and whether they hold.
GATES = {
    "all_text: solved >= 25%": True,
    "all_text: solved > 25%": False,
    "all_text@sum: solved <= 0.25": True,
    "all_text: solved.low >= 75%": False,
    "all_text: solved.high >= 25%": True,
    "*: errors == 0": True,
    "*: unreadable < 20%": False,
    "all_text: completion_tokens <= 5": True,
    "all_text: tokens_per_solved <= 60": True,
    "all_text: dollars_per_solved <= 1": True,
    "all_code: solved >= 0%": False,
    "all_text@letters: solved >= 0%": False,
}
RUN = ("--codesteer-model=oracle", "--codesteer-method=all_text")
BARE = ("-p", "no:hypothesispytest")  # which takes a second to import what a run needs not


def write_task(folder, *, toml=TOML, task=TASK, question=QUESTION):
    folder.mkdir(parents=True)
    (folder / "task.toml").write_text(toml)
    (folder / "task.py").write_text(textwrap.dedent(task))
    (folder / "question.j2").write_text(question)


def run(project, *options):
    """Run pytest: in this process, which is faster, unless it is to start workers."""
    start = project.runpytest_subprocess if "-n2" in options else project.runpytest_inprocess
    return start(*options, *BARE)


def records(project):
    [log] = (project.path / ".codesteer" / "runs").glob("*.jsonl")
    return read_run(log)


class TestCollection:
    def test_there_is_an_item_for_each_case_with_a_readable_name(self, project):
        result = run(project, *RUN, "--codesteer-method=all_code", "--collect-only", "-q")
        assert result.outlines[:4] == [
            "task_specs/sum/task.toml::sum[oracle-all_text-one-000]",
            "task_specs/sum/task.toml::sum[oracle-all_code-one-000]",
            "task_specs/sum/task.toml::sum[oracle-all_text-one-001]",
            "task_specs/sum/task.toml::sum[oracle-all_code-one-001]",
        ]
        assert result.ret == 0
        assert not (project.path / ".codesteer").exists()

    def test_without_a_model_only_the_ordinary_tests_run(self, project):
        project.makepyfile("def test(): pass")
        result = run(
            project,
        )
        result.assert_outcomes(passed=1)
        assert not (project.path / ".codesteer").exists()
        result.stdout.no_fnmatch_line("*codesteer:*")

    def test_with_a_model_both_run(self, project):
        project.makepyfile("def test(): pass")
        run(project, *RUN).assert_outcomes(passed=5)

    @pytest.mark.parametrize(
        ("selection", "count"),
        [
            (["-k", "001 or 002"], 2),
            (["-k", "sum and not 001"], 3),
            (["-m", "codesteer"], 4),
            (["-m", "not codesteer"], 0),
            pytest.param(["-m", "codesteer(level='one')"], 4, marks=SINCE_8_3),
            pytest.param(["-m", "codesteer(method='all_code')"], 0, marks=SINCE_8_3),
            (["task_specs/sum/task.toml::sum[oracle-all_text-one-002]"], 1),
            (["task_specs/sum"], 4),
            (["--codesteer-samples=7"], 7),
            (["--codesteer-task=sum", "--codesteer-level=one"], 4),
            (["-n2", "-k", "sum and not 001"], 3),
            (["-n2", "-m", "not codesteer"], 0),
            (["-n2", "task_specs/sum/task.toml::sum[oracle-all_text-one-002]"], 1),
            (["-n2", "--codesteer-samples=7"], 7),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_selection_works_as_ever(self, project, selection, count):
        result = run(project, *RUN, *selection)
        result.assert_outcomes(passed=count, deselected=4 - count if selection[0] in ("-k", "-m") else 0)
        assert result.ret == (0 if count else 5)

    def test_a_project_without_tasks_runs_the_bundled_ones(self, pytester):
        result = run(pytester, *RUN, "--codesteer-samples=1", "--codesteer-task=letters")
        assert result.parseoutcomes()["passed"] >= 5
        result = run(
            pytester, *RUN, "--codesteer-suite=demo", "--collect-only", "-q", "--codesteer-samples=2"
        )
        assert {line.split("::")[1].split("[")[0] for line in result.outlines if "::" in line} == {
            "number_multiply",
            "web_of_lies",
        }

    def test_a_single_file_task_named_on_the_command_line_is_collected(self, project):
        (project.path / "capitals.toml").write_text(
            '[task]\ntitle = "C"\nsource = "own"\nquestion = "Capital of {{ c }}? <<<city>>>"\n'
            'answer = { kind = "exact" }\n[[instances]]\nc = "Peru"\nanswer = "Lima"\n'
        )
        run(project, *RUN, "capitals.toml").assert_outcomes(passed=1)

    @WORKERS
    def test_faults_of_specs_are_shown_without_tracebacks_and_stop_the_run(self, project, workers):
        specs = project.path / "task_specs"
        (specs / "bad.toml").write_text("[task]\ntitel = 3\n")
        (specs / "sum.toml").write_text((specs / "sum" / "task.toml").read_text())
        (specs / "latin.toml").write_bytes(b"\xff")
        (specs / "empty").mkdir()
        (specs / "gated").mkdir()
        write_task(specs / "looping", question="{% for i in range(10**9) %}{{ i }}{% endfor %}")
        write_task(
            specs / "ruled", toml=TOML.replace("[levels]", 'gates = ["all_text: solvd > 1%"]\n[levels]')
        )
        result = run(project, *RUN, *workers)
        assert result.ret != 0
        if not workers:
            assert result.ret == 2
        output = result.stdout.str()
        for said in (
            "bad.toml: task.titel: unknown key 'titel'; did you mean 'title'?",
            "bad.toml: task.source: is missing (a text)",
            "latin.toml: not UTF-8 (byte 0)",
            "empty: there is no task.toml in this folder",
            "looping/question.j2: loops over more than 100,000 steps",
            "ruled/task.toml: task.gates: 'all_text: solvd > 1%': unknown metric 'solvd'; did you mean 'solved'?",
        ):
            assert said in output
        assert "Traceback" not in output

    def test_where_a_task_file_has_faults_they_alone_are_told(self, project):
        (project.path / "task_specs" / "bad.toml").write_text("[task]\ntitel = 3\n")
        result = run(project, *RUN, "--codesteer-task=bad")
        result.stdout.fnmatch_lines(["*bad.toml: task.titel: unknown key*"])
        result.stdout.no_fnmatch_line("*no case was collected*")

    @WORKERS
    def test_a_folder_of_tasks_that_the_ini_file_names_must_be_there(self, project, workers):
        project.makeini("[pytest]\ncodesteer_task_dirs = task_specs nope\n")
        result = run(project, *RUN, *workers)
        assert result.ret == 4
        result.stderr.fnmatch_lines(["ERROR: codesteer_task_dirs: */nope: there is no such folder"])

    def test_a_project_without_tasks_is_told_that_it_runs_the_bundled_ones(self, pytester, project):
        said = "codesteer: the bundled tasks, as this project has none of its own"
        assert said not in run(project, *RUN, "--collect-only").outlines
        (project.path / "task_specs").rename(project.path / "other")
        assert said in run(project, *RUN, "--collect-only").outlines
        assert said not in run(project, *RUN, "--codesteer-task=letters", "--collect-only").outlines

    def test_a_gate_of_a_task_on_another_one_or_an_unknown_method_is_refused_before_anything_is_asked(
        self, project
    ):
        for gate, said in (
            ("no_method: solved > 10%", "unknown method 'no_method'"),
            ("all_text@other: solved > 10%", "unknown task 'other'; known: sum"),
        ):
            toml = TOML.replace("[levels]", f'gates = ["{gate}"]\n[levels]')
            (project.path / "task_specs" / "sum" / "task.toml").write_text(toml)
            result = run(project, *RUN)
            assert result.ret == 2
            result.stdout.fnmatch_lines([f"*task.toml: task.gates: *{said}*"])
            assert not (project.path / ".codesteer").exists()

    def test_a_task_name_taken_twice_is_named(self, project):
        write_task(project.path / "more" / "sum")
        project.makeini("[pytest]\ncodesteer_task_dirs = task_specs more\n")
        result = run(project, *RUN)
        result.stdout.fnmatch_lines(["*the task name 'sum' is taken by *"])
        assert result.ret == 2


class TestOutcomes:
    @WORKERS
    def test_only_errors_fail(self, project, workers):
        project.makeconftest(MODEL)
        result = run(project, *RUN, "--codesteer-samples=5", *workers)
        assert result.parseoutcomes() == {"passed": 1, "wrong": 1, "unreadable": 1, "limit": 1, "failed": 1}
        assert result.ret == 1
        result.stdout.fnmatch_lines(
            ["*sum?oracle-all_text-one-004?*", "fake: no answer from http://127.0.0.1:1/v1"]
        )
        assert "Traceback" not in result.stdout.str()
        log = records(project)
        assert [r.outcome for r in sorted(log.records, key=lambda r: r.instance)] == [
            "correct",
            "wrong",
            "unreadable",
            "limit",
            "error",
        ]

    def test_letters_and_words(self, project):
        project.makeconftest(MODEL)
        result = run(project, *RUN, "--codesteer-samples=5")
        result.stdout.fnmatch_lines(["task_specs/sum/task.toml .wulF*"])
        result = run(project, *RUN, "--codesteer-samples=5", "-v")
        result.stdout.fnmatch_lines(
            [
                "*one-000? PASSED*",
                "*one-001? WRONG (another sum)*",
                "*one-002? UNREADABLE (no number in*",
                "*one-003? LIMIT (the reply was cut at the token limit)*",
                "*one-004? FAILED*",
            ]
        )

    @WORKERS
    def test_a_strict_run_fails_what_is_not_correct(self, project, workers):
        project.makeconftest(MODEL)
        result = run(project, *RUN, "--codesteer-strict", *workers)
        result.assert_outcomes(passed=1, failed=3)
        result.stdout.fnmatch_lines(["wrong: another sum"])
        result = run(project, *RUN, "--codesteer-strict", "--lf", *workers)
        result.assert_outcomes(failed=3)

    def test_stopping_early_reports_what_ran(self, project):
        project.makeconftest(MODEL)
        result = run(project, *RUN, "--codesteer-samples=50", "--codesteer-strict", "-x")
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["*oracle: 2 cases*"])
        result = run(project, *RUN, "--codesteer-samples=50", "--codesteer-strict", "--maxfail=3")
        result.assert_outcomes(passed=1, failed=3)

    @WORKERS
    def test_junit_tells_what_every_case_came_to(self, project, workers):
        project.makeconftest(MODEL)
        run(project, *RUN, *workers, "--junitxml=out.xml", "--codesteer-gate=all_text: solved >= 90%")
        xml = (project.path / "out.xml").read_text()
        assert xml.count('<property name="codesteer_outcome"') == 4
        assert 'value="unreadable"' in xml
        assert "gate[all_text: solved &gt;= 90%]" in xml
        assert 'failures="1"' in xml

    @WORKERS
    @pytest.mark.parametrize(
        ("part", "change", "said"),
        [
            (
                "return right() if",
                "return 1 / 0 or right() if",
                "task.py:12: check() raised ZeroDivisionError",
            ),
            ('return data["a"]', 'return {}[3] or data["a"]', "task.py:9: solve() raised KeyError: 3"),
            (
                '{"a": rng',
                '{"n": [1][rng.randint(0, 1)], "a": rng',
                "task.py:6: generate() raised IndexError",
            ),
        ],
        ids=["check", "solve", "generate"],
    )
    def test_a_users_code_that_fails_is_an_error_of_its_case_and_the_session_goes_on(
        self, project, workers, part, change, said
    ):
        (project.path / "task_specs" / "sum" / "task.py").write_text(
            textwrap.dedent(TASK).replace(part, change)
        )
        project.makepyfile("def test(): pass")
        result = run(project, *RUN, "--codesteer-seed=3", *workers)
        output = result.stdout.str()
        assert said in output
        assert "Traceback" not in output
        assert result.parseoutcomes()["passed"] >= 1
        assert result.ret == 1

    def test_a_users_method_is_found_by_module_and_function_and_its_errors_name_it(self, project):
        project.makepyfile(
            steer="""
            from pytest_codesteer import ask, user
            def twice(question):
                yield from ask(user(question))
                return (yield from ask(user(question))).text
            def broken(question, prompts):
                yield from ask(user(question))
                raise KeyError("oh")
            """
        )
        command = [*RUN[:1], "--codesteer-samples=1", "-p", "no:cacheprovider"]
        result = run(project, *command, "--codesteer-method=steer:twice")
        result.assert_outcomes(passed=1)
        assert records(project).records[0].requests == 2
        result = run(project, *command, "--codesteer-method=steer:broken")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["steer:broken: KeyError: 'oh' (*steer.py:7)"])


class TestUsageErrors:
    @WORKERS
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (
                ["--codesteer-model=oracl"],
                "model 'oracl' needs a key: set OPENAI_API_KEY*did you mean 'oracle'*",
            ),
            (["--codesteer-model=mistrall/x"], "unknown provider 'mistrall'; did you mean 'mistral'?*"),
            pytest.param(
                ["--codesteer-model=local:nothing.gguf"], "local:nothing.gguf: there*", marks=WITH_LOCAL
            ),
            ([*RUN, "--codesteer-method=all_cod"], "unknown method 'all_cod'; did you mean 'all_code'?*"),
            ([*RUN, "--codesteer-method=nowhere:f"], "method 'nowhere:f': cannot import nowhere*"),
            (
                [*RUN, "--codesteer-method=os:getcwd"],
                "method 'os:getcwd': getcwd is not a generator function*",
            ),
            ([*RUN, "--codesteer-task=sun"], "unknown task 'sun'; did you mean 'sum'?"),
            ([*RUN, "--codesteer-suite=dmeo"], "unknown suite 'dmeo'; did you mean 'demo'?"),
            ([*RUN, "--codesteer-samples=0"], "--codesteer-samples=0: must be 1 or more"),
            ([*RUN, "--codesteer-concurrency=0"], "--codesteer-concurrency=0: must be 1 or more"),
            ([*RUN, "--codesteer-temperature=-1"], "--codesteer-temperature=-1.0: must be 0 or more"),
            ([*RUN, "--codesteer-prompts=nowhere"], "--codesteer-prompts=nowhere: there is no such folder"),
            ([*RUN, "--codesteer-prices=nowhere"], "nowhere: No such file or directory"),
            ([*RUN, "--codesteer-gate=all_text>=70%"], "'all_text>=70%' is not a gate; write METHOD*"),
            (
                [*RUN, "--codesteer-gate=all_text: solved >= 700%"],
                "*solved is a rate; write a bound of 0% to 100%",
            ),
            (
                ["--codesteer-gate=all_text: solved >= 70%"],
                "--codesteer-gate needs a model: add --codesteer-model=NAME",
            ),
            (["--codesteer-samples=3"], "--codesteer-samples needs a model: add --codesteer-model=NAME"),
        ],
        ids=lambda value: value[-1] if isinstance(value, list) else "",
    )
    def test_what_cannot_be_is_one_line_and_status_4(self, project, workers, options, said):
        result = run(project, *options, *workers)
        assert result.ret == 4
        result.stderr.fnmatch_lines([f"ERROR: {said}"])
        assert "Traceback" not in result.stderr.str() + result.stdout.str()

    @WORKERS
    def test_a_template_that_cannot_be_rendered_is_refused_before_anything_runs(self, project, workers):
        (project.path / "words").mkdir()
        (project.path / "words" / "all_text.j2").write_text("{{ questoin }}")
        result = run(project, *RUN, "--codesteer-prompts=words", *workers)
        assert result.ret == 4
        result.stderr.fnmatch_lines(
            ["ERROR: *all_text.j2: unknown variable 'questoin'; did you mean 'question'?*"]
        )
        assert not (project.path / ".codesteer").exists()

    def test_a_level_that_no_task_has_is_refused(self, project):
        result = run(project, *RUN, "--codesteer-level=tow")
        assert result.ret == 4
        result.stderr.fnmatch_lines(["ERROR: --codesteer-level: unknown level 'tow'; known: one"])
        assert run(project, *RUN, "--codesteer-level=tow", "-n2").ret == 5


class TestGates:
    @pytest.mark.parametrize(("gate", "passes"), GATES.items())
    def test_a_gate_decides_the_exit_status_and_shows_as_a_test(self, project, gate, passes):
        project.makeconftest(MODEL)
        result = run(project, *RUN, f"--codesteer-gate={gate}")
        assert result.ret == (0 if passes else 1)
        assert result.parseoutcomes() == {
            "passed": 2 if passes else 1,
            "wrong": 1,
            "unreadable": 1,
            "limit": 1,
        } | ({} if passes else {"failed": 1})
        result.stdout.fnmatch_lines([f"gate {'passed' if passes else 'FAILED'}: {gate.replace('*', '[*]')}"])

    @pytest.mark.parametrize("passes", [True, False])
    def test_gates_decide_over_workers_too(self, project, passes):
        project.makeconftest(MODEL)
        gates = [gate for gate, each in GATES.items() if each == passes]
        result = run(project, *RUN, *(f"--codesteer-gate={gate}" for gate in gates), "-n2")
        assert result.ret == (0 if passes else 1)
        word = "passed" if passes else "FAILED"
        result.stdout.fnmatch_lines([f"gate {word}: {gate.replace('*', '[*]')}" for gate in gates])

    def test_gates_come_from_the_ini_file_and_the_task_too(self, project):
        project.makeini("[pytest]\ncodesteer_gates =\n    all_text: solved >= 99%\n    *: errors == 0\n")
        toml = TOML.replace("[levels]", 'gates = ["all_text: cases >= 5"]\n[levels]')
        (project.path / "task_specs" / "sum" / "task.toml").write_text(toml)
        result = run(project, *RUN)
        result.assert_outcomes(passed=6, failed=1)
        result.stdout.fnmatch_lines(["gate FAILED: all_text: cases >= 5 (sum)"])
        assert run(project, *RUN, "-n2").ret == 1

    @WORKERS
    def test_an_unknown_price_is_red_and_shown_as_unknown(self, project, workers):
        conftest = MODEL.replace("Usage(10, 0, 5, 0)", "None")
        project.makeconftest(conftest)
        result = run(project, *RUN, "--codesteer-gate=all_text: dollars <= 1", *workers)
        assert result.ret == 1
        result.stdout.fnmatch_lines(["*dollars is not known (of 4 cases, 0 errors)", "all_text*?*"])

    def test_a_case_that_left_no_record_is_red(self, project):
        project.makeconftest(
            """
            import pytest
            @pytest.fixture(autouse=True)
            def accident(request):
                if "one-002" in request.node.name:
                    raise RuntimeError("no setup")
            """
        )
        result = run(project, *RUN, "--codesteer-gate=all_text: solved >= 10%")
        assert result.ret == 1
        result.stdout.fnmatch_lines(
            ["gate FAILED: all_text: solved >= 10%", "*1 planned cases left no record"]
        )
        assert len(records(project).records) == 3


class TestReport:
    @WORKERS
    def test_the_tables_say_what_was_solved_and_what_it_cost(self, project, workers):
        project.makeconftest(MODEL)
        result = run(project, *RUN, "--codesteer-method=all_code", *workers)
        result.stdout.fnmatch_lines(
            [
                "*= codesteer =*",
                "oracle: 8 cases",
                "method*n*solved*95 %*by code*tokens in*tokens out*US$*model s*code s*requests*errors",
                "all_text*4*25%*5-70%*0%*10*5*0.00000*0.50*0.000*1.0*0",
                "all_code*4*25%*5-70%*0%*10*5*0.00000*0.50*0.000*1.0*0",
                "task*all_text*all_code",
                "sum*25%*25%",
                "2 unreadable: no number in 'I do not know.'; 2 limit: the reply was cut at the token limit",
                "records: *.jsonl",
            ]
        )

    def test_the_tables_can_be_left_out(self, project):
        for option in ("--codesteer-no-summary", "--no-summary"):
            result = run(project, *RUN, option)
            result.stdout.no_fnmatch_line("*= codesteer =*")
            assert result.ret == 0

    @WORKERS
    def test_the_run_log_holds_header_records_and_transcripts(self, project, workers):
        project.makeconftest(MODEL)
        run(project, *RUN, "--codesteer-log=here/run.jsonl", "--codesteer-seed=5", *workers)
        log = read_run(project.path / "here" / "run.jsonl")
        assert log.header["seed"] == 5
        assert log.header["packages"]["pytest-codesteer"]
        assert set(log.header["tasks"]) == {"sum"}
        assert len(log.records) == 4
        first = min(log.records, key=lambda record: record.instance)
        assert first.transcript[0]["ask"][0]["role"] == "user"
        assert first.transcript[0]["reply"]["text"].startswith("<<<")
        assert first.question.startswith("What is")
        assert first.digest

    def test_the_folder_of_run_logs_is_not_for_git(self, project):
        run(project, *RUN)
        assert (project.path / ".codesteer" / ".gitignore").read_text() == "*\n"

    def test_model_text_of_any_kind_reaches_the_log(self, project):
        project.makeconftest(
            MODEL.replace('"I do not know."', r'"\ud800 \x00 \u2028 \x1b[31m" + "x" * 2_000_000')
        )
        for workers in ([], ["-n2"]):
            result = run(project, *RUN, f"--codesteer-log=run{len(workers)}.jsonl", *workers)
            assert result.ret == 0
            log = read_run(project.path / f"run{len(workers)}.jsonl")
            assert len(log.records) == 4
            assert max(len(record.final_text) for record in log.records) > 2_000_000
            assert "\x1b" not in result.stdout.str()

    def test_a_killed_run_leaves_a_readable_log(self, project):
        project.makeconftest(MODEL.replace("async def reply(self, request):", "async def reply(self, request):\n            import asyncio; await asyncio.sleep(0.02 if self.case.index < 30 else 60)"))  # fmt: skip
        command = [
            sys.executable,
            "-m",
            "pytest",
            *RUN,
            "--codesteer-samples=40",
            "--codesteer-log=run.jsonl",
        ]
        process = subprocess.Popen(command, cwd=project.path, stdout=subprocess.DEVNULL)
        log = project.path / "run.jsonl"
        deadline = time.monotonic() + 30
        while not log.exists() or log.read_bytes().count(b"\n") < 20:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(read_run(log).records) >= 19

    def test_ctrl_c_reports_what_ran(self, project):
        project.makeconftest(MODEL.replace("async def reply(self, request):", "async def reply(self, request):\n            import asyncio; await asyncio.sleep(0 if self.case.index < 3 else 60)"))  # fmt: skip
        command = [sys.executable, "-m", "pytest", *RUN, "--codesteer-samples=9", "--codesteer-log=run.jsonl"]
        process = subprocess.Popen(command, cwd=project.path, stdout=subprocess.PIPE, text=True)
        log = project.path / "run.jsonl"
        deadline = time.monotonic() + 30
        while not log.exists() or log.read_bytes().count(b"\n") < 4:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
        assert process.returncode == 2
        assert "oracle: 3 cases" in output


class TestModelsOnTheCommandLine:
    @WORKERS
    def test_a_served_model_is_asked_and_one_that_cannot_be_is_given_up(self, project, workers, loopback):
        from tests.loopback import completion, failure

        def respond(body):
            if body["model"] == "bad":
                return failure(404, "no such model")
            asked = body["messages"][0]["content"]
            return completion("<<<0>>>" if "0 + 0" in asked else "<<<1>>>")

        server = loopback(respond)
        result = run(
            project,
            "--codesteer-model=vllm/good",
            "--codesteer-model=vllm/bad",
            f"--codesteer-base-url={server.url}",
            "--codesteer-method=all_text",
            *workers,
        )
        assert result.ret == 1
        assert 1 <= result.parseoutcomes()["failed"] <= (2 if workers else 1)
        result.stdout.fnmatch_lines(["vllm/bad: http://127.0.0.1:*/v1 answers not found (no such model)*"])
        result.stdout.fnmatch_lines(["codesteer: * of 8 cases were not run: vllm/bad: *no such model*"])
        assert "to go on, run the same command again" in result.stdout.str()
        assert [body["model"] for body in server.requests].count("good") == 4

    @WORKERS
    def test_the_adversary_is_never_right_and_never_an_error(self, pytester, workers):
        result = run(
            pytester,
            "--codesteer-model=adversary",
            "--codesteer-samples=2",
            "--codesteer-method=only_question",
            *workers,
        )
        assert result.ret == 0
        assert set(result.parseoutcomes()) <= {"wrong", "unreadable", "limit"}


class TestWhatIsNoModel:
    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (
                ["--codesteer-model="],
                "--codesteer-model=: names no model; write one, as in --codesteer-model=gpt-4o",
            ),
            *(
                (
                    ["--codesteer-model=m", f"--codesteer-base-url={address}"],
                    f"--codesteer-base-url={address}: no address of a server; write one as in http://127.0.0.1:8000/v1",
                )
                for address in ("", "127.0.0.1:8000/v1", "ftp://host/v1", "http://")
            ),
        ],
    )
    def test_what_a_variable_that_is_not_set_leaves_is_refused(self, project, monkeypatch, options, said):
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
        result = run(project, *options)
        assert result.ret == 4
        assert [line for line in result.errlines if line] == [f"ERROR: {said}"]


class TestScale:
    def test_instances_are_made_only_when_their_case_runs(self, project):
        path = project.path / "task_specs" / "sum" / "task.py"
        path.write_text(
            textwrap.dedent(TASK).replace("    return {", "    open('made', 'a').write('x'); return {", 1)
        )
        result = run(project, *RUN, "--codesteer-samples=10000", "--collect-only", "-q")
        assert "10000 tests collected" in result.stdout.str()
        assert (project.path / "made").read_text() == "xx" * 2  # at loading, and for its level: no other

    def test_cases_run_ahead_of_the_item_that_is_waited_for(self, project):
        project.makeconftest(
            """
            import asyncio
            from pytest_codesteer import Reply
            from pytest_codesteer.models import Oracle
            most = running = 0
            class Model:
                name = "oracle"
                async def reply(self, request):
                    global most, running
                    running += 1
                    most = max(most, running)
                    await asyncio.sleep(0.05)
                    running -= 1
                    return Reply("<<<1>>>")
            Oracle.knowing = lambda self, *known: Model()
            def pytest_unconfigure():
                print("at once:", most)
            """
        )
        options = ["--codesteer-samples=40", "--codesteer-concurrency=8"]
        result = project.runpytest_subprocess(*RUN, *options)
        result.stdout.fnmatch_lines(["*at once: 12"])  # half as many more than may ask a server


def test_an_ordinary_run_neither_imports_prints_nor_writes_anything(pytester):
    pytester.makepyfile(
        """
        import sys
        def test():
            loaded = sorted(name for name in sys.modules if name.startswith("pytest_codesteer"))
            assert loaded == ["pytest_codesteer", "pytest_codesteer.plugin"]
            assert not {"openai", "jinja2", "tabulate", "asyncio.base_events", "regex"} & set(sys.modules)
        """
    )
    result = pytester.runpytest_subprocess(
        "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:anyio", "-p", "no:hypothesispytest"
    )
    assert result.ret == 0
    left = {path.name for path in pytester.path.iterdir()}
    assert left - {"stdout", "stderr", "runpytest-0", "runpytest-current"} <= {
        "__pycache__",
        "test_an_ordinary_run_neither_imports_prints_nor_writes_anything.py",
    }
    assert "codesteer:" not in result.stdout.str()


@pytest.mark.parametrize("option", [(), ("--codesteer-model=oracle",)], ids=["without", "with"])
def test_only_a_run_takes_what_is_alive_at_its_end_for_needed(project, option):
    project.makepyfile("def test(): pass")
    project.makeconftest("import atexit, gc; atexit.register(lambda: print('frozen', gc.get_freeze_count()))")
    output = project.runpytest_subprocess("-s", *option).stdout
    frozen = int(next(line.split()[1] for line in output.lines if line.startswith("frozen ")))
    assert (frozen > 0) == bool(option)


@WORKERS
def test_what_stands_in_the_run_log_is_not_kept_in_memory(project, workers):
    project.makeconftest("""
        from pytest_codesteer.plugin.items import CaseItem

        def pytest_sessionfinish(session):
            terminal = session.config.pluginmanager.get_plugin("terminalreporter")
            if terminal:
                reports = [each for kind in terminal.stats.values() for each in kind]
                lines = [each.codesteer[2] for each in reports if hasattr(each, "codesteer")]
                carried = [each.carried for each in getattr(session, "items", ()) if isinstance(each, CaseItem)]
                print("kept", len(lines), lines.count(""), len(carried) - carried.count(None))
    """)
    output = project.runpytest("-s", "--codesteer-model=oracle", *workers).stdout
    output.fnmatch_lines(["*kept 12 12 0"])


def test_records_in_json_lines_are_plain_json(project):
    run(project, *RUN)
    [log] = (project.path / ".codesteer" / "runs").glob("*.jsonl")
    for line in log.read_text("utf-8").splitlines():
        assert isinstance(json.loads(line), dict)
