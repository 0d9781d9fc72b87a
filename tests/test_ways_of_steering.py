"""Whole runs: methods of the user's own, turns, and a guide."""

import pytest

from tests.loopback import completion
from tests.test_plugin import RUN, WORKERS, records, run, write_task

ONE = ("--codesteer-samples=1", "-p", "no:cacheprovider")


@pytest.fixture
def project(pytester):
    write_task(pytester.path / "task_specs" / "sum")
    return pytester


MINE = """
    import time
    from pytest_codesteer import All, ask, conclude, output, run_code, together, told, user

    def good(question, prompts):
        reply = yield from ask(user(prompts.render("all_code", question=question)))
        return (yield from conclude(reply))

    def both(question):
        def child(text):
            reply = yield from ask(user(text))
            return reply.text
        one, other = yield from together(child(question), child(question))
        return one

    def stateful(question):
        yield from run_code("x = 20", "mine")
        execution = yield from run_code("print(x + 1)", "mine")
        return f"<<<{execution.stdout.strip()}>>>"

    def raises(question, prompts):
        yield from ask(user(question))
        raise KeyError("oh")

    def raises_in_a_child(question, prompts):
        yield from together(raises(question, prompts), raises(question, prompts))

    def garbage(question, prompts):
        yield "hello"

    def garbage_in_a_child(question, prompts):
        yield All([3])

    def no_text(question, prompts):
        yield from ask(user(question))
        return 42

    def nothing(question, prompts):
        yield from ask(user(question))

    def asks_for_ever(question, prompts):
        while True:
            yield from ask(user(question))

    def runs_for_ever(question, prompts):
        while True:
            yield from run_code("print(1)")

    def no_template(question, prompts):
        yield from ask(user(prompts.render("mine", question=question)))
"""


class TestOwnMethods:
    @pytest.fixture(autouse=True)
    def _mine(self, project):
        project.makepyfile(mine=MINE)

    @pytest.mark.parametrize(("name", "requests"), [("good", 1), ("both", 2)])
    def test_a_good_one_works(self, project, name, requests):
        run(project, *RUN[:1], *ONE, f"--codesteer-method=mine:{name}").assert_outcomes(passed=1)
        assert records(project).records[0].requests == requests

    def test_its_session_keeps_its_state(self, project):
        run(project, *RUN[:1], *ONE, "--codesteer-method=mine:stateful")
        [record] = records(project).records
        assert record.final_text == "<<<21>>>"
        assert [step["session"] for step in record.transcript] == ["mine", "mine"]

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("raises", "mine:raises: KeyError: 'oh' (*mine.py:22)"),
            ("raises_in_a_child", "mine:raises_in_a_child: KeyError: 'oh' (*mine.py:22)"),
            ("garbage", "*mine.py:*: the method garbage yielded 'hello', which is no request"),
            (
                "garbage_in_a_child",
                "*: the method garbage_in_a_child yielded an All of 3, which is no generator",
            ),
            ("no_text", "*mine.py:*: the method no_text returned 42, not its final text"),
            ("nothing", "*mine.py:*: the method nothing returned None, not its final text"),
            ("no_template", "*prompts*mine.j2: No such file or directory"),
        ],
    )
    def test_what_it_does_wrong_is_the_error_of_its_case_and_names_it(self, project, name, said):
        result = run(project, *RUN, *ONE, f"--codesteer-method=mine:{name}")
        result.assert_outcomes(passed=1, failed=1)  # all_text beside it is not touched
        result.stdout.fnmatch_lines([said])
        assert [record.outcome for record in records(project).records].count("error") == 1

    def test_its_errors_reach_the_report_from_workers(self, project):
        result = run(project, *RUN, *ONE, "--codesteer-method=mine:raises", "-n2")
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["mine:raises: KeyError: 'oh' (*mine.py:22)"])

    @pytest.mark.parametrize("name", ["asks_for_ever", "runs_for_ever"])
    def test_one_without_end_is_ended_by_the_limit(self, project, name):
        toml = project.path / "task_specs" / "sum" / "task.toml"
        toml.write_text(toml.read_text() + "[limits]\nrequests = 7\n")
        result = run(project, *RUN[:1], *ONE, f"--codesteer-method=mine:{name}")
        result.stdout.fnmatch_lines(["*limit: asked for more than 7 requests*"])
        [record] = records(project).records
        assert (record.outcome, len(record.transcript)) == ("limit", 7)

    def test_it_is_played_in_one_turn(self, project):
        result = run(project, *RUN[:1], *ONE, "--codesteer-method=mine:good", "--codesteer-turns=2")
        result.stdout.fnmatch_lines(["codesteer: turns 2; one turn only: mine:good"])
        assert [record.turns for record in records(project).records] == [1]


class TestTurns:
    def test_each_method_of_one_call_is_played_in_each_number_of_turns_and_others_once(self, project):
        methods = ("--codesteer-method=all_text", "--codesteer-method=codesteer")
        result = run(project, *RUN[:1], *ONE, *methods, "--codesteer-turns=1,2,4", "--collect-only", "-q")
        assert result.outlines[:4] == [
            "task_specs/sum/task.toml::sum[oracle-all_text-one-000]",
            "task_specs/sum/task.toml::sum[oracle-all_text-t2-one-000]",
            "task_specs/sum/task.toml::sum[oracle-all_text-t4-one-000]",
            "task_specs/sum/task.toml::sum[oracle-codesteer-one-000]",
        ]

    def test_a_model_betters_its_answer_in_its_second_turn(self, project, loopback, monkeypatch):
        def respond(body):
            asked = body["messages"][0]["content"]
            first, second = (int(word) for word in asked.split("?")[0].split()[2::2])
            return completion(f"<<<{first + second + 1}>>>" if len(body["messages"]) == 1 else
                              f"<<<{first + second}>>> TERMINATE")  # fmt: skip

        monkeypatch.setenv("OPENAI_API_KEY", "none")
        server = loopback(respond)
        result = run(
            project, "--codesteer-model=gpt-4o", f"--codesteer-base-url={server.url}", *ONE,
            "--codesteer-method=all_text", "--codesteer-turns=1,2,4",
        )  # fmt: skip
        result.stdout.fnmatch_lines(["codesteer: turns 1, 2, 4"])
        played = sorted(records(project).records, key=lambda record: record.turns)
        assert [(each.turns, each.outcome, each.requests) for each in played] == [
            (1, "wrong", 1), (2, "correct", 2), (4, "correct", 2),
        ]  # fmt: skip
        assert records(project).header["turns"] == [1, 2, 4]

    @pytest.mark.parametrize("given", ["0", "x", "1,,2", "1;2", "-1", "1.5", "99999", "²"])
    def test_what_is_no_list_of_turns_is_one_line(self, project, given):
        result = run(project, *RUN, f"--codesteer-turns={given}")
        assert result.ret == 4
        result.stderr.fnmatch_lines([
            f"ERROR: --codesteer-turns={given}: write whole numbers of 1 or more, as in 1,2,4"
        ])  # fmt: skip


class TestGuide:
    @WORKERS
    def test_it_guides_and_its_share_of_the_cost_is_its_own(self, project, loopback, monkeypatch, workers):
        def respond(body):
            if body["model"] == "gpt-4o-mini":
                judges = "<<<Return Answer>>>" in body["messages"][-1]["content"]
                return completion("<<<Return Answer>>>" if judges else "<<<Text>>>")
            return completion("<<<1>>>")

        monkeypatch.setenv("OPENAI_API_KEY", "none")
        server = loopback(respond)
        result = run(
            project, "--codesteer-model=gpt-4o", "--codesteer-guide=gpt-4o-mini", *ONE,
            f"--codesteer-base-url={server.url}", "--codesteer-method=codesteer", *workers,
        )  # fmt: skip
        result.stdout.fnmatch_lines(["codesteer: guide gpt-4o-mini"])
        assert [body["model"] for body in server.requests] == [
            "gpt-4o-mini",
            "gpt-4o",
            "gpt-4o",
            "gpt-4o-mini",
        ]
        [record] = records(project).records
        # 11 tokens in, 3 of them cached, 7 out, for each of two calls of each
        task, guide = 8 * 2.50 + 3 * 1.25 + 7 * 10.00, 8 * 0.15 + 3 * 0.075 + 7 * 0.60
        assert record.dollars == pytest.approx(2 * (task + guide) / 1e6)
        assert [step["ask"][0]["content"][:4] for step in record.transcript] == ["What"] * 4
        assert [step.get("role") for step in record.transcript] == ["guide", None, None, "guide"]
        assert records(project).header["guide"] == "gpt-4o-mini"

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--codesteer-guide=oracle"], "--codesteer-guide=oracle: name a model; oracle only plays one"),
            (["--codesteer-guide=gpt-4o"], "model 'gpt-4o' needs a key: set OPENAI_API_KEY*"),
            (["--codesteer-guide=mistrall/x"], "unknown provider 'mistrall'; did you mean 'mistral'?*"),
        ],
    )
    def test_one_that_cannot_be_is_one_line(self, project, options, said):
        result = run(project, *RUN, *options)
        assert result.ret == 4
        result.stderr.fnmatch_lines([f"ERROR: {said}"])

    def test_one_without_a_model_to_guide_is_one_line(self, project):
        result = run(project, "--codesteer-guide=gpt-4o")
        result.stderr.fnmatch_lines(["ERROR: --codesteer-guide needs a model: add --codesteer-model=NAME"])


def test_the_oracle_solves_everything_by_every_method(project):
    result = run(project, *RUN[:1], *ONE, "--codesteer-method=all", "--codesteer-turns=1,2")
    result.assert_outcomes(passed=22)
    assert {record.outcome for record in records(project).records} == {"correct"}


def test_the_log_keeps_calls_results_and_hosted_runs(project):
    project.makeconftest(
        """
        import pytest
        from pytest_codesteer import Execution, Reply, ToolCall
        from pytest_codesteer.conversation import HostedRun

        class Model:
            name = "fake"
            async def reply(self, request):
                if len(request.messages) == 1:
                    return Reply("\\ud800", tool_calls=(ToolCall("c1", "python", '{"code": "print(1)"}'),))
                return Reply("<<<1>>>", executions=(HostedRun("print(\\ud800)", Execution("ok", "1")),), containers=1)

        @pytest.fixture
        def codesteer_model():
            return Model()
        """
    )
    run(project, *RUN[:1], *ONE, "--codesteer-method=code_interpreter")
    [record] = records(project).records
    first, program, second = record.transcript
    assert first["tools"] == ["python"]
    assert first["reply"]["tool_calls"] == [
        {"id": "c1", "name": "python", "arguments": '{"code": "print(1)"}'}
    ]
    assert program["run_code"] == "print(1)"
    assert second["ask"][1]["calls"] == first["reply"]["tool_calls"]
    assert second["ask"][2]["call_id"] == "c1"
    [hosted] = second["reply"]["executions"]
    assert (hosted["source"], hosted["execution"]["stdout"]) == ("print(?)", "1")
    assert (record.programs, record.answered_by) == (2, "code")
