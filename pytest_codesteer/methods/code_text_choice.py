"""Code/Text Choice: one call chooses, then All Code or All Text answers.

arXiv:2502.04350, where the chooser is a model trained for it.  Here it is the guide, in our words; a choice
that cannot be read is All Code.
"""

from pytest_codesteer.conversation import Steps, ask, user
from pytest_codesteer.methods.all_code import all_code
from pytest_codesteer.methods.all_text import all_text
from pytest_codesteer.methods.codesteer import directive
from pytest_codesteer.prompts import Prompts


def code_text_choice(question: str, prompts: Prompts) -> Steps[str]:
    """Ask the guide for the way, and go it."""
    choice = yield from ask(user(prompts.render("code_text_choice", question=question)), role="guide")
    way = all_text if directive(choice.text) == "text" else all_code
    return (yield from way(question, prompts))
