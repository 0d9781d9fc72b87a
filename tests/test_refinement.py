"""Refinement in turns, around the methods of one call."""

import pytest

from pytest_codesteer import Ask, Execution, Reply, RunCode, user
from pytest_codesteer.conversation import assistant, output
from pytest_codesteer.feedback import told
from pytest_codesteer.methods import REFINABLE, find_method, in_turns
from tests.dialogue import PROMPTS, block, drive, play, printed

EACH = pytest.mark.parametrize("name", sorted(REFINABLE))
CODE = block("print(41)")
BETTER = block("print('<<<42>>>')")


def in_two(name, *outcomes, turns=2):
    return play(in_turns(find_method(name), turns)("Q", PROMPTS), *outcomes)


@EACH
def test_one_turn_is_the_method_itself(name):
    method = find_method(name)
    assert in_turns(method, 1) is method


@EACH
def test_the_model_sees_what_its_program_printed_and_sends_a_better_one(name):
    requests, text = in_two(name, Reply(CODE), printed("41\n"), Reply(BETTER), printed("<<<42>>>\n"))
    first, run, second, better = requests
    feedback = output(PROMPTS.render("refine_code", result=told(printed("41\n"), PROMPTS)))
    assert run == RunCode("print(41)\n")
    assert second == Ask((*first.messages, assistant(CODE), feedback))
    assert better == RunCode("print('<<<42>>>')\n")
    assert text == "<<<42>>>\n"


@EACH
def test_the_model_is_asked_to_look_at_its_words_again(name):
    requests, text = in_two(name, Reply("<<<41>>>"), Reply("<<<42>>> TERMINATE"))
    assert requests[1].messages[-2:] == (assistant("<<<41>>>"), user(PROMPTS.render("refine_text")))
    assert text == "<<<42>>> TERMINATE"


def test_a_first_reply_that_terminates_is_the_last():
    requests, text = in_two("all_text", Reply("<<<42>>> TERMINATE"), turns=4)
    assert len(requests) == 1
    assert text == "<<<42>>> TERMINATE"


def test_a_reply_that_only_terminates_leaves_the_one_before_it_standing_without_another_run():
    requests, text = in_two("all_code", Reply(BETTER), printed("<<<42>>>\n"), Reply("TERMINATE"), turns=4)
    assert [type(request) for request in requests] == [Ask, RunCode, Ask]
    assert text == "<<<42>>>\n"


def test_a_reply_that_terminates_with_an_answer_is_the_answer():
    _, text = in_two("all_code", Reply(CODE), printed("41"), Reply("So it is \\boxed{42}. TERMINATE"))
    assert text == "So it is \\boxed{42}. TERMINATE"


def test_the_last_reply_counts_also_when_it_is_worse():
    _, text = in_two("all_text", Reply("<<<42>>>"), Reply("I am not sure."))
    assert text == "I am not sure."


@pytest.mark.parametrize("turns", [2, 3, 4, 7])
def test_no_more_turns_are_taken_than_there_are(turns):
    log = []
    method = in_turns(find_method("all_code"), turns)
    programs = iter(range(100))
    reply = lambda _: Reply(block(f"print({next(programs)})"))  # noqa: E731  (a script of one line)
    drive(method("Q", PROMPTS), reply, lambda _: Execution("error", stderr="oh"), log)
    assert [type(request) for request in log] == [Ask, RunCode] * turns


def test_a_program_that_is_sent_again_is_not_run_again():
    log = []
    method = in_turns(find_method("all_code"), 4)
    text = drive(method("Q", PROMPTS), lambda _: Reply(BETTER), lambda _: printed("<<<42>>>"), log)
    assert [type(request) for request in log] == [Ask, RunCode, Ask, Ask, Ask]
    assert text == "<<<42>>>"


def test_an_error_of_the_program_is_told():
    requests, _ = in_two("all_code", Reply(CODE), Execution("error", stderr="NameError: x"), Reply("no"))
    assert "NameError: x" in requests[2].messages[-1].content


def test_the_method_is_closed_when_the_wrapper_is():
    closed = []

    def method(question, prompts):
        try:
            yield Ask((user(question),))
        finally:
            closed.append(True)

    steps = in_turns(method, 2)("Q", PROMPTS)
    next(steps)
    steps.close()
    assert closed == [True]
