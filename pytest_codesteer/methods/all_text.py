"""All Text: reason in words.  arXiv:2410.03524, section 3, method 2."""

from pytest_codesteer.conversation import Steps, ask, conclude, user
from pytest_codesteer.prompts import Prompts


def all_text(question: str, prompts: Prompts) -> Steps[str]:
    """Ask for reasoning in words; if the model writes a program all the same, that is run."""
    reply = yield from ask(user(prompts.render("all_text", question=question)))
    return (yield from conclude(reply))
