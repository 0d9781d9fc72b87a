"""Several turns: the model sees what came of its reply, and may better it.  arXiv:2410.03524, section 4.3.

The loop stands between a method and the engine.  The method asks once, as ever; what it is sent back is the
reply that the model came to in the end.  The paper shows the loop's results, not its text, so this much is
ours: a turn is one reply; a reply with the word TERMINATE is the last one, and when it holds no answer itself
(neither marks nor a program) the one before it stands.
"""

from pytest_codesteer.answers import boxed, marked, program
from pytest_codesteer.conversation import (
    Ask,
    Execution,
    Outcome,
    Reply,
    RunCode,
    Steps,
    ask,
    assistant,
    output,
    run_code,
    user,
)
from pytest_codesteer.feedback import told
from pytest_codesteer.prompts import Prompts

STOP = "TERMINATE"


def refined(steps: Steps[str], prompts: Prompts, turns: int) -> Steps[str]:
    """Perform a method, but let the model refine each reply in at most *turns* turns, its first included."""
    ran: dict[str, Execution] = {}
    outcome: Outcome | None = None
    try:
        while True:
            try:
                request = next(steps) if outcome is None else steps.send(outcome)
            except StopIteration as end:
                text: str = end.value
                return text
            if isinstance(request, Ask):
                outcome = yield from _refined(request, prompts, turns, ran)
            elif isinstance(request, RunCode) and request.source in ran:
                outcome = ran[request.source]  # the program of the last reply, run for the feedback
            else:
                outcome = yield request
    finally:
        steps.close()


def _refined(request: Ask, prompts: Prompts, turns: int, ran: dict[str, Execution]) -> Steps[Reply]:
    chat = request.messages
    reply = yield from ask(*chat, tools=request.tools, role=request.role)
    for _ in range(turns - 1):
        if STOP in reply.text:
            break
        source = program(reply.text)
        if source is None:
            feedback = user(prompts.render("refine_text"))
        else:
            if source not in ran:
                ran[source] = yield from run_code(source)
            feedback = output(prompts.render("refine_code", result=told(ran[source], prompts)))
        chat = (*chat, assistant(reply.text), feedback)
        latest = yield from ask(*chat, tools=request.tools, role=request.role)
        if STOP in latest.text and not _answers(latest.text):
            break
        reply = latest
    return reply


def _answers(text: str) -> bool:
    return any(read(text) is not None for read in (marked, boxed, program))
