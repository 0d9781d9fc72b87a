"""All Code + CoT: think, then write one program.  arXiv:2410.03524, section 3, method 4."""

from pytest_codesteer.conversation import Steps, ask, conclude, user
from pytest_codesteer.prompts import Prompts


def all_code_cot(question: str, prompts: Prompts) -> Steps[str]:
    """Ask for a plan in words and a program, and run the program."""
    reply = yield from ask(user(prompts.render("all_code_cot", question=question)))
    return (yield from conclude(reply))
