"""Code Interpreter+: the same, and the model is told to use it.

arXiv:2410.03524, section 3, method 8.  The paper's words are not public; these are ours.
"""

from pytest_codesteer.conversation import Steps, user
from pytest_codesteer.methods.code_interpreter import interpreted
from pytest_codesteer.prompts import Prompts


def code_interpreter_plus(question: str, prompts: Prompts) -> Steps[str]:
    """Ask for a computed answer, with an interpreter at hand."""
    return (yield from interpreted(user(prompts.render("code_interpreter_plus", question=question)), prompts))
