"""Few-Shot: five examples of when a program suits a question and when words do.

arXiv:2502.04350, a rival of CodeSteer.  The paper's examples are not public; these are ours.
"""

from pytest_codesteer.conversation import Steps, ask, conclude, user
from pytest_codesteer.prompts import Prompts


def few_shot(question: str, prompts: Prompts) -> Steps[str]:
    """Ask with examples of the choice; if the reply holds a program, that is run."""
    reply = yield from ask(user(prompts.render("few_shot", question=question)))
    return (yield from conclude(reply))
