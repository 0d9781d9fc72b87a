"""CodeSteer: a guide steers the model from answer to answer.  arXiv:2502.04350, section 4.

In each round the guide is shown the answer, what its program printed, how much that program computes (the
symbolic checker, see `feedback.complexity`), and what a program found that the model wrote to check the
answer (the self-answer checker).  It then says how to go on: ``<<<Code>>>``, ``<<<Text>>>``, advice of its
own between the marks, ``<<<Return Answer>>>`` or ``<<<Terminate>>>``.  After five turns the last answer
counts, whatever the guide would say.  The paper trained its guide; here any model can be it, so the words
to it are ours.  A guide that keeps to none of the forms is taken at its word: its whole reply is advice,
and no instance is left out.
"""

from pytest_codesteer.answers import marked, program
from pytest_codesteer.conversation import (
    Execution,
    Message,
    Reply,
    Steps,
    ask,
    assistant,
    final_text,
    run_program,
    user,
)
from pytest_codesteer.feedback import shortened, told
from pytest_codesteer.feedback.complexity import LEAST, measured
from pytest_codesteer.prompts import Prompts

TURNS = 5  # of guidance, the first included
_LAST = ("return answer", "terminate")


def codesteer(question: str, prompts: Prompts) -> Steps[str]:
    """Ask the guide for a first direction, and follow it from there."""
    opening = user(prompts.render("codesteer_first", question=question))
    guidance = yield from ask(opening, role="guide")
    return (yield from guided(question, prompts, "codesteer_review", opening, guidance.text))


def guided(question: str, prompts: Prompts, review: str, opening: Message, guidance: str) -> Steps[str]:
    """Answer under a guide, which *opening* told its part; *review* is the prompt for its next words."""
    guide, chat = [opening], list[Message]()
    for left in reversed(range(TURNS)):
        chat.append(user(_prompt(guidance, question, prompts, first=not chat)))
        reply = yield from ask(*chat)
        execution = yield from run_program(reply)
        text = final_text(reply, execution)
        if not left:
            break
        report = yield from _report(question, prompts, review, reply, execution)
        guide += [assistant(guidance), user(report)]
        guidance = (yield from ask(*guide, role="guide")).text
        chat.append(assistant(reply.text))
        if directive(guidance) in _LAST:
            break
    return text


def directive(guidance: str) -> str:
    """Return what stands between the last marks of a guide's reply, in lower case; "" when there are none."""
    return (marked(guidance) or "").casefold().strip(" .\"'")


def _prompt(guidance: str, question: str, prompts: Prompts, *, first: bool) -> str:
    """Return what the model is told, in the words of All Code + CoT and All Text or in the guide's own."""
    match directive(guidance):
        case "code":
            return prompts.render("all_code_cot", question=question)
        case "text":
            return prompts.render("all_text", question=question)
        case said if said in _LAST:
            advice = ""  # there is no answer yet to return
        case _:
            advice = (marked(guidance) or guidance).strip()
    if advice and not first:
        return advice
    return prompts.render("codesteer_guided", question=question, guidance=advice)


def _report(
    question: str, prompts: Prompts, review: str, reply: Reply, execution: Execution | None
) -> Steps[str]:
    """Return what the guide is told of an answer."""
    about = ""
    if source := program(reply.text):
        complexity = yield from measured(source)
        about = prompts.render("complexity", complexity=complexity, least=LEAST)
    answer = shortened(final_text(reply, execution).strip())
    checker = yield from ask(user(prompts.render("codesteer_check", question=question, answer=answer)))
    checked = yield from run_program(checker)
    return prompts.render(
        review,
        question=question,
        reply=reply.text.strip(),
        result=execution and told(execution, prompts),
        complexity=about,
        check=checked and told(checked, prompts),
    )
