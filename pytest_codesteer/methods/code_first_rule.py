"""Code-First-Rule: up to three programs that compute more and more, then words; no model judges.

arXiv:2502.04350, a rival of CodeSteer.  When a round suffices is not public; here the first program that runs
well and prints something answers.
"""

from pytest_codesteer.conversation import (
    Steps,
    ask,
    assistant,
    conclude,
    final_text,
    output,
    run_program,
    user,
)
from pytest_codesteer.feedback import told
from pytest_codesteer.prompts import Prompts

ROUNDS = 3  # with programs


def code_first_rule(question: str, prompts: Prompts) -> Steps[str]:
    """Ask for better programs until one answers, and at last for reasoning."""
    chat = [user(prompts.render("all_code", question=question))]
    for tried in range(1, ROUNDS + 1):
        reply = yield from ask(*chat)
        execution = yield from run_program(reply)
        if execution and execution.printed:
            return final_text(reply, execution)
        result = execution and told(execution, prompts)
        prompt = prompts.render("code_first_again", result=result, tried=tried, last=tried == ROUNDS)
        chat += [assistant(reply.text), output(prompt) if execution else user(prompt)]
    reply = yield from ask(*chat)
    return (yield from conclude(reply))
