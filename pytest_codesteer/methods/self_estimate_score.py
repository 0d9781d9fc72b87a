"""Self-estimate Score: the model scores both ways, takes the surer one, and looks back.

arXiv:2410.03524, section 4, method 10.  One reply does it all; nothing but the model reads the scores.
"""

from pytest_codesteer.conversation import Steps, ask, conclude, user
from pytest_codesteer.prompts import Prompts


def self_estimate_score(question: str, prompts: Prompts) -> Steps[str]:
    """Ask for scores, a choice and the answer; if the reply holds a program, that is run."""
    reply = yield from ask(user(prompts.render("self_estimate_score", question=question)))
    return (yield from conclude(reply))
