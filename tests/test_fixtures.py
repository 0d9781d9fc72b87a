"""The fixtures and the marker that a user's own tests take, and override: the examples of the documentation."""

import textwrap

import pytest

from tests.test_plugin import RUN, WORKERS, run, write_task


@pytest.fixture
def project(pytester):
    write_task(pytester.path / "task_specs" / "sum")
    return pytester


SCRIPTED = """
    import pytest
    from pytest_codesteer import Reply
    from pytest_codesteer.models import Scripted

    @pytest.fixture
    def codesteer_model():
        return Scripted(lambda request: "```python\\nprint('<<<42>>>')\\n```")
"""


@WORKERS
def test_steering_puts_a_question_to_a_model_of_ones_own(pytester, workers):
    pytester.makeconftest(SCRIPTED)
    pytester.makepyfile(
        """
        import pytest

        def test_the_model_writes_a_program(steering):
            episode = steering("What is 6 * 7? Answer as <<<number>>>.", method="all_code")
            assert episode.answered_by == "code"
            assert "<<<42>>>" in episode.final_text

        @pytest.mark.codesteer(method="all_text")
        def test_the_marker_names_the_method(steering):
            assert steering("What is 6 * 7?").executions[0].status == "ok"

        def test_no_method(steering):
            with pytest.raises(pytest.UsageError, match="name a method"):
                steering("What is 6 * 7?")
        """
    )
    run(pytester, *workers).assert_outcomes(passed=3)


@WORKERS
def test_a_test_that_takes_the_model_runs_once_for_each_model(pytester, workers, loopback):
    from tests.loopback import completion

    server = loopback(lambda body: completion(f"<<<{body['model']}>>>"))
    pytester.makepyfile(
        """
        def test_says_its_name(codesteer_model, steering):
            name = codesteer_model.name.partition("/")[2]
            assert steering("Who are you?", method="only_question").final_text == f"<<<{name}>>>"
        """
    )
    options = [
        "--codesteer-model=vllm/ada",
        "--codesteer-model=vllm/bob",
        f"--codesteer-base-url={server.url}",
    ]
    result = run(
        pytester, "test_a_test_that_takes_the_model_runs_once_for_each_model.py", *options, *workers, "-v"
    )
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*test_says_its_name?vllm/ada?*"])


def test_without_a_model_such_a_test_is_skipped_and_says_why(pytester):
    pytester.makepyfile("def test(steering): pass\ndef test_box(codesteer_sandbox): pass")
    result = run(pytester, "-rs")
    result.assert_outcomes(skipped=1, passed=1)
    result.stdout.fnmatch_lines(["SKIPPED*needs a model: pytest --codesteer-model=NAME"])


def test_the_sandbox_runs_programs(pytester):
    pytester.makepyfile(
        """
        from pytest_codesteer import RunCode

        def test(codesteer_sandbox):
            execution = codesteer_sandbox.run(RunCode("print(6 * 7)"), seconds=5, memory_mb=256)
            assert (execution.status, execution.stdout) == ("ok", "42\\n")
            assert execution.isolation == codesteer_sandbox.isolation
        """
    )
    run(pytester).assert_outcomes(passed=1)


@WORKERS
def test_a_project_can_replace_the_model_of_its_cases(project, workers):
    project.makeconftest(
        """
        import pytest
        from pytest_codesteer.models import Scripted

        @pytest.fixture
        def codesteer_model(codesteer_case, codesteer_instance):
            right = codesteer_case.task.solve(codesteer_instance.data)
            return Scripted([f"<<<{right if codesteer_case.index else -1}>>>"])
        """
    )
    result = run(project, *RUN, *workers)
    assert result.parseoutcomes() == {"passed": 3, "wrong": 1}


@WORKERS
def test_a_project_can_replace_the_sandbox_and_the_steering(project, workers):
    project.makeconftest(
        """
        import pytest
        from pytest_codesteer import Execution

        class Box:
            isolation = "dream"
            def run(self, request, *, seconds, memory_mb):
                return Execution("ok", stdout="<<<-1>>>", isolation="dream")

        @pytest.fixture
        def codesteer_sandbox(request):
            return Box()
        """
    )
    result = run(project, *RUN, "--codesteer-method=all_code", *workers)
    assert result.parseoutcomes() == {"passed": 4, "wrong": 4}
    project.makeconftest(
        """
        import pytest
        from pytest_codesteer.engine import Episode

        @pytest.fixture
        def steering(codesteer_case):
            def always_right(question, *, method):
                right = codesteer_case.task.solve(codesteer_case.instance().data)
                return Episode(f"{method} says <<<{right}>>>", "finished", ())
            return always_right
        """
    )
    run(project, *RUN, *workers).assert_outcomes(passed=4)


def test_an_autouse_fixture_and_module_scope_work_in_cases_too(project):
    project.makeconftest(
        """
        import pytest

        @pytest.fixture(autouse=True, scope="module")
        def around():
            yield

        @pytest.fixture(autouse=True)
        def skip_some(request, codesteer_case):
            if codesteer_case.index == 2:
                pytest.skip("not today")
        """
    )
    run(project, *RUN).assert_outcomes(passed=3, skipped=1)


def test_case_fixtures_exist_only_in_cases(pytester):
    pytester.makepyfile("def test(codesteer_instance): pass")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["codesteer_case and *exist only in cases collected from a task"])
    result.stdout.no_fnmatch_line("*FixtureRequest*")  # nothing of ours is shown


def test_a_stand_in_answers_cases_only(project):
    project.makepyfile(
        textwrap.dedent(
            """
            def test(steering):
                steering("Why?", method="all_text")
            """
        )
    )
    result = run(project, *RUN, "-rs")
    result.assert_outcomes(passed=4, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*the model oracle answers only cases collected from a task"])


def test_the_marker_is_known(pytester):
    result = run(pytester, "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.codesteer(method=...)*"])
