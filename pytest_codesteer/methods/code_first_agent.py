"""Code-First-Agent: CodeSteer with a fixed plan: up to three programs that compute more and more, then words.

arXiv:2502.04350, a rival of CodeSteer, there with GPT-4o as the guide.  The paper's words are not public;
these are ours.
"""

from pytest_codesteer.conversation import Steps, user
from pytest_codesteer.methods.codesteer import guided
from pytest_codesteer.prompts import Prompts


def code_first_agent(question: str, prompts: Prompts) -> Steps[str]:
    """Begin with a program, and let the guide judge and go on by the plan."""
    opening = user(prompts.render("code_first_agent_first", question=question))
    return (yield from guided(question, prompts, "code_first_agent_review", opening, "<<<Code>>>"))
