"""All Code: write one program; what it prints is the answer.  arXiv:2410.03524, section 3, method 3."""

from pytest_codesteer.conversation import Steps, ask, conclude, user
from pytest_codesteer.prompts import Prompts


def all_code(question: str, prompts: Prompts) -> Steps[str]:
    """Ask for a program and run it."""
    reply = yield from ask(user(prompts.render("all_code", question=question)))
    return (yield from conclude(reply))
