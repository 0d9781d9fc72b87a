"""Only Question: no steering at all.  arXiv:2410.03524, section 3, method 1."""

from pytest_codesteer.conversation import Steps, ask, conclude, user
from pytest_codesteer.prompts import Prompts


def only_question(question: str, prompts: Prompts) -> Steps[str]:  # noqa: ARG001  (it has no prompt)
    """Ask the question as it is; if the reply holds a program, that is run."""
    reply = yield from ask(user(question))
    return (yield from conclude(reply))
