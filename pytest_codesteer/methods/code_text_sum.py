"""Code+Text+Sum.: two agents, one in words and one by a program, and a third who sums up.

arXiv:2410.03524, section 4, method 9.  There another model first extracts what a program printed; here the
third agent is shown the output itself.
"""

from pytest_codesteer.conversation import Execution, Reply, Steps, ask, conclude, run_program, together, user
from pytest_codesteer.feedback import told
from pytest_codesteer.prompts import Prompts


def code_text_sum(question: str, prompts: Prompts) -> Steps[str]:
    """Ask both agents at the same time, then ask for the better answer."""
    (text, text_run), (code, code_run) = yield from together(
        _agent(prompts.render("all_text", question=question)),
        _agent(prompts.render("all_code", question=question)),
    )
    prompt = prompts.render(
        "code_text_sum",
        question=question,
        text_reply=text.text.strip(),
        text_result=text_run and told(text_run, prompts),
        code_reply=code.text.strip(),
        code_result=code_run and told(code_run, prompts),
    )
    reply = yield from ask(user(prompt))
    return (yield from conclude(reply))


def _agent(prompt: str) -> Steps[tuple[Reply, Execution | None]]:
    reply = yield from ask(user(prompt))
    return reply, (yield from run_program(reply))
