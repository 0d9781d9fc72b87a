"""Steering methods: what holds for every one of them, and each as a dialogue."""

import ast
import inspect
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pytest_codesteer import Ask, Execution, Prompts, Reply, RunCode, ToolCall, user
from pytest_codesteer.conversation import Limits, assistant, output, system
from pytest_codesteer.feedback import MOST_CHARS, told
from pytest_codesteer.methods import REFINABLE, MethodError, find_method, in_turns, method_names
from pytest_codesteer.methods.code_interpreter import CALLS, ROUNDS
from pytest_codesteer.methods.codesteer import TURNS, directive
from pytest_codesteer.prompts import bundled, template_from
from tests.dialogue import PROMPTS, block, counted, counts, drive, play, printed

QUESTION = "What is 6 * 7? Answer as <<<number>>>."
METHODS = method_names()
EACH = pytest.mark.parametrize("name", METHODS)
TEMPLATES = sorted(path.stem for path in bundled("prompts").glob("*.j2"))

CALL = ToolCall("c1", "python", '{"code": "print(42)"}')
#: What a model may do all the time.
HABITS = {
    "rambles": Reply("Let me think about this. " * 20),
    "sends code": Reply(block("print('<<<42>>>')")),
    "says nothing": Reply(""),
    "says blanks": Reply(" \n"),
    "calls tools": Reply("", tool_calls=(CALL,)),
    "calls many tools": Reply("", tool_calls=tuple(ToolCall(f"c{n}", "python", "{") for n in range(50))),
    "calls what is not there": Reply("", tool_calls=(ToolCall("c1", "browser", "{}"),)),
    "guides to code": Reply("<<<Code>>>"),
    "guides to text": Reply("<<<Text>>>"),
    "returns at once": Reply("<<<Return Answer>>>"),
    "gives up": Reply("<<<Terminate>>>"),
    "marks nothing": Reply("<<<>>>"),
    "opens a fence": Reply("```python\nprint(1"),
    "says surrogates": Reply("\ud800<<<\ud800>>>" + block("print('\ud800')")),
    "terminates": Reply("TERMINATE"),
}
OUTCOMES = {
    "prints": printed("<<<42>>>\n"),
    "prints nothing": Execution("ok"),
    "crashes": Execution("error", stderr="Traceback: boom", exit_code=1),
    "never ends": Execution("timeout", stdout="so far", exit_code=None),
    "floods": Execution("output_limit", stdout="x" * 1_000_000),
}


class Recorder:
    """Prompts that note what is asked of them."""

    def __init__(self):
        self.asked = {}

    def render(self, name, /, **values):
        self.asked.setdefault(name, set()).add(frozenset(values))
        return PROMPTS.render(name, **values)


def every_habit(name, prompts=PROMPTS):
    """Yield what a method does with each model and each sandbox that a habit describes."""
    for habit, reply in HABITS.items():
        for fate, execution in OUTCOMES.items():
            log = []
            steps = find_method(name)(QUESTION, prompts)
            text = drive(steps, lambda _, it=reply: it, lambda _, it=execution: it, log)
            yield f"{habit}, {fate}", log, text


class TestEveryMethod:
    def test_the_papers_ten_and_the_followups_six_are_there(self):
        assert set(METHODS) == {
            "only_question", "all_text", "all_code", "all_code_cot", "autogen_concat", "autogen_system",
            "code_interpreter", "code_interpreter_plus", "code_text_sum", "self_estimate_score",
            "codesteer", "symbolic_agent", "code_text_choice", "few_shot", "code_first_rule",
            "code_first_agent",
        }  # fmt: skip

    @EACH
    def test_it_is_found_by_name_and_is_a_generator_with_its_source_named(self, name):
        method = find_method(name)
        assert inspect.isgeneratorfunction(method)
        assert list(inspect.signature(method).parameters) == ["question", "prompts"]
        assert "arXiv:" in import_module(method.__module__).__doc__

    @EACH
    def test_it_comes_to_an_end_within_the_limit_whatever_the_model_does(self, name):
        for case, log, text in every_habit(name):
            assert isinstance(text, str), case
            assert 1 <= len(log) <= Limits().requests, case

    @EACH
    def test_its_first_prompt_holds_the_question(self, name):
        for case, log, _ in every_habit(name):
            first = next(request for request in log if isinstance(request, Ask))
            assert any(QUESTION in message.content for message in first.messages), case

    @EACH
    def test_it_asks_the_same_again_when_it_is_told_the_same_again(self, name):
        assert list(every_habit(name)) == list(every_habit(name))

    @EACH
    def test_every_call_is_answered_once_and_before_anything_else_is_said(self, name):
        for case, log, _ in every_habit(name):
            for request in log:
                open_calls = []
                for message in getattr(request, "messages", ()):
                    if message.role == "tool" and message.call_id:
                        assert message.call_id == open_calls.pop(0), case
                    else:
                        assert not open_calls, case
                    open_calls += [call.id for call in message.calls]
                assert not open_calls, case

    @EACH
    def test_it_does_no_io_of_its_own(self, name, monkeypatch):
        list(every_habit(name))  # templates are read once and kept

        def refuse(*arguments, **keywords):
            raise AssertionError(f"I/O: {arguments}")

        with monkeypatch.context() as patch:
            patch.setattr("builtins.open", refuse)
            patch.setattr("os.open", refuse)
            patch.setattr(Path, "read_text", refuse)
            patch.setattr(socket, "socket", refuse)
            patch.setattr(subprocess, "Popen", refuse)
            patch.setattr("time.sleep", refuse)
            assert list(every_habit(name))

    @EACH
    def test_closing_it_in_the_middle_is_quiet(self, name):
        steps = find_method(name)(QUESTION, PROMPTS)
        next(steps)
        steps.close()

    @EACH
    def test_the_methods_of_one_call_are_the_ones_that_are_refined(self, name):
        steps = find_method(name)(QUESTION, PROMPTS)
        asks = []
        drive(steps, lambda _: Reply("<<<42>>>"), lambda _: printed("1"), asks)
        single = name in ("self_estimate_score", "few_shot", "code_interpreter", "code_interpreter_plus")
        assert (name in REFINABLE) == (len(asks) == 1 and not single)


@pytest.fixture(scope="module")
def asked():
    """Return the names of all templates that methods render, with the names of the values they are given."""
    recorder = Recorder()
    for name in METHODS:
        list(every_habit(name, recorder))
        if name in REFINABLE:
            for reply in HABITS.values():
                steps = in_turns(find_method(name), 3)(QUESTION, recorder)
                drive(steps, lambda _, reply=reply: reply, lambda _: OUTCOMES["crashes"], [])
    return recorder.asked


class TestTemplates:
    @pytest.mark.parametrize("name", TEMPLATES)
    def test_each_is_used_and_needs_exactly_the_names_that_it_is_given(self, asked, name):
        if name.startswith("python_tool"):
            given = {"python_tool": set(), "python_tool_in_words": {"content"}}[
                name
            ]  # by models, not methods
        else:
            assert name in asked
            [given] = asked[name]
        needed = template_from(bundled("prompts") / f"{name}.j2").names
        assert needed <= given
        assert given - needed <= (
            {"question"} if name.endswith("_review") else set()
        )  # one of three shows it

    def test_none_is_missing(self, asked):
        assert sorted(asked) == [name for name in TEMPLATES if not name.startswith("python_tool")]

    def test_a_user_can_replace_any_of_them(self, tmp_path):
        (tmp_path / "all_text.j2").write_text("Think: {{ question }}")
        prompts = Prompts((tmp_path,))
        requests, _ = play(find_method("all_text")("Q", prompts), Reply("A"))
        assert requests[0].messages == (user("Think: Q"),)
        requests, _ = play(find_method("few_shot")("Q", prompts), Reply("A"))
        assert requests[0].messages == (user(PROMPTS.render("few_shot", question="Q")),)

    def test_no_prompt_begins_or_ends_with_blanks(self):
        for name in METHODS:
            for case, log, _ in every_habit(name):
                for request in log:
                    for message in getattr(request, "messages", ()):
                        if message.role in ("system", "user", "tool"):
                            assert message.content == message.content.strip(), (name, case)


ONE_CALL = {
    "only_question": (user(QUESTION),),
    "all_text": (user(PROMPTS.render("all_text", question=QUESTION)),),
    "all_code": (user(PROMPTS.render("all_code", question=QUESTION)),),
    "all_code_cot": (user(PROMPTS.render("all_code_cot", question=QUESTION)),),
    "autogen_concat": (user(f"{QUESTION}\n\n{PROMPTS.render('autogen_system')}"),),
    "autogen_system": (system(PROMPTS.render("autogen_system")), user(QUESTION)),
    "self_estimate_score": (user(PROMPTS.render("self_estimate_score", question=QUESTION)),),
    "few_shot": (user(PROMPTS.render("few_shot", question=QUESTION)),),
}


@pytest.mark.parametrize("name", ONE_CALL)
class TestMethodsOfOneCall:
    def test_words_are_the_answer(self, name):
        requests, text = play(find_method(name)(QUESTION, PROMPTS), Reply("It is <<<42>>>."))
        assert requests == [Ask(ONE_CALL[name])]
        assert text == "It is <<<42>>>."

    def test_what_a_program_prints_is_the_answer(self, name):
        reply = Reply(block("print('<<<42>>>')"))
        requests, text = play(find_method(name)(QUESTION, PROMPTS), reply, printed("<<<42>>>\n"))
        assert requests[1] == RunCode("print('<<<42>>>')\n")
        assert text == "<<<42>>>\n"

    @pytest.mark.parametrize("fate", ["prints nothing", "crashes", "never ends"])
    def test_the_words_around_a_program_that_fails_are_the_answer(self, name, fate):
        reply = Reply(f"It is <<<41>>>.\n{block('print(0)')}")
        _, text = play(find_method(name)(QUESTION, PROMPTS), reply, OUTCOMES[fate])
        assert "<<<41>>>" in text
        assert "print" not in text


class TestCodeInterpreter:
    def test_a_call_is_performed_in_a_session_and_its_output_shown(self):
        steps = find_method("code_interpreter")(QUESTION, PROMPTS)
        requests, text = play(
            steps, Reply("I compute.", tool_calls=(CALL,)), printed("42\n"), Reply("<<<42>>>")
        )
        assert requests[0] == Ask((user(QUESTION),), ("python",))
        assert requests[1] == RunCode("print(42)", session="python")
        assert requests[2] == Ask(
            (
                user(QUESTION),
                assistant("I compute.", (CALL,)),
                output("The program printed:\n42", "c1"),
            ),
            ("python",),
        )
        assert text == "<<<42>>>"

    def test_several_calls_of_one_reply_are_performed_in_order(self):
        second = ToolCall("c2", "python", '{"code": "print(43)"}')
        requests, text = play(
            find_method("code_interpreter")(QUESTION, PROMPTS),
            Reply("", tool_calls=(CALL, second)), printed("42"), printed("43"), Reply("<<<43>>>"),
        )  # fmt: skip
        assert [request.source for request in requests[1:3]] == ["print(42)", "print(43)"]
        assert [message.call_id for message in requests[3].messages[2:]] == ["c1", "c2"]
        assert text == "<<<43>>>"

    @pytest.mark.parametrize(
        ("call", "said"),
        [
            (ToolCall("c1", "browser", "{}"), "There is no tool 'browser'; the only one is 'python'."),
            (ToolCall("c1", "python", '{"code": "print('), "Nothing was run: the arguments are not JSON"),
            (ToolCall("c1", "python", '{"a": 1, "b": 2}'), "Nothing was run: the arguments are not JSON"),
            (ToolCall("c1", "x" * 10_000, "{}"), "There is no tool 'xxx"),
        ],
    )
    def test_a_call_that_cannot_be_performed_is_told_why(self, call, said):
        requests, text = play(
            find_method("code_interpreter")(QUESTION, PROMPTS),
            Reply("", tool_calls=(call,)),
            Reply("<<<1>>>"),
        )
        assert requests[1].messages[-1].content.startswith(said)
        assert len(requests[1].messages[-1].content) < 200
        assert text == "<<<1>>>"

    def test_a_bare_program_as_arguments_is_run(self):
        call = ToolCall("c1", "python", "print(6*7)")
        steps = find_method("code_interpreter")(QUESTION, PROMPTS)
        requests, _ = play(steps, Reply("", tool_calls=(call,)), printed("42"), Reply("<<<42>>>"))
        assert requests[1].source == "print(6*7)"

    def test_the_providers_interpreter_needs_no_rounds(self):
        requests, text = play(find_method("code_interpreter")(QUESTION, PROMPTS), Reply("It is <<<42>>>."))
        assert len(requests) == 1
        assert text == "It is <<<42>>>."

    def test_endless_calls_end_in_a_request_for_the_answer(self):
        log = []
        calls = tuple(ToolCall(f"c{n}", "python", "print(1)") for n in range(CALLS + 3))
        text = drive(
            find_method("code_interpreter")(QUESTION, PROMPTS),
            lambda ask: Reply("", tool_calls=calls) if ask.tools else Reply("<<<1>>>"),
            lambda _: printed("1"),
            log,
        )
        asks = [request for request in log if isinstance(request, Ask)]
        assert [bool(ask.tools) for ask in asks] == [True] * ROUNDS + [False]
        assert len(log) - len(asks) == ROUNDS * CALLS
        told_last = asks[-1].messages[-1].content
        assert told_last == PROMPTS.render("code_interpreter_last", result="The program printed:\n1")
        assert text == "<<<1>>>"

    def test_a_program_in_the_last_reply_is_run_in_the_same_session(self):
        steps = find_method("code_interpreter")(QUESTION, PROMPTS)
        requests, text = play(
            steps, Reply("", tool_calls=(CALL,)), printed("42"), Reply(block("print(x)")), printed("<<<42>>>")
        )
        assert requests[-1] == RunCode("print(x)\n", session="python")
        assert text == "<<<42>>>"

    def test_plus_asks_for_it_to_be_used(self):
        requests, _ = play(find_method("code_interpreter_plus")(QUESTION, PROMPTS), Reply("<<<42>>>"))
        prompt = PROMPTS.render("code_interpreter_plus", question=QUESTION)
        assert requests == [Ask((user(prompt),), ("python",))]


class TestCodeTextSum:
    def test_both_agents_are_asked_at_once_and_the_third_sees_both(self):
        steps = find_method("code_text_sum")(QUESTION, PROMPTS)
        code = block("print('<<<42>>>')")
        requests, text = play(
            steps, [[Reply("I say <<<41>>>.")], [Reply(code), printed("<<<42>>>\n")]], Reply("<<<42>>>")
        )
        assert requests[0] == [
            [Ask(ONE_CALL["all_text"])],
            [Ask(ONE_CALL["all_code"]), RunCode("print('<<<42>>>')\n")],
        ]
        shown = requests[1].messages[0].content
        assert shown.index(QUESTION) < shown.index("I say <<<41>>>.") < shown.index("print('<<<42>>>')")
        assert "The program printed:\n<<<42>>>" in shown
        assert text == "<<<42>>>"

    def test_the_third_may_answer_by_a_program(self):
        steps = find_method("code_text_sum")(QUESTION, PROMPTS)
        agents = [[Reply("a")], [Reply("b")]]
        _, text = play(steps, agents, Reply(block("print(1)")), printed("<<<1>>>"))
        assert text == "<<<1>>>"

    def test_without_programs_no_results_are_shown(self):
        steps = find_method("code_text_sum")(QUESTION, PROMPTS)
        requests, _ = play(steps, [[Reply("a")], [Reply("b")]], Reply("c"))
        assert "program in its reply was run" not in requests[1].messages[0].content


class TestCodeTextChoice:
    @pytest.mark.parametrize(
        ("choice", "way"),
        [
            ("<<<Text>>>", "all_text"),
            ("It computes, so: <<<Code>>>", "all_code"),
            ("<<< text. >>>", "all_text"),
            ("", "all_code"),
            ("text", "all_code"),
        ],
    )
    def test_the_guide_chooses_and_code_is_what_cannot_be_read(self, choice, way):
        steps = find_method("code_text_choice")(QUESTION, PROMPTS)
        requests, text = play(steps, Reply(choice), Reply("<<<42>>>"))
        assert requests[0].role == "guide"
        assert requests[1] == Ask(ONE_CALL[way])
        assert text == "<<<42>>>"


class TestCodeFirstRule:
    def test_the_first_program_that_prints_something_answers(self):
        steps = find_method("code_first_rule")(QUESTION, PROMPTS)
        requests, text = play(steps, Reply(block("print(1)")), printed("<<<42>>>"))
        assert requests[0] == Ask(ONE_CALL["all_code"])
        assert text == "<<<42>>>"

    def test_three_programs_are_tried_and_then_words(self):
        steps = find_method("code_first_rule")(QUESTION, PROMPTS)
        crash = OUTCOMES["crashes"]
        requests, text = play(
            steps,
            Reply(block("1")), crash, Reply("no program"), Reply(block("3")), crash, Reply("It is <<<42>>>."),
        )  # fmt: skip
        prompts = [request.messages[-1] for request in requests if isinstance(request, Ask)]
        assert prompts[1] == output(
            PROMPTS.render("code_first_again", result=told(crash, PROMPTS), tried=1, last=False)
        )
        assert prompts[2].role == "user"
        assert prompts[2].content.startswith("Your reply holds no program.")
        assert "search through all possibilities" in prompts[2].content
        assert prompts[3].content.startswith("The program printed nothing.")
        assert "Reason in words" in prompts[3].content
        assert text == "It is <<<42>>>."


class TestCodeSteer:
    def test_code_then_advice_then_the_answer_is_returned(self):
        one, two, check = block("print(41)"), block("for i in 1, 2: print(42)"), block("print('Correct')")
        requests, text = play(
            find_method("codesteer")(QUESTION, PROMPTS),
            Reply("<<<Code>>>"),
            Reply(one), printed("41\n"), counted(), Reply(check), printed("41 is not 6 * 7\n"),
            Reply("<<<Use a loop.>>>"),
            Reply(two), printed("<<<42>>>\n"), counted(loops=1, tries=1), Reply(check), printed("Correct\n"),
            Reply("<<<Return Answer>>>"),
        )  # fmt: skip
        guide = [request for request in requests if getattr(request, "role", "") == "guide"]
        assert [len(ask.messages) for ask in guide] == [1, 3, 5]
        assert guide[0].messages[0].content == PROMPTS.render("codesteer_first", question=QUESTION)
        assert guide[2].messages[:4] == (*guide[1].messages, assistant("<<<Use a loop.>>>"))
        first, second = guide[1].messages[-1].content, guide[2].messages[-1].content
        assert "The program printed:\n41" in first
        assert "41 is not 6 * 7" in first
        assert "too simple" in first
        assert "Complexity score: 0.0" in first
        assert "too simple" not in second
        assert "Complexity score: 2.0" in second
        assert requests[1] == Ask(ONE_CALL["all_code_cot"])
        assert requests[7].messages == (*ONE_CALL["all_code_cot"], assistant(one), user("Use a loop."))
        assert counts(requests[3], "print(41)\n")
        assert requests[4].messages[0].content == PROMPTS.render(
            "codesteer_check", question=QUESTION, answer="41"
        )
        assert text == "<<<42>>>\n"

    def test_an_answer_in_words_is_checked_but_has_no_complexity(self):
        requests, text = play(
            find_method("codesteer")(QUESTION, PROMPTS),
            Reply("<<<Text>>>"), Reply("It is <<<42>>>."), Reply("I cannot."), Reply("<<<Terminate>>>"),
        )  # fmt: skip
        report = requests[-1].messages[-1].content
        assert "It wrote none." in report
        assert "Complexity" not in report
        assert requests[1] == Ask(ONE_CALL["all_text"])
        assert text == "It is <<<42>>>."

    def test_after_the_last_turn_the_last_answer_counts_and_nobody_judges(self):
        log, answers = [], iter(range(100))
        text = drive(
            find_method("codesteer")(QUESTION, PROMPTS),
            lambda ask: Reply("<<<Text>>>" if ask.role == "guide" else f"<<<{next(answers)}>>>"),
            lambda _: printed("Correct"),
            log,
        )
        guide = [request for request in log if request.role == "guide"]
        assert len(guide) == TURNS
        assert log[-1].role == "task"
        assert text == f"<<<{2 * TURNS - 2}>>>"  # every answer but the last was checked

    @pytest.mark.parametrize("guidance", ["", "  ", "<<<Return Answer>>>", "<<<terminate>>>"])
    def test_a_guide_without_a_first_word_leaves_the_question_as_it_is(self, guidance):
        steps = find_method("codesteer")(QUESTION, PROMPTS)
        next(steps)
        assert steps.send(Reply(guidance)) == Ask((user(QUESTION),))

    def test_a_guide_that_marks_nothing_is_taken_at_its_word(self):
        steps = find_method("codesteer")(QUESTION, PROMPTS)
        next(steps)
        assert steps.send(Reply("Count twice.")) == Ask((user(f"{QUESTION}\n\nCount twice."),))

    def test_words_that_end_the_loop_do_so_only_between_marks(self):
        """The reference stops at these words anywhere, also in "do not return answer yet"."""
        assert directive("Do not Return Answer yet: <<<Code>>>") == "code"
        assert directive("Return Answer") == ""
        assert directive("<<<Text>>> or rather <<< RETURN ANSWER. >>>") == "return answer"

    def test_the_final_text_is_shown_to_the_checker_and_a_long_one_cut(self):
        steps = find_method("codesteer")(QUESTION, PROMPTS)
        requests, _ = play(
            steps,
            Reply("<<<Code>>>"), Reply(block("flood")), printed("x" * 500_000), counted(), Reply("no"),
            Reply("<<<Return Answer>>>"),
        )  # fmt: skip
        assert len(requests[4].messages[0].content) < 2 * MOST_CHARS
        assert "characters left out" in requests[5].messages[-1].content

    def test_what_is_not_python_is_said_to_be_none(self):
        steps = find_method("codesteer")(QUESTION, PROMPTS)
        requests, _ = play(
            steps,
            Reply("<<<Code>>>"), Reply(block("1 +")), OUTCOMES["crashes"], OUTCOMES["crashes"],
            Reply("no"), Reply("<<<Terminate>>>"),
        )  # fmt: skip
        assert "not valid Python" in requests[-1].messages[-1].content

    def test_the_symbolic_agent_sees_question_and_hints_in_every_round(self):
        steps = find_method("symbolic_agent")(QUESTION, PROMPTS)
        requests, _ = play(
            steps, Reply("<<<Text>>>"), Reply("<<<41>>>"), Reply("no"), Reply("<<<Return Answer>>>")
        )
        assert requests[0].messages[0].content == PROMPTS.render("symbolic_agent_first", question=QUESTION)
        assert QUESTION in requests[-1].messages[-1].content
        assert "<<<Terminate>>>" in requests[-1].messages[-1].content

    def test_the_code_first_agent_begins_with_code_unasked(self):
        steps = find_method("code_first_agent")(QUESTION, PROMPTS)
        requests, text = play(steps, Reply("<<<42>>>"), Reply("no"), Reply("<<<Return Answer>>>"))
        assert requests[0] == Ask(ONE_CALL["all_code_cot"])
        assert [message.role for message in requests[2].messages] == ["user", "assistant", "user"]
        assert requests[2].messages[1].content == "<<<Code>>>"
        assert text == "<<<42>>>"


class TestWhatAModelIsTold:
    @pytest.mark.parametrize(
        ("execution", "text"),
        [
            (printed("42\n"), "The program printed:\n42"),
            (Execution("ok"), "The program printed nothing."),
            (
                Execution("error", "4", 'File "/tmp/codesteer-x1/program.py", line 1\nNameError: x'),
                'The program printed:\n4\nIt ended with an error.\nErrors:\nFile "program.py", line 1\nNameError: x',
            ),
            (Execution("timeout"), "The program printed nothing.\nIt was stopped because its time was over."),
            (Execution("memory"), "The program printed nothing.\nIt was stopped because it used too much memory."),
            (Execution("output_limit", "1"), "The program printed:\n1\nIt was stopped because it printed too much."),
            (Execution("killed"), "The program printed nothing.\nIt crashed."),
        ],
    )  # fmt: skip
    def test_of_a_program(self, execution, text):
        assert told(execution, PROMPTS) == text

    def test_of_a_flood_beginning_and_end(self):
        text = told(printed("a" * 300_000 + "z"), PROMPTS)
        assert len(text) < MOST_CHARS + 100
        assert text.endswith("z")
        assert "[296,001 characters left out]" in text


class TestOwnMethods:
    @pytest.fixture(autouse=True)
    def _module(self, tmp_path, monkeypatch):
        (tmp_path / "mine.py").write_text(
            "from pytest_codesteer import ask, user\n"
            "def one(question):\n    return (yield from ask(user(question))).text\n"
            "def two(question, prompts):\n    return (yield from ask(user(question))).text\n"
            "def three(question, prompts, more):\n    yield\n"
            "def plain(question):\n    return 'x'\n"
            "value = 3\n"
        )
        (tmp_path / "broken.py").write_text("import nothing_of_this_name\n")
        (tmp_path / "wrong.py").write_text("def f(:\n")
        monkeypatch.syspath_prepend(tmp_path)
        yield
        for name in ("mine", "broken", "wrong"):
            sys.modules.pop(name, None)

    @pytest.mark.parametrize("name", ["mine:one", "mine:two"])
    def test_with_or_without_prompts(self, name):
        assert play(find_method(name)("Q", PROMPTS), Reply("A"))[1] == "A"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("mine:three", "method 'mine:three': three takes 3 arguments, not (question, prompts)"),
            ("mine:plain", "method 'mine:plain': plain is not a generator function"),
            ("mine:value", "method 'mine:value': value is not a generator function"),
            ("mine:other", "method 'mine:other': mine has no other"),
            ("nowhere:f", "method 'nowhere:f': cannot import nowhere"),
            ("broken:f", "method 'broken:f': cannot import broken: No module named 'nothing_of_this_name'"),
            ("wrong:f", "method 'wrong:f': cannot import wrong: "),
            (":f", "method ':f': name it module:function"),
            ("mine:", "method 'mine:': name it module:function"),
        ],
    )
    def test_what_is_none_is_named(self, name, said):
        with pytest.raises(MethodError) as caught:
            find_method(name)
        assert str(caught.value).startswith(said)
        assert "\n" not in str(caught.value)


def test_methods_import_nothing_that_does_io():
    """The last line of defence: what a method module may name at all."""
    allowed = ("pytest_codesteer.", "collections", "re", "typing", "dataclasses")
    for name in METHODS:
        tree = ast.parse(Path(import_module(f"pytest_codesteer.methods.{name}").__file__).read_text("utf-8"))
        for node in ast.walk(tree):
            for module in (
                [alias.name for alias in node.names] if isinstance(node, ast.Import)
                else [node.module] if isinstance(node, ast.ImportFrom) else []
            ):  # fmt: skip
                assert module.startswith(allowed), (name, module)
                assert not module.startswith(("pytest_codesteer.engine", "pytest_codesteer.models"))
                assert not module.startswith("pytest_codesteer.sandbox")
