"""Symbolic Agent: CodeSteer with a guide that was not trained, but is told at length what to look for.

arXiv:2502.04350, a rival of CodeSteer, there with GPT-4o as the guide.  It is shown the question and the
hints in every round.  The hints follow the paper's in sense, not in wording.
"""

from pytest_codesteer.conversation import Steps, ask, user
from pytest_codesteer.methods.codesteer import guided
from pytest_codesteer.prompts import Prompts


def symbolic_agent(question: str, prompts: Prompts) -> Steps[str]:
    """Ask the guide, with hints, for a first direction, and follow it from there."""
    opening = user(prompts.render("symbolic_agent_first", question=question))
    guidance = yield from ask(opening, role="guide")
    return (yield from guided(question, prompts, "symbolic_agent_review", opening, guidance.text))
