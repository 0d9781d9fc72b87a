"""AutoGen System: the brief of an assistant who may use code, as the system message.

arXiv:2410.03524, section 3, method 6.  For a model without a system role the brief goes in front of the
question instead, where the paper has no result.
"""

from pytest_codesteer.conversation import Steps, ask, conclude, system, user
from pytest_codesteer.prompts import Prompts


def autogen_system(question: str, prompts: Prompts) -> Steps[str]:
    """Ask with the brief in the system message; if the reply holds a program, that is run."""
    reply = yield from ask(system(prompts.render("autogen_system")), user(question))
    return (yield from conclude(reply))
