"""AutoGen Conca.: the brief of an assistant who may use code, beside the question.

arXiv:2410.03524, section 3, method 5.  The paper pastes the stock system message of AutoGen 0.2 in front of
the question.  This one has other words and follows the question, as all our prompts do.
"""

from pytest_codesteer.conversation import Steps, ask, conclude, user
from pytest_codesteer.prompts import Prompts


def autogen_concat(question: str, prompts: Prompts) -> Steps[str]:
    """Ask with the brief in the user message; if the reply holds a program, that is run."""
    instructions = prompts.render("autogen_system")
    reply = yield from ask(
        user(prompts.render("autogen_concat", question=question, instructions=instructions))
    )
    return (yield from conclude(reply))
